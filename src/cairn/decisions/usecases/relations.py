"""Relations between decisions: stating them, taking them back, and what a supersession does."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, LinkKind
from cairn.decisions.domain.lifecycle import Act, require_right
from cairn.decisions.domain.relations import (
    ACYCLIC,
    SYMMETRIC,
    Edge,
    Relation,
    RelationCycle,
    ShownRelation,
    check_relation,
    find_path,
    merge_edges,
)
from cairn.decisions.ports import DecisionStore
from cairn.decisions.usecases.changes import Work, lock_living, require, settle
from cairn.decisions.usecases.governance import choose_logs
from cairn.kernel.errors import FailedPrecondition, NotFound
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase

# A chain of relations longer than this is not followed; no log comes near it.
_FOLLOWED_MOST = 20_000
# More than this nobody sees at once, and one answer should stay below 2 MB.
GRAPH_MOST = 5_000


async def list_relations(store: DecisionStore, decision_id: UUID) -> list[ShownRelation]:
    """Return every edge at a decision once, whoever says it, with the living decisions at its ends."""
    edges = merge_edges(await store.list_edges([decision_id]))
    ends = {end for edge in edges for end in (edge.source_id, edge.target_id)}
    found = {s.id: s for s in await store.find_many(list(ends)) if s.deleted_at is None} if ends else {}
    return [
        ShownRelation(edge, found[edge.source_id], found[edge.target_id])
        for edge in edges
        if edge.source_id in found and edge.target_id in found
    ]


@dataclass(frozen=True, slots=True)
class Graph:
    """Living decisions, the oldest first, and the edges between them, each once."""

    decisions: list[DecisionSummary]
    edges: list[Edge]
    truncated: bool


async def read_graph(store: DecisionStore, *, log_slugs: Sequence[str]) -> Graph:
    """Return the decisions of logs, of all where none is named, and how they stand to each other."""
    logs = await choose_logs(store, log_slugs)
    latest = await store.list_latest([log.id for log in logs] if log_slugs else [], GRAPH_MOST + 1)
    ids = latest[:GRAPH_MOST][::-1]
    found = {summary.id: summary for summary in await store.find_many(ids)} if ids else {}
    edges = merge_edges(await store.list_edges(ids)) if ids else []
    return Graph(
        [found[id_] for id_ in ids if id_ in found],
        [edge for edge in edges if edge.source_id in found and edge.target_id in found],
        truncated=len(latest) > GRAPH_MOST,
    )


async def relate_decisions(
    work: Work, *, source_id: UUID, kind: LinkKind, target_id: UUID, section: str
) -> tuple[ShownRelation, list[DecisionSummary]]:
    """State a relation; return it and the decisions whose status changed with it.

    A supersession takes effect when the source is accepted: at once if it is. Stating a relation that is there, in
    whoever's words, changes nothing. Raises `RelationCycle` with the path.
    """
    store = work.store
    section = check_relation(source_id, kind, target_id, section)
    await store.hold_relations()
    await lock_living(store, source_id)
    target = await require(store, target_id)
    if target.deleted_at is not None:
        raise FailedPrecondition(
            Phrase("target_deleted", "{ref} is deleted. Restore it first.", ref=target.ref), field="target_id"
        )
    require_right(Act.RELATE, work.caller, await store.get_people(source_id))
    if _find(await list_relations(store, source_id), source_id, kind, target_id, section) is None:
        if kind in ACYCLIC:
            await _refuse_cycle(store, source_id, kind, target_id)
        relation = Relation(
            id=uuid7(),
            source_id=source_id,
            kind=kind,
            target_id=target_id,
            section=section,
            person_id=work.caller.person_id,
            person_name=work.caller.person_name,
            created_at=work.clock(),
        )
        await store.add_relation(relation)
    changed = await settle(work, [target_id]) if kind is LinkKind.SUPERSEDES and not section else []
    shown = _find(await list_relations(store, source_id), source_id, kind, target_id, section)
    if shown is None:
        raise NotFound(Phrase("one_went", "One of the two decisions went while they were being related."))
    return shown, changed


def _find(
    relations: list[ShownRelation], source_id: UUID, kind: LinkKind, target_id: UUID, section: str
) -> ShownRelation | None:
    for relation in relations:
        edge = relation.edge
        ends = {(edge.source_id, edge.target_id)}
        if kind in SYMMETRIC:
            ends.add((edge.target_id, edge.source_id))
        if edge.kind is kind and edge.section == section and (source_id, target_id) in ends:
            return relation
    return None


async def _refuse_cycle(store: DecisionStore, source_id: UUID, kind: LinkKind, target_id: UUID) -> None:
    """Raise `RelationCycle` when the target already leads back to the source."""
    following: dict[UUID, list[UUID]] = {}
    frontier = [target_id]
    while frontier and source_id not in following and len(following) < _FOLLOWED_MOST:
        edges: list[Edge] = await store.list_edges_from(frontier, kind)
        for id_ in frontier:
            following[id_] = []
        for edge in edges:
            following[edge.source_id].append(edge.target_id)
        frontier = sorted({edge.target_id for edge in edges} - following.keys())
    path = find_path(following, target_id, source_id)
    if path:
        known = {s.id: s.ref for s in await store.find_many(path)}
        raise RelationCycle(kind, [known.get(id_, str(id_)) for id_ in [source_id, *path]])


async def unrelate_decisions(work: Work, *, relation_id: UUID) -> list[DecisionSummary]:
    """Take a stated relation back, and return the decisions whose status changed with it.

    A decision that nothing else supersedes gets back the status it had.
    """
    store = work.store
    await store.hold_relations()
    relation = await store.get_relation(relation_id)
    if relation is None:
        message = f"There is no stated relation {relation_id} here. One that a text states goes when the text changes."
        raise NotFound(message, field="relation_id")
    await require(store, relation.source_id)
    require_right(Act.RELATE, work.caller, await store.get_people(relation.source_id))
    await store.remove_relation(relation_id)
    return await settle(work, [relation.target_id]) if relation.kind is LinkKind.SUPERSEDES else []
