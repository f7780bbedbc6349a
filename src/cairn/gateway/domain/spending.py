"""What people and organisations may spend, in requests, streams, tokens and money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from cairn.kernel.errors import CairnError, Code
from cairn.kernel.phrases import Phrase

ALERT_LEVELS = (70, 85, 95)
SOFT_PERCENT = 110
EVERYONE = UUID(int=0)
# The person of Cairn itself. No rule for people is meant for it.
NOBODY = UUID(int=0)
# The one window of what is held rather than spent.
ALWAYS = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
UNLIMITED = 2**62


class Kind(StrEnum):
    """What is counted."""

    REQUESTS = "requests"
    FIRST_DAY = "first_day"
    STREAMS = "streams"
    TOKENS = "tokens"
    MONEY = "money"


class Meter(NamedTuple):
    """One count: of a kind, for a person or an organisation, in the window that began then.

    A tuple, as several are made and looked up for every call.
    """

    kind: Kind
    subject: UUID
    window_start: datetime


class Want(NamedTuple):
    """So much of a meter is about to be spent, and the meter may not pass `limit`."""

    meter: Meter
    limit: int
    amount: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What one subject may spend; None leaves it to the rule above."""

    budget_micros: int | None = None
    soft: bool = False
    requests_per_minute: int | None = None
    streams: int | None = None
    tokens_per_day: int | None = None
    first_day_requests: int | None = None


# What a person may do on a shared server unless a rule says otherwise. On one's own machine nothing is limited.
SHARED_DEFAULTS = Rule(requests_per_minute=100, streams=5, tokens_per_day=100_000, first_day_requests=10)


@dataclass(frozen=True, slots=True)
class Spending:
    """An organisation's rules by subject, and whether its calls are stopped."""

    rules: Mapping[UUID, Rule] = field(default_factory=dict[UUID, Rule])
    stopped_at: datetime | None = None
    override_until: datetime | None = None

    def overridden(self, now: datetime) -> bool:
        """Tell whether an admin has lifted the budget for now."""
        return self.override_until is not None and now < self.override_until


