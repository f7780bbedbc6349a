"""What reading a repository's history needs from outside."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class HistoryStore(Protocol):
    """Which commits were read, inside one transaction."""

    async def list_commits(self, log_id: UUID, commit_ids: Sequence[str]) -> set[tuple[str, str]]:
        """Return which of these commits were read into a log before, with the path."""
        ...

    async def add_commit(self, log_id: UUID, commit_id: str, path: str, decision_id: UUID) -> None:
        """Remember that a commit's file was read."""
        ...

    async def has_history(self, decision_id: UUID) -> bool:
        """Whether a decision came from a repository's history."""
        ...
