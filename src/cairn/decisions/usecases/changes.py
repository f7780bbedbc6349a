"""What every change of a decision goes through: who may make it, its version, its links, and what it supersedes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, compress, islice, takewhile
from operator import eq
from uuid import UUID

from cairn.decisions.domain import (
    Content,
    DecisionDeleted,
    DecisionNotFound,
    DecisionSummary,
    LinkKind,
    LogNotFound,
    Neighbour,
    Ref,
    Version,
    WrittenLink,
)
from cairn.decisions.domain.lifecycle import IN_FORCE_ONCE, Act, LogPolicy, check_change, require_right
from cairn.decisions.domain.relations import settle_status
from cairn.decisions.formats.links import LINES_READ_BEFORE, distinct_links, find_links, may_bear_on_links
from cairn.decisions.formats.outline import outline_markdown
from cairn.decisions.formats.resolve import Known, LinkIndex
from cairn.decisions.ports import Clock, DecisionStore, Events, Held
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.events import NewEvent
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase

DECISION_CHANGED = "decision.changed"
_CODE_MARKS = ("```", "~~~", "<", "-->")
# Something was said about a decision; its text is what it was.
DECISION_DISCUSSED = "decision.discussed"


@dataclass(frozen=True, slots=True)
class Work:
    """What changing decisions needs: where they are, who is told, what time it is, and who changes them."""

    store: DecisionStore
    events: Events
    clock: Clock
    caller: Caller


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was made: the decision and its version as they are now, and the others whose status changed.

    `around` is its links and those of others to it, where making the change told them.
    """

    summary: DecisionSummary
    version: Version
    others: list[DecisionSummary]
    around: tuple[list[Neighbour], list[Neighbour]] | None = None


async def apply_change(
    work: Work, held: Held, content: Content, message: str, *, source: bytes | None = None
) -> Applied:
    """Make `content` the next version of a decision that is held, and settle every supersession this touches.

    Raises when the caller may not make the change.
    """
    store, summary, old = work.store, held.summary, held.current.content
    await _check(work, held, content)
    same_status = content.status is old.status
    same_links = write_same_links(old, content)
    version = make_version(replace(summary, version=summary.version + 1), content, work.caller, message, work.clock())
    version = replace(version, source=source) if source is not None else version
    changed = _show(summary, version)
    if same_status and same_links:
        # Most edits touch neither: what a record links to and supersedes is then what it was.
        around = await store.append_edit(version, change_event(summary.id, changed.version))
        return Applied(changed, version, [], around)
    before = await list_superseded(store, summary.id)
    await store.append_version(version)
    written = not same_links and await write_links(store, changed, content, before=old)
    await announce(work.events, summary.id, changed.version)
    after = await list_superseded(store, summary.id) if before or written else before
    if same_status and before == after:
        return Applied(changed, version, [])
    others = await settle(work, [summary.id, *before, *(id_ for id_ in after if id_ not in before)], besides=summary.id)
    # It may be superseded itself, which makes another version of it.
    settled = await require(store, summary.id)
    return Applied(settled, await read_version(store, settled.id, settled.version), others)


def _show(summary: DecisionSummary, version: Version) -> DecisionSummary:
    """Return what a decision's summary is once `version` is its current one."""
    content = version.content
    return replace(
        summary,
        version=version.version,
        title=content.title,
        status=content.status,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        updated_at=version.created_at,
    )


async def _check(work: Work, held: Held, new: Content) -> None:
    store, summary, old = work.store, held.summary, held.current.content
    transition = old.status is not new.status
    check_change(
        caller=work.caller,
        people=held.people,
        policy=held.policy,
        summary=summary,
        old=old,
        new=new,
        approvals=await store.list_approvals(summary.id) if held.policy.required_approvals else [],
        successors=[s.ref for s in await list_successors(store, summary.id)] if transition else [],
    )


async def get_policy(store: DecisionStore, log_id: UUID) -> LogPolicy:
    """Return a log's policy. Raises `LogNotFound`."""
    policy = await store.get_policy(log_id)
    if policy is None:
        raise LogNotFound(str(log_id))
    return policy


async def list_successors(store: DecisionStore, decision_id: UUID) -> list[DecisionSummary]:
    """Return the living decisions in force that supersede a decision whole."""
    edges = await store.list_edges([decision_id], kind=LinkKind.SUPERSEDES)
    sources = {edge.source_id for edge in edges if edge.target_id == decision_id and not edge.section}
    found = await store.find_many(list(sources)) if sources else []
    in_force = [s for s in found if s.deleted_at is None and s.status in IN_FORCE_ONCE]
    return sorted(in_force, key=lambda s: (s.log_slug, s.ref, s.id))


