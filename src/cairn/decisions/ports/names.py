"""What names lead to a decision: those it has, and those it had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID


class NameStore(Protocol):
    """Names of decisions, inside one transaction."""

    async def set_source_path(self, decision_id: UUID, path: str) -> None:
        """Say which file a decision is."""
        ...

    async def set_number(self, decision_id: UUID, number: int) -> None:
        """Give a decision a number."""
        ...

    async def add_former_name(self, log_id: UUID, name: str, decision_id: UUID, at: datetime) -> None:
        """Remember that a name led to a decision. The last decision to give a name up keeps it."""
        ...

    async def list_former_names(self, log_id: UUID) -> list[tuple[str, UUID]]:
        """Return every name that living decisions of a log gave up, with the decision, by name."""
        ...

    async def find_former_name(self, name: str, log_slugs: Sequence[str]) -> list[UUID]:
        """Return the living decisions that had this name, in these logs or in all; at most 6."""
        ...
