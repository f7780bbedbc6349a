"""Writing and reading decisions."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import (
    AmbiguousRef,
    Content,
    Counts,
    Decision,
    DecisionDeleted,
    DecisionNotFound,
    DecisionSummary,
    Filter,
    LinkKind,
    Log,
    LogNotFound,
    Order,
    Ref,
    StaleEdit,
    Version,
    WrittenLink,
    check_content,
    parse_ref,
    slugify,
)
from cairn.decisions.formats.globs import check_glob
from cairn.decisions.formats.links import distinct_links, find_links
from cairn.decisions.formats.outline import outline_markdown
from cairn.decisions.formats.resolve import Known, LinkIndex
from cairn.decisions.ports import Clock, DecisionStore, Events
from cairn.kernel.errors import AlreadyExists, InvalidArgument
from cairn.kernel.events import NewEvent
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7

DECISION_CHANGED = "decision.changed"
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
        raise AlreadyExists(f"There is a log {slug!r} already. Choose another short name.", field="slug")
    return log


async def create_decision(
    store: DecisionStore, events: Events, clock: Clock, caller: Caller, *, log_id: UUID, content: Content, message: str
) -> Decision:
    """Create a decision with the next free number of its log."""
    content = _check(content)
    log = next((log for log in await store.list_logs() if log.id == log_id), None)
    if log is None:
        raise LogNotFound(str(log_id))
    now = clock()
    number = await store.take_number(log.id)
    summary = DecisionSummary(
        id=uuid7(),
        log_id=log.id,
        log_slug=log.slug,
        number=number,
        slug=slugify(content.title),
        ref=f"{log.prefix}-{number:04d}",
        title=content.title,
        status=content.status,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        version=1,
        source_path="",
        created_at=now,
        updated_at=now,
    )
    await store.add_decision(summary, make_version(summary, content, caller, message, now))
    await write_links(store, summary, content)
    await announce(events, summary.id, 1)
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
    content = _check(content)
    summary = await lock_living(store, decision_id)
    if summary.version != expected_version:
        raise StaleEdit(expected_version, summary.version)
    current = await read_version(store, decision_id, summary.version)
    if content.status is current.content.status:
        content = replace(content, status_text=current.content.status_text)
    if keep_scope:
        content = replace(content, scope=current.content.scope)
    if content.hash() == current.content_hash:
        return await get_decision(store, str(decision_id))
    changed = replace(summary, version=summary.version + 1)
    await store.append_version(make_version(changed, content, caller, message, clock()))
    await write_links(store, summary, content)
    await announce(events, decision_id, changed.version)
    return await get_decision(store, str(decision_id))


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
    current = await read_version(store, summary.id, summary.version)
    links, backlinks = await store.list_links(summary.id)
    return Decision(summary=summary, current=current, links=tuple(links), backlinks=tuple(backlinks))


async def list_decisions(
    store: DecisionStore, *, filter_: Filter, order: Order, after: list[str | int | datetime | UUID] | None, limit: int
) -> tuple[list[DecisionSummary], bool]:
    """Return one page of up to `limit` decisions, and whether there are more."""
    page = await store.list_page(filter_, order, after, limit + 1)
    return page[:limit], len(page) > limit


async def count_decisions(store: DecisionStore, filter_: Filter) -> Counts:
    """Count what a filter matches."""
    return await store.count(filter_)


async def list_versions(store: DecisionStore, *, decision_id: UUID, before: int, limit: int) -> list[Version]:
    """Return versions numbered below `before` (0 for all), newest first, without their texts."""
    await require(store, decision_id)
    return await store.list_versions(decision_id, before or 2**31 - 1, limit)


async def get_version(store: DecisionStore, *, decision_id: UUID, version: int) -> Version:
    """Return one version with its text and source."""
    await require(store, decision_id)
    return await read_version(store, decision_id, version)


async def delete_decision(store: DecisionStore, events: Events, clock: Clock, *, decision_id: UUID) -> None:
    """Delete a decision softly. Deleting it again changes nothing."""
    summary = await store.lock(decision_id)
    if summary is None:
        raise DecisionNotFound(str(decision_id))
    if summary.deleted_at is None:
        await store.set_deleted(decision_id, clock())
        await announce(events, decision_id, summary.version)


async def restore_decision(store: DecisionStore, events: Events, *, decision_id: UUID) -> Decision:
    """Bring a deleted decision back. Restoring a living one changes nothing."""
    summary = await store.lock(decision_id)
    if summary is None:
        raise DecisionNotFound(str(decision_id))
    if summary.deleted_at is not None:
        await store.set_deleted(decision_id, None)
        await announce(events, decision_id, summary.version)
    return await get_decision(store, str(decision_id))


def make_version(summary: DecisionSummary, content: Content, caller: Caller, message: str, now: datetime) -> Version:
    """Return `summary.version` of a decision, written by `caller`."""
    if len(message) > 2000 or "\x00" in message:  # noqa: PLR2004 - the limit is in the message.
        raise InvalidArgument("The reason for a change has at most 2,000 characters and no NUL.", field="message")
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


async def write_links(store: DecisionStore, summary: DecisionSummary, content: Content) -> None:
    """Keep the links a text writes, pointed at the decisions of its log that they mean."""
    outline = outline_markdown(content.body)
    said = find_links(content.status_text, numbers=True)
    written = distinct_links([*said, *find_links(content.body, skip=outline.code_lines())])
    if not written:
        await store.replace_links(summary.id, [])
        return
    index = build_index(await store.list_log_decisions(summary.log_id))
    links: list[WrittenLink] = []
    for link in written:
        target = index.match(link.target, summary.source_path)
        kind = link_kind(link.kind, reverse=link.reverse)
        links.append(WrittenLink(kind=kind, target=link.target, target_id=target if target != summary.id else None))
    await store.replace_links(summary.id, links)


async def announce(events: Events, decision_id: UUID, version: int) -> None:
    """Tell the other slices that a decision changed."""
    payload = {"decision_id": str(decision_id), "version": version}
    await events.append([NewEvent(type=DECISION_CHANGED, key=str(decision_id), payload=payload)])


async def lock_living(store: DecisionStore, decision_id: UUID) -> DecisionSummary:
    """Return a decision held for change. Raises `DecisionNotFound` or `DecisionDeleted`."""
    summary = await store.lock(decision_id)
    if summary is None:
        raise DecisionNotFound(str(decision_id))
    if summary.deleted_at is not None:
        raise DecisionDeleted(summary.ref)
    return summary


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
    return LinkIndex(Known(key=d.id, path=d.source_path, number=d.number, slug=d.slug) for d in decisions)


def link_kind(kind: str, *, reverse: bool) -> LinkKind:
    """Return how a record stands to the target of a link; `reverse` when the text has it the other way round."""
    turned = {"supersedes": LinkKind.SUPERSEDED_BY, "amends": LinkKind.AMENDED_BY}
    return turned.get(kind, LinkKind.RELATES_TO) if reverse else LinkKind(kind)
