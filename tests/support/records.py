"""Records put into a store of either kind, without a use case in between."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cairn.decisions.domain import Content, DecisionSummary, Log, Status, Version
from cairn.decisions.domain.scopes import NO_SCOPE
from cairn.decisions.ports import DecisionStore
from cairn.kernel.ids import uuid7

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


async def add_log(store: DecisionStore, slug: str = "billing") -> Log:
    """Add a log."""
    log = Log(id=uuid7(), slug=slug, name=slug.title(), prefix="ADR")
    assert await store.add_log(log)
    return log


async def add_record(store: DecisionStore, log: Log, number: int | None, **fields: Any) -> DecisionSummary:
    """Add a decision with one version. `fields` are those of its content, and slug, source_path and source."""
    content = Content(
        title=fields.get("title", f"Decision {number}"),
        status=fields.get("status", Status.ACCEPTED),
        body=fields.get("body", "Text."),
        decided_on=fields.get("decided_on"),
        deciders=fields.get("deciders", ("Ada",)),
        tags=fields.get("tags", ()),
        status_text=fields.get("status_text", ""),
        scope=fields.get("scope", NO_SCOPE),
    )
    at = NOW + timedelta(minutes=number or 0)
    slug = fields.get("slug", f"decision-{number}")
    summary = DecisionSummary(
        id=uuid7(),
        log_id=log.id,
        log_slug=log.slug,
        number=number,
        slug=slug,
        ref=slug if number is None else f"{log.prefix}-{number:04d}",
        title=content.title,
        status=content.status,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        version=1,
        source_path=fields.get("source_path", ""),
        created_at=at,
        updated_at=at,
    )
    version = Version(
        id=uuid7(),
        decision_id=summary.id,
        version=1,
        content=content,
        author_id=UUID(int=7),
        author_name="Ada",
        message="Why not",
        created_at=at,
        content_hash=content.hash(),
        source=fields.get("source"),
    )
    await store.add_decision(summary, version)
    return summary
