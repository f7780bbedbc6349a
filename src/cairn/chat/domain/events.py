"""What happens in a generation, in order. Numbers are given where the log is written."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from cairn.chat.domain.sources import Source, Span


class FinishReason(StrEnum):
    """How a generation that did not fail ended."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    LENGTH = "length"
    NOTHING_FOUND = "nothing_found"


class FailureCode(StrEnum):
    """Why a generation failed, besides the codes of the gateway."""

    TIMEOUT = "timeout"
    FILTERED = "filtered"
    ABANDONED = "abandoned"
    SERVER_RESTARTED = "server_restarted"
    INTERNAL = "internal"


class MarkKind(StrEnum):
    """What of an answer no cited passage holds."""

    FIGURE = "figure"
    NAME = "name"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Started:
    """The first event."""

    generation_id: UUID
    conversation_id: UUID
    model: str
    extracts_only: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Work done besides writing, and the decisions read for it."""

    label: str
    detail: str
    elapsed_ms: int
    decision_ids: tuple[UUID, ...] = ()
    # What label and detail say, for readers of other languages.
    code: str = ""
    values: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer, Markdown, and what the check did to the model's words on the way to it."""

    text: str
    removed: int = 0
    repaired: int = 0
    unquoted: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """Source `source` is `[number]` from here on. `spans` are the parts of its text that are quoted word for word.

    One that comes again takes the place of the earlier one of its number: more of it is quoted.
    """

    number: int
    source: Source
    spans: tuple[Span, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Mark:
    """These words of the answer occur in no passage that it cites."""

    text: str
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a generation that did not fail."""

    reason: FinishReason
    input_tokens: int = 0
    output_tokens: int = 0
    # Millionths of a US dollar.
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """The last event of a generation that failed. What came before is kept."""

    code: str
    message: str


ChatEvent: TypeAlias = Started | Step | Delta | Citation | Mark | Finished | Failed
EndEvent: TypeAlias = Finished | Failed


@dataclass(frozen=True, slots=True)
class Begun:
    """What is there of an answer that a process before this one began, read from its log.

    `pieces` counts its texts and citations, `quotes` are the false quotations marked in it.
    """

    text: str
    citations: tuple[Citation, ...]
    pieces: int
    quotes: frozenset[str] = frozenset()
    removed: int = 0
    repaired: int = 0
    unquoted: int = 0
