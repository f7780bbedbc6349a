"""Who looks after a decision, and when it is looked at again."""

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cairn.decisions.domain import DecisionSummary
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase

EVERY_MONTHS_MOST = 120
DUE_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the organisation."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Care:
    """The owner of a decision, its next review, and who watches it."""

    owner: Person | None = None
    review_on: date | None = None
    # Months from a confirmed review to the next; 0 for none.
    every_months: int = 0
    reviewed_at: datetime | None = None
    watchers: tuple[Person, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Due:
    """A decision with a review date."""

    decision: DecisionSummary
    review_on: date
    owner_name: str


class AwaitingKind(StrEnum):
    """Why something awaits a person."""

    REVIEW = "review"
    APPROVAL = "approval"
    COMMENT = "comment"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Awaiting:
    """One thing that awaits a person. `count` is of open discussions, missing approvals or versions not seen."""

    kind: AwaitingKind
    decision: DecisionSummary
    at: datetime
    count: int = 0


def check_rhythm(every_months: int) -> int:
    """Return the months from one review to the next. Raises `InvalidArgument`."""
    if not 0 <= every_months <= EVERY_MONTHS_MOST:
        message = Phrase(
            "rhythm",
            "A review comes every 1 to {most} months, or 0 for once, not {every_months}.",
            most=EVERY_MONTHS_MOST,
            every_months=every_months,
        )
        raise InvalidArgument(message, field="every_months")
    return every_months


def next_review(today: date, every_months: int) -> date | None:
    """Return the day `every_months` after today, the month's last where it has no such day; None for no rhythm."""
    if not every_months:
        return None
    months = today.year * 12 + today.month - 1 + every_months
    year, month = divmod(months, 12)
    day = min(today.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day)


def tell(awaiting: Awaiting) -> str:
    """Return in one line what to do."""
    ref, count = awaiting.decision.ref, awaiting.count
    match awaiting.kind:
        case AwaitingKind.REVIEW:
            when = f"{count} day{'s' * (count != 1)} ago" if count else "today"
            return f"{ref} was due for review {when}: confirm that it holds, or change it."
        case AwaitingKind.APPROVAL:
            return f"{ref} needs {count} more approval{'s' * (count != 1)}."
        case AwaitingKind.COMMENT:
            return f"{ref} has {count} open discussion{'s' * (count != 1)}."
        case AwaitingKind.CHANGE:
            return f"{ref} changed: {count} version{'s' * (count != 1)} since you last looked."


def write_calendar(due: list[Due], *, now: datetime, page: str) -> str:
    """Return review dates as an iCalendar (RFC 5545) of one all-day event each. `page` is the address of the pages."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Cairn//Review dates//EN", "X-WR-CALNAME:Cairn reviews"]
    for entry in due:
        decision = entry.decision
        owner = f" Owner: {entry.owner_name}." if entry.owner_name else ""
        lines += [
            "BEGIN:VEVENT",
            f"UID:review-{decision.id}@cairn",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.review_on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.review_on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escape(f'Review {decision.ref}: {decision.title}')}",
            f"DESCRIPTION:{_escape(f'{decision.ref} ({decision.log_slug}) is {decision.status.value}.{owner}')}",
            f"URL:{page}/decisions/{decision.id}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _escape(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _fold(line: str) -> list[str]:
    """Cut a line into pieces of at most 75 octets, the later ones begun by a space (RFC 5545, 3.1)."""
    pieces = [""]
    size = 0
    for character in line:
        width = len(character.encode("utf-8", "replace"))
        if size + width > 75:  # noqa: PLR2004 - the RFC's number, as said above.
            pieces.append(" ")
            size = 1
        pieces[-1] += character
        size += width
    return pieces
