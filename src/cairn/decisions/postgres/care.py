"""Comments, owners, review dates and watchers on Postgres."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cairn.decisions.domain.care import AwaitingKind, Care, Person
from cairn.decisions.domain.comments import Comment, Remark
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("decisions", "care.sql")


class PostgresCommentStore:
    """`ports.care.CommentStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add_comment(self, comment: Comment) -> None:
        """See the port."""
        await QUERIES.add_comment(
            self._connection,
            id=comment.id,
            decision_id=comment.decision_id,
            parent_id=comment.parent_id,
            version=comment.version,
            first_line=comment.first_line,
            last_line=comment.last_line,
            body=comment.body,
            author_id=comment.author_id,
            author_name=comment.author_name,
            created_at=comment.created_at,
        )

    async def get_comment(self, comment_id: UUID) -> Comment | None:
        """See the port."""
        row = await QUERIES.get_comment(self._connection, id=comment_id)
        return Comment(**row) if row else None

    async def list_comments(self, decision_id: UUID, limit: int) -> list[Comment]:
        """See the port."""
        rows = QUERIES.list_comments(self._connection, decision_id=decision_id, limit=limit)
        return [Comment(**row) async for row in rows]

    async def hold_comments(self, decision_ids: Sequence[UUID], limit: int) -> list[Remark]:
        """Return the newest comments of decisions, held so that none is deleted before the transaction ends."""
        rows = QUERIES.hold_comments(self._connection, decision_ids=list(decision_ids), limit=limit)
        return [Remark(**row) async for row in rows]

    async def set_resolved(self, comment_id: UUID, at: datetime | None, by: str) -> None:
        """See the port."""
        await QUERIES.set_resolved(self._connection, id=comment_id, at=at, by=by)


class PostgresCareStore:
    """`ports.care.CareStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get_care(self, decision_id: UUID) -> Care:
        """See the port."""
        row = await QUERIES.get_care(self._connection, decision_id=decision_id)
        watchers = tuple(
            [Person(**person) async for person in QUERIES.list_watchers(self._connection, decision_id=decision_id)]
        )
        if row is None:
            return Care(watchers=watchers)
        return Care(
            owner=Person(row["owner_id"], row["owner_name"]) if row["owner_id"] else None,
            review_on=row["review_on"],
            every_months=row["every_months"],
            reviewed_at=row["reviewed_at"],
            watchers=watchers,
        )

    async def set_care(self, decision_id: UUID, care: Care) -> None:
        """See the port."""
        await QUERIES.set_care(
            self._connection,
            decision_id=decision_id,
            owner_id=care.owner.id if care.owner else None,
            owner_name=care.owner.name if care.owner else "",
            review_on=care.review_on,
            every_months=care.every_months,
            reviewed_at=care.reviewed_at,
        )

    async def list_people(self, limit: int) -> list[Person]:
        """See the port."""
        return [Person(**row) async for row in QUERIES.list_people(self._connection, limit=limit)]

    async def watch(self, decision_id: UUID, person_id: UUID, seen_version: int, at: datetime) -> None:
        """See the port."""
        await QUERIES.watch(
            self._connection, decision_id=decision_id, person_id=person_id, seen_version=seen_version, at=at
        )

    async def unwatch(self, decision_id: UUID, person_id: UUID) -> None:
        """See the port."""
        await QUERIES.unwatch(self._connection, decision_id=decision_id, person_id=person_id)

    async def list_due(
        self, until: date, log_ids: Sequence[UUID], person_id: UUID | None, limit: int
    ) -> list[tuple[UUID, date, str]]:
        """See the port."""
        rows = QUERIES.list_due(self._connection, until=until, log_ids=list(log_ids), person_id=person_id, limit=limit)
        return [(row["decision_id"], row["review_on"], row["owner_name"]) async for row in rows]

    async def list_awaiting(
        self, person_id: UUID, kind: AwaitingKind, *, today: date, limit: int
    ) -> list[tuple[UUID, datetime, int]]:
        """See the port."""
        query = {
            AwaitingKind.REVIEW: QUERIES.list_reviews_awaiting,
            AwaitingKind.APPROVAL: QUERIES.list_approvals_awaiting,
            AwaitingKind.COMMENT: QUERIES.list_comments_awaiting,
            AwaitingKind.CHANGE: QUERIES.list_changes_awaiting,
        }[kind]
        rows = query(self._connection, person_id=person_id, today=today, limit=limit)
        return [(row["decision_id"], row["at"], row["count"]) async for row in rows]

    async def replace_feed(self, person_id: UUID, token_hash: bytes, at: datetime) -> None:
        """See the port."""
        await QUERIES.replace_feed(self._connection, person_id=person_id, token_hash=token_hash, at=at)


async def find_feed(connection: Connection, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Return the organisation and the person that a calendar address is of. Runs before the organisation is known."""
    await connection.execute("select set_config('app.token_hash', $1, true)", token_hash.hex())
    row = await QUERIES.find_feed(connection, token_hash=token_hash)
    return (row["tenant_id"], row["person_id"]) if row else None
