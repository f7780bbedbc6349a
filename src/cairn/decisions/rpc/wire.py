"""Decisions, versions and links in their wire form."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from cairn.decisions.api import status_from_proto, status_to_proto, summary_to_proto, timestamp
from cairn.decisions.domain import Content, Decision, LinkKind, Neighbour, StaleEdit, Version
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.rpc.scopes import scope_from_proto, scope_to_proto
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller

# A link as its writer words it, and as it is seen from the other end.
LINK_KINDS = {
    LinkKind.RELATES_TO: (pb.LinkKind.RELATES_TO, pb.LinkKind.RELATES_TO),
    LinkKind.SUPERSEDES: (pb.LinkKind.SUPERSEDES, pb.LinkKind.SUPERSEDED_BY),
    LinkKind.AMENDS: (pb.LinkKind.AMENDS, pb.LinkKind.AMENDED_BY),
    LinkKind.DEPENDS_ON: (pb.LinkKind.DEPENDS_ON, pb.LinkKind.REQUIRED_BY),
    LinkKind.SUPERSEDED_BY: (pb.LinkKind.SUPERSEDED_BY, pb.LinkKind.SUPERSEDES),
    LinkKind.AMENDED_BY: (pb.LinkKind.AMENDED_BY, pb.LinkKind.AMENDS),
    LinkKind.CONFLICTS_WITH: (pb.LinkKind.CONFLICTS_WITH, pb.LinkKind.CONFLICTS_WITH),
    LinkKind.IMPLEMENTS: (pb.LinkKind.IMPLEMENTS, pb.LinkKind.IMPLEMENTED_BY),
}


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def stale_edits_with_texts(database: Database, decision_id: UUID) -> AsyncGenerator[None]:
    """Send the refusal of a stale edit with both texts: the one it started from and the current one.

    The transaction inside has rolled back by then, so the texts are read in one of their own.
    """
    try:
        yield
    except StaleEdit as error:
        async with database.transaction(current_caller()) as connection:
            store = PostgresDecisionStore(connection)
            base = await store.get_version(decision_id, error.expected)
            current = await store.get_version(decision_id, error.current)
        detail = pb.StaleEditDetail(
            base=version_to_proto(base) if base else None, current=version_to_proto(current) if current else None
        )
        raise ConnectError(Code.ABORTED, error.message, details=[detail]) from error


def content_from_proto(content: pb.Content | None) -> Content:
    """Return what an author sent. Raises `InvalidArgument` that names the field."""
    if content is None:
        raise InvalidArgument("Send the content: a title, a status and a body.", field="content")
    status = status_from_proto(content.status)
    if status is None:
        raise InvalidArgument("Choose a status, for example proposed.", field="content.status")
    return Content(
        title=content.title,
        status=status,
        body=content.body,
        decided_on=date_from_proto(content.decided_on),
        deciders=tuple(content.deciders),
        tags=tuple(content.tags),
        scope=scope_from_proto(content.scope),
    )


def text_to_find(text: str) -> str:
    """Return the words that titles or references are to contain. Raises `InvalidArgument`."""
    if "\x00" in text or len(text) > 1000:  # noqa: PLR2004 - as the message says.
        raise InvalidArgument(
            Phrase("words_long", "The words to look for have at most 1,000 characters and no NUL."), field="text"
        )
    return text.strip()


def date_from_proto(text: str, field: str = "content.decided_on") -> date | None:
    """Return an ISO 8601 date, None for the empty one. Raises `InvalidArgument`."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = Phrase("date_form", "'{text}' is not a date. Write it like 2026-03-14.", text=text[:40])
        raise InvalidArgument(message, field=field) from error


def decision_to_proto(decision: Decision) -> pb.Decision:
    """Return a decision in its wire form."""
    summary, version = decision.summary, decision.current
    return pb.Decision(
        summary=summary_to_proto(summary),
        body=version.content.body,
        status_text=version.content.status_text,
        content_hash=version.content_hash.hex(),
        author_name=version.author_name,
        created_at=timestamp(summary.created_at),
        deleted_at=timestamp(summary.deleted_at),
        source_path=summary.source_path,
        links=[link_to_proto(neighbour, 0) for neighbour in decision.links],
        backlinks=[link_to_proto(neighbour, 1) for neighbour in decision.backlinks],
        scope=scope_to_proto(version.content.scope),
    )


def link_to_proto(neighbour: Neighbour, direction: int) -> pb.Link:
    """Return a link in its wire form; `direction` is 0 at its writer and 1 at the other end."""
    return pb.Link(
        kind=LINK_KINDS[neighbour.kind][direction],
        target=neighbour.target,
        decision=summary_to_proto(neighbour.decision) if neighbour.decision else None,
        section=neighbour.section,
        relation_id=str(neighbour.relation_id or ""),
    )


def version_to_proto(version: Version) -> pb.Version:
    """Return a version in its wire form."""
    content = version.content
    return pb.Version(
        id=str(version.id),
        decision_id=str(version.decision_id),
        version=version.version,
        title=content.title,
        status=status_to_proto(content.status),
        status_text=content.status_text,
        decided_on=content.decided_on.isoformat() if content.decided_on else "",
        deciders=list(content.deciders),
        tags=list(content.tags),
        body=content.body,
        content_hash=version.content_hash.hex(),
        author_name=version.author_name,
        message=version.message,
        created_at=timestamp(version.created_at),
        scope=scope_to_proto(content.scope),
    )
