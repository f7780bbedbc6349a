"""Replies of OpenAI's Chat Completions: events of a stream and whole ones, read and written.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

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
from cairn.gateway.wire.sse import ServerSentEvent

DONE = b"[DONE]"
_STOP_REASONS = {
    "stop": StopReason.COMPLETE,
    "length": StopReason.LENGTH,
    "content_filter": StopReason.FILTERED,
    "tool_calls": StopReason.TOOL_CALLS,
    "function_call": StopReason.TOOL_CALLS,
}
_FINISH_REASONS = {
    StopReason.COMPLETE: "stop",
    StopReason.LENGTH: "length",
    StopReason.FILTERED: "content_filter",
    StopReason.TOOL_CALLS: "tool_calls",
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class _Function(msgspec.Struct, frozen=True):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct, frozen=True):
    index: int = 0
    id: str | None = None
    function: _Function = _Function()


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta = _Delta()
    finish_reason: str | None = None
    index: int = 0


class _InputDetails(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _OutputDetails(msgspec.Struct, frozen=True):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None


class _Error(msgspec.Struct, frozen=True):
    message: str | None = None


class _Chunk(msgspec.Struct, frozen=True):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: _Error | str | None = None


class _WholeUsage(msgspec.Struct, frozen=True):
    usage: _Usage | None = None
    choices: list[msgspec.Raw] | None = None


_decoder = msgspec.json.Decoder(_Chunk)
_wholes = msgspec.json.Decoder(_WholeUsage)


def shorten(text: str) -> str:
    """Return a provider's words as one printable line of at most 300 characters."""
    return _UNPRINTABLE.sub(" ", text).strip()[:300]


class ReplyReader:
    """Reads the events of one streamed reply."""

    end = b"data: [DONE]\n\n"

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._reason: str | None = None
        self._calls: dict[tuple[int, str | None], int] = {}
        self._last = -1

    def decode(self, event: ServerSentEvent) -> Iterable[StreamPart]:
        """Return what an event says. Raises `ProviderFailure`, also while that is read."""
        if event.data == DONE:
            return self.finish()
        try:
            said = _decoder.decode(event.data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{self._provider} sent something that is no OpenAI chunk. Check its address and kind."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True) from error
        if said.error is not None:
            words = said.error if isinstance(said.error, str) else said.error.message or ""
            message = f"{self._provider} stopped with an error: {shorten(words)}. What it sent is kept. Ask again."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True)
        if len(said.choices) == 1 and said.usage is None:
            choice = said.choices[0]
            delta = choice.delta
            if delta.content and not delta.reasoning_content and not delta.tool_calls:
                # Nearly all events are a word and nothing else.
                self._reason = choice.finish_reason or self._reason
                return (TextDelta(delta.content),)
        return self._read_chunk(said)

    def _read_chunk(self, said: _Chunk) -> Iterator[StreamPart]:
        for choice in said.choices:
            yield from self._read_choice(choice)
        if said.usage is not None:
            yield read_usage(said.usage)

    def _read_choice(self, choice: _Choice) -> Iterator[StreamPart]:
        delta = choice.delta
        if text := delta.content or delta.refusal:
            yield TextDelta(text)
        if delta.reasoning_content:
            yield ThinkingDelta(delta.reasoning_content)
        for call in delta.tool_calls or ():
            yield from self._read_call(call)
        self._reason = choice.finish_reason or self._reason

    def _read_call(self, call: _ToolCall) -> Iterator[StreamPart]:
        """Yield a call's beginning and its arguments. Some servers give every call index 0 and tell them by id."""
        if call.function.name and call.id and (call.index, call.id) not in self._calls:
            self._last += 1
            self._calls[call.index, call.id] = self._calls[call.index, None] = self._last
            yield ToolCallBegun(self._last, call.id, call.function.name)
        if call.function.arguments:
            at = self._calls.get((call.index, None))
            if at is None:
                message = f"{self._provider} sent a tool call without its name. Ask again, or choose another model."
                raise ProviderFailure(FailureCode.ERROR, message, sent=True)
            yield ToolCallDelta(at, call.function.arguments)

    def finish(self) -> Iterator[StreamPart]:
        """End the reply: a finish reason proves that the text is whole, also from servers that leave `[DONE]` out."""
        if self._reason is not None:
            yield Stopped(_STOP_REASONS.get(self._reason, StopReason.COMPLETE))


