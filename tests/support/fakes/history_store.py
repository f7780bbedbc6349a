"""`HistoryStore` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class MemoryHistoryStore:
    """See the port for what each method means."""

    commits: dict[tuple[UUID, str, str], UUID] = field(default_factory=dict)

    async def list_commits(self, log_id: UUID, commit_ids: Sequence[str]) -> set[tuple[str, str]]:
        return {(commit, path) for log, commit, path in self.commits if log == log_id and commit in commit_ids}

    async def add_commit(self, log_id: UUID, commit_id: str, path: str, decision_id: UUID) -> None:
        self.commits.setdefault((log_id, commit_id, path), decision_id)

    async def has_history(self, decision_id: UUID) -> bool:
        return decision_id in self.commits.values()
