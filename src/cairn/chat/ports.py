"""What chat needs from outside."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from cairn.chat.domain.sources import Findings, Record, Source


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, as its list shows it: the caller's own if it is `mine`, or one that `person_name` shares."""

    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime
    shared: bool = False
    mine: bool = True
    person_name: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an answer may rest on: these logs, decisions and tags, everything where none is named, as of that day."""

    log_ids: tuple[UUID, ...] = ()
    decision_ids: tuple[UUID, ...] = ()
    tags: tuple[str, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """A question about to be answered."""

    id: UUID
    conversation_id: UUID
    question: str
    model: str
    extracts_only: bool
    scope: Scope = Scope()
    # The generation that the question follows.
    after_id: UUID | None = None
    # BCP 47: how what Cairn itself says in the answer is written.
    language: str = ""


@dataclass(frozen=True, slots=True)
class StoredGeneration:
    """A generation as stored. `alive` is false when it has not ended and its process is gone.

    Those that follow the same one, by `after_id`, are branches.
    """

    id: UUID
    conversation_id: UUID
    question: str
    model: str
    extracts_only: bool
    ended: bool
    alive: bool
    last_sequence: int
    created_at: datetime
    mine: bool = True
    after_id: UUID | None = None
    scope: Scope = Scope()
    language: str = ""
    stop_requested: bool = False
    draft: bool = False

    @property
    def asked_again(self) -> NewGeneration:
        """The question as it was put."""
        return NewGeneration(
            self.id,
            self.conversation_id,
            self.question,
            self.model,
            self.extracts_only,
            self.scope,
            after_id=self.after_id,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a process learns when it writes down how far its generation is."""

    stop_requested: bool
    watched: bool


class ConversationStore(Protocol):
    """The caller's conversations, inside one transaction. Of another person's only the shared ones are there, to read.

    A deleted one is gone for everybody but `restore_conversation`, and after a day for good.
    """

    async def add_conversation(self, conversation_id: UUID, title: str, *, draft: bool = False) -> None:
        """Begin a conversation. That of a `draft` is never listed."""
        ...

    async def touch_conversation(self, conversation_id: UUID) -> bool:
        """Move a conversation to the top; False when it is not there."""
        ...

    async def list_conversations(
        self, after: tuple[datetime, UUID] | None, limit: int, *, query: str = "", others: bool = False
    ) -> list[Conversation]:
        """Return conversations after that place, latest first: the caller's, or those that others share.

        `query` is looked for in titles and questions, whatever its case.
        """
        ...

    async def find_conversation(self, conversation_id: UUID) -> Conversation | None:
        """Return one conversation, or None."""
        ...

    async def rename_conversation(self, conversation_id: UUID, title: str) -> bool:
        """Give the caller's conversation another title; False when it is not there."""
        ...

    async def share_conversation(self, conversation_id: UUID, *, shared: bool) -> bool:
        """Let everybody in the organisation read the caller's conversation, or end that; False when it is not there."""
        ...

    async def delete_conversation(self, conversation_id: UUID) -> bool:
        """Take away a conversation and everything in it; False when it is not there."""
        ...

    async def restore_conversation(self, conversation_id: UUID) -> bool:
        """Bring a deleted conversation back; False when it is not there, or gone for good."""
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
        self, generation_id: UUID, first: int, bodies: Sequence[bytes], *, ended: bool, term: int = 0
    ) -> Pulse | None:
        """Append encoded events, the first with that sequence number, and say that the process is alive.

        None, and nothing is written, when the generation has ended, is gone, or was taken up by another process.
        """
        ...

    async def take_up(self, generation_id: UUID) -> int | None:
        """Become the process that writes a generation whose own is gone, and return the term it writes in.

        None when its process is alive, it has ended, or another was faster.
        """
        ...

    async def release(self, generation_id: UUID, term: int) -> None:
        """Leave a generation to whoever takes it up, without waiting for this process to count as gone."""
        ...

    async def request_stop(self, generation_id: UUID) -> bool:
        """Ask whichever process runs a generation to stop; False when it has ended. It must exist."""
        ...

    async def watch(self, generation_id: UUID) -> None:
        """Say that someone follows a generation from another process."""
        ...


class Library(Protocol):
    """The decision logs, inside one transaction, as far as the caller may read them."""

    async def find(self, question: str, scope: Scope) -> Findings:
        """Return the passages for a question, and a passage of each successor of a superseded record."""
        ...

    async def read_records(self, ids: Sequence[UUID], as_of: date | None) -> Mapping[UUID, Record]:
        """Return decisions, as they stood on that day if one is given; those that are not there are left out."""
        ...


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may look up. `run` gets arguments that obey the JSON schema and returns what it reads.

    A `CairnError` that it raises is told to the model.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    run: Callable[[Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Looked:
    """The model has looked something up, in so many milliseconds: `arguments` as it wrote them."""

    tool: str
    arguments: str = field(repr=False)
    failed: bool
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class Written:
    """The clean end of a model's reply. `reason` is complete, length or filtered; tokens as the provider counts."""

    reason: str
    input_tokens: int
    output_tokens: int
    cost_micros: int = 0


class Desk(Protocol):
    """Gives a model its tools. What they find is added to what it may cite, by `add`, which says the first's number."""

    def __call__(self, add: Callable[[Sequence[Source]], int]) -> Sequence[Tool]:
        """Return the tools for one answer."""
        ...


class Writer(Protocol):
    """A language model."""

    def __call__(
        self, system: str, messages: Sequence[tuple[str, str]], tools: Sequence[Tool] = (), said: str = ""
    ) -> AsyncGenerator[str | Looked | Written]:
        """Stream a reply: pieces of text and what was looked up, then `Written`. Messages are (role, text).

        `said` is what is there of the reply already; the model goes on from its end, without tools.
        The last message is the user's. Raises `CairnError`; a reply that ends without `Written` always raises. Closing
        it leaves the provider at once.
        """
        ...
