"""`ports.names` on Postgres."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cairn.decisions.postgres.governance import QUERIES
from cairn.platform.database import Connection


class PostgresNameStore:
    """`ports.names.NameStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def set_source_path(self, decision_id: UUID, path: str) -> None:
        """See the port."""
        await QUERIES.set_source_path(self._connection, id=decision_id, path=path)

    async def set_number(self, decision_id: UUID, number: int) -> None:
        """See the port."""
        await QUERIES.set_number(self._connection, id=decision_id, number=number)

    async def add_former_name(self, log_id: UUID, name: str, decision_id: UUID, at: datetime) -> None:
        """See the port."""
        await QUERIES.add_former_name(self._connection, log_id=log_id, name=name, decision_id=decision_id, at=at)

    async def list_former_names(self, log_id: UUID) -> list[tuple[str, UUID]]:
        """See the port."""
        rows = QUERIES.list_former_names(self._connection, log_id=log_id)
        return [(row["name"], row["decision_id"]) async for row in rows]

    async def find_former_name(self, name: str, log_slugs: Sequence[str]) -> list[UUID]:
        """See the port."""
        rows = QUERIES.find_former_name(self._connection, name=name, log_slugs=list(log_slugs))
        return [row["decision_id"] async for row in rows]