def read_usage(said: _Usage) -> Usage:
    """Return usage in our words."""
    sent, got = said.prompt_tokens_details, said.completion_tokens_details
    return Usage(
        said.prompt_tokens,
        said.completion_tokens,
        (sent.cached_tokens or 0) if sent else 0,
        (sent.cache_write_tokens or 0) if sent else 0,
        (got.reasoning_tokens or 0) if got else 0,
    )


def read_whole_usage(body: bytes) -> tuple[bool, Usage | None]:
    """Tell whether a reply that came in one piece is one, and what it used."""
    try:
        said = _wholes.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False, None
    return said.choices is not None, read_usage(said.usage) if said.usage else None


def is_usage_only(event: ServerSentEvent) -> bool:
    """Tell whether an event carries usage and nothing else, as only those who ask for it expect."""
    return b'"choices":[]' in event.data.replace(b" ", b"")


def write_usage(usage: Usage) -> dict[str, Any]:
    """Return usage as OpenAI writes it."""
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.thinking_tokens},
    }


class ReplyWriter:
    """Writes a reply as OpenAI would stream it."""

    def __init__(
        self, reply_id: str, model: str, *, include_usage: bool, begun: Mapping[str, Any] | None = None
    ) -> None:
        """Begin a reply, or go on with the stream whose first event `begun` is."""
        self._head: dict[str, Any] = {
            "id": f"chatcmpl-{reply_id}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._begun = begun is not None
        if begun is not None:
            self._head |= {name: begun[name] for name in self._head if name in begun}
        self._include_usage = include_usage
        self._usage = Usage(0, 0)

    def write(self, part: StreamPart) -> bytes:
        """Return the events that say a part."""
        if isinstance(part, Usage):
            self._usage = part
            return b""
        written = b""
        if not self._begun:
            self._begun = True
            written = self._chunk({"role": "assistant", "content": ""})
        match part:
            case TextDelta():
                return written + self._chunk({"content": part.text})
            case ToolCallBegun():
                function = {"name": part.name, "arguments": ""}
                call = {"index": part.index, "id": part.id, "type": "function", "function": function}
                return written + self._chunk({"tool_calls": [call]})
            case ToolCallDelta():
                call = {"index": part.index, "function": {"arguments": part.arguments}}
                return written + self._chunk({"tool_calls": [call]})
            case ThinkingDelta():
                # OpenAI never shows what its models think.
                pass
            case Continued():
                choice = {"index": 0, "delta": {"content": ""}, "logprobs": None, "finish_reason": None}
                return written + _event({**self._head, "choices": [choice], "cairn": {"continued_by": part.by}})
            case Stopped():
                written += self._end(part)
        return written

    def _end(self, part: Stopped) -> bytes:
        written = self._chunk({}, _FINISH_REASONS[part.reason])
        if self._include_usage:
            written += _event({**self._head, "choices": [], "usage": write_usage(self._usage)})
        return written + b"data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event({**self._head, "choices": [choice]})


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"


def write_failure(kind: str, code: str, message: str) -> bytes:
    """Return the event by which OpenAI says that a stream has failed."""
    return _event({"error": {"message": message, "type": kind, "param": None, "code": code}})


def write_whole(reply_id: str, model: str, reply: Reply) -> bytes:
    """Return a reply in one piece."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.text or (None if reply.tool_calls else ""),
        "refusal": None,
        "annotations": [],
    }
    if reply.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for call in reply.tool_calls
        ]
    reason = reply.stopped.reason if reply.stopped else StopReason.COMPLETE
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISH_REASONS[reason]}
    return msgspec.json.encode(
        {
            "id": f"chatcmpl-{reply_id}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [choice],
            "usage": write_usage(reply.usage or Usage(0, 0)),
        }
    )
