"""`cairn ask` and `cairn search`, as processes that call a real server."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from support.command import WAIT_SECONDS, environment_of, run_cairn
from support.knowledge import Knowledge
from support.ports import free_port
from support.server import run_server_process

from cairn.platform.database import DatabaseUrls

QUESTION = "Why did we choose Kafka as the event bus?"


async def test_an_answer_with_its_citations(knowledge: Knowledge, tmp_path: Path) -> None:
    ran = await run_cairn(knowledge.address, tmp_path, "ask", QUESTION)
    as_json = await run_cairn(knowledge.address, tmp_path, "ask", QUESTION, "--log", knowledge.log.slug, "--json")

    assert ran.code == 0, ran.err
    assert "a consumer can read the log again from any position" in ran.out
    assert f"[1] ADR-0001 Use Kafka as the event bus ({knowledge.log.slug}, accepted)" in ran.out
    assert "no language model wrote them" in ran.err
    assert (as_json.code, as_json.json["finish_reason"], as_json.json["extracts_only"]) == (0, "complete", True)
    assert as_json.json["citations"][0]["decision"]["ref"] == "ADR-0001"


async def test_nothing_found_has_its_own_exit_code(knowledge: Knowledge, tmp_path: Path) -> None:
    ran = await run_cairn(knowledge.address, tmp_path, "ask", "Which zebra won the marathon in Zanzibar?")

    assert ran.code == 3, ran.out
    assert "Nothing in the logs answers this." in ran.err


@pytest.mark.usefixtures("models")
async def test_a_provider_that_fails_is_told(knowledge: Knowledge, tmp_path: Path) -> None:
    ran = await run_cairn(knowledge.address, tmp_path, "ask", QUESTION, "--model", "refused/words")

    assert ran.code == 1
    assert "key" in ran.err


@pytest.mark.usefixtures("models")
async def test_ctrl_c_stops_the_answer_and_keeps_what_was_written(knowledge: Knowledge, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cairn.entrypoints.cli", "ask", QUESTION, "--model", "openai/endless",
        env=environment_of(knowledge.address, tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_SECONDS):
        await process.stdout.readuntil(b"word word ")
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()

    assert process.returncode == 0, err
    assert b"Stopped." in err
    # The stop may come right after the next word, and a space at the end is held until something follows it.
    assert out.startswith(b"word")


async def test_search_by_words(knowledge: Knowledge, tmp_path: Path) -> None:
    ran = await run_cairn(knowledge.address, tmp_path, "search", "kafka broker", "--mode", "words")
    as_json = await run_cairn(knowledge.address, tmp_path, "search", "outbox", "--status", "superseded", "--json")
    nothing = await run_cairn(knowledge.address, tmp_path, "search", "zebra", "--mode", "words")

    assert ran.out.startswith("ADR-0001  Use Kafka as the event bus\n")
    assert [found["decision"]["ref"] for found in as_json.json["results"]] == ["ADR-0002"]
    assert (nothing.code, nothing.out) == (0, "Nothing was found.\n")


@pytest.mark.usefixtures("models")
async def test_an_answer_is_read_on_when_its_server_is_started_anew(
    fresh_database_urls: DatabaseUrls, knowledge: Knowledge, tmp_path: Path
) -> None:
    port = free_port()
    whole = await run_cairn(knowledge.address, tmp_path, "ask", QUESTION, "--model", "openai/at-length-quickly")
    async with run_server_process(fresh_database_urls, tmp_path, port=port) as (address, server):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cairn.entrypoints.cli", "ask", QUESTION, "--model", "openai/at-length",
            env=environment_of(address, tmp_path),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        async with asyncio.timeout(WAIT_SECONDS):
            before = await process.stdout.readuntil(b"word10 ")
        server.kill()
        await server.wait()
    async with run_server_process(fresh_database_urls, tmp_path, port=port):
        async with asyncio.timeout(WAIT_SECONDS):
            out, err = await process.communicate()
    assert process.returncode == 0, err
    assert (before + out).decode() == whole.out
    assert "Took up after a restart" in " ".join(err.decode().split())
