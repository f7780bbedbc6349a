"""Who looks after decisions, when they are looked at again, and what awaits a person."""

import hashlib
import secrets
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from cairn.decisions.domain.care import (
    DUE_AHEAD,
    Awaiting,
    AwaitingKind,
    Care,
    Due,
    Person,
    check_rhythm,
    next_review,
)
from cairn.decisions.domain.lifecycle import Act, may, require_right
from cairn.decisions.ports import Clock, DecisionStore
from cairn.decisions.ports.care import CareStore
from cairn.decisions.usecases.changes import Work, lock_living, require
from cairn.kernel.errors import FailedPrecondition, NotFound
from cairn.kernel.identity import Caller
from cairn.kernel.phrases import Phrase

_PEOPLE_MOST = 1_000
_DUE_MOST = 1_000
_AWAITING_MOST = 200
# As far as a calendar looks ahead.
_FEED_AHEAD = timedelta(days=5 * 366)


async def get_care(store: DecisionStore, care: CareStore, *, decision_id: UUID) -> Care:
    """Return the owner, the review date and the watchers of a decision."""
    await require(store, decision_id)
    return await care.get_care(decision_id)


async def set_review(
    work: Work, care: CareStore, *, decision_id: UUID, review_on: date | None, every_months: int
) -> Care:
    """Set or clear the date on which a decision is to be looked at again, and the rhythm after it."""
    await _require_care(work, decision_id)
    changed = replace(await care.get_care(decision_id), review_on=review_on, every_months=check_rhythm(every_months))
    await care.set_care(decision_id, changed)
    return changed


async def confirm_review(work: Work, care: CareStore, *, decision_id: UUID) -> Care:
    """Say that a decision was looked at and still holds. The next date follows from the rhythm, if there is one."""
    await _require_care(work, decision_id)
    there, now = await care.get_care(decision_id), work.clock()
    if there.review_on is None:
        raise FailedPrecondition(Phrase("no_review", "There is no review date to confirm. Set one first."))
    changed = replace(there, review_on=next_review(now.date(), there.every_months), reviewed_at=now)
    await care.set_care(decision_id, changed)
    return changed


async def set_owner(work: Work, care: CareStore, *, decision_id: UUID, person_id: UUID | None) -> Care:
    """Name the person who looks after a decision, or nobody. The new owner watches it from then on."""
    summary = await _require_care(work, decision_id)
    owner = None
    if person_id is not None:
        owner = next((p for p in await care.list_people(_PEOPLE_MOST) if p.id == person_id), None)
        if owner is None:
            raise NotFound(f"There is no person {person_id} in your organisation.", field="person_id")
    changed = replace(await care.get_care(decision_id), owner=owner)
    await care.set_care(decision_id, changed)
    if owner is not None:
        await care.watch(decision_id, owner.id, summary, work.clock())
    return await care.get_care(decision_id)


async def _require_care(work: Work, decision_id: UUID) -> int:
    """Return the current version of a decision that the caller may care for, and that is held."""
    summary = await lock_living(work.store, decision_id)
    require_right(Act.CARE, work.caller, await work.store.get_people(decision_id))
    return summary.version


async def list_people(care: CareStore) -> list[Person]:
    """Return the people of the organisation, by name."""
    return await care.list_people(_PEOPLE_MOST)


async def watch_decision(work: Work, care: CareStore, *, decision_id: UUID, stop: bool) -> Care:
    """Start or stop telling the caller of changes."""
    summary = await require(work.store, decision_id)
    if stop:
        await care.unwatch(decision_id, work.caller.person_id)
    else:
        await care.watch(decision_id, work.caller.person_id, summary.version, work.clock())
    return await care.get_care(decision_id)


async def mark_seen(work: Work, care: CareStore, *, decision_id: UUID) -> None:
    """Say that the caller has seen the current version. Without a watch there is nothing to mark."""
    summary = await require(work.store, decision_id)
    watchers = (await care.get_care(decision_id)).watchers
    if any(person.id == work.caller.person_id for person in watchers):
        await care.watch(decision_id, work.caller.person_id, summary.version, work.clock())


async def list_due(
    store: DecisionStore,
    care: CareStore,
    clock: Clock,
    caller: Caller,
    *,
    until: date | None,
    log_ids: list[UUID],
    mine: bool,
) -> list[Due]:
    """Return decisions to be reviewed up to a day (by default within 30 days), the longest overdue first."""
    last = until or clock().date() + DUE_AHEAD
    rows = await care.list_due(last, log_ids, caller.person_id if mine else None, _DUE_MOST)
    found = {s.id: s for s in await store.find_many([row[0] for row in rows])} if rows else {}
    return [Due(found[id_], day, owner) for id_, day, owner in rows]


async def list_feed(store: DecisionStore, care: CareStore, clock: Clock, caller: Caller) -> list[Due]:
    """Return what a person's calendar shows: the reviews that are theirs, as far as a calendar looks ahead."""
    until = clock().date() + _FEED_AHEAD
    return await list_due(store, care, clock, caller, until=until, log_ids=[], mine=True)


async def list_inbox(store: DecisionStore, care: CareStore, clock: Clock, caller: Caller) -> list[Awaiting]:
    """Return what awaits the caller: reviews, approvals, open discussions, changes of what they watch."""
    today = clock().date()
    kinds = [kind for kind in AwaitingKind if kind is not AwaitingKind.APPROVAL or may(Act.APPROVE, caller)]
    rows = [
        (kind, *row)
        for kind in kinds
        for row in await care.list_awaiting(caller.person_id, kind, today=today, limit=_AWAITING_MOST)
    ]
    found = {s.id: s for s in await store.find_many([row[1] for row in rows])} if rows else {}
    return [Awaiting(kind, found[id_], at, count) for kind, id_, at, count in rows]


async def create_feed(work: Work, care: CareStore) -> str:
    """Return a new token for the caller's calendar. It is shown once; the one before stops working."""
    token = secrets.token_urlsafe(32)
    await care.replace_feed(work.caller.person_id, hash_feed_token(token), work.clock())
    return token


def hash_feed_token(token: str) -> bytes:
    """Return what is kept of a calendar token. A plain SHA-256 suffices: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()
