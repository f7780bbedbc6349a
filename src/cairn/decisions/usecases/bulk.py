"""Editing many records at once, taking that back, and finding records by names they had."""

from dataclasses import dataclass
from uuid import UUID

from cairn.decisions.domain import (
    AmbiguousRef,
    DecisionNotFound,
    DecisionSummary,
    Version,
    check_content,
    parse_ref,
)
from cairn.decisions.domain.curation import BulkChange, BulkItem, edit_content
from cairn.decisions.formats.anchors import Section, find_section
from cairn.decisions.formats.globs import check_glob
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.names import NameStore
from cairn.decisions.usecases.changes import Work, apply_change, hold_living, read_version, require
from cairn.kernel.errors import Conflict
from cairn.kernel.phrases import Phrase


async def edit_one(work: Work, *, decision_id: UUID, change: BulkChange, message: str) -> BulkItem | None:
    """Apply a bulk change to one record; None when there is nothing to change."""
    for pattern in change.add.paths:
        check_glob(pattern, field="add_scope")
    held = await hold_living(work.store, decision_id)
    content = check_content(edit_content(held.current.content, change))
    if content.hash() == held.current.content_hash:
        return None
    applied = await apply_change(work, held, content, message)
    return BulkItem(decision_id, held.current.version, applied.version.version)


async def undo_one(work: Work, item: BulkItem, message: str) -> int:
    """Give one record back the text it had before a bulk edit. Raises `Conflict` when it was changed since."""
    held = await hold_living(work.store, item.decision_id)
    summary = held.summary
    if summary.version != item.version_after:
        raise Conflict(
            Phrase(
                "changed_since",
                "{ref} was changed since, in version {version}. It stays as it is.",
                ref=summary.ref,
                version=summary.version,
            )
        )
    before: Version = await read_version(work.store, item.decision_id, item.version_before)
    # The text is the file's again, so its bytes come back with it.
    return (await apply_change(work, held, before.content, message, source=before.source)).version.version


@dataclass(frozen=True, slots=True)
class Resolved:
    """The decision a name means, whether it had that name before, and the section an anchor means."""

    decision: DecisionSummary
    former: bool
    section: Section | None


async def resolve_name(store: DecisionStore, names: NameStore, *, name: str, log_slug: str, anchor: str) -> Resolved:
    """Find a decision by what it is or was called. Raises `DecisionNotFound` or `AmbiguousRef`."""
    asked = name.strip()
    found = [] if "/" in asked or asked.endswith(".md") else await store.find(parse_ref(asked, log_slug))
    former = False
    if not found:
        logs = [log for log in await store.list_logs() if log_slug in {"", log.slug}]
        by_path = [await store.find_by_source(log.id, asked) for log in logs]
        found = [summary for summary in by_path if summary is not None and summary.deleted_at is None]
    if not found and "/" in asked and not asked.endswith(".md"):
        found = await store.find(parse_ref(asked, log_slug))
    if not found:
        ids = await names.find_former_name(asked, [log_slug] if log_slug else [])
        found = [await require(store, id_) for id_ in ids]
        former = bool(found)
    if not found:
        raise DecisionNotFound(name)
    if len(found) > 1:
        raise AmbiguousRef(name, found)
    section = None
    if anchor:
        version = await read_version(store, found[0].id, found[0].version)
        section = find_section(version.content.body, anchor)
    return Resolved(found[0], former, section)
