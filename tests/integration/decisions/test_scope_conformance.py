"""What every scope store does, checked on Postgres and on the one in memory."""

from collections.abc import AsyncIterator

import pytest
from support.fakes.decision_store import MemoryDecisionStore
from support.fakes.scope_store import MemoryScopeStore
from support.records import NOW, add_log, add_record
from support.tenants import create_tenant

from cairn.decisions.domain import Status
from cairn.decisions.domain.scopes import Component, Scope
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.governance import ScopeStore
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.governance import PostgresScopeStore
from cairn.platform.database import Database

Stores = tuple[DecisionStore, ScopeStore]


@pytest.fixture(params=["postgres", "memory"])
async def stores(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Stores]:
    if request.param == "memory":
        decisions = MemoryDecisionStore()
        yield decisions, MemoryScopeStore(decisions)
        return
    async with database.transaction(await create_tenant(database)) as connection:
        yield PostgresDecisionStore(connection), PostgresScopeStore(connection)


async def test_a_scope_is_kept_with_its_version(stores: Stores) -> None:
    decisions, _ = stores
    log = await add_log(decisions)
    scope = Scope(("src/**", "!src/x"), ("billing",), ("data", "money"))
    added = await add_record(decisions, log, 1, scope=scope)
    version = await decisions.get_version(added.id, 1)
    assert version is not None
    assert version.content.scope == scope
    assert version.content.hash() == version.content_hash


async def test_only_living_decisions_of_the_asked_statuses_that_bind_are_listed(stores: Stores) -> None:
    decisions, scopes = stores
    ant, zoo = await add_log(decisions, "ant"), await add_log(decisions, "zoo")
    late = await add_record(decisions, zoo, 1, scope=Scope(("src/",)))
    second = await add_record(decisions, ant, 2, scope=Scope(components=("billing",)))
    first = await add_record(decisions, ant, 1, scope=Scope(("a",)))
    await add_record(decisions, ant, 3, scope=Scope(categories=("data",)))
    old = await add_record(decisions, ant, 4, scope=Scope(("a",)), status=Status.SUPERSEDED)
    gone = await add_record(decisions, ant, 5, scope=Scope(("a",)))
    await decisions.set_deleted(gone.id, NOW)

    async def listed(*statuses: Status) -> list[tuple[str, int | None]]:
        found = await scopes.list_bound([ant.id, zoo.id], statuses)
        return [(summary.log_slug, summary.number) for summary, _ in found]

    assert await listed(Status.ACCEPTED) == [("ant", first.number), ("ant", second.number), ("zoo", late.number)]
    assert await listed(Status.SUPERSEDED) == [("ant", old.number)]
    assert await scopes.list_bound([], tuple(Status)) == []
    [(_, scope)] = await scopes.list_bound([zoo.id], [Status.ACCEPTED])
    assert scope == Scope(("src/",))


async def test_components_are_kept_by_name_and_counted(stores: Stores) -> None:
    decisions, scopes = stores
    log = await add_log(decisions)
    await scopes.put_component(log.id, Component("web", ("web/",)))
    await scopes.put_component(log.id, Component("billing", ("a",)))
    await scopes.put_component(log.id, Component("billing", ("src/billing/**", "b")))
    assert await scopes.list_components(log.id) == [
        Component("billing", ("src/billing/**", "b")),
        Component("web", ("web/",)),
    ]
    await add_record(decisions, log, 1, scope=Scope(components=("billing", "ledger")))
    await add_record(decisions, log, 2, scope=Scope(components=("billing",)))
    assert await scopes.count_components(log.id) == {"billing": 2, "ledger": 1}
    assert await scopes.delete_component(log.id, "web")
    assert not await scopes.delete_component(log.id, "web")
