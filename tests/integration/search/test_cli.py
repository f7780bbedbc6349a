"""`cairn related`, `cairn reindex --check` and `cairn search`, as processes that call a real server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.command import run_cairn
from support.server import client_of

from cairn.entrypoints.embedding import embedders
from cairn.entrypoints.worker import consumer_groups
from cairn.gen.cairn.search.v1 import search_pb as pb
from cairn.gen.cairn.search.v1.search_connect import SearchServiceClient
from cairn.platform.bus.service import run_bus
from cairn.platform.database import Database, DatabaseUrls
from cairn.platform.settings import ProcessSettings

FILES = {
    "0001-use-kafka.md": ("1. Use Kafka", "Accepted", "Events reach other teams by a broker."),
    "0002-keep-an-outbox.md": (
        "2. Keep an outbox",
        "Accepted",
        "Before the broker has an event it is a row. See [ADR 1](0001-use-kafka.md).",
    ),
    "0003-cache-pages.md": ("3. Cache pages", "Rejected", "For a minute, in memory."),
}


@pytest.fixture
async def imported(address: str, database_urls: DatabaseUrls, database: Database, tmp_path: Path) -> AsyncIterator[str]:
    """A server with an indexed log of three records, and a worker that keeps it so."""
    settings = ProcessSettings(
        home=tmp_path, port=1, app_database_url=database_urls.app, bus_database_url=database_urls.bus
    )
    folder = tmp_path / "adr"
    folder.mkdir()
    for name, (title, status, text) in FILES.items():
        (folder / name).write_text(f"# {title}\n\n## Status\n\n{status}\n\n## Decision\n\n{text}\n")
    stop = asyncio.Event()
    groups = consumer_groups(database, embedders(settings, None)[0])
    running = asyncio.create_task(run_bus(database_urls.bus, groups, stop=stop, grace_seconds=5))
    ran = await run_cairn(address, tmp_path, "import", folder, "--log", "adr")
    assert ran.code == 0, ran.err
    async with asyncio.timeout(60), client_of(SearchServiceClient, address) as client:
        async for _ in client.watch_index_state(pb.WatchIndexStateRequest()):
            pass
    yield address
    stop.set()
    await running


async def test_related_and_reindex(imported: str, tmp_path: Path) -> None:
    plain = await run_cairn(imported, tmp_path, "related", "ADR-0001")
    as_json = await run_cairn(imported, tmp_path, "related", "ADR-0001", "--json", "--limit", "1")
    missing = await run_cairn(imported, tmp_path, "related", "ADR-0099")
    checked = await run_cairn(imported, tmp_path, "reindex", "--check", "--json")
    found = await run_cairn(imported, tmp_path, "search", "brokers -outbox", "--mode", "words", "--json")
    wrong = await run_cairn(imported, tmp_path, "search", "status:done")

    assert plain.code == 0, plain.err
    assert plain.out.splitlines()[0] == "adr/ADR-0002  Keep an outbox  (linked)"
    [related] = as_json.json["related"]
    assert (related["decision"]["ref"], related["linked"]) == ("ADR-0002", True)
    assert missing.code != 0
    assert "ADR-0099" in missing.err
    assert (checked.code, checked.json["decisions"], checked.json.get("problems", [])) == (0, 3, [])
    assert [one["decision"]["ref"] for one in found.json["results"]] == ["ADR-0001"]
    assert found.json["results"][0]["legs"]
    assert wrong.code != 0
    assert "`status:done` at character 1" in wrong.err
