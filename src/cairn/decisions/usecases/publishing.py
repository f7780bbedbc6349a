"""Showing logs and records to readers without an account, and taking them back."""

from dataclasses import dataclass, replace
from uuid import UUID

from cairn.decisions.domain import Status
from cairn.decisions.domain.publishing import Chosen, PublicLog, PublicRecord, check_address, suggest_address
from cairn.decisions.ports import Clock, DecisionStore
from cairn.decisions.ports.publishing import PublishingStore
from cairn.decisions.usecases.changes import read_version, require
from cairn.decisions.usecases.governance import require_log
from cairn.kernel.errors import AlreadyExists, FailedPrecondition, NotFound
from cairn.kernel.phrases import Phrase

_OTHER_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class Publication:
    """How a log stands to its readers, and one of its records where one was asked about."""

    log: PublicLog | None
    records: int
    chosen: Chosen | None = None
    shown: PublicRecord | None = None


@dataclass(frozen=True, slots=True)
class Publishing:
    """What publishing needs."""

    store: DecisionStore
    public: PublishingStore
    clock: Clock


async def get_log_publication(work: Publishing, *, log_id: UUID) -> Publication:
    """Return how a log stands to its readers. Raises `NotFound`."""
    await require_log(work.store, log_id)
    return await _publication(work, log_id)


async def get_record_publication(work: Publishing, *, decision_id: UUID) -> Publication:
    """Return how a record and its log stand to their readers. Raises `NotFound`."""
    summary = await require(work.store, decision_id)
    return await _publication(work, summary.log_id, decision_id)


async def publish_log(
    work: Publishing, *, log_id: UUID, address: str, whole: bool, indexed: bool, as_it_was: bool
) -> Publication:
    """Give a log public pages, or change how it has them. Raises `NotFound`, `InvalidArgument`, `Conflict`.

    A log that was withdrawn begins anew, without the records that were chosen before, unless `as_it_was`.
    """
    log = await require_log(work.store, log_id)
    before = await work.public.get_public_log(log_id)
    if before is not None and before.withdrawn_at is not None and not as_it_was:
        await work.public.forget_choices(log_id)
    wanted = check_address(address) if address else (before.address if before else "")
    published = PublicLog(log_id, wanted or suggest_address(log.slug), whole, indexed, work.clock())
    if before is not None and before.withdrawn_at is None:
        published = replace(published, published_at=before.published_at)
    await _put(work, published, free_to_choose=not wanted)
    return await _publication(work, log_id)


async def withdraw_log(work: Publishing, *, log_id: UUID) -> Publication:
    """Take a log and all its records from their readers. Raises `NotFound`."""
    await require_log(work.store, log_id)
    public = await work.public.get_public_log(log_id)
    if public is None or public.withdrawn_at is not None:
        raise NotFound(Phrase("log_not_public", "This log is not public."), field="log_id")
    await work.public.put_public_log(replace(public, withdrawn_at=work.clock()))
    return await _publication(work, log_id)


async def publish_record(work: Publishing, *, decision_id: UUID, version: int) -> Publication:
    """Show one version of a record to readers; 0 is the current one. Raises `NotFound`, `FailedPrecondition`."""
    summary = await require(work.store, decision_id)
    shown = await read_version(work.store, decision_id, version or summary.version)
    if Status.DRAFT in {shown.content.status, summary.status}:
        raise FailedPrecondition(
            Phrase("draft_not_public", "A draft is its author's. Propose it, then publish it."), field="decision_id"
        )
    public = await work.public.get_public_log(summary.log_id)
    if public is None or public.withdrawn_at is not None:
        await publish_log(work, log_id=summary.log_id, address="", whole=False, indexed=True, as_it_was=False)
    await work.public.choose(decision_id, shown.version, work.clock())
    return await _publication(work, summary.log_id, decision_id)


async def withdraw_record(work: Publishing, *, decision_id: UUID) -> Publication:
    """Take a record from its readers, also where its log is public as a whole. Raises `NotFound`."""
    summary = await require(work.store, decision_id)
    if await work.public.find_public(decision_id) is None:
        raise NotFound(Phrase("record_not_public", "This record is not public."), field="decision_id")
    public = await work.public.get_public_log(summary.log_id)
    if public is not None and public.whole:
        await work.public.choose(decision_id, None, work.clock())
    else:
        await work.public.forget_choice(decision_id)
    return await _publication(work, summary.log_id, decision_id)


async def follow_log(work: Publishing, *, decision_id: UUID) -> Publication:
    """Let a record be shown as its log is: neither kept back nor held at one version. Raises `NotFound`."""
    summary = await require(work.store, decision_id)
    await work.public.forget_choice(decision_id)
    return await _publication(work, summary.log_id, decision_id)


async def _put(work: Publishing, log: PublicLog, *, free_to_choose: bool) -> None:
    if await work.public.put_public_log(log):
        return
    for number in range(2, _OTHER_ADDRESSES) if free_to_choose else ():
        if await work.public.put_public_log(replace(log, address=f"{log.address[:76]}-{number}")):
            return
    raise AlreadyExists(
        Phrase(
            "address_taken",
            "The address '{address}' belongs to another log. Choose one of your own.",
            address=log.address,
        ),
        field="address",
    )


async def _publication(work: Publishing, log_id: UUID, decision_id: UUID | None = None) -> Publication:
    log = await work.public.get_public_log(log_id)
    if log is None or log.withdrawn_at is not None:
        return Publication(None, 0)
    records = await work.public.count_public(log_id)
    if decision_id is None:
        return Publication(log, records)
    return Publication(
        log, records, await work.public.get_chosen(decision_id), await work.public.find_public(decision_id)
    )
