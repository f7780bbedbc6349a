"""What publishing needs from outside."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from cairn.decisions.domain.publishing import Chosen, PublicLog, PublicRecord


class PublishingStore(Protocol):
    """Which logs and records are public, inside one transaction."""

    async def get_public_log(self, log_id: UUID) -> PublicLog | None:
        """Return a log that is public or was withdrawn."""
        ...

    async def put_public_log(self, log: PublicLog) -> bool:
        """Keep that a log is public, or withdrawn. False when its address belongs to another log."""
        ...

    async def get_chosen(self, decision_id: UUID) -> Chosen | None:
        """Return what was said about one record; None when nothing was."""
        ...

    async def choose(self, decision_id: UUID, version: int | None, at: datetime) -> None:
        """Show one version of a record to readers, or keep the record back."""
        ...

    async def forget_choice(self, decision_id: UUID) -> None:
        """Let a record follow its log again."""
        ...

    async def forget_choices(self, log_id: UUID) -> None:
        """Let every record of a log follow it again."""
        ...

    async def find_public(self, decision_id: UUID) -> PublicRecord | None:
        """Return what readers see of a record now."""
        ...

    async def count_public(self, log_id: UUID) -> int:
        """Return how many records of a log readers see now."""
        ...
