"""Writing and reading decisions."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import (
    AmbiguousRef,
    Content,
    Decision,
    DecisionNotFound,
    DecisionSummary,
    Log,
    LogNotFound,
    Neighbour,
    StaleEdit,
    Version,
    check_content,
    parse_ref,
    slugify,
)
from cairn.decisions.domain.lifecycle import IN_FORCE_ONCE, Act, check_creation, require_right
from cairn.decisions.domain.numbers import NotReserved, check_prefix, make_ref
from cairn.decisions.formats.globs import check_glob
from cairn.decisions.ports import Clock, DecisionStore, Events
from cairn.decisions.usecases.changes import (
    Work,
    announce,
    apply_change,
    get_policy,
    hold_living,
    list_superseded,
    make_version,
    read_version,
    require,
    settle,
    write_links,
)
from cairn.kernel.errors import AlreadyExists, InvalidArgument
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase

PREFIX_MOST = 16


async def list_logs(store: DecisionStore) -> list[Log]:
    """Return every log, by slug."""
    return await store.list_logs()


async def create_log(store: DecisionStore, *, slug: str, name: str, prefix: str) -> Log:
    """Create a log. Raises `AlreadyExists` when its slug is taken."""
    slug = slugify(slug or name)
    prefix = prefix or "ADR"
    if not (prefix.isascii() and prefix.isalnum() and prefix[0].isalpha() and len(prefix) <= PREFIX_MOST):
        raise InvalidArgument(
            "A prefix is 1 to 16 letters and digits, a letter first, for example ADR.", field="prefix"
        )
    log = Log(id=uuid7(), slug=slug, name=(" ".join(name.split()) or slug)[:200], prefix=prefix)
    if not await store.add_log(log):
        raise AlreadyExists(
            Phrase("log_taken", "There is a log '{slug}' already. Choose another short name.", slug=slug), field="slug"
        )
    return log


async def create_decision(
    store: DecisionStore,
    events: Events,
    clock: Clock,
    caller: Caller,
    *,
    log_id: UUID,
    content: Content,
    message: str,
    number: int | None = None,
    prefix: str = "",
) -> Decision:
    """Create a decision with the next free number of its log, or with one that was reserved for it.

    Raises `NotReserved` when nobody reserved `number`, or a decision has it.
    """
    content = _check(content)
    log = await store.get_log(log_id)
    if log is None:
        raise LogNotFound(str(log_id))
    check_creation(caller, await get_policy(store, log.id), content.status)
    now = clock()
    prefix = check_prefix(prefix, log)
    if number is None:
        number = await store.take_number(log.id, prefix)
    else:
        reservation = await store.hold_reservation(log.id, prefix, number)
        if reservation is None or reservation.decision_id is not None:
            raise NotReserved(make_ref(log, number, "", prefix), used=reservation is not None)
    summary = DecisionSummary(
        id=uuid7(),
        log_id=log.id,
        log_slug=log.slug,
        number=number,
        slug=slugify(content.title),
        ref=make_ref(log, number, "", prefix),
        title=content.title,
        status=content.status,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        version=1,
        source_path="",
        created_at=now,
        updated_at=now,
        prefix=prefix,
    )
    await store.add_decision(summary, make_version(summary, content, caller, message, now))
    await write_links(store, summary, content)
    await announce(events, summary.id, 1)
    if content.status in IN_FORCE_ONCE:
        await settle(Work(store, events, clock, caller), await list_superseded(store, summary.id))
    return await get_decision(store, str(summary.id))


async def update_decision(
    store: DecisionStore,
    events: Events,
    clock: Clock,
    caller: Caller,
    *,
    decision_id: UUID,
    expected_version: int,
    content: Content,
    message: str,
    keep_scope: bool = False,
) -> Decision:
    """Append a version. Raises `StaleEdit` when `expected_version` is not the current one, and changes nothing.

    Saving the text that is there already makes no version. `keep_scope` leaves what the decision governs as it is.
    """
    content = check_content(content)
    held = await store.hold(decision_id, status=content.status)
    if held is None or held.summary.deleted_at is not None:
        # A change of status touches other decisions, whose order of locks begins with this one.
        await store.hold_relations()
        held = await hold_living(store, decision_id)
    current = held.current
    if current.version != expected_version:
        raise StaleEdit(expected_version, current.version)
    if content.status is current.content.status:
        content = replace(content, status_text=current.content.status_text)
    if keep_scope:
        content = replace(content, scope=current.content.scope)
    if content.hash() == current.content_hash:
        return await _show(store, held.summary, current)
    applied = await apply_change(Work(store, events, clock, caller), held, content, message)
    return await _show(store, applied.summary, applied.version, applied.around)


def _check(content: Content) -> Content:
    content = check_content(content)
    for pattern in content.scope.paths:
        check_glob(pattern, field="applies_to")
    return content


async def get_decision(store: DecisionStore, ref: str, log_slug: str = "") -> Decision:
    """Return a decision by id or name. Raises `DecisionNotFound`, or `AmbiguousRef` with the candidates."""
    found = await store.find(parse_ref(ref, log_slug))
    if not found:
        raise DecisionNotFound(ref)
    if len(found) > 1:
        raise AmbiguousRef(ref, found)
    summary = found[0]
    return await _show(store, summary, await read_version(store, summary.id, summary.version))


async def _show(
    store: DecisionStore,
    summary: DecisionSummary,
    current: Version,
    around: tuple[list[Neighbour], list[Neighbour]] | None = None,
) -> Decision:
    links, backlinks = around or await store.list_links(summary.id)
    return Decision(summary=summary, current=current, links=tuple(links), backlinks=tuple(backlinks))


async def list_versions(store: DecisionStore, *, decision_id: UUID, before: int, limit: int) -> list[Version]:
    """Return versions numbered below `before` (0 for all), newest first, without their texts."""
    await require(store, decision_id)
    return await store.list_versions(decision_id, before or 2**31 - 1, limit)


async def get_version(store: DecisionStore, *, decision_id: UUID, version: int) -> Version:
    """Return one version with its text and source."""
    await require(store, decision_id)
    return await read_version(store, decision_id, version)


async def delete_decision(
    store: DecisionStore, events: Events, clock: Clock, caller: Caller, *, decision_id: UUID
) -> None:
    """Delete a decision softly, and undo what it supersedes. Deleting it again changes nothing."""
    await _set_deleted(Work(store, events, clock, caller), decision_id, clock())


async def restore_decision(
    store: DecisionStore, events: Events, clock: Clock, caller: Caller, *, decision_id: UUID
) -> Decision:
    """Bring a deleted decision back, and what it supersedes with it. Restoring a living one changes nothing."""
    await _set_deleted(Work(store, events, clock, caller), decision_id, None)
    return await get_decision(store, str(decision_id))


async def _set_deleted(work: Work, decision_id: UUID, at: datetime | None) -> None:
    store = work.store
    await store.hold_relations()
    summary = await store.lock(decision_id)
    if summary is None:
        raise DecisionNotFound(str(decision_id))
    if (summary.deleted_at is None) == (at is None):
        return
    require_right(Act.DELETE, work.caller, await store.get_people(decision_id))
    await store.set_deleted(decision_id, at)
    await announce(work.events, decision_id, summary.version)
    await settle(work, [decision_id, *await list_superseded(store, decision_id)])
