"""Conversations on Postgres. Row-level security narrows every statement to the caller's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cairn.chat.ports import Conversation, NewGeneration, Pulse, StoredGeneration
from cairn.platform.database import Connection, load_queries

QUERIES: Any = load_queries("chat")


class PostgresConversationStore:
    """`ports.ConversationStore` in the transaction of `connection`.

    A process that has not been heard of for `alive_s` seconds counts as gone.
    """

    def __init__(self, connection: Connection, *, alive_s: float) -> None:
        self._connection = connection
        self._alive_s = alive_s

    async def add_conversation(self, conversation_id: UUID, title: str) -> None:
        """See the port."""
        await QUERIES.add_conversation(self._connection, id=conversation_id, title=title)

    async def touch_conversation(self, conversation_id: UUID) -> bool:
        """See the port."""
        return bool(await QUERIES.touch_conversation(self._connection, id=conversation_id))

    async def list_conversations(self, after: tuple[datetime, UUID] | None, limit: int) -> list[Conversation]:
        """See the port."""
        after_at, after_id = after or (None, None)
        rows = QUERIES.list_conversations(self._connection, after_at=after_at, after_id=after_id, limit=limit)
        return [Conversation(**row) async for row in rows]

    async def find_conversation(self, conversation_id: UUID) -> Conversation | None:
        """See the port."""
        row = await QUERIES.find_conversation(self._connection, id=conversation_id)
        return Conversation(**row) if row else None

    async def delete_conversation(self, conversation_id: UUID) -> bool:
        """See the port."""
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
            log_ids=list(generation.log_ids),
        )

    async def list_generations(self, conversation_id: UUID, limit: int) -> list[StoredGeneration]:
        """See the port."""
        rows = QUERIES.list_generations(
            self._connection, conversation_id=conversation_id, limit=limit, alive_s=self._alive_s
        )
        return [StoredGeneration(**row) async for row in rows]

    async def find_generation(self, generation_id: UUID) -> StoredGeneration | None:
        """See the port."""
        row = await QUERIES.find_generation(self._connection, id=generation_id, alive_s=self._alive_s)
        return StoredGeneration(**row) if row else None

    async def list_events(self, generation_ids: Sequence[UUID], after_sequence: int) -> list[tuple[UUID, bytes]]:
        """See the port."""
        rows = QUERIES.list_events(self._connection, generation_ids=list(generation_ids), after_sequence=after_sequence)
        return [(row["generation_id"], row["body"]) async for row in rows]

    async def append_events(
        self, generation_id: UUID, first: int, bodies: Sequence[bytes], *, ended: bool
    ) -> Pulse | None:
        """See the port."""
        row = await QUERIES.advance_generation(
            self._connection,
            id=generation_id,
            before=first - 1,
            last_sequence=first - 1 + len(bodies),
            ended=ended,
            alive_s=self._alive_s,
        )
        if row is None:
            return None
        if bodies:
            await QUERIES.add_events(self._connection, generation_id=generation_id, first=first, bodies=list(bodies))
        return Pulse(stop_requested=row["stop_requested"], watched=row["watched"])

    async def request_stop(self, generation_id: UUID) -> bool:
        """See the port."""
        return bool(await QUERIES.request_stop(self._connection, id=generation_id))

    async def watch(self, generation_id: UUID) -> None:
        """See the port."""
        await QUERIES.watch_generation(self._connection, id=generation_id)
