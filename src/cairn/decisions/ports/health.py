"""What the doctor needs from outside."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from cairn.decisions.domain.health import HealthLink, HealthRecord
from cairn.kernel.identity import Caller


class HealthStore(Protocol):
    """Everything an examination looks at, inside one transaction."""

    async def list_health_records(self) -> list[HealthRecord]:
        """Return every living decision, in no order. `stated` is left for the caller to read."""
        ...

    async def list_health_links(self) -> list[HealthLink]:
        """Return every link that a living decision writes, and every whole relation that people stated."""
        ...

    async def list_used_numbers(self) -> dict[tuple[UUID, str], frozenset[int]]:
        """Return by log and prefix the numbers of deleted decisions and those reserved."""
        ...

    async def list_acknowledged(self) -> set[str]:
        """Return the keys of the findings that people chose to leave."""
        ...

    async def acknowledge(self, log_id: UUID, key: str, caller: Caller, at: datetime) -> None:
        """Leave a finding as it is."""
        ...

    async def report_again(self, keys: Collection[str]) -> int:
        """Forget that these findings were left, or all of them without keys; return how many were."""
        ...

    async def postpone_review(self, decision_id: UUID, review_on: date) -> None:
        """Set the day of a decision's next review."""
        ...
