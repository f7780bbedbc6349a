"""Replies of Anthropic's Messages API: events of a stream and whole ones, read and written.

https://docs.anthropic.com/en/api/messages-streaming
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import msgspec.structs

from cairn.gateway.domain.failures import FailureCode, ProviderFailure
from cairn.gateway.domain.messages import (
    Continued,
    Reply,
    Stopped,
    StopReason,
    StreamPart,
    TextDelta,
    ThinkingDelta,
    ToolCallBegun,
    ToolCallDelta,
    Usage,
)
from cairn.gateway.wire.json import read_arguments
from cairn.gateway.wire.openai_stream import shorten
from cairn.gateway.wire.sse import ServerSentEvent

_STOP_REASONS = {
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "refusal": StopReason.FILTERED,
    "tool_use": StopReason.TOOL_CALLS,
}
_WRITTEN_REASONS = {
    StopReason.COMPLETE: "end_turn",
    StopReason.LENGTH: "max_tokens",
    StopReason.FILTERED: "refusal",
    StopReason.TOOL_CALLS: "tool_use",
}


class _OutputDetails(msgspec.Struct, frozen=True):
    thinking_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens_details: _OutputDetails | None = None


class _Message(msgspec.Struct, frozen=True):
    usage: _Usage = _Usage()


class _Block(msgspec.Struct, frozen=True):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str = ""


class _Delta(msgspec.Struct, frozen=True):
    type: str = ""
    text: str = ""
    thinking: str = ""
    partial_json: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _Error(msgspec.Struct, frozen=True):
    type: str = ""
    message: str = ""


class _Event(msgspec.Struct, frozen=True):
    type: str
    index: int = 0
    message: _Message = _Message()
    content_block: _Block = _Block()
    delta: _Delta = _Delta()
    usage: _Usage | None = None
    error: _Error = _Error()


class _Whole(msgspec.Struct, frozen=True):
    usage: _Usage | None = None
    content: list[msgspec.Raw] | None = None


_decoder = msgspec.json.Decoder(_Event)
_wholes = msgspec.json.Decoder(_Whole)


class ReplyReader:
    """Reads the events of one streamed reply."""

    end = b""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._usage = _Usage()
        self._delta = _Delta()
        self._calls: dict[int, int] = {}

    def decode(self, event: ServerSentEvent) -> Iterator[StreamPart]:
        """Yield what an event says. Raises `ProviderFailure`."""
        try:
            said = _decoder.decode(event.data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{self._provider} sent something that is no Anthropic message. Check its address and kind."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True) from error
        match said.type:
            case "content_block_delta":
                yield from self._read_delta(said)
            case "content_block_start":
                yield from self._read_start(said)
            case "message_start":
                yield from self._count(said.message.usage)
            case "message_delta":
                self._delta = said.delta if said.delta.stop_reason else self._delta
                if said.usage is not None:
                    yield from self._count(said.usage)
            case "message_stop":
                reason = _STOP_REASONS.get(self._delta.stop_reason or "", StopReason.COMPLETE)
                yield Stopped(reason, self._delta.stop_sequence)
            case "error":
                raise self._failure(said.error)
            case _:
                pass

    def _read_start(self, said: _Event) -> Iterator[StreamPart]:
        block = said.content_block
        if block.type == "tool_use":
            self._calls[said.index] = len(self._calls)
            yield ToolCallBegun(self._calls[said.index], block.id, block.name)
        elif block.type == "text" and block.text:
            yield TextDelta(block.text)

    def _read_delta(self, said: _Event) -> Iterator[StreamPart]:
        delta = said.delta
        if delta.type == "text_delta" and delta.text:
            yield TextDelta(delta.text)
        elif delta.type == "thinking_delta" and delta.thinking:
            yield ThinkingDelta(delta.thinking)
        elif delta.type == "input_json_delta" and delta.partial_json and said.index in self._calls:
            yield ToolCallDelta(self._calls[said.index], delta.partial_json)

    def finish(self) -> Iterator[StreamPart]:
        """Only `message_stop` proves the end, and it has not come."""
        yield from ()

    def _count(self, new: _Usage) -> Iterator[Usage]:
        """Later counts are totals and replace earlier ones; a count left out keeps its value."""
        told = {name: value for name, value in msgspec.structs.asdict(new).items() if value is not None}
        self._usage = msgspec.structs.replace(self._usage, **told)
        yield _read_usage(self._usage)

    def _failure(self, error: _Error) -> ProviderFailure:
        if error.type in {"overloaded_error", "rate_limit_error"}:
            message = f"{self._provider} is overloaded and stopped in the middle. Ask again, or choose another model."
            return ProviderFailure(FailureCode.BUSY, message, sent=True)
        message = f"{self._provider} stopped with an error: {shorten(error.message)}. What it sent is kept. Ask again."
        return ProviderFailure(FailureCode.ERROR, message, sent=True)


def _read_usage(said: _Usage) -> Usage:
    cached = said.cache_read_input_tokens or 0
    written = said.cache_creation_input_tokens or 0
    return Usage(
        input_tokens=(said.input_tokens or 0) + cached + written,
        output_tokens=said.output_tokens or 0,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        thinking_tokens=(said.output_tokens_details.thinking_tokens or 0) if said.output_tokens_details else 0,
    )


def read_whole_usage(body: bytes) -> tuple[bool, Usage | None]:
    """Tell whether a reply that came in one piece is one, and what it used."""
    try:
        said = _wholes.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False, None
    return said.content is not None, _read_usage(said.usage) if said.usage else None


def write_usage(usage: Usage) -> dict[str, Any]:
    """Return usage as Anthropic writes it: cached tokens are counted apart from the others."""
    return {
        "input_tokens": max(0, usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_input_tokens,
        "output_tokens": usage.output_tokens,
    }


class ReplyWriter:
    """Writes a reply as Anthropic would stream it: blocks one after the other, each begun and ended."""

    def __init__(self, reply_id: str, model: str) -> None:
        self._message: dict[str, Any] = {
            "id": f"msg_{reply_id}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }
        self._usage = Usage(0, 0)
        self._begun = False
        self._block = -1
        self._open = ""
        self._blocks: dict[int, int] = {}

    @classmethod
    def resume(cls, reply_id: str, model: str, events: Sequence[Mapping[str, Any]]) -> "ReplyWriter":
        """Return a writer that goes on with a stream of which these events are sent."""
        writer = cls(reply_id, model)
        writer._begun = True
        for event in events:
            if event["type"] == "content_block_start":
                writer._block, writer._open = event["index"], "sent"
            elif event["type"] == "content_block_stop":
                writer._open = ""
        return writer

    def write(self, part: StreamPart) -> bytes:
        """Return the events that say a part."""
        if isinstance(part, Usage):
            self._usage = part
            return b""
        written = self._begin()
        match part:
            case TextDelta():
                written += self._enter("text", {"type": "text", "text": ""})
                return written + self._delta({"type": "text_delta", "text": part.text})
            case ThinkingDelta():
                written += self._enter("thinking", {"type": "thinking", "thinking": "", "signature": ""})
                return written + self._delta({"type": "thinking_delta", "thinking": part.text})
            case ToolCallBegun():
                block: dict[str, Any] = {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}
                written += self._enter(f"tool {part.index}", block)
                self._blocks[part.index] = self._block
            case ToolCallDelta():
                delta = {"type": "input_json_delta", "partial_json": part.arguments}
                return written + self._delta(delta, self._blocks[part.index])
            case Continued():
                # A block of its own, whose beginning can say so.
                block = {"type": "text", "text": "", "cairn": {"continued_by": part.by}}
                written += self._leave() + self._enter("text", block)
            case Stopped():
                written += self._end(part)
        return written

    def _begin(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        usage = write_usage(self._usage) | {"output_tokens": min(1, self._usage.output_tokens)}
        return _event({"type": "message_start", "message": {**self._message, "usage": usage}})

    def _enter(self, name: str, block: dict[str, Any]) -> bytes:
        """Begin a block, unless it is open; end the one before."""
        if self._open == name:
            return b""
        written = self._leave()
        self._block += 1
        self._open = name
        return written + _event({"type": "content_block_start", "index": self._block, "content_block": block})

    def _leave(self) -> bytes:
        if not self._open:
            return b""
        self._open = ""
        return _event({"type": "content_block_stop", "index": self._block})

    def _delta(self, delta: dict[str, Any], block: int | None = None) -> bytes:
        index = self._block if block is None else block
        return _event({"type": "content_block_delta", "index": index, "delta": delta})

    def _end(self, part: Stopped) -> bytes:
        reason = "stop_sequence" if part.stop_sequence else _WRITTEN_REASONS[part.reason]
        delta = {"stop_reason": reason, "stop_sequence": part.stop_sequence}
        end = _event({"type": "message_delta", "delta": delta, "usage": write_usage(self._usage)})
        return self._leave() + end + _event({"type": "message_stop"})


def _event(value: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (value["type"].encode(), msgspec.json.encode(value))


def write_failure(kind: str, message: str, request_id: str) -> bytes:
    """Return the event by which Anthropic says that a stream has failed."""
    return _event({"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id})


def write_whole(reply_id: str, model: str, reply: Reply) -> bytes:
    """Return a reply in one piece."""
    content: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    content.extend(
        {"type": "tool_use", "id": call.id, "name": call.name, "input": read_arguments(call)}
        for call in reply.tool_calls
    )
    stopped = reply.stopped or Stopped(StopReason.COMPLETE)
    return msgspec.json.encode(
        {
            "id": f"msg_{reply_id}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": content,
            "stop_reason": "stop_sequence" if stopped.stop_sequence else _WRITTEN_REASONS[stopped.reason],
            "stop_sequence": stopped.stop_sequence,
            "usage": write_usage(reply.usage or Usage(0, 0)),
        }
    )