async def list_superseded(store: DecisionStore, decision_id: UUID) -> list[UUID]:
    """Return the decisions that this one supersedes whole once it is accepted."""
    edges = await store.list_edges_from([decision_id], LinkKind.SUPERSEDES)
    return sorted({edge.target_id for edge in edges if not edge.section})


async def settle(work: Work, ids: list[UUID], *, besides: UUID | None = None) -> list[DecisionSummary]:
    """Give each decision the status that the supersessions over it ask for, and return those that changed.

    `besides` is left out of what is returned. A decision that is superseded no more gets back the status it had.
    """
    changed: list[DecisionSummary] = []
    for id_ in ids:
        settled = await _settle_one(work, id_)
        if settled is not None and id_ != besides:
            changed.append(settled)
    return changed


async def _settle_one(work: Work, decision_id: UUID) -> DecisionSummary | None:
    store = work.store
    summary = await store.lock(decision_id)
    if summary is None or summary.deleted_at is not None:
        return None
    successors = await list_successors(store, decision_id)
    history = await store.list_statuses(decision_id)
    status = settle_status(summary.status, (t.after for t in reversed(history)), superseded=bool(successors))
    if status is summary.status:
        return None
    require_right(Act.SUPERSEDE, work.caller)
    current = (await read_version(store, decision_id, summary.version)).content
    content = replace(current, status=status, status_text="")
    source = None
    if successors:
        message = f"Superseded by {', '.join(s.ref for s in successors)}"
    else:
        message = "No longer superseded"
        earlier = await read_version(store, decision_id, history[-1].version - 1)
        content = replace(content, status_text=earlier.content.status_text)
        # The same text as then came from the same file.
        source = earlier.source if content.hash() == earlier.content_hash else None
    changed = replace(summary, version=summary.version + 1, status=status)
    version = make_version(changed, content, work.caller, message, work.clock())
    await store.append_version(replace(version, source=source))
    await write_links(store, changed, content, before=current)
    await announce(work.events, decision_id, changed.version)
    return await require(store, decision_id)


def make_version(summary: DecisionSummary, content: Content, caller: Caller, message: str, now: datetime) -> Version:
    """Return `summary.version` of a decision, written by `caller`."""
    if len(message) > 2000 or "\x00" in message:  # noqa: PLR2004 - the limit is in the message.
        raise InvalidArgument(
            Phrase("reason_long", "The reason for a change has at most 2,000 characters and no NUL."), field="message"
        )
    return Version(
        id=uuid7(),
        decision_id=summary.id,
        version=summary.version,
        content=content,
        author_id=caller.person_id,
        author_name=caller.person_name,
        message=message.strip(),
        created_at=now,
        content_hash=content.hash(),
    )


async def write_links(
    store: DecisionStore, summary: DecisionSummary, content: Content, *, before: Content | None = None
) -> bool:
    """Keep the links a text writes, pointed at the decisions of its log that they mean; return whether it has any.

    Links that the text `before` did not write came from fields of a file, which an edit of the text does not touch.
    """
    written = text_links(content)
    led_to: dict[tuple[LinkKind, str], UUID | None] = {}
    if before is not None:
        stored = await store.list_written_links(summary.id)
        # A link that a person let lead somewhere goes on leading there.
        led_to = {(link.kind, link.target): link.target_id for link in stored if link.target_id}
        if stored and summary.source_path:
            in_text = {(link.kind, link.target) for link in text_links(before)}
            from_fields = [link for link in stored if link.target and (link.kind, link.target) not in in_text]
            written = list(dict.fromkeys([*(WrittenLink(link.kind, link.target) for link in from_fields), *written]))
    if not written:
        await store.replace_links(summary.id, [])
        return False
    index = None
    if any((link.kind, link.target) not in led_to for link in written):
        index = build_index(await store.list_log_decisions(summary.log_id))
    pointed: list[WrittenLink] = []
    for link in written:
        target = led_to.get((link.kind, link.target))
        if target is None and index is not None:
            target = index.match(link.target, summary.source_path)
        pointed.append(replace(link, target_id=target if target != summary.id else None))
    await store.replace_links(summary.id, pointed)
    return True


