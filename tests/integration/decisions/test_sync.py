"""`cairn sync` and the formats of `cairn export`, as processes that call a real server."""

import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.command import run_cairn
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient

QUEUE = "# 3. Queue the mail\n\nDate: 2025-02-03\n\n## Status\n\nProposed\n\n## Context\n\nMail is slow.\n"
FRONT = "---\r\nstatus: accepted\r\ntags: [mail]\r\nsupersedes: 3\r\n---\r\n"
STREAM = f"{FRONT}# Stream the mail\r\n\r\n## Decision\r\n\r\nGo.\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "adr"
    root.mkdir()
    (root / "0003-queue.md").write_bytes(QUEUE.encode())
    (root / "0004-stream.md").write_bytes(STREAM.encode())
    (root / "README.md").write_text("# Decisions\n")
    return root


@pytest.fixture
def client(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


async def run(address: str, folder: Path, *options: object) -> dict[str, Any]:
    ran = await run_cairn(address, folder.parent, "sync", folder, "--json", *options)
    steps = {step["path"]: (step["move"], step["done"]) for step in json.loads(ran.out)["steps"]}
    return {"code": ran.code, "steps": steps, "err": ran.err}


async def get(client: DecisionsServiceClient, log: str, ref: str) -> pb.Decision:
    decision = (await client.get_decision(pb.GetDecisionRequest(ref=ref, log_slug=log))).decision
    assert decision is not None
    return decision


async def edit(client: DecisionsServiceClient, log: str, ref: str, body: str) -> None:
    found = await get(client, log, ref)
    assert found.summary is not None
    content = pb.Content(
        title=found.summary.title,
        status=found.summary.status,
        decided_on=found.summary.decided_on,
        deciders=list(found.summary.deciders),
        tags=list(found.summary.tags),
        body=body,
    )
    request = pb.UpdateDecisionRequest(id=found.summary.id, expected_version=found.summary.version, content=content)
    await client.update_decision(request)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_both_sides_take_what_the_other_changed(
    address: str, folder: Path, client: DecisionsServiceClient
) -> None:
    log = f"log-{uuid4().hex[:8]}"
    first = await run(address, folder, "--log", log)
    assert first["steps"] == {"0003-queue.md": ("add to log", True), "0004-stream.md": ("add to log", True)}, first
    assert (await run(address, folder))["steps"] == {}
    assert (folder / "0004-stream.md").read_bytes() == STREAM.encode()

    (folder / "0003-queue.md").write_text(QUEUE.replace("slow", "very slow"))
    await edit(client, log, "4", "## Decision\n\nGo now.")
    second = await run(address, folder)
    assert second["steps"] == {"0003-queue.md": ("change in log", True), "0004-stream.md": ("change in folder", True)}
    assert "very slow" in (await get(client, log, "3")).body
    text = (folder / "0004-stream.md").read_text()
    assert "Go now." in text
    assert "supersedes:" in text
    assert (await run(address, folder))["steps"] == {}


async def test_a_conflict_is_shown_until_a_person_decides(
    address: str, folder: Path, client: DecisionsServiceClient
) -> None:
    log = f"log-{uuid4().hex[:8]}"
    await run(address, folder, "--log", log)
    for name, mine in (("0003-queue.md", QUEUE.replace("slow", "mine")), ("0004-stream.md", STREAM + "Mine.\r\n")):
        (folder / name).write_bytes(mine.encode())
    await edit(client, log, "3", "Theirs.")
    await edit(client, log, "4", "Theirs.")
    shown = await run(address, folder)
    assert shown["code"] == 1
    assert shown["steps"] == {"0003-queue.md": ("conflict", False), "0004-stream.md": ("conflict", False)}
    assert "mine" in (folder / "0003-queue.md").read_text()
    assert (await get(client, log, "3")).body == "Theirs."

    decided = await run(address, folder, "--take-file", "0003-queue.md", "--take-log", "0004-stream.md")
    assert decided["code"] == 0, decided
    assert "mine" in (await get(client, log, "3")).body
    assert "Theirs." in (folder / "0004-stream.md").read_text()
    assert (await run(address, folder))["steps"] == {}
    history = await client.list_versions(
        pb.ListVersionsRequest(decision_id=(await get(client, log, "3")).summary.id)  # type: ignore[union-attr]
    )
    assert [version.version for version in history.versions] == [3, 2, 1]


async def test_deletions_and_new_names_travel(address: str, folder: Path, client: DecisionsServiceClient) -> None:
    log = f"log-{uuid4().hex[:8]}"
    await run(address, folder, "--log", log)
    (folder / "0003-queue.md").rename(folder / "0003-queue-the-mail.md")
    renamed = await run(address, folder)
    assert renamed["steps"] == {"0003-queue-the-mail.md": ("rename in log", True)}, renamed
    assert (await get(client, log, "3")).source_path == "0003-queue-the-mail.md"

    (folder / "0004-stream.md").unlink()
    kept = await run(address, folder)
    assert (kept["code"], kept["steps"]) == (1, {"0004-stream.md": ("delete from log", False)})
    assert (await run(address, folder, "--delete"))["code"] == 0
    deleted = await client.list_decisions(pb.ListDecisionsRequest(deleted=True, text="Stream the mail"))
    assert [summary.log_slug for summary in deleted.decisions if summary.log_slug == log] == [log]

    queue = await get(client, log, "3")
    assert queue.summary is not None
    await client.delete_decision(pb.DeleteDecisionRequest(id=queue.summary.id))
    assert (await run(address, folder, "--delete"))["steps"] == {"0003-queue-the-mail.md": ("delete from folder", True)}
    assert names_in(folder) == [".cairn-sync.json", "README.md"]


async def test_every_format_is_written(address: str, folder: Path, tmp_path: Path) -> None:
    log = f"log-{uuid4().hex[:8]}"
    await run(address, folder, "--log", log)
    written: dict[str, list[str]] = {}
    for format_ in ("source", "madr", "nygard", "json", "csv", "site", "zip"):
        ran = await run_cairn(address, tmp_path, "export", log, tmp_path / format_, "--format", format_, "--json")
        assert ran.code == 0, ran.err
        written[format_] = sorted(ran.json["written"])
    both = ["0003-queue.md", "0004-stream.md"]
    assert written == {
        "source": both,
        "madr": both,
        "nygard": both,
        "json": [f"{log}.json"],
        "csv": [f"{log}.csv"],
        "site": ["adr-0003-queue-the-mail.html", "adr-0004-stream-the-mail.html", "index.html"],
        "zip": [f"{log}.zip"],
    }
    with zipfile.ZipFile(tmp_path / "zip" / f"{log}.zip") as packed:
        assert packed.read("0004-stream.md") == STREAM.encode() == (tmp_path / "source" / "0004-stream.md").read_bytes()
    assert "supersedes:" in (tmp_path / "madr" / "0004-stream.md").read_text()
    assert "# 4. Stream the mail" in (tmp_path / "nygard" / "0004-stream.md").read_text()
    assert len(json.loads((tmp_path / "json" / f"{log}.json").read_text())["records"]) == 2
    one = await run_cairn(
        address, tmp_path, "export", log, tmp_path / "one", "--ref", "4", "--format", "madr", "--json"
    )
    assert one.json["written"] == ["0004-stream.md"]
