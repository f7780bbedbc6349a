import asyncio
import contextlib

import asyncpg
import pytest
from support.tenants import create_tenant

from cairn.kernel.errors import Unavailable
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Connection, Database, DatabaseUrls, savepoint

_SETTINGS = (
    "select current_setting('app.tenant', true), current_setting('app.person', true), current_setting('app.role', true)"
)


async def _rename(connection: Connection, name: str) -> None:
    await connection.execute("update tenant set name = $1", name)


async def _name(database: Database, caller: Caller) -> str | None:
    async with database.transaction(caller) as connection:
        return await connection.fetchval("select name from tenant")


async def test_a_transaction_says_who_asks_and_its_end_forgets_it(database: Database) -> None:
    caller = Caller(uuid7(), uuid7(), "Ada", Role.REVIEWER)
    async with database.transaction(caller) as connection:
        assert tuple(await connection.fetchrow(_SETTINGS)) == (str(caller.tenant_id), str(caller.person_id), "reviewer")
        process = await connection.fetchval("select pg_backend_pid()")
    async with database.unauthenticated() as connection:
        assert await connection.fetchval("select pg_backend_pid()") == process
        assert tuple(await connection.fetchrow(_SETTINGS)) == ("", "", "")


async def test_repeatable_read_is_what_it_says(database: Database) -> None:
    caller = await create_tenant(database, name="before")
    async with database.transaction(caller, isolation="repeatable_read") as connection:
        assert await connection.fetchval("select name from tenant") == "before"
        async with database.transaction(caller) as other:
            await _rename(other, "after")
        assert await connection.fetchval("select name from tenant") == "before"
    assert await _name(database, caller) == "after"


async def test_an_error_rolls_back(database: Database) -> None:
    caller = await create_tenant(database, name="before")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _rename_and_fail(database, caller)
    assert await _name(database, caller) == "before"


async def _rename_and_fail(database: Database, caller: Caller) -> None:
    async with database.transaction(caller) as connection:
        await _rename(connection, "after")
        await connection.execute("select 1 / 0")


async def test_a_swallowed_failure_does_not_pass_for_a_commit(database: Database) -> None:
    caller = await create_tenant(database, name="before")
    with pytest.raises(RuntimeError, match="rolled back"):
        await _rename_and_swallow(database, caller)
    assert await _name(database, caller) == "before"


async def _rename_and_swallow(database: Database, caller: Caller) -> None:
    async with database.transaction(caller) as connection:
        await _rename(connection, "after")
        with contextlib.suppress(asyncpg.DivisionByZeroError):
            await connection.execute("select 1 / 0")


async def test_a_cancelled_transaction_leaves_a_usable_connection(database: Database) -> None:
    caller = await create_tenant(database, name="before")
    began = asyncio.Event()

    async def hang() -> None:
        async with database.transaction(caller) as connection:
            await _rename(connection, "after")
            began.set()
            await connection.execute("select pg_sleep(30)")

    task = asyncio.create_task(hang())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _name(database, caller) == "before"


async def test_a_connection_that_ends_leaves_its_first_error_and_a_usable_pool(database: Database) -> None:
    caller = await create_tenant(database, name="before")
    with pytest.raises(ZeroDivisionError):
        await _rename_and_lose_connection(database, caller)
    assert await _name(database, caller) == "before"


async def _rename_and_lose_connection(database: Database, caller: Caller) -> None:
    async with database.transaction(caller) as connection:
        await _rename(connection, "after")
        process = await connection.fetchval("select pg_backend_pid()")
        async with database.transaction(caller) as other:
            await other.execute("select pg_terminate_backend($1)", process)
        raise ZeroDivisionError


async def test_a_connection_that_ends_while_nobody_uses_it_is_replaced(
    database: Database, database_urls: DatabaseUrls
) -> None:
    caller = await create_tenant(database, name="before")
    ended = asyncio.Event()
    async with database.transaction(caller) as connection:
        process = await connection.fetchval("select pg_backend_pid()")
        connection.add_termination_listener(lambda _: ended.set())
    killer = await asyncpg.connect(database_urls.app)
    await killer.execute("select pg_terminate_backend($1)", process)
    await killer.close()
    await ended.wait()
    assert await _name(database, caller) == "before"


async def test_those_who_find_no_connection_take_turns(database_urls: DatabaseUrls) -> None:
    database = await Database.connect(database_urls.app, most=1)
    caller = await create_tenant(database)
    served: list[int] = []

    async def take(number: int) -> None:
        async with database.transaction(caller) as connection:
            await connection.execute("select 1")
            served.append(number)

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(take(number))
    assert served == list(range(20))
    await database.close()


async def test_a_transaction_cancelled_at_any_point_leaves_a_usable_connection(database_urls: DatabaseUrls) -> None:
    database = await Database.connect(database_urls.app, most=1)
    caller = await create_tenant(database, name="before")

    async def work() -> None:
        async with database.transaction(caller) as connection:
            await _rename(connection, "after")
            await _rename(connection, "before")

    for steps in range(12):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)  # One turn of the loop: each step cancels the work somewhat later.
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await _name(database, caller) == "before"
    await database.close()


async def test_a_savepoint_undoes_its_block_alone(database: Database) -> None:
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        await _rename(connection, "kept")
        async with savepoint(connection):
            await _rename(connection, "inner")
            with pytest.raises(asyncpg.DivisionByZeroError):
                await _fail_inside(connection)
    assert await _name(database, caller) == "inner"


async def _fail_inside(connection: Connection) -> None:
    async with savepoint(connection):
        await _rename(connection, "undone")
        await connection.execute("select 1 / 0")


async def test_a_database_that_is_down_says_so() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await Database.connect("postgresql://nobody@127.0.0.1:1/nothing")
