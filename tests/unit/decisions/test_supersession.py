"""The algebra of supersession: one edge, in force with its source, undone without a trace."""

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fakes.decision_store import MemoryDecisionStore, MemoryEvents

from cairn.decisions.domain import Content, LinkKind, Status
from cairn.decisions.domain.lifecycle import IN_FORCE_ONCE
from cairn.decisions.domain.relations import RelationCycle, find_path, merge_edges, settle_status, turn_edge
from cairn.decisions.usecases import lifecycle, records, relations
from cairn.decisions.usecases.changes import Work
from cairn.kernel.errors import CairnError, InvalidArgument
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7

Result = TypeVar("Result")
CALLER = Caller(UUID(int=1), UUID(int=2), "Ada", Role.ADMIN)
STEPS = ("supersede", "partly", "unrelate", "accept", "reopen", "deprecate", "reject", "delete", "restore", "edit")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(coroutine)


class World:
    """A log with some proposed decisions, in memory."""

    def __init__(self, count: int) -> None:
        self.store = MemoryDecisionStore()
        self.work = Work(self.store, MemoryEvents(), lambda: datetime.now(UTC), CALLER)
        self.ids: list[UUID] = []
        self.count = count

    async def build(self) -> None:
        log = await records.create_log(self.store, slug="log", name="Log", prefix="ADR")
        for number in range(self.count):
            content = Content(title=f"Decision {number}", status=Status.PROPOSED, body=f"Text {number}.")
            made = await records.create_decision(
                self.store, self.work.events, self.work.clock, CALLER, log_id=log.id, content=content, message=""
            )
            self.ids.append(made.summary.id)

    async def relate(self, source: int, target: int, section: str = "") -> UUID | None:
        shown, _ = await relations.relate_decisions(
            self.work,
            source_id=self.ids[source],
            kind=LinkKind.SUPERSEDES,
            target_id=self.ids[target],
            section=section,
        )
        return shown.edge.relation_id

    async def move(self, which: int, status: Status) -> None:
        await lifecycle.transition_decision(
            self.work, decision_id=self.ids[which], status=status, expected_version=0, message=""
        )

    def status(self, which: int) -> Status:
        return self.store.decisions[self.ids[which]].status

    async def do(self, step: str, one: int, two: int) -> None:
        moves = {
            "accept": Status.ACCEPTED,
            "reopen": Status.PROPOSED,
            "deprecate": Status.DEPRECATED,
            "reject": Status.REJECTED,
        }
        if step in moves:
            await self.move(one, moves[step])
        elif step == "supersede":
            await self.relate(one, two)
        elif step == "partly":
            await self.relate(one, two, "Context")
        elif step == "unrelate":
            for relation in list(self.store.relations.values()):
                if (relation.source_id, relation.target_id) == (self.ids[one], self.ids[two]):
                    await relations.unrelate_decisions(self.work, relation_id=relation.id)
        elif step in {"delete", "restore"}:
            change = records.delete_decision if step == "delete" else records.restore_decision
            await change(self.store, self.work.events, self.work.clock, CALLER, decision_id=self.ids[one])
        else:
            current = await records.get_decision(self.store, str(self.ids[one]))
            changed = Content(current.summary.title, current.summary.status, current.current.content.body + "!")
            await records.update_decision(
                self.store,
                self.work.events,
                self.work.clock,
                CALLER,
                decision_id=self.ids[one],
                expected_version=current.summary.version,
                content=changed,
                message="",
            )

    def check(self) -> None:
        """A living decision that was accepted is superseded if and only if one in force supersedes it whole."""
        decisions = self.store.decisions
        for id_, decision in decisions.items():
            if decision.deleted_at is not None:
                continue
            over = any(
                relation.target_id == id_
                and not relation.section
                and decisions[relation.source_id].deleted_at is None
                and decisions[relation.source_id].status in IN_FORCE_ONCE
                for relation in self.store.relations.values()
            )
            if decision.status in {Status.ACCEPTED, Status.DEPRECATED, Status.SUPERSEDED}:
                assert (decision.status is Status.SUPERSEDED) == over, decision.ref
            current = self.store.versions[id_, decision.version]
            assert current.content.status is decision.status


async def world(count: int) -> World:
    made = World(count)
    await made.build()
    return made


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 3)), max_size=25))
def test_whatever_happens_the_status_tells_what_the_edges_say(steps: list[tuple[str, int, int]]) -> None:
    async def play() -> None:
        made = await world(4)
        for step, one, two in steps:
            try:
                await made.do(step, one, two)
            except CairnError:
                continue  # A refusal changes nothing, which the check below sees.
            finally:
                made.check()

    run(play())


@settings(max_examples=60, deadline=None)
@given(st.permutations(["accept new", "accept old", "relate"]))
def test_the_order_of_acceptance_and_statement_does_not_matter(order: list[str]) -> None:
    async def play() -> list[Status]:
        made = await world(2)
        for step in order:
            if step == "relate":
                await made.relate(1, 0)
            else:
                await made.move(1 if step == "accept new" else 0, Status.ACCEPTED)
        return [made.status(0), made.status(1)]

    assert run(play()) == [Status.SUPERSEDED, Status.ACCEPTED]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([Status.ACCEPTED, Status.DEPRECATED]), st.integers(1, 3))
