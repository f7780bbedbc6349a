import asyncpg
import pytest
from support.tenants import create_tenant

from cairn.kernel.events import NewEvent
from cairn.kernel.identity import Caller
from cairn.platform import outbox
from cairn.platform.bus.postgres import PostgresBus
from cairn.platform.database import Database, DatabaseUrls

_EVENTS = [NewEvent("decision.changed", "k", {"n": 1}), NewEvent("decision.changed", "k", {"n": 2})]


async def _append(database: Database, caller: Caller, events: list[NewEvent]) -> None:
    async with database.transaction(caller) as connection:
        await outbox.append(connection, caller.tenant_id, events)


async def _fetch(urls: DatabaseUrls, query: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(urls.bus)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def test_the_relay_numbers_each_tenants_events_densely_in_the_order_written(
    database: Database, database_urls: DatabaseUrls
) -> None:
    callers = [await create_tenant(database) for _ in range(3)]
    for _ in range(2):
        for caller in callers:
            await _append(database, caller, _EVENTS)
    bus = await PostgresBus.connect(database_urls.bus)
    assert await bus.relay() == 12
    assert await bus.relay() == 0
    await bus.close()
    for caller in callers:
        rows = await _fetch(
            database_urls,
            "select position, payload from event where tenant_id = $1 order by position",
            caller.tenant_id,
        )
        assert [(row["position"], row["payload"]) for row in rows] == [
            (1, '{"n": 1}'),
            (2, '{"n": 2}'),
            (3, '{"n": 1}'),
            (4, '{"n": 2}'),
        ]
    assert await _fetch(database_urls, "select from outbox") == []


async def test_events_go_with_a_transaction_that_fails(database: Database, database_urls: DatabaseUrls) -> None:
    caller = await create_tenant(database)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _append_and_fail(database, caller)
    assert await _fetch(database_urls, "select from outbox where tenant_id = $1", caller.tenant_id) == []


async def _append_and_fail(database: Database, caller: Caller) -> None:
    async with database.transaction(caller) as connection:
        await outbox.append(connection, caller.tenant_id, _EVENTS)
        await connection.execute("select 1 / 0")


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (NewEvent("Changed", "k", {}), "not a type"),
        (NewEvent("decision.changed", "", {}), "1 to 200"),
        (NewEvent("decision.changed", "k" * 201, {}), "1 to 200"),
        (NewEvent("decision.changed", "k", {"body": "x" * 3000}), "never content"),
    ],
)
async def test_what_is_no_event_is_refused(database: Database, event: NewEvent, message: str) -> None:
    caller = await create_tenant(database)
    with pytest.raises(ValueError, match=message):
        await _append(database, caller, [event])


async def test_a_request_cannot_write_for_another_tenant(database: Database) -> None:
    caller, other = await create_tenant(database), await create_tenant(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.transaction(caller) as connection:
            await outbox.append(connection, other.tenant_id, _EVENTS)


@pytest.mark.parametrize("table", ["outbox", "event", "event_head", "consumer_offset", "parked_event"])
async def test_a_request_cannot_read_the_log(database: Database, table: str) -> None:
    caller = await create_tenant(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        async with database.transaction(caller) as connection:
            await connection.fetch(f"select from {table}")


@pytest.mark.parametrize("table", ["tenant", "person", "log", "decision", "decision_version", "api_token"])
async def test_the_bus_reads_nothing_but_events(database_urls: DatabaseUrls, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await _fetch(database_urls, f"select from {table}")


async def test_writers_give_notice_only_while_the_relay_sleeps(database: Database, database_urls: DatabaseUrls) -> None:
    caller = await create_tenant(database)
    bus = await PostgresBus.connect(database_urls.bus)
    wakeup = bus.relay_wakeup()
    async with database.transaction(caller) as connection:
        await outbox.append(connection, caller.tenant_id, _EVENTS)
        # This writer gave no notice: the relay must not sleep before it has committed.
        assert not await bus.may_sleep()
    assert await bus.may_sleep()
    assert await bus.relay() == 2
    assert not wakeup.is_set()
    await _append(database, caller, _EVENTS)
    await wakeup.wait()
    await bus.wake_up()
    wakeup.clear()
    await _append(database, caller, _EVENTS)
    assert await bus.relay() == 4
    assert not wakeup.is_set()
    await bus.close()


async def test_the_log_keeps_the_last_event_of_each_key_and_type(
    database: Database, database_urls: DatabaseUrls
) -> None:
    caller = await create_tenant(database)
    events = [("decision.changed", "a"), ("decision.changed", "b"), ("decision.read", "a"), ("decision.changed", "a")]
    await _append(database, caller, [NewEvent(type_, key, {}) for type_, key in events])
    bus = await PostgresBus.connect(database_urls.bus)
    await bus.relay()
    assert await bus.compact(3600) == 0
    assert await bus.compact(0) >= 1
    left = await bus.read("readers", caller.tenant_id, ["decision.changed", "decision.read"], 10)
    assert [event.position for event in left.events] == [2, 3, 4]
    await bus.close()


async def test_erasing_a_tenant_takes_its_events(database: Database, database_urls: DatabaseUrls) -> None:
    caller = await create_tenant(database)
    bus = await PostgresBus.connect(database_urls.bus)
    await _append(database, caller, _EVENTS)
    await bus.relay()
    delivery = await bus.read("readers", caller.tenant_id, ["decision.changed"], 10)
    await bus.begin("readers", caller.tenant_id, delivery)
    await _append(database, caller, _EVENTS)
    async with database.transaction(caller) as connection:
        await connection.execute("delete from tenant where tenant_id = $1", caller.tenant_id)
    await bus.close()
    for table in ("outbox", "event", "event_head", "consumer_offset"):
        assert await _fetch(database_urls, f"select from {table} where tenant_id = $1", caller.tenant_id) == []
