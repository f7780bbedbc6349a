"""The two wire formats, written as their documentation shows them."""
# ruff: noqa: ARG002 - each format needs another part of what they are all told.

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any, Protocol

from support.providers.scenarios import Asked, Scenario

_numbers = itertools.count(1)
_ANTHROPIC_STOPS = {"complete": "end_turn", "length": "max_tokens", "filtered": "refusal"}
_OPENAI_STOPS = {"complete": "stop", "length": "length", "filtered": "content_filter"}


class InvalidRequest(ValueError):
    """The provider would answer 400."""


class Wire(Protocol):
    path: str

    def key(self, headers: Any) -> str: ...
    def read(self, headers: Any, body: dict[str, Any]) -> Asked: ...
    def error(self, kind: str, message: str) -> dict[str, Any]: ...
    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]: ...
    def begin(self, model: str, asked: Asked) -> bytes: ...
    def piece(self, model: str, text: str) -> bytes: ...
    def failure(self, kind: str, message: str) -> bytes: ...
    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]: ...


def _tokens(text: str) -> int:
    return max(1, len(text) // 4)


class AnthropicWire:
    path = "/v1/messages"

    def key(self, headers: Any) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")

    def read(self, headers: Any, body: dict[str, Any]) -> Asked:
        if "anthropic-version" not in headers:
            raise InvalidRequest("anthropic-version: header is required")
        if not isinstance(body.get("max_tokens"), int):
            raise InvalidRequest("max_tokens: Field required")
        messages = body.get("messages") or []
        if not messages or messages[0].get("role") != "user":
            raise InvalidRequest("messages: first message must use the user role")
        if any(message["role"] not in {"user", "assistant"} for message in messages):
            raise InvalidRequest("messages: Unexpected role")
        return Asked(_flat(body.get("system", "")), [(one["role"], _flat(one["content"])) for one in messages])

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": f"req_{next(_numbers)}"}

    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]:
        return {
            **self._message(model, asked),
            "content": [{"type": "text", "text": text}],
            "stop_reason": _ANTHROPIC_STOPS[scenario.stop],
            "usage": {"input_tokens": _tokens(asked.text), "output_tokens": _tokens(text)},
        }

    def begin(self, model: str, asked: Asked) -> bytes:
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        start = {"type": "message_start", "message": self._message(model, asked)}
        return _named(start) + _named(block) + _named({"type": "ping"})

    def piece(self, model: str, text: str) -> bytes:
        return _named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})

    def failure(self, kind: str, message: str) -> bytes:
        return _named({"type": "error", "error": {"type": kind, "message": message}})

    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]:
        delta = {"stop_reason": _ANTHROPIC_STOPS[scenario.stop], "stop_sequence": None}
        yield _named({"type": "content_block_stop", "index": 0})
        yield _named({"type": "message_delta", "delta": delta, "usage": {"output_tokens": pieces}})
        if not scenario.no_end_marker:
            yield _named({"type": "message_stop"})

    def _message(self, model: str, asked: Asked) -> dict[str, Any]:
        return {
            "id": f"msg_{next(_numbers):024}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": _tokens(asked.text), "output_tokens": 1},
        }


class OpenAIWire:
    path = "/v1/chat/completions"

    def key(self, headers: Any) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ")

    def read(self, headers: Any, body: dict[str, Any]) -> Asked:
        messages = body.get("messages") or []
        if not messages:
            raise InvalidRequest("Invalid 'messages': empty array.")
        roles = {"system", "developer", "user", "assistant"}
        if any(message.get("role") not in roles for message in messages):
            raise InvalidRequest("Invalid value: 'role'.")
        system = "\n".join(_flat(one["content"]) for one in messages if one["role"] in {"system", "developer"})
        spoken = [(one["role"], _flat(one["content"])) for one in messages if one["role"] in {"user", "assistant"}]
        return Asked(system, spoken)

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}

    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _OPENAI_STOPS[scenario.stop]}
        return {
            "id": f"chatcmpl-{next(_numbers)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [choice],
            "usage": self._usage(_tokens(asked.text), _tokens(text)),
        }

    def begin(self, model: str, asked: Asked) -> bytes:
        return self._chunk(model, {"role": "assistant", "content": "", "refusal": None}, None)

    def piece(self, model: str, text: str) -> bytes:
        return self._chunk(model, {"content": text}, None)

    def failure(self, kind: str, message: str) -> bytes:
        return _unnamed(self.error(kind, message))

    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]:
        yield self._chunk(model, {}, _OPENAI_STOPS[scenario.stop])
        if not scenario.no_end_marker:
            yield _unnamed({**self._head(model), "choices": [], "usage": self._usage(_tokens(asked.text), pieces)})
            yield b"data: [DONE]\n\n"

    def _head(self, model: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}

    def _chunk(self, model: str, delta: dict[str, Any], finish_reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _unnamed({**self._head(model), "choices": [choice], "usage": None})

    def _usage(self, sent: int, received: int) -> dict[str, Any]:
        return {
            "prompt_tokens": sent,
            "completion_tokens": received,
            "total_tokens": sent + received,
            "prompt_tokens_details": {"cached_tokens": 0},
        }


def _flat(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content)


def _named(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def _unnamed(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()
