"""What chat needs from outside."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cairn.chat.domain.sources import Findings


@dataclass(frozen=True, slots=True)
class Conversation:
    """A person's conversation, as its list shows it."""

    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """A question about to be answered."""

    id: UUID
    conversation_id: UUID
    question: str
    model: str
    extracts_only: bool
    log_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class StoredGeneration:
    """A generation as stored. `alive` is false when it has not ended and its process is gone."""

    id: UUID
    conversation_id: UUID
    question: str
    model: str
    extracts_only: bool
    ended: bool
    alive: bool
    last_sequence: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a process learns when it writes down how far its generation is."""

    stop_requested: bool
    watched: bool


class ConversationStore(Protocol):
    """The caller's conversations, inside one transaction. Another person's are not there."""

    async def add_conversation(self, conversation_id: UUID, title: str) -> None:
        """Begin a conversation."""
        ...

    async def touch_conversation(self, conversation_id: UUID) -> bool:
        """Move a conversation to the top; False when it is not there."""
        ...

    async def list_conversations(self, after: tuple[datetime, UUID] | None, limit: int) -> list[Conversation]:
        """Return conversations after that place, latest first."""
        ...

    async def find_conversation(self, conversation_id: UUID) -> Conversation | None:
        """Return one conversation, or None."""
        ...

    async def delete_conversation(self, conversation_id: UUID) -> bool:
        """Remove a conversation and everything in it; False when it is not there."""
        ...

    async def add_generation(self, generation: NewGeneration) -> None:
        """Write down a question."""
        ...

    async def list_generations(self, conversation_id: UUID, limit: int) -> list[StoredGeneration]:
        """Return the latest generations of a conversation, oldest first."""
        ...

    async def find_generation(self, generation_id: UUID) -> StoredGeneration | None:
        """Return one generation, or None."""
        ...

    async def list_events(self, generation_ids: Sequence[UUID], after_sequence: int) -> list[tuple[UUID, bytes]]:
        """Return the encoded events of generations, each in order, from the one after `after_sequence`."""
        ...

    async def append_events(
        self, generation_id: UUID, first: int, bodies: Sequence[bytes], *, ended: bool
    ) -> Pulse | None:
        """Append encoded events, the first with that sequence number, and say that the process is alive.

        None, and nothing is written, when the generation has ended or is gone.
        """
        ...

    async def request_stop(self, generation_id: UUID) -> bool:
        """Ask whichever process runs a generation to stop; False when it has ended. It must exist."""
        ...

    async def watch(self, generation_id: UUID) -> None:
        """Say that someone follows a generation from another process."""
        ...


class Library(Protocol):
    """The decision logs, inside one transaction, as far as the caller may read them."""

    async def find(self, question: str, log_ids: Sequence[UUID]) -> Findings:
        """Return the passages for a question, and a passage of each successor of a superseded record."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """The clean end of a model's reply. `reason` is complete, length or filtered; tokens as the provider counts."""

    reason: str
    input_tokens: int
    output_tokens: int


class Writer(Protocol):
    """A language model."""

    def __call__(self, system: str, messages: Sequence[tuple[str, str]]) -> AsyncGenerator[str | Written]:
        """Stream a reply: pieces of text, then `Written`. Messages are (role, text), the last one the user's.

        Raises `CairnError`; a reply that ends without `Written` always raises. Closing it leaves the provider at once.
        """
        ...
