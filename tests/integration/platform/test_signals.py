import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from support.tenants import create_tenant

from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database, DatabaseUrls, savepoint
from cairn.platform.signals import Signal, SignalHub, Subscription, notify


@pytest.fixture
async def hub(database_urls: DatabaseUrls) -> AsyncIterator[SignalHub]:
    async with SignalHub(database_urls.app) as hub:
        await hub.listening()
        yield hub


@pytest.fixture
async def caller(database: Database) -> Caller:
    return await create_tenant(database)


async def _next(subscription: Subscription) -> Signal:
    async with asyncio.timeout(10):
        return await anext(subscription)


async def _tell(database: Database, caller: Caller, topic: str, *ids: UUID | str) -> None:
    async with database.transaction(caller) as connection:
        for one in ids:
            await notify(connection, caller.tenant_id, topic, one)


async def test_a_subscriber_hears_of_its_tenant_and_topic_only(
    database: Database, caller: Caller, hub: SignalHub
) -> None:
    other = await create_tenant(database)
    with hub.subscribe(caller.tenant_id, "index") as subscription:
        await _tell(database, other, "index", "theirs")
        await _tell(database, caller, "stop", "another topic")
        await _tell(database, caller, "index", "mine")
        assert await _next(subscription) == Signal("index", "mine")


async def test_a_rolled_back_transaction_tells_nothing(database: Database, caller: Caller, hub: SignalHub) -> None:
    with hub.subscribe(caller.tenant_id, "index") as subscription:
        async with database.transaction(caller) as connection:
            with contextlib.suppress(ZeroDivisionError):
                async with savepoint(connection):
                    await notify(connection, caller.tenant_id, "index", "never")
                    raise ZeroDivisionError
        await _tell(database, caller, "index", "after")
        assert await _next(subscription) == Signal("index", "after")


async def test_waiting_signals_of_one_id_are_one_and_too_many_become_a_resync(
    database: Database, caller: Caller, hub: SignalHub
) -> None:
    with hub.subscribe(caller.tenant_id, "index") as slow, hub.subscribe(caller.tenant_id, "end") as end:
        for _ in range(3):
            await _tell(database, caller, "index", "same")
        await _tell(database, caller, "end", "one")
        await _next(end)
        assert await _next(slow) == Signal("index", "same")
        await _tell(database, caller, "index", *(uuid7() for _ in range(1000)))
        await _tell(database, caller, "end", "two")
        await _next(end)
        assert await _next(slow) == Signal("index", resync=True)
        assert len(slow._waiting) < 1000


async def test_a_lost_connection_is_made_anew_and_says_resync(
    database: Database, database_urls: DatabaseUrls, caller: Caller, hub: SignalHub
) -> None:
    with hub.subscribe(caller.tenant_id, "index") as subscription:
        owner = await asyncpg.connect(database_urls.app)
        killed = await owner.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where application_name = 'cairn signals' and datname = current_database()"
        )
        await owner.close()
        assert killed == 1
        assert await _next(subscription) == Signal("index", resync=True)
        await _tell(database, caller, "index", "again")
        assert await _next(subscription) == Signal("index", "again")


async def test_closing_ends_the_iteration(caller: Caller, database_urls: DatabaseUrls) -> None:
    async with SignalHub(database_urls.app) as hub:
        subscription = hub.subscribe(caller.tenant_id, "index")
        hub_subscription = hub.subscribe(caller.tenant_id, "other")
        subscription.close()
        subscription._waiting.clear()
        assert [signal async for signal in subscription] == []
    hub_subscription._waiting.clear()
    assert [signal async for signal in hub_subscription] == []


async def test_what_does_not_fit_is_refused(database: Database, caller: Caller) -> None:
    async with database.transaction(caller) as connection:
        for topic, text in [("Not A Topic", "id"), ("index", "x" * 201), ("", "id")]:
            with pytest.raises(ValueError, match="topic"):
                await notify(connection, caller.tenant_id, topic, text)
