"""Lists: what a page shows, in which order, and what is counted beside it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from support.tenants import create_person, create_tenant

from cairn.decisions.api import summary_to_proto
from cairn.decisions.domain import Content, DecisionSummary, Filter, LinkKind, Log, Order, Scope, Status, WrittenLink
from cairn.decisions.domain.care import Care, Person
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCareStore
from cairn.decisions.postgres.listing import add_up_tally, read_facets, read_page
from cairn.decisions.usecases.changes import make_version
from cairn.gen.cairn.decisions.v1 import curation_pb as curation
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Connection, Database

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Shelf:
    """Logs and decisions of one organisation, and pages of them."""

    def __init__(self, connection: Connection, caller: Caller) -> None:
        self.connection = connection
        self.caller = caller
        self.store = PostgresDecisionStore(connection)

    async def log(self, slug: str, prefix: str = "ADR") -> Log:
        log = Log(id=uuid7(), slug=slug, name=slug.title(), prefix=prefix)
        assert await self.store.add_log(log)
        return log

    async def add(self, log: Log, number: int | None, **fields: Any) -> DecisionSummary:
        content = Content(
            title=fields.get("title", f"Decision {number}"),
            status=fields.get("status", Status.ACCEPTED),
            body="Text.",
            decided_on=fields.get("decided_on"),
            deciders=fields.get("deciders", ("Ada", "Grace")),
            tags=fields.get("tags", ()),
        )
        at = NOW + timedelta(minutes=number or 0, microseconds=number or 0)
        summary = DecisionSummary(
            id=uuid7(),
            log_id=log.id,
            log_slug=log.slug,
            number=number,
            slug=f"decision-{number}",
            ref="",
            title=content.title,
            status=content.status,
            decided_on=content.decided_on,
            deciders=content.deciders,
            tags=content.tags,
            version=1,
            source_path="",
            created_at=at,
            updated_at=at,
            prefix=fields.get("prefix", ""),
        )
        await self.store.add_decision(summary, make_version(summary, content, self.caller, "", at))
        return summary

    async def edit(self, decision: DecisionSummary, **fields: Any) -> None:
        current = await self.store.hold(decision.id)
        assert current is not None
        content = replace(current.current.content, **fields)
        summary = replace(current.summary, version=current.summary.version + 1)
        await self.store.append_version(make_version(summary, content, self.caller, "", NOW))

    async def look_after(self, decision: DecisionSummary, person: Caller | None, review_on: date | None = None) -> None:
        owner = person and Person(person.person_id, person.person_name)
        await PostgresCareStore(self.connection).set_care(decision.id, Care(owner=owner, review_on=review_on))

    async def facets(self, filter_: Filter) -> tuple[list[tuple[str, int]], int]:
        counted = curation.CountFacetsResponse.from_json(await read_facets(self.connection, filter_))
        return [(owner.name, owner.count) for owner in counted.owners], counted.governing

    async def page(
        self, filter_: Filter | None = None, order: Order = Order.NUMBER, *, with_counts: bool = False
    ) -> pb.ListDecisionsResponse:
        page = await read_page(self.connection, filter_ or Filter(), order, None, 100, with_counts=with_counts)
        return pb.ListDecisionsResponse.from_json(page)

    async def refs(self, **filter_: Any) -> list[str]:
        response = await self.page(Filter(**filter_))
        return [f"{decision.log_slug} {decision.ref}" for decision in response.decisions]


@pytest.fixture
async def shelf(database: Database) -> AsyncIterator[Shelf]:
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        yield Shelf(connection, caller)


async def test_a_page_says_of_each_decision_what_every_other_answer_says(shelf: Shelf) -> None:
    log = await shelf.log("security", "SEC")
    hard = 'Say "no" to \\ and \u2028 and \U0001f600 at </script>'
    old = await shelf.add(log, 1, status=Status.SUPERSEDED, title=hard, tags=("a,b", '{"c"}', "d\\e", "null"))
    new = await shelf.add(log, 2, decided_on=date(2026, 3, 1), deciders=(), prefix="OPS")
    await shelf.add(log, None, status=Status.DRAFT, deciders=("O'Hara", "Łukasz"))
    await shelf.store.replace_links(new.id, [WrittenLink(LinkKind.SUPERSEDES, "SEC-1", old.id)])
    response = await shelf.page()
    summaries = {
        summary.id: summary for summary in await shelf.store.find_many([UUID(d.id) for d in response.decisions])
    }
    assert [d.ref for d in response.decisions] == ["SEC-0001", "OPS-0002", "decision-None"]
    assert list(response.decisions) == [summary_to_proto(summaries[UUID(d.id)]) for d in response.decisions]
    assert response.decisions[0].successor is not None
    assert response.decisions[0].successor.ref == "OPS-0002"


async def test_each_order_is_the_one_it_names(shelf: Shelf) -> None:
    log = await shelf.log("billing")
    for number, title in ((3, "a"), (1, "C"), (2, "b"), (None, "D")):
        await shelf.add(log, number, title=title)

    async def titles(order: Order) -> str:
        return "".join(decision.title for decision in (await shelf.page(order=order)).decisions)

    assert await titles(Order.NUMBER) == "CbaD"
    assert await titles(Order.NUMBER_DESC) == "DabC"
    assert await titles(Order.UPDATED_DESC) == "abCD"
    assert await titles(Order.TITLE) == "abCD"


async def test_filters_choose_and_counts_show_the_rest(shelf: Shelf) -> None:
    log, other = await shelf.log("billing"), await shelf.log("other")
    await shelf.add(log, 1, tags=("data",))
    await shelf.add(log, 2, status=Status.REJECTED, tags=("data", "web"), title="Use Kafka")
    gone = await shelf.add(log, 3)
    await shelf.add(other, 1)
    await shelf.store.set_deleted(gone.id, NOW)
    assert await shelf.refs() == ["billing ADR-0001", "billing ADR-0002", "other ADR-0001"]
    assert await shelf.refs(log_ids=(other.id,)) == ["other ADR-0001"]
    assert await shelf.refs(statuses=(Status.REJECTED,)) == ["billing ADR-0002"]
    assert await shelf.refs(tags=("web", "data"), statuses=(Status.ACCEPTED,)) == ["billing ADR-0001"]
    assert await shelf.refs(text="kafka") == ["billing ADR-0002"]
    assert await shelf.refs(text="SE KAF") == ["billing ADR-0002"]
    assert await shelf.refs(text="adr-0002") == ["billing ADR-0002"]
    assert await shelf.refs(text="100%_") == []
    assert await shelf.refs(deleted=True) == ["billing ADR-0003"]
    response = await shelf.page(Filter(statuses=(Status.REJECTED,), log_ids=(log.id,)), with_counts=True)
    assert response.total == 1
    assert [(c.status, c.count) for c in response.status_counts] == [(pb.Status.ACCEPTED, 1), (pb.Status.REJECTED, 1)]
    assert [(c.tag, c.count) for c in response.tag_counts] == [("data", 2), ("web", 1)]
    response = await shelf.page(Filter(text="ADR-0002", tags=("web",)), with_counts=True)
    assert (response.total, [(c.tag, c.count) for c in response.tag_counts]) == (1, [("data", 1), ("web", 1)])
    response = await shelf.page(Filter(text="nothing says this"), with_counts=True)
    assert (response.total, list(response.decisions), list(response.status_counts)) == (0, [], [])


async def test_a_colleague_sees_and_counts_no_draft_of_another(shelf: Shelf) -> None:
    log = await shelf.log("billing")
    await shelf.add(log, 1, status=Status.DRAFT)
    await shelf.add(log, 2)
    other = replace(shelf.caller, person_id=uuid7())
    await shelf.connection.execute(
        "select set_config('app.person', $1, true), set_config('app.role', 'author', true)", str(other.person_id)
    )
    response = await shelf.page(with_counts=True)
    assert ([d.number for d in response.decisions], response.total) == ([2], 1)


async def test_the_tally_is_what_counting_finds(shelf: Shelf, database: Database) -> None:
    people = [await create_person(database, shelf.caller.tenant_id, name=name) for name in ("Ada", "Grace")]
    owner = people[0].person_id
    chance = Random(3)  # noqa: S311 - the same changes in each run.
    logs = [await shelf.log("one"), await shelf.log("two")]
    tags = ("a", "b", "c")
    known: list[DecisionSummary] = []
    for step in range(60):
        log = chance.choice(logs)
        wanted = tuple(chance.sample(tags, chance.randrange(4)))
        status = chance.choice(list(Status))
        if step < 10 or chance.random() < 0.3:
            known.append(await shelf.add(log, step, status=status, tags=wanted))
        elif chance.random() < 0.5:
            await shelf.store.set_deleted(chance.choice(known).id, chance.choice([NOW, None]))
        else:
            scope = Scope(paths=chance.choice([(), ("src/**",)]))
            await shelf.edit(chance.choice(known), status=status, tags=wanted, scope=scope)
        await shelf.look_after(chance.choice(known), chance.choice([*people, None]))
        if step % 7 == 0:
            await add_up_tally(shelf.connection)
        if step % 5 == 0:
            for filter_ in (
                Filter(),
                Filter(log_ids=(log.id,)),
                Filter(tags=("a",), statuses=(status,)),
                Filter(tags=tags),
                Filter(owner_ids=(owner,)),
                Filter(owner_ids=(owner,), log_ids=(log.id,), statuses=(status,)),
                Filter(governs=True, statuses=(status,)),
                Filter(governs=True, owner_ids=(owner,)),
                Filter(owner_ids=tuple(person.person_id for person in people)),
            ):
                # A text that every title contains is counted by looking.
                looked = await shelf.page(replace(filter_, text="decision"), with_counts=True)
                kept = await shelf.page(filter_, with_counts=True)
                assert (kept.total, kept.status_counts, kept.tag_counts) == (
                    looked.total, looked.status_counts, looked.tag_counts,
                )  # fmt: skip
            for filter_ in (Filter(), Filter(log_ids=(log.id,))):
                assert await shelf.facets(filter_) == await shelf.facets(replace(filter_, text="decision"))
    assert len((await shelf.page()).decisions) > 5
    assert len((await shelf.facets(Filter()))[0]) == 2
    await shelf.connection.execute("delete from decision")
    assert await shelf.facets(Filter()) == ([], 0)
    await add_up_tally(shelf.connection)
    assert await shelf.connection.fetchval("select count(*) from decision_facet_tally") == 0


async def test_an_edit_of_the_text_leaves_the_tally_alone(shelf: Shelf) -> None:
    decision = await shelf.add(await shelf.log("one"), 1, tags=("a",))
    await add_up_tally(shelf.connection)
    await shelf.edit(decision, title="Another decision", tags=("a",))
    assert await shelf.connection.fetchval("select count(*) from decision_tally_change") == 0
    await shelf.edit(decision, tags=("b",))
    assert await shelf.connection.fetchval("select count(*) from decision_tally_change") > 0


async def test_a_text_is_looked_for_in_references(shelf: Shelf) -> None:
    log, other = await shelf.log("billing"), await shelf.log("security", "SEC")
    await shelf.add(log, 1)
    await shelf.add(log, 2, prefix="OPS")
    await shelf.add(log, None, title="Use Kafka")
    await shelf.add(other, 12)
    assert await shelf.refs(text="sec") == ["security SEC-0012"]
    assert await shelf.refs(text="sec-") == ["security SEC-0012"]
    assert await shelf.refs(text="c-00") == ["security SEC-0012"]
    assert await shelf.refs(text="ops") == ["billing OPS-0002"]
    assert await shelf.refs(text="012") == ["security SEC-0012"]
    assert await shelf.refs(text="ion-n") == ["billing decision-None"]
    assert await shelf.refs(text="adr") == ["billing ADR-0001"]
    assert await shelf.refs(text="adr x") == []


async def test_a_list_is_narrowed_to_owners_and_to_what_governs(shelf: Shelf, database: Database) -> None:
    log, other = await shelf.log("billing"), await shelf.log("search")
    people = [await create_person(database, shelf.caller.tenant_id, name=name) for name in ("Ada", "Grace")]
    ada, grace = (person.person_id for person in people)
    for number, (place, owner) in enumerate([(log, 0), (log, 0), (log, 1), (other, 1)]):
        decision = await shelf.add(place, number, title=f"Decision {number}")
        await shelf.look_after(decision, people[owner], date(2026, 4, 1 + number))
    gone = await shelf.add(log, 8, status=Status.SUPERSEDED, title="Old", tags=("t",))
    await shelf.look_after(gone, people[0], date(2026, 1, 1))
    binding = await shelf.add(log, 9, title="Binding", tags=("t", "u"))
    await shelf.edit(binding, scope=Scope(paths=("src/**",)))

    assert await shelf.refs(owner_ids=(ada,)) == ["billing ADR-0000", "billing ADR-0001", "billing ADR-0008"]
    assert await shelf.refs(owner_ids=(grace,), log_ids=(other.id,)) == ["search ADR-0003"]
    assert await shelf.refs(owner_ids=(ada, grace), text="decision") == [
        "billing ADR-0000", "billing ADR-0001", "billing ADR-0002", "search ADR-0003"
    ]  # fmt: skip
    assert await shelf.refs(governs=True) == ["billing ADR-0009"]
    assert await shelf.refs(governs=True, text="bind") == ["billing ADR-0009"]
    assert await shelf.refs(governs=True, owner_ids=(ada,)) == []
    page = await shelf.page(Filter(owner_ids=(ada,)), with_counts=True)
    assert page.total == 3
    # Whatever is chosen of them, statuses are counted over all.
    assert sum(entry.count for entry in page.status_counts) == 6
    assert [(d.owner_name, d.review_on) for d in page.decisions] == [
        ("Ada", "2026-04-01"), ("Ada", "2026-04-02"), ("Ada", "")
    ]  # fmt: skip
    assert (await shelf.page(Filter(governs=True, text="bind"), with_counts=True)).total == 1

    assert await shelf.facets(Filter()) == ([("Ada", 3), ("Grace", 2)], 1)
    assert await shelf.facets(Filter(log_ids=(other.id,))) == ([("Grace", 1)], 0)
    assert await shelf.facets(Filter(text="decision")) == ([("Ada", 2), ("Grace", 2)], 0)
    assert await shelf.facets(Filter(text="bind")) == ([], 1)
    assert await shelf.facets(Filter(deleted=True)) == ([], 0)
