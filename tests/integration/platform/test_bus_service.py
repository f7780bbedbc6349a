import asyncio
import logging

import asyncpg
from support.buses import TYPE, WAIT_SECONDS, Recorder, group
from support.tenants import create_tenant

from cairn.kernel.events import NewEvent
from cairn.kernel.identity import Caller
from cairn.platform import outbox
from cairn.platform.bus.postgres import PostgresBus
from cairn.platform.bus.service import run_bus
from cairn.platform.database import Database, DatabaseUrls

_END_BUS = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'cairn bus' and datname = current_database()"
)


async def _write(database: Database, caller: Caller, *keys: str) -> None:
    async with database.transaction(caller) as connection:
        await outbox.append(connection, caller.tenant_id, [NewEvent(TYPE, key, {}) for key in keys])


async def test_a_lost_connection_is_made_anew_and_nothing_is_missed(
    database: Database, database_urls: DatabaseUrls
) -> None:
    caller = await create_tenant(database)
    recorder, stop = Recorder(), asyncio.Event()
    serving = asyncio.create_task(run_bus(database_urls.bus, [group(recorder)], stop=stop))
    for number in range(1, 4):
        await _write(database, caller, f"key{number}")
        await recorder.until(lambda number=number: number in recorder.positions())
        ender = await asyncpg.connect(database_urls.bus)
        assert await ender.fetchval(_END_BUS) == 1
        await ender.close()
    await _write(database, caller, "last")
    await recorder.until(lambda: 4 in recorder.positions())
    stop.set()
    async with asyncio.timeout(WAIT_SECONDS):
        await serving
    assert set(recorder.positions()) == {1, 2, 3, 4}


class _StopAtWarning(logging.Handler):
    def __init__(self, stop: asyncio.Event) -> None:
        super().__init__(logging.WARNING)
        self.stop = stop
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        self.stop.set()


async def test_a_database_that_is_away_is_waited_for_until_told_to_stop() -> None:
    handler = _StopAtWarning(asyncio.Event())
    logger = logging.getLogger("cairn.platform.bus.service")
    logger.addHandler(handler)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await run_bus("postgresql://nobody@127.0.0.1:1/nothing", [group(Recorder())], stop=handler.stop)
    finally:
        logger.removeHandler(handler)
    assert handler.said[0].startswith("The bus lost its database; trying again in 0.")


async def test_two_workers_share_the_work_and_neither_repeats_it(
    database: Database, database_urls: DatabaseUrls
) -> None:
    callers = [await create_tenant(database) for _ in range(4)]
    recorder, stop = Recorder(), asyncio.Event()
    serving = [
        asyncio.create_task(run_bus(database_urls.bus, [group(recorder, name="shared")], stop=stop)) for _ in range(2)
    ]
    for _ in range(5):
        await asyncio.gather(*(_write(database, caller, "a", "b", "c") for caller in callers))
    tenants = {caller.tenant_id for caller in callers}

    def mine() -> list[tuple[object, int]]:
        return [(event.tenant_id, event.position) for event in recorder.handled if event.tenant_id in tenants]

    await recorder.until(lambda: len(mine()) >= 60)
    stop.set()
    async with asyncio.timeout(WAIT_SECONDS):
        await asyncio.gather(*serving)
    assert sorted(mine(), key=str) == sorted(((t, n) for t in tenants for n in range(1, 16)), key=str)
    bus = await PostgresBus.connect(database_urls.bus)
    assert all(one.behind == 0 for one in await bus.lag() if one.group == "shared" and one.tenant_id in tenants)
    await bus.close()
