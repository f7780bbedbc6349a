"""What is said to a language model and what comes back, in words that belong to no provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypeAlias

JsonObject: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """Some text."""

    text: str


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a document: its bytes in base64, or where it is. `name` is a document's file name, or ""."""

    kind: Literal["image", "document"]
    media_type: str = ""
    data: str = field(default="", repr=False)
    url: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back for the call of that id."""

    id: str
    parts: Sequence["Text | Media"]
    failed: bool = False


Part: TypeAlias = Text | Media | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation that a model sees."""

    role: Literal["user", "assistant"]
    parts: Sequence[Part]

    @property
    def text(self) -> str:
        """Its texts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


def say(role: Literal["user", "assistant"], text: str) -> Message:
    """Return a message of plain text."""
    return Message(role, (Text(text),))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may ask for. `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: JsonObject
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Which tools the model may or must ask for. `name` is set for mode "one"."""

    mode: Literal["auto", "none", "any", "one"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """The reply must be JSON; of this schema, unless it is None."""

    schema: JsonObject | None = None
    name: str = "reply"
    strict: bool = True


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request for one reply.

    `model` is the provider's own name for it, without our prefix. `system` holds the instructions, which no message
    may override. None leaves the provider's default, except that a provider that needs `output_tokens_most` gets one.
    """

    model: str
    system: str
    messages: Sequence[Message]
    output_tokens_most: int | None = 4_096
    temperature: float | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()
    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice | None = None
    parallel_tools: bool | None = None
    output_format: OutputFormat | None = None
    effort: str | None = None


class StopReason(StrEnum):
    """Why a model ended its reply of its own accord."""

    COMPLETE = "complete"
    LENGTH = "length"
    FILTERED = "filtered"
    TOOL_CALLS = "tool_calls"


class TextDelta(NamedTuple):
    """The next piece of text. A tuple, as one is made for every token."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The next piece of what the model thinks before it answers. No part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallBegun:
    """The model begins to ask for a tool. `index` tells calls of one reply apart, from 0 in order."""

    index: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """The next piece of a call's arguments, as JSON text."""

    index: int
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them. A later report replaces an earlier one.

    `input_tokens` includes the cached and the newly cached ones; `output_tokens` includes those of thinking.
    """

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    thinking_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """The clean end: always the last part, and the only proof that the reply is whole."""

    reason: StopReason
    stop_sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Continued:
    """The target before broke off in the middle; from here on `by` continues what it had said."""

    by: str


StreamPart: TypeAlias = TextDelta | ThinkingDelta | ToolCallBegun | ToolCallDelta | Usage | Stopped | Continued


@dataclass(slots=True)
class Reply:
    """A reply, gathered from its parts."""

    text: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    usage: Usage | None = None
    stopped: Stopped | None = None
    _pieces: list[str] = field(default_factory=list[str])
    _arguments: list[list[str]] = field(default_factory=list[list[str]])

    def add(self, part: StreamPart) -> None:
        """Add the next part."""
        match part:
            case TextDelta():
                self._pieces.append(part.text)
            case ToolCallBegun():
                self.tool_calls.append(ToolCall(part.id, part.name, ""))
                self._arguments.append([])
            case ToolCallDelta():
                self._arguments[part.index].append(part.arguments)
            case Usage():
                self.usage = part
            case Stopped():
                self.stopped = part
                self.finish()
            case ThinkingDelta() | Continued():
                pass

    def finish(self) -> None:
        """Join what has come so far."""
        self.text = "".join(self._pieces)
        self.tool_calls = [
            ToolCall(call.id, call.name, "".join(arguments))
            for call, arguments in zip(self.tool_calls, self._arguments, strict=True)
        ]
