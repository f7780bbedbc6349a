"""Policies, approvals, relations and numbers on Postgres."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cairn.decisions.domain import DecisionNotFound, LinkKind, Status
from cairn.decisions.domain.lifecycle import Approval, LogPolicy, People, Transition
from cairn.decisions.domain.numbers import Reservation
from cairn.decisions.domain.relations import Edge, Relation
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("decisions", "lifecycle.sql")


class PostgresLifecycleStore:
    """`ports.LifecycleStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get_policy(self, log_id: UUID) -> LogPolicy | None:
        """See the port."""
        row = await QUERIES.get_policy(self._connection, log_id=log_id)
        return to_policy(row) if row else None

    async def set_policy(self, log_id: UUID, policy: LogPolicy) -> None:
        """See the port."""
        names = json.dumps({status.value: name for status, name in policy.status_names.items()}, ensure_ascii=False)
        await QUERIES.set_policy(
            self._connection, log_id=log_id, status_names=names, required_approvals=policy.required_approvals
        )

    async def get_people(self, decision_id: UUID) -> People:
        """See the port."""
        row = await QUERIES.get_people(self._connection, id=decision_id)
        if row is None:
            raise DecisionNotFound(str(decision_id))
        return People(row["author_id"], row["owner_id"])

    async def add_approval(self, approval: Approval) -> None:
        """See the port."""
        await QUERIES.add_approval(
            self._connection,
            id=approval.id,
            decision_id=approval.decision_id,
            version=approval.version,
            content_hash=approval.content_hash,
            text_hash=approval.text_hash,
            person_id=approval.person_id,
            person_name=approval.person_name,
            note=approval.note,
            created_at=approval.created_at,
        )

    async def withdraw_approvals(self, decision_id: UUID, person_id: UUID, at: datetime) -> int:
        """See the port."""
        return await QUERIES.withdraw_approvals(self._connection, decision_id=decision_id, person_id=person_id, at=at)

    async def list_approvals(self, decision_id: UUID) -> list[Approval]:
        """See the port."""
        return [Approval(**row) async for row in QUERIES.list_approvals(self._connection, decision_id=decision_id)]

    async def list_void_approvals(self, decision_id: UUID) -> dict[UUID, int]:
        """See the port."""
        rows = QUERIES.list_void_approvals(self._connection, decision_id=decision_id)
        return {row["id"]: row["since"] async for row in rows}

    async def hold_relations(self) -> None:
        """See the port."""
        await QUERIES.hold_relations(self._connection)

    async def add_relation(self, relation: Relation) -> None:
        """See the port."""
        await QUERIES.add_relation(
            self._connection,
            id=relation.id,
            source_id=relation.source_id,
            kind=relation.kind.value,
            target_id=relation.target_id,
            section=relation.section,
            person_id=relation.person_id,
            person_name=relation.person_name,
            created_at=relation.created_at,
        )

    async def get_relation(self, relation_id: UUID) -> Relation | None:
        """See the port."""
        row = await QUERIES.get_relation(self._connection, id=relation_id)
        if row is None:
            return None
        values: dict[str, Any] = dict(row)
        values["kind"] = LinkKind(row["kind"])
        return Relation(**values)

    async def remove_relation(self, relation_id: UUID) -> None:
        """See the port."""
        await QUERIES.remove_relation(self._connection, id=relation_id)

    async def list_edges(self, ids: Sequence[UUID], *, kind: LinkKind | None = None) -> list[Edge]:
        """See the port."""
        wanted = kind.value if kind else None
        return await _to_edges(QUERIES.list_edges(self._connection, ids=list(ids), kind=wanted))

    async def list_edges_from(self, ids: Sequence[UUID], kind: LinkKind) -> list[Edge]:
        """See the port."""
        return await _to_edges(QUERIES.list_edges_from(self._connection, ids=list(ids), kind=kind.value))

    async def list_latest(self, log_ids: Sequence[UUID], limit: int) -> list[UUID]:
        """See the port."""
        return [row["id"] async for row in QUERIES.list_latest(self._connection, log_ids=list(log_ids), limit=limit)]

    async def list_statuses(self, decision_id: UUID) -> list[Transition]:
        """See the port."""
        return [
            Transition(
                before=Status(row["before"]) if row["before"] else None,
                after=Status(row["status"]),
                version=row["version"],
                author_name=row["author_name"],
                message=row["message"],
                created_at=row["created_at"],
            )
            async for row in QUERIES.list_statuses(self._connection, decision_id=decision_id)
        ]

    async def take_number(self, log_id: UUID, prefix: str = "") -> int:
        """See the port."""
        if prefix:
            return await QUERIES.take_scoped_number(self._connection, log_id=log_id, prefix=prefix)
        return await QUERIES.take_number(self._connection, log_id=log_id)

    async def pass_number(self, log_id: UUID, number: int, prefix: str = "") -> None:
        """See the port."""
        if prefix:
            await QUERIES.pass_scoped_number(self._connection, log_id=log_id, number=number, prefix=prefix)
        else:
            await QUERIES.pass_number(self._connection, log_id=log_id, number=number)

    async def add_reservation(self, reservation: Reservation) -> None:
        """See the port."""
        await QUERIES.add_reservation(
            self._connection,
            id=reservation.id,
            log_id=reservation.log_id,
            prefix=reservation.prefix,
            number=reservation.number,
            person_id=reservation.person_id,
            person_name=reservation.person_name,
            purpose=reservation.purpose,
            created_at=reservation.created_at,
        )

    async def hold_reservation(self, log_id: UUID, prefix: str, number: int) -> Reservation | None:
        """See the port."""
        row = await QUERIES.hold_reservation(self._connection, log_id=log_id, prefix=prefix, number=number)
        return Reservation(**row) if row else None

    async def list_reservations(self, log_id: UUID, limit: int) -> list[Reservation]:
        """See the port."""
        rows = QUERIES.list_reservations(self._connection, log_id=log_id, limit=limit)
        return [Reservation(**row) async for row in rows]


def to_policy(row: Any) -> LogPolicy:  # noqa: ANN401 - asyncpg rows are untyped.
    """Return the policy in a row of a log."""
    return LogPolicy(to_status_names(row), row["required_approvals"])


def to_status_names(row: Any) -> dict[Status, str]:  # noqa: ANN401 - as above.
    """Return what a log calls the statuses, where it differs from Cairn."""
    names = row["status_names"]
    # Most logs have no names of their own, and each edit asks.
    return {Status(status): name for status, name in json.loads(names).items()} if names != "{}" else {}


async def _to_edges(rows: AsyncIterator[Any]) -> list[Edge]:
    return [
        Edge(
            source_id=row["source_id"],
            kind=LinkKind(row["kind"]),
            target_id=row["target_id"],
            section=row["section"],
            relation_id=row["relation_id"],
            in_text=row["relation_id"] is None,
        )
        async for row in rows
    ]
