"""`NameStore` in memory, over the decisions of a `MemoryDecisionStore`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from support.fakes.decision_store import MemoryDecisionStore


@dataclass
class MemoryNameStore:
    """See the port for what each method means."""

    decisions: MemoryDecisionStore
    former: dict[tuple[UUID, str], UUID] = field(default_factory=dict)

    async def set_source_path(self, decision_id: UUID, path: str) -> None:
        self._change(decision_id, source_path=path)

    async def set_number(self, decision_id: UUID, number: int) -> None:
        prefix = self.decisions.logs[self.decisions.decisions[decision_id].log_id].prefix
        self._change(decision_id, number=number, ref=f"{prefix}-{number:04d}")

    async def add_former_name(self, log_id: UUID, name: str, decision_id: UUID, at: datetime) -> None:
        del at
        self.former[log_id, name] = decision_id

    async def list_former_names(self, log_id: UUID) -> list[tuple[str, UUID]]:
        return sorted((name, decision_id) for (log, name), decision_id in self.former.items() if log == log_id)

    async def find_former_name(self, name: str, log_slugs: Sequence[str]) -> list[UUID]:
        living = {d.id: d for d in self.decisions.decisions.values() if d.deleted_at is None}
        return sorted(
            id_
            for (_, known), id_ in self.former.items()
            if known == name and id_ in living and (not log_slugs or living[id_].log_slug in log_slugs)
        )[:6]

    def _change(self, decision_id: UUID, **fields: object) -> None:
        self.decisions.decisions[decision_id] = replace(self.decisions.decisions[decision_id], **fields)
