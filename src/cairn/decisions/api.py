"""The facade of the decisions slice: what other slices may know of decisions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from protobuf.wkt import Timestamp

from cairn.decisions.domain import DecisionSummary, Status
from cairn.decisions.domain.comments import Remark
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCommentStore
from cairn.decisions.postgres.governance import PostgresScopeStore
from cairn.decisions.usecases.changes import DECISION_CHANGED, DECISION_DISCUSSED
from cairn.decisions.usecases.governance import find_governing_ids
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.platform.database import Connection

__all__ = [
    "DECISION_CHANGED",
    "DECISION_DISCUSSED",
    "DecisionSummary",
    "IndexableDecision",
    "Remark",
    "Status",
    "decision_ids",
    "governing_ids",
    "list_summaries",
    "read_discussions",
    "read_for_indexing",
    "status_from_proto",
    "summary_to_proto",
    "timestamp",
]

_REMARKS_MOST = 10_000
_STATUS_TO_PROTO = {
    Status.DRAFT: pb.Status.DRAFT,
    Status.PROPOSED: pb.Status.PROPOSED,
    Status.ACCEPTED: pb.Status.ACCEPTED,
    Status.REJECTED: pb.Status.REJECTED,
    Status.DEPRECATED: pb.Status.DEPRECATED,
    Status.SUPERSEDED: pb.Status.SUPERSEDED,
}
_STATUS_FROM_PROTO = {value: key for key, value in _STATUS_TO_PROTO.items()}


@dataclass(frozen=True, slots=True)
class IndexableDecision:
    """A decision's current text, for those who index or quote it. `body` is Markdown without title and metadata."""

    id: UUID
    log_id: UUID
    version: int
    title: str
    ref: str
    slug: str
    status: Status
    decided_on: date | None
    tags: tuple[str, ...]
    body: str


async def read_for_indexing(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, IndexableDecision]:
    """Return the current texts of decisions, without those that are gone, deleted or not the caller's to see."""
    return {
        summary.id: IndexableDecision(
            id=summary.id,
            log_id=summary.log_id,
            version=summary.version,
            title=summary.title,
            ref=summary.ref,
            slug=summary.slug,
            status=summary.status,
            decided_on=summary.decided_on,
            tags=summary.tags,
            body=body,
        )
        for summary, body in await PostgresDecisionStore(connection).list_texts(ids)
    }


async def read_discussions(connection: Connection, ids: Sequence[UUID]) -> list[Remark]:
    """Return what was said about decisions, the newest 10,000. It cannot be deleted before the transaction ends."""
    return await PostgresCommentStore(connection).hold_comments(ids, _REMARKS_MOST)


async def governing_ids(connection: Connection, names: Sequence[str]) -> list[UUID]:
    """Return the decisions, of any status, that bind what is named: paths in a repository, or components.

    Raises `InvalidArgument` for a path that leaves the repository.
    """
    return await find_governing_ids(
        PostgresDecisionStore(connection), PostgresScopeStore(connection), paths=names, components=names
    )


async def list_summaries(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, DecisionSummary]:
    """Return the living decisions among `ids` that the caller may see."""
    found = await PostgresDecisionStore(connection).find_many(ids)
    return {summary.id: summary for summary in found if summary.deleted_at is None}


async def decision_ids(connection: Connection) -> list[UUID]:
    """Return the ids of every living decision the caller may see, oldest first."""
    return await PostgresDecisionStore(connection).list_ids()


def timestamp(at: datetime | None) -> Timestamp | None:
    """Return a time as its wire form."""
    # Timestamp.from_datetime takes twice the time, and a list has fifty of them.
    return Timestamp(seconds=math.floor(at.timestamp()), nanos=at.microsecond * 1000) if at else None


def status_from_proto(status: pb.Status) -> Status | None:
    """Return the status a wire value names; None when it is unspecified."""
    return _STATUS_FROM_PROTO.get(status)


def status_to_proto(status: Status) -> pb.Status:
    """Return the wire value of a status."""
    return _STATUS_TO_PROTO[status]


def summary_to_proto(summary: DecisionSummary) -> pb.DecisionSummary:
    """Return a summary as its wire form."""
    successor = summary.successor
    return pb.DecisionSummary(
        id=str(summary.id),
        log_id=str(summary.log_id),
        log_slug=summary.log_slug,
        number=summary.number,
        ref=summary.ref,
        title=summary.title,
        status=status_to_proto(summary.status),
        decided_on=summary.decided_on.isoformat() if summary.decided_on else "",
        deciders=list(summary.deciders),
        tags=list(summary.tags),
        version=summary.version,
        updated_at=timestamp(summary.updated_at),
        successor=pb.Successor(id=str(successor.id), ref=successor.ref, title=successor.title) if successor else None,
    )