def write_same_links(before: Content, after: Content) -> bool:
    """Tell whether two texts write the same links, without reading their structure, which costs more.

    A link counts with its line and with what begins or ends code or HTML above it, where nothing is said. Only the
    lines that differ are looked through, with those around them that may be read together with them.
    """
    if before.status_text != after.status_text:
        return False
    old, new = before.body.split("\n"), after.body.split("\n")
    start = _count_true(map(eq, old, new))
    rest = islice(map(eq, reversed(old), reversed(new)), min(len(old), len(new)) - start)
    end = max(0, _count_true(rest) - LINES_READ_BEFORE)
    old, new = old[: len(old) - end], new[: len(new) - end]
    # What stands above the difference says what it said; most edits write no link and stand above none.
    if not may_bear_on_links(old[start:]) and not may_bear_on_links(new[start:]):
        return True
    start = max(0, start - LINES_READ_BEFORE)
    return _link_lines(old[start:]) == _link_lines(new[start:])


def _count_true(values: Iterable[bool]) -> int:
    """Count those before the first that is false."""
    return sum(takewhile(bool, values))


def _link_lines(lines: Sequence[str]) -> tuple[list[str], list[tuple[str, str, str, bool, int]]]:
    marked = [line.lstrip().startswith(_CODE_MARKS) for line in lines]
    above = list(accumulate(marked, initial=0))
    links = find_links("\n".join(lines))
    said = [(link.kind, link.target, lines[link.line - 1], link.reverse, above[link.line - 1]) for link in links]
    return list(compress(lines, marked)), said


def text_links(content: Content) -> list[WrittenLink]:
    """Return the links that a record's status and text write, not yet pointed at decisions."""
    outline = outline_markdown(content.body)
    said = find_links(content.status_text, numbers=True)
    found = distinct_links([*said, *find_links(content.body, skip=outline.code_lines())])
    return [WrittenLink(kind=link_kind(link.kind, reverse=link.reverse), target=link.target) for link in found]


async def announce(events: Events, decision_id: UUID, version: int) -> None:
    """Tell the other slices that a decision changed."""
    await events.append([change_event(decision_id, version)])


def change_event(decision_id: UUID, version: int) -> NewEvent:
    """Return the fact that a decision changed."""
    payload = {"decision_id": str(decision_id), "version": version}
    return NewEvent(type=DECISION_CHANGED, key=str(decision_id), payload=payload)


async def lock_living(store: DecisionStore, decision_id: UUID) -> DecisionSummary:
    """Return a decision held for change. Raises `DecisionNotFound` or `DecisionDeleted`."""
    summary = await store.lock(decision_id)
    if summary is None:
        raise DecisionNotFound(str(decision_id))
    if summary.deleted_at is not None:
        raise DecisionDeleted(summary.ref)
    return summary


async def hold_living(store: DecisionStore, decision_id: UUID) -> Held:
    """Return a decision held for change, with what a change is judged by. Raises as `lock_living` does."""
    held = await store.hold(decision_id)
    if held is None:
        raise DecisionNotFound(str(decision_id))
    if held.summary.deleted_at is not None:
        raise DecisionDeleted(held.summary.ref)
    return held


async def require(store: DecisionStore, decision_id: UUID) -> DecisionSummary:
    """Return a decision. Raises `DecisionNotFound`."""
    found = await store.find(Ref(log_slug="", id=decision_id))
    if not found:
        raise DecisionNotFound(str(decision_id))
    return found[0]


async def read_version(store: DecisionStore, decision_id: UUID, version: int) -> Version:
    """Return one version. Raises `DecisionNotFound` when there is none of that number."""
    found = await store.get_version(decision_id, version)
    if found is None:
        raise DecisionNotFound(f"{decision_id} version {version}")
    return found


def build_index(decisions: list[DecisionSummary]) -> LinkIndex[UUID]:
    """Return an index that finds the decision a written link means."""
    return LinkIndex(
        Known(key=d.id, path=d.source_path, number=d.number, slug=d.slug, prefix=d.prefix) for d in decisions
    )


def link_kind(kind: str, *, reverse: bool) -> LinkKind:
    """Return how a record stands to the target of a link; `reverse` when the text has it the other way round."""
    turned = {"supersedes": LinkKind.SUPERSEDED_BY, "amends": LinkKind.AMENDED_BY}
    return turned.get(kind, LinkKind.RELATES_TO) if reverse else LinkKind(kind)
