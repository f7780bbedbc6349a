import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.buses import FAST_RETRY, TYPE, WAIT_SECONDS
from support.tenants import create_tenant

from cairn.entrypoints.cli import cli
from cairn.kernel.events import Event, NewEvent
from cairn.kernel.identity import Caller
from cairn.platform import outbox
from cairn.platform.bus import ConsumerGroup
from cairn.platform.bus.service import run_bus
from cairn.platform.database import Database, DatabaseUrls


@pytest.fixture
def dead_letter(fresh_database_urls: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Return a tenant with three events, of which the group `readers` gave the second up."""
    urls = fresh_database_urls
    monkeypatch.setenv("CAIRN_HOME", str(tmp_path))
    monkeypatch.setenv("CAIRN_APP_DATABASE_URL", urls.app)
    monkeypatch.setenv("CAIRN_BUS_DATABASE_URL", urls.bus)
    return asyncio.run(_make_dead_letter(urls))


async def _make_dead_letter(urls: DatabaseUrls) -> Caller:
    database = await Database.connect(urls.app, most=2)
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        await outbox.append(connection, caller.tenant_id, [NewEvent(TYPE, key, {}) for key in ("a", "bad", "c")])
    await database.close()
    tries, stop = 0, asyncio.Event()

    async def handle(events: Sequence[Event]) -> None:
        nonlocal tries
        if any(event.key == "bad" for event in events):
            tries += len(events) == 1
            if tries == FAST_RETRY.attempts:
                stop.set()
            raise ValueError

    async with asyncio.timeout(WAIT_SECONDS):
        await run_bus(urls.bus, [ConsumerGroup("readers", [TYPE], handle, retry=FAST_RETRY)], stop=stop)
    return caller


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["worker", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_dead_letters_are_shown_requeued_and_replayed(dead_letter: Caller) -> None:
    tenant = str(dead_letter.tenant_id)
    [letter] = json.loads(_run("dead-letters", "--json"))
    assert (letter["group"], letter["tenant_id"], letter["position"], letter["key"]) == ("readers", tenant, 2, "bad")
    assert "ValueError at" in _run("dead-letters", "readers")
    assert "0 behind, 0 parked, 1 dead" in _run("lag")
    assert json.loads(_run("requeue", "readers", "--position", "3", "--json")) == {"requeued": 0}
    assert _run("requeue", "readers", "--tenant", tenant) == "1 dead letters will be tried again.\n"
    assert _run("dead-letters") == "There are no dead letters.\n"
    assert json.loads(_run("replay", "readers", "--from", "2", "--json")) == {"replayed": 2}
    [standing] = json.loads(_run("lag", "--json"))
    assert (standing["behind"], standing["parked"], standing["dead"]) == (2, 0, 0)


def test_without_a_cairn_the_commands_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_HOME", str(tmp_path))
    for name in ("CAIRN_APP_DATABASE_URL", "CAIRN_BUS_DATABASE_URL", "CAIRN_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli, ["worker", "lag"])
    assert result.exit_code != 0
    assert "`cairn up`" in str(result.exception)
