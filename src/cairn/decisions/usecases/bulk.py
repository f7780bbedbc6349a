"""Editing many records at once, taking that back, and finding records by names they had."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from cairn.decisions.domain import (
    AmbiguousRef,
    DecisionNotFound,
    DecisionSummary,
    Version,
    check_content,
    parse_ref,
)
from cairn.decisions.domain.care import Person, check_rhythm
from cairn.decisions.domain.curation import BulkChange, BulkItem, Upkeep, edit_content, edit_upkeep, upkeep_of
from cairn.decisions.domain.lifecycle import Act, require_right
from cairn.decisions.formats.anchors import Section, find_section
from cairn.decisions.formats.globs import check_glob
from cairn.decisions.ports import DecisionStore, Held
from cairn.decisions.ports.care import CareStore
from cairn.decisions.ports.names import NameStore
from cairn.decisions.usecases.changes import Work, apply_change, hold_living, read_version, require
from cairn.decisions.usecases.review import list_people
from cairn.kernel.errors import Conflict, NotFound
from cairn.kernel.phrases import Phrase


@dataclass(frozen=True, slots=True)
class Bulk:
    """What an edit of many records works with, the people it may name among it."""

    work: Work
    care: CareStore
    people: Mapping[UUID, Person]


async def bulk_in(work: Work, care: CareStore) -> Bulk:
    """Return what an edit of many records needs; who the people are is read once for all of them."""
    return Bulk(work, care, {person.id: person for person in await list_people(care)})


def check_upkeep(bulk: Bulk, change: BulkChange) -> None:
    """Raise where the owner or the rhythm that a change names cannot be."""
    owner = change.owner.person_id if change.owner else None
    if owner is not None and owner not in bulk.people:
        raise NotFound(f"There is no person {owner} in your organisation.", field="owner_id")
    if change.review:
        check_rhythm(change.review.every_months)


async def edit_one(bulk: Bulk, *, decision_id: UUID, change: BulkChange, message: str) -> BulkItem | None:
    """Apply a bulk change to one record; None when there is nothing to change."""
    for pattern in change.add.paths:
        check_glob(pattern, field="add_scope")
    held = await hold_living(bulk.work.store, decision_id)
    content = check_content(edit_content(held.current.content, change))
    before = after = held.current.version
    if content.hash() != held.current.content_hash:
        after = (await apply_change(bulk.work, held, content, message)).version.version
    upkeep = await _edit_upkeep(bulk, held, change, version=after)
    return BulkItem(decision_id, before, after, upkeep) if after > before or upkeep else None


async def _edit_upkeep(bulk: Bulk, held: Held, change: BulkChange, *, version: int) -> tuple[Upkeep, Upkeep] | None:
    if not (change.owner or change.review):
        return None
    before = upkeep_of(await bulk.care.get_care(held.summary.id))
    after = edit_upkeep(before, change)
    if after == before:
        return None
    await _set_upkeep(bulk, held, after)
    if after.owner_id is not None and after.owner_id != before.owner_id:
        # Whoever looks after a record is told of its changes.
        await bulk.care.watch(held.summary.id, after.owner_id, version, bulk.work.clock())
    return before, after


async def _set_upkeep(bulk: Bulk, held: Held, upkeep: Upkeep) -> None:
    require_right(Act.CARE, bulk.work.caller, held.people)
    there = await bulk.care.get_care(held.summary.id)
    owner = bulk.people.get(upkeep.owner_id) if upkeep.owner_id else None
    changed = replace(there, owner=owner, review_on=upkeep.review_on, every_months=upkeep.every_months)
    await bulk.care.set_care(held.summary.id, changed)


async def undo_one(bulk: Bulk, item: BulkItem, message: str) -> int:
    """Give one record back the text, owner and review it had before a bulk edit.

    Raises `Conflict` when any of them was changed since.
    """
    work = bulk.work
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
    if item.upkeep:
        if upkeep_of(await bulk.care.get_care(item.decision_id)) != item.upkeep[1]:
            raise Conflict(
                Phrase("cared_since", "{ref} has another owner or review since. It stays as it is.", ref=summary.ref)
            )
        await _set_upkeep(bulk, held, item.upkeep[0])
    if item.version_after == item.version_before:
        return summary.version
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
