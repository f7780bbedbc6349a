"""`kill -9` of workers at any moment, while others write: nothing is lost, nothing is there twice, keys keep order."""

import asyncio
import random
import signal
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest
from support.tenants import create_tenant

from cairn.kernel.events import NewEvent
from cairn.kernel.identity import Caller
from cairn.platform import outbox
from cairn.platform.database import Database, DatabaseUrls

_WORKER = Path(__file__).parents[2] / "support" / "copying_worker.py"
_KILLS = 16
_TENANTS = 3
_TABLES = """
create table shown (tenant_id uuid, key text, position bigint, primary key (tenant_id, position));
create table seen (number bigint generated always as identity, tenant_id uuid, key text, position bigint);
grant select, insert on shown, seen to cairn_app;
"""


async def _run_worker(urls: DatabaseUrls, kill_after_seconds: float = 0) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(_WORKER), urls.app, urls.bus, str(kill_after_seconds), stderr=asyncio.subprocess.DEVNULL
    )


async def _write(database: Database, callers: Sequence[Caller], written: list[Caller], stop: asyncio.Event) -> None:
    while not stop.is_set():
        caller = random.choice(callers)  # noqa: S311 - any will do.
        events = [NewEvent("thing.changed", f"key{random.randrange(5)}", {}) for _ in range(random.randrange(1, 5))]  # noqa: S311
        async with database.transaction(caller) as connection:
            await outbox.append(connection, caller.tenant_id, events)
        written += [caller] * len(events)
        await asyncio.sleep(0.005)


async def _kill_workers(urls: DatabaseUrls) -> None:
    """Run workers two at a time, each of which is killed within a moment of its start."""
    for _ in range(_KILLS // 2):
        # A worker needs ~0.3 s to start: some die before they work, most at it.
        pair = [await _run_worker(urls, random.uniform(0.2, 1.0)) for _ in range(2)]  # noqa: S311
        codes = [await worker.wait() for worker in pair]
        assert codes == [-signal.SIGKILL] * 2


async def _until_drained(bus: "asyncpg.Connection[asyncpg.Record]") -> None:
    drained = (
        "select not exists (select from outbox) and not exists (select from parked_event where not dead)"
        " and not exists (select from event_head h where not exists (select from consumer_offset o"
        " where o.tenant_id = h.tenant_id and o.position = h.position))"
    )
    async with asyncio.timeout(240):
        while not await bus.fetchval(drained):  # noqa: ASYNC110 - offsets move without a notice.
            await asyncio.sleep(0.05)


@pytest.mark.timeout(360)
async def test_killed_workers_lose_nothing_and_show_nothing_twice(fresh_database_urls: DatabaseUrls) -> None:
    urls = fresh_database_urls
    owner, bus = await asyncpg.connect(urls.owner), await asyncpg.connect(urls.bus)
    await owner.execute(_TABLES)
    database = await Database.connect(urls.app, most=4)
    callers = [await create_tenant(database) for _ in range(_TENANTS)]
    stop, written = asyncio.Event(), list[Caller]()
    writers = [asyncio.create_task(_write(database, callers, written, stop)) for _ in range(3)]
    await _kill_workers(urls)
    stop.set()
    await asyncio.gather(*writers)

    last = await _run_worker(urls)
    await _until_drained(bus)
    last.send_signal(signal.SIGTERM)
    assert await last.wait() == 0

    shown = await owner.fetch("select tenant_id, position from shown")
    expected = {(caller.tenant_id, n + 1) for caller in callers for n in range(written.count(caller))}
    assert len(expected) > 500
    assert {(row["tenant_id"], row["position"]) for row in shown} == expected
    assert await bus.fetchval("select count(*) from parked_event") == 0
    first_seen: dict[tuple[object, str], dict[int, None]] = defaultdict(dict)
    for row in await owner.fetch("select tenant_id, key, position from seen order by number"):
        first_seen[row["tenant_id"], row["key"]].setdefault(row["position"])
    assert all(list(positions) == sorted(positions) for positions in first_seen.values())
    for connection in (owner, bus):
        await connection.close()
    await database.close()
