"""`ConversationStore` in memory, for one person. Time passes when the test says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cairn.chat.ports import Conversation, NewGeneration, Pulse, StoredGeneration


@dataclass
class Kept:
    generation: StoredGeneration
    heartbeat_at: datetime
    stop_requested: bool = False
    watched: bool = False
    term: int = 0
    events: list[bytes] = field(default_factory=list)


@dataclass
class MemoryConversationStore:
    alive_s: float = 10.0
    now: datetime = datetime(2026, 11, 20, tzinfo=UTC)
    conversations: dict[UUID, Conversation] = field(default_factory=dict)
    generations: dict[UUID, Kept] = field(default_factory=dict)
    drafts: set[UUID] = field(default_factory=set)
    deleted: dict[UUID, tuple[Conversation, datetime]] = field(default_factory=dict)

    def _tick(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    async def add_conversation(self, conversation_id: UUID, title: str, *, draft: bool = False) -> None:
        now = self._tick()
        self.conversations[conversation_id] = Conversation(conversation_id, title, now, now, person_name="A person")
        if draft:
            self.drafts.add(conversation_id)

    async def touch_conversation(self, conversation_id: UUID) -> bool:
        return self._change(conversation_id, updated_at=self._tick())

    async def list_conversations(
        self, after: tuple[datetime, UUID] | None, limit: int, *, query: str = "", others: bool = False
    ) -> list[Conversation]:
        if others:
            return []
        ordered = sorted(self.conversations.values(), key=lambda one: (one.updated_at, one.id), reverse=True)
        found = [one for one in ordered if one.id not in self.drafts and self._speaks_of(one, query.lower())]
        return [one for one in found if after is None or (one.updated_at, one.id) < after][:limit]

    def _speaks_of(self, one: Conversation, words: str) -> bool:
        asked = [kept.generation for kept in self.generations.values() if kept.generation.conversation_id == one.id]
        return any(words in text.lower() for text in (one.title, *(each.question for each in asked)))

    async def find_conversation(self, conversation_id: UUID) -> Conversation | None:
        return self.conversations.get(conversation_id)

    def _change(self, conversation_id: UUID, **fields: Any) -> bool:
        if (found := self.conversations.get(conversation_id)) is None:
            return False
        self.conversations[conversation_id] = replace(found, **fields)
        return True

    async def rename_conversation(self, conversation_id: UUID, title: str) -> bool:
        return self._change(conversation_id, title=title)

    async def share_conversation(self, conversation_id: UUID, *, shared: bool) -> bool:
        return conversation_id not in self.drafts and self._change(conversation_id, shared=shared)

    async def delete_conversation(self, conversation_id: UUID) -> bool:
        found = self.conversations.pop(conversation_id, None)
        if found is not None:
            self.deleted[conversation_id] = (found, self.now)
        return found is not None

    async def restore_conversation(self, conversation_id: UUID) -> bool:
        found, deleted_at = self.deleted.pop(conversation_id, (None, self.now))
        if found is None or self.now - deleted_at > timedelta(days=1):
            return False
        self.conversations[conversation_id] = found
        return True

    async def add_generation(self, generation: NewGeneration) -> None:
        stored = StoredGeneration(
            id=generation.id,
            conversation_id=generation.conversation_id,
            question=generation.question,
            model=generation.model,
            extracts_only=generation.extracts_only,
            ended=False,
            alive=True,
            last_sequence=0,
            created_at=self._tick(),
            after_id=generation.after_id,
            scope=generation.scope,
            language=generation.language,
        )
        self.generations[generation.id] = Kept(stored, self.now)

    def _read(self, kept: Kept) -> StoredGeneration:
        alive = self.now - kept.heartbeat_at < timedelta(seconds=self.alive_s)
        return replace(
            kept.generation,
            alive=alive,
            last_sequence=len(kept.events),
            stop_requested=kept.stop_requested,
            draft=kept.generation.conversation_id in self.drafts,
        )

    async def list_generations(self, conversation_id: UUID, limit: int) -> list[StoredGeneration]:
        if conversation_id not in self.conversations:
            return []
        found = [self._read(kept) for kept in self.generations.values()]
        mine = sorted(
            (one for one in found if one.conversation_id == conversation_id), key=lambda one: (one.created_at, one.id)
        )
        return mine[-limit:]

    async def find_generation(self, generation_id: UUID) -> StoredGeneration | None:
        kept = self.generations.get(generation_id)
        if kept is None or kept.generation.conversation_id not in self.conversations:
            return None
        return self._read(kept)

    async def list_events(self, generation_ids: Sequence[UUID], after_sequence: int) -> list[tuple[UUID, bytes]]:
        return [
            (id_, body)
            for id_ in sorted(generation_ids)
            if id_ in self.generations
            for body in self.generations[id_].events[after_sequence:]
        ]

    async def append_events(
        self, generation_id: UUID, first: int, bodies: Sequence[bytes], *, ended: bool, term: int = 0
    ) -> Pulse | None:
        kept = self.generations.get(generation_id)
        if kept is None or kept.generation.ended or kept.term != term or len(kept.events) != first - 1:
            return None
        kept.events += bodies
        kept.generation = replace(kept.generation, ended=ended)
        kept.heartbeat_at = self.now
        return Pulse(stop_requested=kept.stop_requested, watched=kept.watched)

    async def take_up(self, generation_id: UUID) -> int | None:
        kept = self.generations.get(generation_id)
        if kept is None or kept.generation.ended or self._read(kept).alive:
            return None
        kept.term += 1
        kept.heartbeat_at = self.now
        return kept.term

    async def release(self, generation_id: UUID, term: int) -> None:
        kept = self.generations[generation_id]
        if kept.term == term:
            kept.heartbeat_at = self.now - timedelta(seconds=self.alive_s)

    async def request_stop(self, generation_id: UUID) -> bool:
        kept = self.generations[generation_id]
        if not kept.generation.ended:
            kept.stop_requested = True
        return not kept.generation.ended

    async def watch(self, generation_id: UUID) -> None:
        self.generations[generation_id].watched = True
