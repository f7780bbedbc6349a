"""`ports.governance` on Postgres."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, Status
from cairn.decisions.domain.scopes import Component, Scope
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("decisions", "governance.sql")


class PostgresScopeStore:
    """`ports.governance.ScopeStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._decisions = PostgresDecisionStore(connection)

    async def list_bound(
        self, log_ids: Sequence[UUID], statuses: Sequence[Status]
    ) -> list[tuple[DecisionSummary, Scope]]:
        """See the port."""
        rows = QUERIES.list_bound(
            self._connection, log_ids=list(log_ids), statuses=[status.value for status in statuses]
        )
        scopes = {
            row["id"]: Scope(tuple(row["applies_to"]), tuple(row["components"]), tuple(row["categories"]))
            async for row in rows
        }
        found = {summary.id: summary for summary in await self._decisions.find_many(list(scopes))}
        return [(found[id_], scope) for id_, scope in scopes.items() if id_ in found]

    async def list_components(self, log_id: UUID) -> list[Component]:
        """See the port."""
        rows = QUERIES.list_components(self._connection, log_id=log_id)
        return [Component(row["name"], tuple(row["paths"])) async for row in rows]

    async def count_components(self, log_id: UUID) -> dict[str, int]:
        """See the port."""
        return {row["name"]: row["count"] async for row in QUERIES.count_components(self._connection, log_id=log_id)}

    async def put_component(self, log_id: UUID, component: Component) -> None:
        """See the port."""
        await QUERIES.put_component(self._connection, log_id=log_id, name=component.name, paths=list(component.paths))

    async def delete_component(self, log_id: UUID, name: str) -> bool:
        """See the port."""
        return await QUERIES.delete_component(self._connection, log_id=log_id, name=name) is not None
