"""`ScopeStore` in memory, over the decisions of a `MemoryDecisionStore`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, Status
from cairn.decisions.domain.scopes import Component, Scope
from support.fakes.decision_store import MemoryDecisionStore


@dataclass
class MemoryScopeStore:
    """See the port for what each method means."""

    decisions: MemoryDecisionStore
    components: dict[UUID, dict[str, Component]] = field(default_factory=dict)

    async def list_bound(
        self, log_ids: Sequence[UUID], statuses: Sequence[Status]
    ) -> list[tuple[DecisionSummary, Scope]]:
        found = [
            d
            for log_id in log_ids
            for d in await self.decisions.list_log_decisions(log_id)
            if not statuses or d.status in statuses
        ]
        bound = [(d, self._scope(d)) for d in found if self._scope(d).paths or self._scope(d).components]
        return sorted(
            bound, key=lambda pair: (pair[0].log_slug, 2**31 - 1 if pair[0].number is None else pair[0].number)
        )

    async def list_components(self, log_id: UUID) -> list[Component]:
        return [component for _, component in sorted(self.components.get(log_id, {}).items())]

    async def count_components(self, log_id: UUID) -> dict[str, int]:
        living = [d for d in self.decisions.decisions.values() if d.log_id == log_id and d.deleted_at is None]
        return dict(Counter(name for d in living for name in self._scope(d).components))

    async def put_component(self, log_id: UUID, component: Component) -> None:
        self.components.setdefault(log_id, {})[component.name] = component

    async def delete_component(self, log_id: UUID, name: str) -> bool:
        return self.components.get(log_id, {}).pop(name, None) is not None

    def _scope(self, decision: DecisionSummary) -> Scope:
        return self.decisions.versions[decision.id, decision.version].content.scope