class LimitReached(CairnError):
    """A limit or a budget leaves no room for this call. `retry_after_s` is None when waiting will not help soon."""

    code = Code.RESOURCE_EXHAUSTED

    def __init__(self, kind: Kind, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after_s = retry_after_s


class Estimate(NamedTuple):
    """The most that a call is expected to use."""

    input_tokens: int
    output_tokens: int
    cost_micros: int
    streamed: bool


def month_of(now: datetime) -> datetime:
    """Return when the month began."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def day_of(now: datetime) -> datetime:
    """Return when the day began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Party:
    """Who calls: a person of an organisation, since when, under which rules, and under `defaults` where none rules.

    What follows from the rules is found out once. `person` is nil for Cairn itself, as when it embeds: then only the
    organisation's budget counts.
    """

    organisation: UUID
    person: UUID
    joined_at: datetime
    spending: Spending
    defaults: Rule

    @cached_property
    def requests_per_minute(self) -> int | None:
        """How often the person may ask in a minute, or None for as often as they like; and so the others."""
        return self._limit("requests_per_minute")

    @cached_property
    def first_day_requests(self) -> int | None:
        """How often they may ask in their first 24 hours."""
        return self._limit("first_day_requests")

    @cached_property
    def streams(self) -> int | None:
        """How many streams they may have at once."""
        return self._limit("streams")

    @cached_property
    def tokens_per_day(self) -> int | None:
        """How many tokens they may use in a day."""
        return self._limit("tokens_per_day")

    def _limit(self, name: str) -> int | None:
        if self.person == NOBODY:
            return None
        of = self.spending.rules.get
        for rule in (of(self.person), of(EVERYONE), of(self.organisation), self.defaults):
            if rule is not None and (value := getattr(rule, name)) is not None:
                return value
        return None

    @cached_property
    def payers(self) -> list[tuple[UUID, Rule | None]]:
        """Whose money is spent, and the rule of each."""
        rules = self.spending.rules
        payers = [(self.organisation, rules.get(self.organisation))]
        if self.person != NOBODY:
            payers.insert(0, (self.person, rules.get(self.person) or rules.get(EVERYONE)))
        return payers

    @cached_property
    def is_limited(self) -> bool:
        """Whether a number of tokens or of money may not be passed, so that the most a call can use is reserved."""
        hard = any(rule is not None and rule.budget_micros is not None and not rule.soft for _, rule in self.payers)
        return hard or self.tokens_per_day is not None


def list_wants(party: Party, estimate: Estimate, now: datetime) -> list[Want]:
    """Return everything that a call has to be granted. Raises `LimitReached` when the organisation is stopped."""
    spending, person = party.spending, party.person
    overridden = spending.overridden(now)
    if spending.stopped_at is not None and not overridden:
        raise LimitReached(
            Kind.MONEY,
            "Your organisation's calls are stopped: its budget is spent. An admin can lift that with "
            "`cairn gateway limits --resume`.",
        )
    wants: list[Want] = []

    if (most := party.requests_per_minute) is not None:
        wants.append(Want(Meter(Kind.REQUESTS, person, now.replace(second=0, microsecond=0)), most, 1))
    if (most := party.first_day_requests) is not None and now - party.joined_at < timedelta(days=1):
        wants.append(Want(Meter(Kind.FIRST_DAY, person, party.joined_at), most, 1))
    if (most := party.streams) is not None and estimate.streamed:
        wants.append(Want(Meter(Kind.STREAMS, person, ALWAYS), most, 1))
    if (most := party.tokens_per_day) is not None:
        tokens = estimate.input_tokens + estimate.output_tokens
        wants.append(Want(Meter(Kind.TOKENS, person, day_of(now)), most, tokens))
    month = month_of(now)
    for subject, rule in party.payers:
        # Money is always counted, so that a budget set later knows what has been spent.
        most = UNLIMITED if rule is None or rule.budget_micros is None or overridden else _most(rule)
        wants.append(Want(Meter(Kind.MONEY, subject, month), most, estimate.cost_micros))
    return wants


def _most(rule: Rule) -> int:
    budget = rule.budget_micros or 0
    return budget * SOFT_PERCENT // 100 if rule.soft else budget


def refusal(want: Want, organisation: UUID, now: datetime) -> LimitReached:
    """Return the error for a want that was not granted."""
    meter, limit = want.meter, want.limit
    match meter.kind:
        case Kind.REQUESTS:
            wait = 60.0 - now.second
            return LimitReached(meter.kind, f"You may ask {limit} times a minute. Wait a little.", retry_after_s=wait)
        case Kind.FIRST_DAY:
            wait = (meter.window_start + timedelta(days=1) - now).total_seconds()
            message = Phrase(
                "new_account",
                "A new account may ask {limit} times in its first 24 hours. An admin can raise that.",
                limit=limit,
            )
            return LimitReached(meter.kind, message, retry_after_s=max(1.0, wait))
        case Kind.STREAMS:
            message = Phrase(
                "streams_many", "You may have {limit} streams at once. Wait for one to end, or stop one.", limit=limit
            )
            return LimitReached(meter.kind, message, retry_after_s=1.0)
        case Kind.TOKENS:
            wait = (day_of(now) + timedelta(days=1) - now).total_seconds()
            message = Phrase(
                "tokens_many",
                "This call could pass your {limit} tokens a day. Ask for less, or wait until tomorrow (UTC).",
                limit=limit,
            )
            return LimitReached(meter.kind, message, retry_after_s=wait)
        case Kind.MONEY:
            whose = "your organisation's" if meter.subject == organisation else "your"
            dollars = f"${limit / 1e6:.2f}"
            message = f"This call could pass {whose} budget of {dollars} this month. Ask for less, or ask an admin."
            return LimitReached(meter.kind, message)
