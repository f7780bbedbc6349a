"""What governance needs from outside."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, Status
from cairn.decisions.domain.scopes import Component, Scope


class ScopeStore(Protocol):
    """What decisions bind, inside one transaction."""

    async def list_bound(
        self, log_ids: Sequence[UUID], statuses: Sequence[Status]
    ) -> list[tuple[DecisionSummary, Scope]]:
        """Return the living decisions of these logs and statuses that bind paths or components, by log and number."""
        ...

    async def list_components(self, log_id: UUID) -> list[Component]:
        """Return the components of a log, by name."""
        ...

    async def count_components(self, log_id: UUID) -> dict[str, int]:
        """Return how many living decisions of a log name each component."""
        ...

    async def put_component(self, log_id: UUID, component: Component) -> None:
        """Add a component, or replace the one of that name."""
        ...

    async def delete_component(self, log_id: UUID, name: str) -> bool:
        """Remove a component; False when there is none of that name."""
        ...
