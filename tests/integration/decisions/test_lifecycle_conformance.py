"""What every lifecycle, comment and care store does, checked on Postgres and on the ones in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from support.fakes.care_store import MemoryCareStore, MemoryCommentStore
from support.fakes.decision_store import MemoryDecisionStore
from support.tenants import create_person, create_tenant

from cairn.decisions.domain import Content, DecisionSummary, LinkKind, Log, Status, Version, WrittenLink
from cairn.decisions.domain.care import AwaitingKind, Care, Person
from cairn.decisions.domain.comments import Comment
from cairn.decisions.domain.lifecycle import Approval, LogPolicy, People, text_hash
from cairn.decisions.domain.numbers import Reservation
from cairn.decisions.domain.relations import Edge, Relation, merge_edges
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.care import CareStore, CommentStore
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCareStore, PostgresCommentStore
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
TODAY = NOW.date()


@dataclass
class Stores:
    """The stores of one kind, a log, and two people."""

    store: DecisionStore
    comments: CommentStore
    care: CareStore
    log: Log
    ada: Person
    grace: Person

    async def add(self, number: int, status: Status = Status.ACCEPTED, prefix: str = "") -> DecisionSummary:
        content = Content(title=f"Decision {number}", status=status, body="Text.")
        ref = f"{prefix or 'ADR'}-{number:04d}"
        summary = DecisionSummary(
            id=uuid7(), log_id=self.log.id, log_slug=self.log.slug, number=number, slug=f"d-{number}", ref=ref,
            title=content.title, status=status, decided_on=None, deciders=(), tags=(), version=1, source_path="",
            created_at=NOW, updated_at=NOW, prefix=prefix,
        )  # fmt: skip
        await self.store.add_decision(summary, self.version(summary, content))
        return summary

    def version(self, summary: DecisionSummary, content: Content) -> Version:
        return Version(
            id=uuid7(), decision_id=summary.id, version=summary.version, content=content, author_id=self.ada.id,
            author_name="Ada", message="", created_at=NOW, content_hash=content.hash(),
        )  # fmt: skip

    async def change(self, summary: DecisionSummary, status: Status) -> DecisionSummary:
        changed = replace(summary, version=summary.version + 1, status=status)
        await self.store.append_version(self.version(changed, Content(summary.title, status, "Text.")))
        return changed

    async def relate(
        self, source: DecisionSummary, kind: LinkKind, target: DecisionSummary, section: str = ""
    ) -> Relation:
        relation = Relation(uuid7(), source.id, kind, target.id, section, self.ada.id, "Ada", NOW)
        await self.store.add_relation(relation)
        return relation


@pytest.fixture(params=["postgres", "memory"])
async def stores(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Stores]:
    log = Log(id=uuid7(), slug="billing", name="Billing", prefix="ADR")
    if request.param == "memory":
        store = MemoryDecisionStore()
        ada, grace = Person(uuid7(), "Ada"), Person(uuid7(), "Grace")
        comments = MemoryCommentStore()
        made = Stores(store, comments, MemoryCareStore(store, comments, [ada, grace]), log, ada, grace)
        await store.add_log(log)
        yield made
        return
    caller = await create_tenant(database, name="Ada")
    other = await create_person(database, caller.tenant_id, name="Grace")
    async with database.transaction(caller) as connection:
        store = PostgresDecisionStore(connection)
        await store.add_log(log)
        people = [Person(person.person_id, person.person_name) for person in (caller, other)]
        yield Stores(store, PostgresCommentStore(connection), PostgresCareStore(connection), log, *people)


async def test_a_policy_reads_back(stores: Stores) -> None:
    assert await stores.store.get_policy(stores.log.id) == LogPolicy()
    policy = LogPolicy({Status.ACCEPTED: "Gültig"}, 2)
    await stores.store.set_policy(stores.log.id, policy)
    assert await stores.store.get_policy(stores.log.id) == policy
    assert await stores.store.get_policy(uuid7()) is None


async def test_an_approval_counts_once_a_person_and_text_until_withdrawn(stores: Stores) -> None:
    made = await stores.add(1)
    content = Content("Decision 1", Status.ACCEPTED, "Text.")

    def approval(person: Person) -> Approval:
        hashes = content.hash(), text_hash(content)
        return Approval(uuid7(), made.id, 1, *hashes, person.id, person.name, "Good", NOW)

    first = approval(stores.ada)
    for each in (first, approval(stores.ada), approval(stores.grace)):
        await stores.store.add_approval(each)
    kept = await stores.store.list_approvals(made.id)
    assert {a.person_id for a in kept} == {stores.ada.id, stores.grace.id}
    assert first in kept
    assert await stores.store.withdraw_approvals(made.id, stores.ada.id, NOW) == 1
    assert await stores.store.withdraw_approvals(made.id, stores.ada.id, NOW) == 0
    await stores.store.add_approval(approval(stores.ada))
    withdrawn = [a.withdrawn_at for a in await stores.store.list_approvals(made.id) if a.person_id == stores.ada.id]
    assert sorted(withdrawn, key=str) == [NOW, None]


async def test_an_approval_is_void_since_the_version_whose_text_is_another(stores: Stores) -> None:
    made = await stores.add(1)
    content = Content("Decision 1", Status.ACCEPTED, "Text.")
    hashes = content.hash(), text_hash(content)
    approval = Approval(uuid7(), made.id, 1, *hashes, stores.grace.id, "Grace", "", NOW)
    await stores.store.add_approval(approval)
    moved = await stores.change(made, Status.DEPRECATED)
    assert await stores.store.list_void_approvals(made.id) == {}
    for version, body in ((3, "Another."), (4, "Text."), (5, "A third."), (6, "A fourth.")):
        changed = replace(moved, version=version)
        await stores.store.append_version(stores.version(changed, replace(content, body=body)))
        found = await stores.store.list_void_approvals(made.id)
        assert found == {3: {approval.id: 3}, 4: {}}.get(version, {approval.id: 5})
    await stores.store.withdraw_approvals(made.id, stores.grace.id, NOW)
    assert await stores.store.list_void_approvals(made.id) == {}


async def test_edges_are_those_people_state_and_those_texts_write(stores: Stores) -> None:
    old, new, other = [await stores.add(number) for number in (1, 2, 3)]
    relation = await stores.relate(new, LinkKind.SUPERSEDES, old)
    await stores.relate(new, LinkKind.SUPERSEDES, old)
    await stores.relate(new, LinkKind.AMENDS, other, "Context")
    await stores.store.replace_links(
        old.id,
        [
            WrittenLink(LinkKind.SUPERSEDED_BY, "ADR-2", new.id),
            WrittenLink(LinkKind.RELATES_TO, "ADR-3", other.id),
            WrittenLink(LinkKind.RELATES_TO, "ADR-9"),
        ],
    )
    superseding = Edge(new.id, LinkKind.SUPERSEDES, old.id)
    found = await stores.store.list_edges([old.id], kind=LinkKind.SUPERSEDES)
    assert {(e.relation_id, e.in_text) for e in found} == {(relation.id, False), (None, True)}
    assert merge_edges(found) == [replace(superseding, relation_id=relation.id, in_text=True)]
    assert len(await stores.store.list_edges([old.id])) == 3
    assert {e.kind for e in await stores.store.list_edges([other.id])} == {LinkKind.AMENDS, LinkKind.RELATES_TO}
    assert {e.target_id for e in await stores.store.list_edges_from([new.id], LinkKind.SUPERSEDES)} == {old.id}
    assert await stores.store.list_edges_from([old.id], LinkKind.SUPERSEDES) == []
    assert await stores.store.get_relation(relation.id) == relation
    await stores.store.hold_relations()
    await stores.store.remove_relation(relation.id)
    assert await stores.store.get_relation(relation.id) is None
    assert len(await stores.store.list_edges([old.id], kind=LinkKind.SUPERSEDES)) == 1


async def test_the_latest_decided_comes_first(stores: Stores) -> None:
    made = [await stores.add(number) for number in (1, 2, 3)]
    latest = [decision.id for decision in reversed(made)]
    log_id = made[0].log_id
    assert await stores.store.list_latest([log_id], 10) == latest
    assert await stores.store.list_latest([], 2) == latest[:2]
    await stores.store.set_deleted(made[2].id, NOW)
    assert await stores.store.list_latest([log_id], 10) == latest[1:]
    assert await stores.store.list_latest([uuid7()], 10) == []


async def test_a_stated_relation_is_among_the_links_once(stores: Stores) -> None:
    old, new = await stores.add(1, Status.SUPERSEDED), await stores.add(2)
    relation = await stores.relate(new, LinkKind.SUPERSEDES, old)
    _, backlinks = await stores.store.list_links(old.id)
    assert [(n.kind, n.target, n.relation_id) for n in backlinks] == [(LinkKind.SUPERSEDES, "", relation.id)]
    await stores.store.replace_links(old.id, [WrittenLink(LinkKind.SUPERSEDED_BY, "ADR-2", new.id)])
    await stores.store.replace_links(new.id, [WrittenLink(LinkKind.SUPERSEDES, "ADR-1", old.id)])
    links, backlinks = await stores.store.list_links(old.id)
    assert [(n.kind, n.target) for n in links] == [(LinkKind.SUPERSEDED_BY, "ADR-2")]
    assert backlinks == []
    [shown] = await stores.store.find_many([old.id])
    assert shown.successor is not None
    assert shown.successor.id == new.id


async def test_a_section_makes_no_successor_and_one_in_force_comes_first(stores: Stores) -> None:
    old = await stores.add(1, Status.SUPERSEDED)
    proposed, accepted = await stores.add(3, Status.PROPOSED), await stores.add(2)
    await stores.relate(accepted, LinkKind.SUPERSEDES, old, "Context")
    assert (await stores.store.find_many([old.id]))[0].successor is None
    await stores.relate(proposed, LinkKind.SUPERSEDES, old)
    await stores.relate(accepted, LinkKind.SUPERSEDES, old)
    successor = (await stores.store.find_many([old.id]))[0].successor
    assert successor is not None
    assert successor.id == accepted.id


async def test_statuses_are_told_where_they_changed(stores: Stores) -> None:
    made = await stores.add(1, Status.PROPOSED)
    for status in (Status.PROPOSED, Status.ACCEPTED, Status.ACCEPTED, Status.DEPRECATED):
        made = await stores.change(made, status)
    told = [(t.before, t.after, t.version) for t in await stores.store.list_statuses(made.id)]
    assert told == [
        (None, Status.PROPOSED, 1),
        (Status.PROPOSED, Status.ACCEPTED, 3),
        (Status.ACCEPTED, Status.DEPRECATED, 5),
    ]
    assert await stores.store.get_people(made.id) == People(stores.ada.id)


async def test_each_prefix_counts_by_itself_and_reservations_know_their_decision(stores: Stores) -> None:
    store, log = stores.store, stores.log
    assert [await store.take_number(log.id, "SEC"), await store.take_number(log.id, "SEC")] == [1, 2]
    assert await store.take_number(log.id) == 1
    await store.pass_number(log.id, 40, "SEC")
    await store.pass_number(log.id, 12, "SEC")
    await store.pass_number(log.id, 5, "NEW")
    assert [await store.take_number(log.id, prefix) for prefix in ("SEC", "NEW", "")] == [41, 6, 2]
    reserved = Reservation(uuid7(), log.id, "SEC", 41, stores.ada.id, "Ada", "branch", NOW)
    await store.add_reservation(reserved)
    assert await store.hold_reservation(log.id, "SEC", 41) == reserved
    assert await store.hold_reservation(log.id, "", 41) is None
    await stores.add(41)
    assert await store.list_reservations(log.id, 10) == [reserved]
    made = await stores.add(41, prefix="SEC")
    assert await store.list_reservations(log.id, 10) == [replace(reserved, decision_id=made.id)]
    assert (await store.find_many([made.id]))[0].ref == "SEC-0041"


def comment(made: DecisionSummary, who: Person, minutes: int, **fields: Any) -> Comment:
    defaults: dict[str, Any] = {"parent_id": None, "version": 1, "first_line": 1, "last_line": 1, "body": "Why?"}
    at = NOW + timedelta(minutes=minutes)
    return Comment(
        id=uuid7(), decision_id=made.id, author_id=who.id, author_name=who.name, created_at=at, **(defaults | fields)
    )


async def test_comments_read_back_and_are_resolved(stores: Stores) -> None:
    made = await stores.add(1)
    first = comment(made, stores.ada, 1)
    answer = comment(made, stores.grace, 2, parent_id=first.id)
    for each in (first, answer):
        await stores.comments.add_comment(each)
    assert await stores.comments.list_comments(made.id, 10) == [first, answer]
    assert await stores.comments.list_comments(made.id, 1) == [first]
    await stores.comments.set_resolved(first.id, NOW, "Grace")
    assert await stores.comments.get_comment(first.id) == replace(first, resolved_at=NOW, resolved_by="Grace")
    await stores.comments.set_resolved(first.id, None, "")
    assert await stores.comments.get_comment(first.id) == first
    assert await stores.comments.get_comment(uuid7()) is None


async def test_care_reads_back_with_its_watchers(stores: Stores) -> None:
    made = await stores.add(1)
    assert await stores.care.get_care(made.id) == Care()
    care = Care(owner=stores.grace, review_on=date(2026, 4, 1), every_months=6, reviewed_at=NOW)
    await stores.care.set_care(made.id, care)
    await stores.care.watch(made.id, stores.grace.id, 1, NOW)
    await stores.care.watch(made.id, stores.ada.id, 1, NOW)
    await stores.care.watch(made.id, stores.ada.id, 2, NOW)
    assert [p.id for p in (await stores.care.get_care(made.id)).watchers] == [
        p.id for p in await stores.care.list_people(10)
    ]
    await stores.care.unwatch(made.id, stores.grace.id)
    assert replace(await stores.care.get_care(made.id), watchers=()) == care
    assert (await stores.store.get_people(made.id)).owner_id == stores.grace.id


async def test_due_are_living_decisions_in_force_of_those_asked_for(stores: Stores) -> None:
    days = {1: -3, 2: -10, 3: 2, 4: 90, 5: -1, 6: -1}
    made: dict[int, UUID] = {}
    for number, offset in days.items():
        status = Status.SUPERSEDED if number == 5 else Status.ACCEPTED
        summary = await stores.add(number, status)
        made[number] = summary.id
        owner = stores.grace if number == 1 else None
        await stores.care.set_care(summary.id, Care(owner=owner, review_on=TODAY + timedelta(days=offset)))
    await stores.store.set_deleted(made[6], NOW)
    until = TODAY + timedelta(days=30)
    found = await stores.care.list_due(until, [], None, 10)
    assert [id_ for id_, _, _ in found] == [made[2], made[1], made[3]]
    assert found[1][2] == stores.grace.name
    assert [id_ for id_, _, _ in await stores.care.list_due(until, [], stores.ada.id, 10)] == [made[2], made[3]]
    assert [id_ for id_, _, _ in await stores.care.list_due(until, [], stores.grace.id, 10)] == [made[1]]
    assert await stores.care.list_due(until, [uuid7()], None, 10) == []
    awaiting = await stores.care.list_awaiting(stores.ada.id, AwaitingKind.REVIEW, today=TODAY, limit=10)
    assert [(id_, count) for id_, _, count in awaiting] == [(made[2], 10)]


async def test_what_awaits_a_person(stores: Stores) -> None:
    async def awaiting(who: Person, kind: AwaitingKind) -> list[tuple[UUID, int]]:
        rows = await stores.care.list_awaiting(who.id, kind, today=TODAY, limit=10)
        return [(id_, count) for id_, _, count in rows]

    proposed = await stores.add(1, Status.PROPOSED)
    assert await awaiting(stores.grace, AwaitingKind.APPROVAL) == []
    await stores.store.set_policy(stores.log.id, LogPolicy(required_approvals=2))
    assert await awaiting(stores.grace, AwaitingKind.APPROVAL) == [(proposed.id, 2)]
    assert await awaiting(stores.ada, AwaitingKind.APPROVAL) == []
    content = Content(proposed.title, Status.PROPOSED, "Text.")
    await stores.store.add_approval(
        Approval(uuid7(), proposed.id, 1, content.hash(), text_hash(content), stores.grace.id, "Grace", "", NOW)
    )
    assert await awaiting(stores.grace, AwaitingKind.APPROVAL) == []
    asked = comment(proposed, stores.grace, 1)
    await stores.comments.add_comment(asked)
    await stores.comments.add_comment(comment(proposed, stores.ada, 2, parent_id=asked.id))
    assert await awaiting(stores.ada, AwaitingKind.COMMENT) == [(proposed.id, 1)]
    assert await awaiting(stores.grace, AwaitingKind.COMMENT) == [(proposed.id, 1)]
    await stores.comments.set_resolved(asked.id, NOW, "Ada")
    assert await awaiting(stores.ada, AwaitingKind.COMMENT) == []
    await stores.care.watch(proposed.id, stores.grace.id, 1, NOW)
    assert await awaiting(stores.grace, AwaitingKind.CHANGE) == []
    await stores.change(await stores.change(proposed, Status.ACCEPTED), Status.DEPRECATED)
    assert await awaiting(stores.grace, AwaitingKind.CHANGE) == [(proposed.id, 2)]
    await stores.care.replace_feed(stores.grace.id, b"x" * 32, NOW)
    await stores.care.replace_feed(stores.grace.id, b"y" * 32, NOW)
