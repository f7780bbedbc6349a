"""`ports.history` on Postgres."""

from collections.abc import Sequence
from uuid import UUID

from cairn.decisions.postgres.governance import QUERIES
from cairn.platform.database import Connection


class PostgresHistoryStore:
    """`ports.history.HistoryStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list_commits(self, log_id: UUID, commit_ids: Sequence[str]) -> set[tuple[str, str]]:
        """See the port."""
        rows = QUERIES.list_commits(self._connection, log_id=log_id, commit_ids=list(commit_ids))
        return {(row["commit_id"], row["path"]) async for row in rows}

    async def add_commit(self, log_id: UUID, commit_id: str, path: str, decision_id: UUID) -> None:
        """See the port."""
        await QUERIES.add_commit(
            self._connection, log_id=log_id, commit_id=commit_id, path=path, decision_id=decision_id
        )

    async def has_history(self, decision_id: UUID) -> bool:
        """See the port."""
        return await QUERIES.has_history(self._connection, decision_id=decision_id)
