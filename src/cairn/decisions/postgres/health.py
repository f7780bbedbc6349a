"""`ports.health` on Postgres."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from cairn.decisions.domain import Content, LinkKind, Status
from cairn.decisions.domain.health import HealthLink, HealthRecord
from cairn.decisions.domain.lifecycle import text_hash
from cairn.decisions.postgres.governance import QUERIES
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection


class PostgresHealthStore:
    """`ports.health.HealthStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list_health_records(self) -> list[HealthRecord]:
        """See the port."""
        approvals = await self._count_approvals()
        rows = QUERIES.list_health_records(self._connection)
        return [
            HealthRecord(
                id=row["id"],
                log_id=row["log_id"],
                log_slug=row["log_slug"],
                number=row["number"],
                ref=row["ref"],
                title=row["title"],
                status=Status(row["status"]),
                created_at=row["created_at"],
                path=row["source_path"],
                prefix=row["prefix"],
                status_text=row["status_text"],
                review_on=row["review_on"],
                approvals=approvals.get(row["id"], 0),
                approvals_required=row["required_approvals"],
            )
            async for row in rows
        ]

    async def _count_approvals(self) -> dict[UUID, int]:
        """Count for each decision the people whose approval is of the text that is current now."""
        people: dict[UUID, set[UUID]] = defaultdict(set)
        async for row in QUERIES.list_health_approvals(self._connection):
            content = Content(row["title"], Status.ACCEPTED, row["body"], deciders=tuple(row["deciders"]))
            if row["text_hash"] == text_hash(content):
                people[row["decision_id"]].add(row["person_id"])
        return {decision_id: len(those) for decision_id, those in people.items()}

    async def list_health_links(self) -> list[HealthLink]:
        """See the port."""
        return [
            HealthLink(
                writer_id=row["decision_id"],
                position=row["position"],
                kind=LinkKind(row["kind"]),
                target=row["target"],
                target_id=None if row["target_deleted"] else row["target_id"],
                target_deleted=row["target_deleted"],
            )
            async for row in QUERIES.list_health_links(self._connection)
        ]

    async def list_used_numbers(self) -> dict[tuple[UUID, str], frozenset[int]]:
        """See the port."""
        used: dict[tuple[UUID, str], set[int]] = defaultdict(set)
        async for row in QUERIES.list_used_numbers(self._connection):
            used[row["log_id"], row["prefix"]].add(row["number"])
        return {key: frozenset(numbers) for key, numbers in used.items()}

    async def list_acknowledged(self) -> set[str]:
        """See the port."""
        return {row["finding"] async for row in QUERIES.list_acknowledged(self._connection)}

    async def acknowledge(self, log_id: UUID, key: str, caller: Caller, at: datetime) -> None:
        """See the port."""
        await QUERIES.acknowledge(
            self._connection,
            log_id=log_id,
            finding=key,
            person_id=caller.person_id,
            person_name=caller.person_name,
            at=at,
        )

    async def report_again(self, keys: Collection[str]) -> int:
        """See the port."""
        return await QUERIES.report_again(self._connection, findings=list(keys))

    async def postpone_review(self, decision_id: UUID, review_on: date) -> None:
        """See the port."""
        await QUERIES.postpone_review(self._connection, decision_id=decision_id, review_on=review_on)
