"""What every health and name store does, checked on Postgres and on the one in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from support.fakes.decision_store import MemoryDecisionStore
from support.fakes.health_store import MemoryHealthStore
from support.fakes.name_store import MemoryNameStore
from support.records import NOW, add_log, add_record
from support.tenants import create_tenant

from cairn.decisions.domain import LinkKind, Ref, WrittenLink
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.health import HealthStore
from cairn.decisions.ports.names import NameStore
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.health import PostgresHealthStore
from cairn.decisions.postgres.names import PostgresNameStore
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database


@dataclass
class Stores:
    decisions: DecisionStore
    health: HealthStore
    names: NameStore
    caller: Caller


@pytest.fixture(params=["postgres", "memory"])
async def stores(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Stores]:
    if request.param == "memory":
        decisions = MemoryDecisionStore()
        caller = Caller(uuid7(), uuid7(), "Ada", Role.ADMIN)
        yield Stores(decisions, MemoryHealthStore(decisions), MemoryNameStore(decisions), caller)
        return
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        health, names = PostgresHealthStore(connection), PostgresNameStore(connection)
        yield Stores(PostgresDecisionStore(connection), health, names, caller)


async def test_records_and_links_are_those_of_living_decisions(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    one = await add_record(stores.decisions, log, 1, status_text="Accepted by all", source_path="a.md")
    two, gone = await add_record(stores.decisions, log, 2), await add_record(stores.decisions, log, 3)
    links = [
        WrittenLink(LinkKind.SUPERSEDES, "2", two.id),
        WrittenLink(LinkKind.RELATES_TO, "x.md"),
        WrittenLink(LinkKind.RELATES_TO, "3", gone.id),
    ]
    await stores.decisions.replace_links(one.id, links)
    await stores.decisions.replace_links(gone.id, links[:1])
    await stores.decisions.set_deleted(gone.id, NOW)
    records = {record.ref: record for record in await stores.health.list_health_records()}
    assert sorted(records) == ["ADR-0001", "ADR-0002"]
    first = records["ADR-0001"]
    assert (first.id, first.log_slug, first.number, first.path) == (one.id, log.slug, 1, "a.md")
    assert (first.status_text, first.stated, first.review_on, first.approvals_required) == (
        "Accepted by all",
        None,
        None,
        0,
    )
    found = sorted(await stores.health.list_health_links(), key=lambda link: link.position)
    assert [(k.writer_id, k.kind, k.target, k.target_id, k.target_deleted) for k in found] == [
        (one.id, LinkKind.SUPERSEDES, "2", two.id, False),
        (one.id, LinkKind.RELATES_TO, "x.md", None, False),
        (one.id, LinkKind.RELATES_TO, "3", None, True),
    ]
    assert await stores.health.list_used_numbers() == {(log.id, ""): frozenset({3})}


async def test_what_was_left_is_remembered(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    for _ in range(2):
        await stores.health.acknowledge(log.id, "unlinked:x", stores.caller, NOW)
    await stores.health.acknowledge(log.id, "unlinked:y", stores.caller, NOW)
    assert await stores.health.list_acknowledged() == {"unlinked:x", "unlinked:y"}
    assert await stores.health.report_again(["unlinked:y", "unlinked:z"]) == 1
    assert await stores.health.list_acknowledged() == {"unlinked:x"}
    assert await stores.health.report_again([]) == 1
    assert await stores.health.list_acknowledged() == set()


async def test_former_names_lead_to_the_decision(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    one, two = await add_record(stores.decisions, log, 1), await add_record(stores.decisions, log, 2)
    await stores.names.add_former_name(log.id, "old.md", one.id, NOW)
    await stores.names.add_former_name(log.id, "a.md", one.id, NOW)
    await stores.names.add_former_name(log.id, "a.md", two.id, NOW)
    assert await stores.names.list_former_names(log.id) == [("a.md", two.id), ("old.md", one.id)]
    assert await stores.names.find_former_name("a.md", []) == [two.id]
    assert await stores.names.find_former_name("a.md", ["elsewhere"]) == []
    await stores.decisions.set_deleted(two.id, NOW)
    assert await stores.names.find_former_name("a.md", [log.slug]) == []
    await stores.names.set_number(one.id, 40)
    await stores.names.set_source_path(one.id, "new.md")
    [shown] = await stores.decisions.find(Ref("", id=one.id))
    assert (shown.number, shown.ref, shown.source_path) == (40, "ADR-0040", "new.md")
