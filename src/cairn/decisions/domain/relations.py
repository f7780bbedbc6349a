"""Relations between decisions, and what a supersession does to the one that is superseded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, LinkKind, Status
from cairn.decisions.domain.lifecycle import IN_FORCE_ONCE
from cairn.kernel.errors import FailedPrecondition, InvalidArgument
from cairn.kernel.phrases import Phrase

SECTION_MOST = 500

# A circle of these would mean that a decision replaces, changes, needs or carries out itself.
ACYCLIC = frozenset({LinkKind.SUPERSEDES, LinkKind.AMENDS, LinkKind.DEPENDS_ON, LinkKind.IMPLEMENTS})
SYMMETRIC = frozenset({LinkKind.RELATES_TO, LinkKind.CONFLICTS_WITH})
_SECTIONED = frozenset({LinkKind.SUPERSEDES, LinkKind.AMENDS})
# What was never in force cannot lose it: a draft or a proposal keeps its status, and so does a rejected one.
_SUPERSEDABLE = frozenset({Status.ACCEPTED, Status.DEPRECATED})


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation, from the one that acts to the one acted upon, whoever says it.

    `section` narrows it to a heading of the target. `relation_id` is set when a person stated it, `in_text` when the
    text of either end does.
    """

    source_id: UUID
    kind: LinkKind
    target_id: UUID
    section: str = ""
    relation_id: UUID | None = None
    in_text: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that a person states."""

    id: UUID
    source_id: UUID
    kind: LinkKind
    target_id: UUID
    section: str
    person_id: UUID
    person_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ShownRelation:
    """An edge with the decisions at its ends."""

    edge: Edge
    source: DecisionSummary
    target: DecisionSummary

    @property
    def in_force(self) -> bool:
        """Whether a supersession holds."""
        return supersedes(self.edge, self.source.status, whole=False)


class RelationCycle(FailedPrecondition):
    """The relation would close a circle."""

    def __init__(self, kind: LinkKind, path: Sequence[str]) -> None:
        word = f" {kind.value.replace('_', ' ')} "
        super().__init__(
            f"This would close a circle: {word.join(path)}. Take one of these relations back first.", field="target_id"
        )


def turn_edge(writer_id: UUID, kind: LinkKind, other_id: UUID) -> Edge:
    """Return a link of a text as an edge: "superseded by" is the other one's "supersedes"."""
    forward = {LinkKind.SUPERSEDED_BY: LinkKind.SUPERSEDES, LinkKind.AMENDED_BY: LinkKind.AMENDS}.get(kind)
    if forward is not None:
        return Edge(other_id, forward, writer_id, in_text=True)
    return Edge(writer_id, kind, other_id, in_text=True)


def merge_edges(edges: Iterable[Edge]) -> list[Edge]:
    """Return each edge once, however many say it, in the order they were first said."""
    merged: dict[tuple[object, ...], Edge] = {}
    for edge in edges:
        ends: object = (edge.source_id, edge.target_id)
        if edge.kind in SYMMETRIC:
            ends = frozenset((edge.source_id, edge.target_id))
        key = (edge.kind, ends, edge.section)
        there = merged.get(key)
        if there is None:
            merged[key] = edge
        else:
            merged[key] = Edge(
                there.source_id,
                there.kind,
                there.target_id,
                there.section,
                there.relation_id or edge.relation_id,
                there.in_text or edge.in_text,
            )
    return list(merged.values())


def check_relation(source_id: UUID, kind: LinkKind, target_id: UUID, section: str) -> str:
    """Return the section trimmed. Raises `InvalidArgument` when such a relation makes no sense."""
    if source_id == target_id:
        raise InvalidArgument(
            Phrase("relation_to_itself", "A decision has no relation to itself. Name another one."), field="target_id"
        )
    if kind in {LinkKind.SUPERSEDED_BY, LinkKind.AMENDED_BY}:
        raise InvalidArgument(
            Phrase("relation_other_end", "State it from the other end: the newer decision supersedes or amends."),
            field="kind",
        )
    section = " ".join(section.lstrip("#").split())
    if section and kind not in _SECTIONED:
        raise InvalidArgument(
            Phrase("relation_section", "Only a supersession or an amendment can be of one section."), field="section"
        )
    if len(section) > SECTION_MOST or "\x00" in section:
        raise InvalidArgument(
            Phrase("heading_long", "A heading has at most {most} characters.", most=SECTION_MOST), field="section"
        )
    return section


def find_path(edges: Mapping[UUID, Sequence[UUID]], start: UUID, goal: UUID) -> list[UUID]:
    """Return the shortest way from `start` to `goal` along `edges`, both ends included; empty when there is none."""
    came_from: dict[UUID, UUID] = {}
    seen = {start}
    frontier = [start]
    while frontier:
        if goal in seen:
            path = [goal]
            while path[-1] != start:
                path.append(came_from[path[-1]])
            return path[::-1]
        following: list[UUID] = []
        for node in frontier:
            for neighbour in edges.get(node, ()):
                if neighbour not in seen:
                    seen.add(neighbour)
                    came_from[neighbour] = node
                    following.append(neighbour)
        frontier = following
    return []


def supersedes(edge: Edge, source_status: Status, *, whole: bool = True) -> bool:
    """Tell whether an edge supersedes its target now. With `whole`, one section is not enough."""
    return edge.kind is LinkKind.SUPERSEDES and source_status in IN_FORCE_ONCE and not (whole and edge.section)


def settle_status(current: Status, earlier: Iterable[Status], *, superseded: bool) -> Status:
    """Return the status a decision has when it is, or is no longer, superseded.

    `earlier` are the statuses of its versions, newest first: the one it had before is the one it gets back.
    """
    if superseded:
        return Status.SUPERSEDED if current in _SUPERSEDABLE else current
    if current is Status.SUPERSEDED:
        return next((status for status in earlier if status is not Status.SUPERSEDED), current)
    return current