def test_undoing_gives_back_what_was_there(status: Status, times: int) -> None:
    async def play() -> None:
        made = await world(2)
        await made.move(0, Status.ACCEPTED)
        if status is not Status.ACCEPTED:
            await made.move(0, status)
        await made.move(1, Status.ACCEPTED)
        before = await records.get_decision(made.store, str(made.ids[0]))
        for _ in range(times):
            relation_id = await made.relate(1, 0)
            assert made.status(0) is Status.SUPERSEDED
            assert relation_id is not None
            changed = await relations.unrelate_decisions(made.work, relation_id=relation_id)
            assert [c.id for c in changed] == [made.ids[0]]
        after = await records.get_decision(made.store, str(made.ids[0]))
        assert after.current.content == before.current.content
        assert after.current.content_hash == before.current.content_hash
        assert not after.links
        assert not after.backlinks

    run(play())


async def test_one_of_two_successors_is_enough() -> None:
    made = await world(3)
    for which in range(3):
        await made.move(which, Status.ACCEPTED)
    first, second = await made.relate(1, 0), await made.relate(2, 0)
    assert first
    assert second
    await relations.unrelate_decisions(made.work, relation_id=first)
    assert made.status(0) is Status.SUPERSEDED
    await relations.unrelate_decisions(made.work, relation_id=second)
    assert made.status(0) is Status.ACCEPTED


async def test_a_section_leaves_the_rest_in_force() -> None:
    made = await world(2)
    for which in range(2):
        await made.move(which, Status.ACCEPTED)
    await made.relate(1, 0, "## Decision  outcome")
    assert made.status(0) is Status.ACCEPTED
    [shown] = await relations.list_relations(made.store, made.ids[0])
    assert (shown.edge.section, shown.in_force) == ("Decision outcome", True)


async def test_the_edge_is_the_same_from_both_ends_and_whoever_says_it() -> None:
    made = await world(2)
    await made.relate(1, 0)
    current = await records.get_decision(made.store, str(made.ids[0]))
    content = Content(current.summary.title, current.summary.status, "Superseded by ADR-0002.")
    await records.update_decision(
        made.store, made.work.events, made.work.clock, CALLER,
        decision_id=made.ids[0], expected_version=1, content=content, message="",
    )  # fmt: skip
    ends = [await relations.list_relations(made.store, id_) for id_ in made.ids]
    assert [len(end) for end in ends] == [1, 1]
    assert ends[0][0].edge == ends[1][0].edge
    assert ends[0][0].edge.in_text
    assert ends[0][0].edge.relation_id is not None
    for id_ in made.ids:
        seen = await records.get_decision(made.store, str(id_))
        assert len(seen.links) + len(seen.backlinks) == 1


@pytest.mark.parametrize("kind", [LinkKind.SUPERSEDES, LinkKind.AMENDS, LinkKind.DEPENDS_ON, LinkKind.IMPLEMENTS])
async def test_a_circle_is_refused_with_the_path(kind: LinkKind) -> None:
    made = await world(4)

    async def state(source: int, target: int) -> None:
        await relations.relate_decisions(
            made.work, source_id=made.ids[source], kind=kind, target_id=made.ids[target], section=""
        )

    await state(1, 0)
    await state(2, 1)
    await state(3, 2)
    word = kind.value.replace("_", " ")
    with pytest.raises(RelationCycle) as caught:
        await state(0, 3)
    path = f" {word} ".join(["ADR-0001", "ADR-0004", "ADR-0003", "ADR-0002", "ADR-0001"])
    assert path in caught.value.message
    assert len(made.store.relations) == 3
    with pytest.raises(InvalidArgument):
        await state(0, 0)


async def test_a_relation_without_direction_is_stated_once() -> None:
    made = await world(2)
    for source, target in ((0, 1), (1, 0)):
        await relations.relate_decisions(
            made.work,
            source_id=made.ids[source],
            kind=LinkKind.CONFLICTS_WITH,
            target_id=made.ids[target],
            section="",
        )
    assert len(made.store.relations) == 1


EDGES = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4), max_size=8)


@given(EDGES, st.integers(0, 7), st.integers(0, 7))
def test_a_path_is_found_if_and_only_if_there_is_one(edges: dict[int, list[int]], start: int, goal: int) -> None:
    graph = {UUID(int=node): [UUID(int=n) for n in found] for node, found in edges.items()}
    reachable = {UUID(int=start)}
    for _ in range(8):
        reachable |= {n for node in reachable for n in graph.get(node, ())}
    path = find_path(graph, UUID(int=start), UUID(int=goal))
    assert bool(path) == (UUID(int=goal) in reachable)
    if path:
        assert (path[0], path[-1]) == (UUID(int=start), UUID(int=goal))
        assert all(after in graph[before] for before, after in itertools.pairwise(path))
        assert len(set(path)) == len(path)


@given(st.sampled_from(Status), st.lists(st.sampled_from(Status), max_size=5))
def test_settling_twice_is_settling_once(current: Status, earlier: list[Status]) -> None:
    for superseded in (True, False):
        once = settle_status(current, earlier, superseded=superseded)
        assert settle_status(once, [current, *earlier], superseded=superseded) in {once, current}
        assert superseded or once is not Status.SUPERSEDED or current is Status.SUPERSEDED


def test_both_wordings_of_a_text_are_one_edge() -> None:
    old, new = uuid7(), uuid7()
    said = [turn_edge(old, LinkKind.SUPERSEDED_BY, new), turn_edge(new, LinkKind.SUPERSEDES, old)]
    assert len(merge_edges(said)) == 1
    apart = [turn_edge(old, LinkKind.RELATES_TO, new), turn_edge(new, LinkKind.RELATES_TO, old)]
    assert len(merge_edges(apart)) == 1
