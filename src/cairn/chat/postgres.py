"""Conversations on Postgres. Row-level security narrows every statement to the caller's own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cairn.chat.ports import Conversation, NewGeneration, Pulse, Scope, StoredGeneration
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("chat")


class PostgresConversationStore:
    """`ports.ConversationStore` in the transaction of `connection`.

    A process that has not been heard of for `alive_s` seconds counts as gone.
    """

    def __init__(self, connection: Connection, *, alive_s: float) -> None:
        self._connection = connection
        self._alive_s = alive_s

    async def add_conversation(self, conversation_id: UUID, title: str, *, draft: bool = False) -> None:
        """See the port."""
        await QUERIES.purge_conversations(self._connection)
        kind = "draft" if draft else "ask"
        await QUERIES.add_conversation(self._connection, id=conversation_id, title=title, kind=kind)

    async def touch_conversation(self, conversation_id: UUID) -> bool:
        """See the port."""
        return bool(await QUERIES.touch_conversation(self._connection, id=conversation_id))

    async def list_conversations(
        self, after: tuple[datetime, UUID] | None, limit: int, *, query: str = "", others: bool = False
    ) -> list[Conversation]:
        """See the port."""
        after_at, after_id = after or (None, None)
        literal = re.sub(r"([\\%_])", r"\\\1", query)
        rows = QUERIES.list_conversations(
            self._connection,
            after_at=after_at,
            after_id=after_id,
            limit=limit,
            pattern=f"%{literal}%" if query else "",
            others=others,
        )
        return [Conversation(**row) async for row in rows]

    async def find_conversation(self, conversation_id: UUID) -> Conversation | None:
        """See the port."""
        row = await QUERIES.find_conversation(self._connection, id=conversation_id)
        return Conversation(**row) if row else None

    async def rename_conversation(self, conversation_id: UUID, title: str) -> bool:
        """See the port."""
        return bool(await QUERIES.rename_conversation(self._connection, id=conversation_id, title=title))

    async def share_conversation(self, conversation_id: UUID, *, shared: bool) -> bool:
        """See the port."""
        return bool(await QUERIES.share_conversation(self._connection, id=conversation_id, shared=shared))

    async def restore_conversation(self, conversation_id: UUID) -> bool:
        """See the port."""
        return bool(await QUERIES.restore_conversation(self._connection, id=conversation_id))

    async def delete_conversation(self, conversation_id: UUID) -> bool:
        """See the port."""
        await QUERIES.purge_conversations(self._connection)
        return bool(await QUERIES.delete_conversation(self._connection, id=conversation_id))

    async def add_generation(self, generation: NewGeneration) -> None:
        """See the port."""
        await QUERIES.add_generation(
            self._connection,
            id=generation.id,
            conversation_id=generation.conversation_id,
            question=generation.question,
            model=generation.model,
            extracts_only=generation.extracts_only,
            log_ids=list(generation.scope.log_ids),
            decision_ids=list(generation.scope.decision_ids),
            tags=list(generation.scope.tags),
            as_of=generation.scope.as_of,
            after_id=generation.after_id,
            language=generation.language,
        )

    async def list_generations(self, conversation_id: UUID, limit: int) -> list[StoredGeneration]:
        """See the port."""
        rows = QUERIES.list_generations(
            self._connection, conversation_id=conversation_id, limit=limit, alive_s=self._alive_s
        )
        return [_generation(row) async for row in rows]

    async def find_generation(self, generation_id: UUID) -> StoredGeneration | None:
        """See the port."""
        row = await QUERIES.find_generation(self._connection, id=generation_id, alive_s=self._alive_s)
        return _generation(row) if row else None

    async def list_events(self, generation_ids: Sequence[UUID], after_sequence: int) -> list[tuple[UUID, bytes]]:
        """See the port."""
        rows = QUERIES.list_events(self._connection, generation_ids=list(generation_ids), after_sequence=after_sequence)
        return [(row["generation_id"], row["body"]) async for row in rows]

    async def append_events(
        self, generation_id: UUID, first: int, bodies: Sequence[bytes], *, ended: bool, term: int = 0
    ) -> Pulse | None:
        """See the port."""
        row = await QUERIES.append_events(
            self._connection,
            id=generation_id,
            first=first,
            bodies=list(bodies),
            ended=ended,
            term=term,
            alive_s=self._alive_s,
        )
        return Pulse(stop_requested=row["stop_requested"], watched=row["watched"]) if row else None

    async def take_up(self, generation_id: UUID) -> int | None:
        """See the port."""
        term: int | None = await QUERIES.take_up_generation(self._connection, id=generation_id, alive_s=self._alive_s)
        return term

    async def release(self, generation_id: UUID, term: int) -> None:
        """See the port."""
        await QUERIES.release_generation(self._connection, id=generation_id, term=term, alive_s=self._alive_s)

    async def request_stop(self, generation_id: UUID) -> bool:
        """See the port."""
        return bool(await QUERIES.request_stop(self._connection, id=generation_id))

    async def watch(self, generation_id: UUID) -> None:
        """See the port."""
        await QUERIES.watch_generation(self._connection, id=generation_id)


def _generation(row: Mapping[str, Any]) -> StoredGeneration:
    fields = dict(row)
    scope = Scope(
        tuple(fields.pop("log_ids")),
        tuple(fields.pop("decision_ids")),
        tuple(fields.pop("tags")),
        fields.pop("as_of"),
    )
    return StoredGeneration(**fields, scope=scope)


async def list_left_behind(connection: Connection, *, alive_s: float, limit: int) -> list[tuple[UUID, UUID, UUID]]:
    """Return what nobody writes any more, of every organisation: organisation, person and generation, latest first.

    The transaction must belong to no organisation.
    """
    await connection.execute("set local app.role = 'heir'")
    rows = QUERIES.list_left_behind(connection, alive_s=alive_s, limit=limit)
    return [(row["tenant_id"], row["person_id"], row["id"]) async for row in rows]


async def read_standings(connection: Connection, ids: Sequence[UUID], day: date) -> dict[UUID, tuple[int, str, str]]:
    """Return version, title and status of decisions as they were at the end of a day, without those to come."""
    rows = QUERIES.standings_at(connection, ids=list(ids), day=day)
    return {row["id"]: (row["version"], row["title"], row["status"]) async for row in rows}


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version of a decision."""

    version: int
    title: str
    status: str
    body: str
    message: str
    author_name: str
    created_at: datetime


async def find_by_name(connection: Connection, ref: str, log_ids: Sequence[UUID]) -> list[UUID]:
    """Return the decisions that a name means, best first: ADR-0012, 12 or a slug."""
    digits = re.fullmatch(r"(?:[^\W\d_]+[- #]?)?(\d{1,9})", ref.strip())
    rows = QUERIES.find_by_name(
        connection,
        slug=ref.strip().lower(),
        number=int(digits.group(1)) if digits else None,
        log_ids=list(log_ids),
    )
    return [row["id"] async for row in rows]


async def read_versions(
    connection: Connection, decision_id: UUID, *, numbers: Sequence[int] = (), limit: int = 100
) -> list[ReadVersion]:
    """Return versions of a decision, latest first: those of these numbers, or all."""
    rows = QUERIES.list_versions_of(connection, id=decision_id, numbers=list(numbers), limit=limit)
    return [ReadVersion(**row) async for row in rows]
