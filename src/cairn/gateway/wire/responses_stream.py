"""Replies of OpenAI's Responses API: events of a stream and whole ones, read and written.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

import time
from collections.abc import Iterator, Mapping, Sequence
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
from cairn.gateway.wire.openai_stream import shorten
from cairn.gateway.wire.sse import ServerSentEvent

_INCOMPLETE = {StopReason.LENGTH: "max_output_tokens", StopReason.FILTERED: "content_filter"}
# Of what was asked, this is told again in the reply.
_TOLD = ("instructions", "max_output_tokens", "metadata", "parallel_tool_calls", "temperature", "tool_choice", "tools")
_TOLD_USUALLY: Mapping[str, Any] = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}

_WRITTEN_AT_THE_END = frozenset({"status", "output", "usage", "incomplete_details", "error"})


class _InputDetails(msgspec.Struct, frozen=True):
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class _OutputDetails(msgspec.Struct, frozen=True):
    reasoning_tokens: int = 0


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _InputDetails = _InputDetails()
    output_tokens_details: _OutputDetails = _OutputDetails()


class _Incomplete(msgspec.Struct, frozen=True):
    reason: str | None = None


class _Error(msgspec.Struct, frozen=True):
    message: str = ""


class _Response(msgspec.Struct, frozen=True):
    usage: _Usage | None = None
    error: _Error | None = None
    incomplete_details: _Incomplete | None = None
    output: list[msgspec.Raw] | None = None


class _Item(msgspec.Struct, frozen=True):
    type: str = ""
    call_id: str = ""
    name: str = ""


class _Event(msgspec.Struct, frozen=True):
    type: str
    output_index: int = 0
    delta: msgspec.Raw = msgspec.Raw(b'""')
    item: _Item = _Item()
    response: _Response = _Response()
    message: str = ""
    error: _Error | None = None


_decoder = msgspec.json.Decoder(_Event)
_strings = msgspec.json.Decoder(str)
_wholes = msgspec.json.Decoder(_Response)
_TEXT = frozenset({"response.output_text.delta", "response.refusal.delta"})
_THINKING = frozenset({"response.reasoning_text.delta", "response.reasoning_summary_text.delta"})


class ReplyReader:
    """Reads the events of one streamed reply."""

    end = b""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._calls: dict[int, int] = {}

    def decode(self, event: ServerSentEvent) -> Iterator[StreamPart]:
        """Yield what an event says. Raises `ProviderFailure`."""
        try:
            said = _decoder.decode(event.data)
            if said.type in _TEXT:
                yield TextDelta(_strings.decode(said.delta))
            elif said.type in _THINKING:
                yield ThinkingDelta(_strings.decode(said.delta))
            elif said.type == "response.function_call_arguments.delta" and said.output_index in self._calls:
                yield ToolCallDelta(self._calls[said.output_index], _strings.decode(said.delta))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{self._provider} sent something that is no event of OpenAI's. Check its address and kind."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True) from error
        if said.type == "response.output_item.added" and said.item.type == "function_call":
            self._calls[said.output_index] = len(self._calls)
            yield ToolCallBegun(self._calls[said.output_index], said.item.call_id, said.item.name)
        elif said.type in {"response.completed", "response.incomplete"}:
            yield from self._end(said.response)
        elif said.type in {"error", "response.failed"}:
            words = said.message or (said.error or said.response.error or _Error()).message
            message = f"{self._provider} stopped with an error: {shorten(words)}. What it sent is kept. Ask again."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True)

    def _end(self, response: _Response) -> Iterator[StreamPart]:
        if response.usage is not None:
            yield _read_usage(response.usage)
        reason = response.incomplete_details.reason if response.incomplete_details else None
        if reason is None:
            yield Stopped(StopReason.TOOL_CALLS if self._calls else StopReason.COMPLETE)
        else:
            yield Stopped(StopReason.FILTERED if reason == "content_filter" else StopReason.LENGTH)

    def finish(self) -> Iterator[StreamPart]:
        """Only `response.completed` or `response.incomplete` proves the end, and it has not come."""
        yield from ()


def _read_usage(said: _Usage) -> Usage:
    return Usage(
        said.input_tokens,
        said.output_tokens,
        said.input_tokens_details.cached_tokens,
        said.input_tokens_details.cache_write_tokens,
        said.output_tokens_details.reasoning_tokens,
    )


def read_whole_usage(body: bytes) -> tuple[bool, Usage | None]:
    """Tell whether a reply that came in one piece is one, and what it used."""
    try:
        said = _wholes.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False, None
    return said.output is not None, _read_usage(said.usage) if said.usage else None


class ReplyWriter:
    """Writes a reply as OpenAI would stream it: items one after the other, each begun, filled and ended."""

    def __init__(self, reply_id: str, model: str, asked: Mapping[str, Any]) -> None:
        self._reply = reply_id
        told = {name: asked[name] for name in _TOLD if name in asked}
        self._head: dict[str, Any] = {
            "id": f"resp_{reply_id}",
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
            "error": None,
            "incomplete_details": None,
            **_TOLD_USUALLY,
            **told,
        }
        self._sequence = -1
        self._usage = Usage(0, 0)
        self._items: list[dict[str, Any]] = []
        self._open = ""
        self._pieces: list[str] = []

    @classmethod
    def resume(
        cls, reply_id: str, model: str, asked: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
    ) -> "ReplyWriter":
        """Return a writer that goes on with a stream of which these events are sent."""
        writer = cls(reply_id, model, asked)
        for event in events:
            writer._sequence = max(writer._sequence, event.get("sequence_number", 0))
            match event["type"]:
                case "response.created":
                    told = {name: value for name, value in event["response"].items() if value is not None}
                    writer._head |= {name: told[name] for name in told if name not in _WRITTEN_AT_THE_END}
                case "response.output_item.added":
                    writer._items.append({**event["item"]})
                    writer._open = "text" if event["item"]["type"] == "message" else ""
                    writer._pieces.clear()
                case "response.output_text.delta":
                    writer._pieces.append(event["delta"])
                case "response.output_item.done":
                    writer._items[-1], writer._open = {**event["item"]}, ""
                    writer._pieces.clear()
                case _:
                    pass
        return writer

    def write(self, part: StreamPart) -> bytes:
        """Return the events that say a part."""
        if isinstance(part, Usage):
            self._usage = part
            return b""
        written = self._begin()
        match part:
            case TextDelta():
                written += self._enter_text()
                self._pieces.append(part.text)
                said: dict[str, Any] = {"content_index": 0, "delta": part.text, "logprobs": []}
                return written + self._of_item("response.output_text.delta", said)
            case ToolCallBegun():
                return written + self._enter_call(part)
            case ToolCallDelta():
                self._pieces.append(part.arguments)
                return written + self._of_item("response.function_call_arguments.delta", {"delta": part.arguments})
            case ThinkingDelta():
                # OpenAI never shows what its models think.
                pass
            case Continued():
                self._head["cairn"] = {"continued_by": part.by}
                return written + self._event("response.in_progress", {"response": self._in_progress()})
            case Stopped():
                written += self._end(part)
        return written

    def whole(self, reply: Reply) -> bytes:
        """Return a reply in one piece."""
        parts: list[StreamPart] = [TextDelta(reply.text)] if reply.text else []
        for at, call in enumerate(reply.tool_calls):
            parts += [ToolCallBegun(at, call.id, call.name), ToolCallDelta(at, call.arguments)]
        for part in parts:
            self.write(part)
        self._leave()
        self._usage = reply.usage or self._usage
        return msgspec.json.encode(self._response(reply.stopped or Stopped(StopReason.COMPLETE)))

    def _begin(self) -> bytes:
        if self._sequence >= 0:
            return b""
        response = self._in_progress()
        created = self._event("response.created", {"response": response})
        return created + self._event("response.in_progress", {"response": response})

    def _in_progress(self) -> dict[str, Any]:
        return {**self._head, "status": "in_progress", "output": [], "usage": None}

    def _enter_text(self) -> bytes:
        if self._open == "text":
            return b""
        written = self._leave()
        self._open = "text"
        item_id = f"msg_{self._reply}_{len(self._items)}"
        item: dict[str, Any] = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
        self._items.append({**item, "content": []})
        added = {"output_index": len(self._items) - 1, "item": self._items[-1]}
        part = {"content_index": 0, "part": _text("")}
        written += self._event("response.output_item.added", added)
        return written + self._of_item("response.content_part.added", part)

    def _enter_call(self, call: ToolCallBegun) -> bytes:
        written = self._leave()
        self._open = "call"
        item = {"id": f"fc_{self._reply}_{len(self._items)}", "type": "function_call", "status": "in_progress"}
        self._items.append({**item, "call_id": call.id, "name": call.name, "arguments": ""})
        added = {"output_index": len(self._items) - 1, "item": self._items[-1]}
        return written + self._event("response.output_item.added", added)

    def _leave(self) -> bytes:
        """End the open item."""
        if not self._open:
            return b""
        said, kind = "".join(self._pieces), self._open
        self._open = ""
        self._pieces.clear()
        item = {**self._items[-1], "status": "completed"}
        if kind == "text":
            part = _text(said)
            item["content"] = [part]
            done: dict[str, Any] = {"content_index": 0, "text": said, "logprobs": []}
            written = self._of_item("response.output_text.done", done)
            written += self._of_item("response.content_part.done", {"content_index": 0, "part": part})
        else:
            item["arguments"] = said or "{}"
            written = self._of_item("response.function_call_arguments.done", {"arguments": item["arguments"]})
        self._items[-1] = item
        return written + self._event("response.output_item.done", {"output_index": len(self._items) - 1, "item": item})

    def _end(self, part: Stopped) -> bytes:
        kind = "response.incomplete" if part.reason in _INCOMPLETE else "response.completed"
        return self._leave() + self._event(kind, {"response": self._response(part)})

    def _response(self, part: Stopped) -> dict[str, Any]:
        reason = _INCOMPLETE.get(part.reason)
        return {
            **self._head,
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "output": self._items,
            "usage": write_usage(self._usage),
        }

    def _of_item(self, kind: str, said: Mapping[str, Any]) -> bytes:
        return self._event(kind, {"item_id": self._items[-1]["id"], "output_index": len(self._items) - 1, **said})

    def _event(self, kind: str, said: Mapping[str, Any]) -> bytes:
        self._sequence += 1
        return write_event(kind, {**said, "sequence_number": self._sequence})


def _text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def write_event(kind: str, said: Mapping[str, Any]) -> bytes:
    """Return one event."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({"type": kind, **said}))


def write_failure(code: str, message: str) -> bytes:
    """Return the event by which OpenAI says that a stream has failed."""
    return write_event("error", {"code": code, "message": message, "param": None, "sequence_number": 0})


def write_usage(usage: Usage) -> dict[str, Any]:
    """Return usage as this API writes it."""
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.thinking_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
