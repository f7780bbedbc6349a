"""The text of a decision over time: comparing, blame, rolling back, and what people say of it."""

from dataclasses import dataclass, replace
from uuid import UUID

from cairn.decisions.domain import Content, Decision, StaleEdit, Status, Version, check_content
from cairn.decisions.domain.comments import (
    Comment,
    CommentNotFound,
    PlacedComment,
    check_comment,
    check_lines,
)
from cairn.decisions.domain.diffing import (
    Hunk,
    Place,
    advance_blame,
    diff_texts,
    follow_lines,
    heading_above,
    section_lines,
    split_lines,
)
from cairn.decisions.domain.lifecycle import Act, require_right
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.care import CommentStore, Offload
from cairn.decisions.usecases.changes import DECISION_DISCUSSED, Work, apply_change, hold_living, read_version, require
from cairn.decisions.usecases.records import get_decision
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.events import NewEvent
from cairn.kernel.ids import uuid7

CONTEXT_USUAL = 3
CONTEXT_MOST = 100_000
# Older versions count as one: what a line was before the latest thousand edits is told by the oldest of them.
_BLAMED_MOST = 1_000
_COMMENTS_MOST = 1_000


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs between two versions, as people read it."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions. `new_version` is 0 for a text that is not saved."""

    old_version: int
    new_version: int
    fields: tuple[FieldChange, ...]
    hunks: tuple[Hunk, ...]


async def compare_versions(
    store: DecisionStore,
    offload: Offload,
    *,
    decision_id: UUID,
    old_version: int,
    new_version: int,
    draft: Content | None = None,
    context: int = CONTEXT_USUAL,
) -> Comparison:
    """Compare any two versions, or a version with a text that is not saved.

    A new version of 0 is the current one; an old one of 0 the one before the new, or the current one for a draft.
    """
    if not 0 <= context <= CONTEXT_MOST:
        message = f"A comparison shows 0 to {CONTEXT_MOST} lines around a change, not {context}."
        raise InvalidArgument(message, field="context")
    summary = await require(store, decision_id)
    if draft is not None:
        old = await read_version(store, decision_id, old_version or summary.version)
        after, shown = replace(check_content(draft), status_text=old.content.status_text), 0
    else:
        new = await read_version(store, decision_id, new_version or summary.version)
        old = await read_version(store, decision_id, old_version or max(1, new.version - 1))
        after, shown = new.content, new.version
    hunks = await offload(diff_texts, old.content.body, after.body, context=context)
    return Comparison(old.version, shown, tuple(_compare_fields(old.content, after)), tuple(hunks))


def _compare_fields(old: Content, new: Content) -> list[FieldChange]:
    def read(content: Content) -> dict[str, str]:
        return {
            "title": content.title,
            "status": content.status.value,
            "decided_on": content.decided_on.isoformat() if content.decided_on else "",
            "deciders": ", ".join(content.deciders),
            "tags": ", ".join(content.tags),
            "applies_to": " ".join(content.scope.paths),
            "components": ", ".join(content.scope.components),
            "categories": ", ".join(content.scope.categories),
        }

    before, after = read(old), read(new)
    return [FieldChange(name, before[name], after[name]) for name in before if before[name] != after[name]]


async def blame_version(
    store: DecisionStore, offload: Offload, *, decision_id: UUID, version: int
) -> tuple[list[tuple[int, str]], list[Version]]:
    """Return each line of a version with the version that brought it, and those versions without their texts."""
    summary = await require(store, decision_id)
    last = (await read_version(store, decision_id, version or summary.version)).version
    lines: list[tuple[int, str]] = []
    named: dict[int, Version] = {}
    for number in range(max(1, last - _BLAMED_MOST + 1), last + 1):
        found = await read_version(store, decision_id, number)
        lines = await offload(advance_blame, lines, number, found.content.body)
        named[number] = replace(found, content=replace(found.content, body=""), source=None)
    wanted = sorted({number for number, _ in lines}, reverse=True)
    return lines, [named[number] for number in wanted]


async def roll_back_version(
    work: Work, *, decision_id: UUID, version: int, expected_version: int, message: str
) -> Decision:
    """Append a version equal to an old one, its status and its file included.

    A supersession in force stays in force, whatever the old version says. Rolling back to what is there already makes
    no version.
    """
    store = work.store
    await store.hold_relations()
    held = await hold_living(store, decision_id)
    current = held.current
    if expected_version not in {0, current.version}:
        raise StaleEdit(expected_version, current.version)
    old = await read_version(store, decision_id, version)
    content = old.content
    if Status.SUPERSEDED in {content.status, current.content.status}:
        content = replace(content, status=current.content.status, status_text=current.content.status_text)
    if content.hash() != current.content_hash:
        source = old.source if content.hash() == old.content_hash else None
        told = message or f"Rolled back to version {version}"
        await apply_change(work, held, content, told, source=source)
    return await get_decision(store, str(decision_id))


