"""Numbers of decisions: how they are written, and how they are given out before a decision exists."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import Log
from cairn.kernel.errors import FailedPrecondition, InvalidArgument
from cairn.kernel.phrases import Phrase

PURPOSE_MOST = 500


@dataclass(frozen=True, slots=True)
class Reservation:
    """A number given out in a log. `decision_id` is the decision that has it by now."""

    id: UUID
    log_id: UUID
    prefix: str
    number: int
    person_id: UUID
    person_name: str
    purpose: str
    created_at: datetime
    decision_id: UUID | None = None


class NotReserved(FailedPrecondition):
    """The number was not given out, or has a decision already."""

    def __init__(self, ref: str, *, used: bool) -> None:
        told = "has a decision already" if used else "was not reserved"
        super().__init__(f"{ref} {told}. Reserve a number first: cairn reserve.", field="number")


def check_prefix(prefix: str, log: Log) -> str:
    """Return a number's prefix in capitals, empty when it is the log's own. Raises `InvalidArgument`."""
    prefix = prefix.strip().upper()
    if prefix in {"", log.prefix.upper()}:
        return ""
    if not re.fullmatch(r"[A-Z][A-Z0-9]{0,15}", prefix):
        raise InvalidArgument(
            Phrase("prefix_form", "A prefix is 1 to 16 letters and digits, a letter first, for example ADR."),
            field="prefix",
        )
    return prefix


def check_purpose(purpose: str) -> str:
    """Return what a number is for, in one line. Raises `InvalidArgument` when it is too long."""
    purpose = " ".join(purpose.split())
    if len(purpose) > PURPOSE_MOST or "\x00" in purpose:
        raise InvalidArgument(f"Say what it is for in at most {PURPOSE_MOST} characters.", field="purpose")
    return purpose


def make_ref(log: Log, number: int | None, slug: str, prefix: str = "") -> str:
    """Return what people call a decision."""
    return slug if number is None else f"{prefix or log.prefix}-{number:04d}"
