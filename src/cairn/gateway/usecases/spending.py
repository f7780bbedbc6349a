"""What admins do about spending: rules, stops, and the view of it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cairn.gateway.domain.spending import ALWAYS, EVERYONE, Kind, Meter, Rule, Spending, month_of
from cairn.gateway.ports import SpendingEvent, SpendingStore, UsageSum
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.identity import Caller
from cairn.kernel.phrases import Phrase

GROUPINGS = ("day", "person", "model", "outcome")
DAYS_MOST = 366
HOURS_MOST = 744
_EVENTS_SHOWN = 50
_REASON_CHARACTERS_MOST = 400
_NUMBER_MOST = 10**15


@dataclass(frozen=True, slots=True)
class Overview:
    """Rules and state of an organisation, what its month has cost and may come to, and what happened, latest first."""

    spending: Spending
    month_micros: int
    projected_micros: int
    events: Sequence[SpendingEvent]


async def sum_usage(store: SpendingStore, days: int, by: str, now: datetime) -> Sequence[UsageSum]:
    """Add up the calls of the last days that the store shows. Raises `InvalidArgument`."""
    if by not in GROUPINGS:
        raise InvalidArgument(f"Usage is added up by {', '.join(GROUPINGS)}, not by {by[:40]!r}.", field="by")
    if not 1 <= days <= DAYS_MOST:
        raise InvalidArgument(f"Usage is kept by days: ask for 1 to {DAYS_MOST}.", field="days")
    return await store.sum_calls(now - timedelta(days=days), by)


async def view_spending(store: SpendingStore, organisation: UUID, now: datetime) -> Overview:
    """Return what an organisation may spend, has spent this month, and is on the way to spend."""
    begin = month_of(now)
    spent = await store.fetch_spent(Meter(Kind.MONEY, organisation, begin))
    end = month_of(begin + timedelta(days=32))
    # In its first hour a month says little about itself.
    elapsed = max(now - begin, timedelta(hours=1))
    projected = round(spent * ((end - begin) / elapsed))
    return Overview(await store.fetch_spending(), spent, projected, await store.list_events(_EVENTS_SHOWN))


async def set_rule(store: SpendingStore, caller: Caller, subject: UUID, rule: Rule) -> None:
    """Set what a subject may spend, and write down who did. Raises `InvalidArgument` and `NotFound`."""
    for name in ("budget_micros", "requests_per_minute", "streams", "tokens_per_day", "first_day_requests"):
        value = getattr(rule, name)
        if value is not None and not 0 <= value <= _NUMBER_MOST:
            raise InvalidArgument(Phrase("limit_form", "A limit is 0 or more."), field=name)
    if subject not in {caller.tenant_id, EVERYONE} and await store.fetch_joined_at(subject) is None:
        raise NotFound(Phrase("no_spender", "There is no such person in your organisation."), field="subject")
    await store.save_rule(subject, rule)
    await store.add_event("rule_changed", subject, caller.person_id, _describe(rule))


async def stop_calls(store: SpendingStore, caller: Caller, reason: str) -> None:
    """Refuse every new call of the organisation, and write down who did. Raises `InvalidArgument`."""
    reason = _check_reason(reason)
    # An override of before is over now.
    await store.resume(ALWAYS)
    await store.stop()
    await store.add_event("stopped", caller.tenant_id, caller.person_id, reason)


async def resume_calls(store: SpendingStore, caller: Caller, hours: int, reason: str, now: datetime) -> datetime:
    """Let calls through for so many hours, whatever the budget says; return until when. Raises `InvalidArgument`."""
    if not 1 <= hours <= HOURS_MOST:
        raise InvalidArgument(f"A budget can be lifted for 1 to {HOURS_MOST} hours.", field="hours")
    reason = _check_reason(reason)
    until = now + timedelta(hours=hours)
    await store.resume(until)
    await store.add_event("resumed", caller.tenant_id, caller.person_id, f"for {hours} hours: {reason}")
    return until


def _describe(rule: Rule) -> str:
    told: list[str] = []
    if rule.budget_micros is not None:
        told.append(f"{'soft' if rule.soft else 'hard'} budget ${rule.budget_micros / 1e6:.2f} a month")
    words = {"requests_per_minute": "requests a minute", "streams": "streams", "tokens_per_day": "tokens a day"}
    words["first_day_requests"] = "requests in the first day"
    told.extend(f"{getattr(rule, name)} {what}" for name, what in words.items() if getattr(rule, name) is not None)
    return ", ".join(told) or "no limit"


def _check_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= _REASON_CHARACTERS_MOST:
        message = f"Say why, in up to {_REASON_CHARACTERS_MOST} characters: others will read it."
        raise InvalidArgument(message, field="reason")
    return reason