async def add_comment(
    work: Work,
    comments: CommentStore,
    *,
    decision_id: UUID,
    version: int,
    lines: tuple[int, int],
    section: str,
    body: str,
    parent_id: UUID | None,
) -> PlacedComment:
    """Comment on lines (1-based, inclusive), a section or the whole of a version, or answer a comment.

    An answer stands where the comment it answers stands, and opens its discussion again.
    """
    store = work.store
    summary = await require(store, decision_id)
    require_right(Act.COMMENT, work.caller)
    body = check_comment(body)
    parent = await _find_parent(comments, decision_id, parent_id) if parent_id else None
    found = await read_version(store, decision_id, parent.version if parent else version or summary.version)
    text = found.content.body
    if parent is not None:
        first, last = parent.first_line, parent.last_line
    elif section.strip():
        place = section_lines(text, section)
        if place is None:
            raise NotFound(f"Version {found.version} has no heading {section.strip()[:80]!r}.", field="section")
        first, last = place
    else:
        first, last = check_lines(*lines, len(split_lines(text)))
    comment = Comment(
        id=uuid7(),
        decision_id=decision_id,
        parent_id=parent.id if parent else None,
        version=found.version,
        first_line=first,
        last_line=last,
        body=body,
        author_id=work.caller.person_id,
        author_name=work.caller.person_name,
        created_at=work.clock(),
    )
    await comments.add_comment(comment)
    told = {"decision_id": str(decision_id)}
    await work.events.append([NewEvent(type=DECISION_DISCUSSED, key=str(decision_id), payload=told)])
    if parent is not None and parent.resolved_at is not None:
        await comments.set_resolved(parent.id, None, "")
    return _place(comment, text, text)


async def _find_parent(comments: CommentStore, decision_id: UUID, parent_id: UUID) -> Comment:
    parent = await comments.get_comment(parent_id)
    if parent is None or parent.decision_id != decision_id:
        raise CommentNotFound(str(parent_id))
    # An answer to an answer belongs to the same discussion.
    return await _find_parent(comments, decision_id, parent.parent_id) if parent.parent_id else parent


async def list_comments(
    store: DecisionStore,
    comments: CommentStore,
    offload: Offload,
    *,
    decision_id: UUID,
    version: int,
    only_open: bool,
) -> tuple[list[PlacedComment], int]:
    """Return the comments, oldest first, each where its text stands in a version, and how many discussions are open."""
    summary = await require(store, decision_id)
    shown = (await read_version(store, decision_id, version or summary.version)).content.body
    found = await comments.list_comments(decision_id, _COMMENTS_MOST)
    open_ids = {c.id for c in found if c.parent_id is None and c.resolved_at is None}
    if only_open:
        found = [c for c in found if (c.parent_id or c.id) in open_ids]
    texts: dict[int, str] = {}
    placed: list[PlacedComment] = []
    for comment in found:
        if comment.version not in texts:
            texts[comment.version] = (await read_version(store, decision_id, comment.version)).content.body
        placed.append(await offload(_place, comment, texts[comment.version], shown))
    return placed, len(open_ids)


def _place(comment: Comment, written: str, shown: str) -> PlacedComment:
    first, last = comment.first_line, comment.last_line
    if not first:
        return PlacedComment(comment, 0, 0, quote="", outdated=False, section="")
    place = Place(first, last, outdated=False) if written == shown else follow_lines(written, shown, first, last)
    quote = "\n".join(split_lines(written)[first - 1 : last])
    section = heading_above(shown, place.first) if place.first else heading_above(written, first)
    return PlacedComment(comment, place.first, place.last, quote=quote, outdated=place.outdated, section=section)


async def resolve_comment(work: Work, comments: CommentStore, *, comment_id: UUID, reopen: bool) -> PlacedComment:
    """Resolve the discussion a comment belongs to, or open it again.

    Those who wrote the comment may, besides those whom the decision's own rights name.
    """
    comment = await comments.get_comment(comment_id)
    if comment is None:
        raise CommentNotFound(str(comment_id))
    comment = await _find_parent(comments, comment.decision_id, comment_id)
    summary = await require(work.store, comment.decision_id)
    if comment.author_id != work.caller.person_id:
        require_right(Act.RESOLVE, work.caller, await work.store.get_people(summary.id))
    at = None if reopen else work.clock()
    by = "" if reopen else work.caller.person_name
    await comments.set_resolved(comment.id, at, by)
    written = (await read_version(work.store, summary.id, comment.version)).content.body
    shown = (await read_version(work.store, summary.id, summary.version)).content.body
    return _place(replace(comment, resolved_at=at, resolved_by=by), written, shown)
