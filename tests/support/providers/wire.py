"""The two wire formats, written as their documentation shows them."""
# ruff: noqa: ARG002 - each format needs another part of what they are all told.

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from support.providers.scenarios import Asked, Scenario

_numbers = itertools.count(1)
_ANTHROPIC_STOPS = {"tool_calls": "tool_use", "complete": "end_turn", "length": "max_tokens", "filtered": "refusal"}
_OPENAI_STOPS = {"tool_calls": "tool_calls", "complete": "stop", "length": "length", "filtered": "content_filter"}


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
    def calls(self, model: str, calls: Sequence[tuple[str, str]]) -> bytes: ...
    def failure(self, kind: str, message: str) -> bytes: ...
    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]: ...


def count_tokens(text: str) -> int:
    return max(1, len(text) // 4)


class AnthropicWire:
    path = "/v1/messages"

    def key(self, headers: Any) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")

    def read(self, headers: Any, body: dict[str, Any]) -> Asked:
        if "anthropic-version" not in headers:
            raise InvalidRequest("anthropic-version: header is required")
        gone = {"temperature", "top_p", "top_k"} & set(body)
        if gone and headers["anthropic-version"] >= "2026-10-21":
            raise InvalidRequest(f"{gone.pop()}: Extra inputs are not permitted")
        if not isinstance(body.get("max_tokens"), int):
            raise InvalidRequest("max_tokens: Field required")
        messages = body.get("messages") or []
        if not messages or messages[0].get("role") != "user":
            raise InvalidRequest("messages: first message must use the user role")
        if any(message["role"] not in {"user", "assistant"} for message in messages):
            raise InvalidRequest("messages: Unexpected role")
        self._check_results(messages)
        spoken = [(one["role"], _flat(one["content"])) for one in messages]
        return Asked(_flat(body.get("system", "")), spoken, has_results=_has(messages, "tool_result"))

    def _check_results(self, messages: Sequence[dict[str, Any]]) -> None:
        """Every result answers a call of the message before it."""
        for before, message in itertools.pairwise(messages):
            if before["role"] == message["role"]:
                raise InvalidRequest("messages: roles must alternate")
            asked = {one.get("id") for one in _blocks(before) if one["type"] == "tool_use"}
            answered = {one.get("tool_use_id") for one in _blocks(message) if one["type"] == "tool_result"}
            if asked != answered:
                raise InvalidRequest("messages: `tool_use` ids were found without `tool_result` blocks")

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": f"req_{next(_numbers)}"}

    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]:
        return {
            **self._message(model, asked),
            "content": [
                {"type": "text", "text": text},
                *(
                    {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": json.loads(arguments)}
                    for at, (name, arguments) in enumerate(scenario.calls)
                ),
            ],
            "stop_reason": _ANTHROPIC_STOPS[scenario.stop],
            "usage": {"input_tokens": count_tokens(asked.text), "output_tokens": count_tokens(text)},
        }

    def begin(self, model: str, asked: Asked) -> bytes:
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        start = {"type": "message_start", "message": self._message(model, asked)}
        return named(start) + named(block) + named({"type": "ping"})

    def piece(self, model: str, text: str) -> bytes:
        return named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})

    def calls(self, model: str, calls: Sequence[tuple[str, str]]) -> bytes:
        events = [named({"type": "content_block_stop", "index": 0})]
        for at, (name, arguments) in enumerate(calls, start=1):
            block = {"type": "tool_use", "id": f"toolu_{at - 1}", "name": name, "input": {}}
            events.append(named({"type": "content_block_start", "index": at, "content_block": block}))
            for piece in ("", arguments[:5], arguments[5:]):
                delta = {"type": "input_json_delta", "partial_json": piece}
                events.append(named({"type": "content_block_delta", "index": at, "delta": delta}))
            if at < len(calls):
                events.append(named({"type": "content_block_stop", "index": at}))
        return b"".join(events)

    def failure(self, kind: str, message: str) -> bytes:
        return named({"type": "error", "error": {"type": kind, "message": message}})

    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]:
        delta = {"stop_reason": _ANTHROPIC_STOPS[scenario.stop], "stop_sequence": None}
        yield named({"type": "content_block_stop", "index": len(scenario.calls)})
        yield named({"type": "message_delta", "delta": delta, "usage": {"output_tokens": pieces}})
        if not scenario.no_end_marker:
            yield named({"type": "message_stop"})

    def _message(self, model: str, asked: Asked) -> dict[str, Any]:
        return {
            "id": f"msg_{next(_numbers):024}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": count_tokens(asked.text), "output_tokens": 1},
        }


class OpenAIWire:
    path = "/v1/chat/completions"

    def key(self, headers: Any) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ")

    def read(self, headers: Any, body: dict[str, Any]) -> Asked:
        messages = body.get("messages") or []
        if not messages:
            raise InvalidRequest("Invalid 'messages': empty array.")
        roles = {"system", "developer", "user", "assistant", "tool"}
        if any(message.get("role") not in roles for message in messages):
            raise InvalidRequest("Invalid value: 'role'.")
        system = "\n".join(_flat(one["content"]) for one in messages if one["role"] in {"system", "developer"})
        spoken = [(one["role"], _flat(one["content"])) for one in messages if one["role"] in {"user", "assistant"}]
        calls = [call["id"] for one in messages for call in one.get("tool_calls") or ()]
        results = [one["tool_call_id"] for one in messages if one["role"] == "tool"]
        if sorted(calls) != sorted(results) or any(len(tool_id) > 40 for tool_id in calls):
            raise InvalidRequest("An assistant message with 'tool_calls' must be followed by tool messages.")
        return Asked(system, spoken, has_results=bool(results))

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}

    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        if scenario.calls:
            message["tool_calls"] = [
                {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": arguments}}
                for at, (name, arguments) in enumerate(scenario.calls)
            ]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _OPENAI_STOPS[scenario.stop]}
        return {
            "id": f"chatcmpl-{next(_numbers)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [choice],
            "usage": self._usage(count_tokens(asked.text), count_tokens(text)),
        }

    def begin(self, model: str, asked: Asked) -> bytes:
        return self._chunk(model, {"role": "assistant", "content": "", "refusal": None}, None)

    def piece(self, model: str, text: str) -> bytes:
        return self._chunk(model, {"content": text}, None)

    def calls(self, model: str, calls: Sequence[tuple[str, str]]) -> bytes:
        events: list[bytes] = []
        for at, (name, arguments) in enumerate(calls):
            function = {"name": name, "arguments": ""}
            begun = {"index": at, "id": f"call_{at}", "type": "function", "function": function}
            events.append(self._chunk(model, {"tool_calls": [begun]}, None))
            for piece in (arguments[:5], arguments[5:]):
                delta = {"index": at, "function": {"arguments": piece}}
                events.append(self._chunk(model, {"tool_calls": [delta]}, None))
        return b"".join(events)

    def failure(self, kind: str, message: str) -> bytes:
        return unnamed(self.error(kind, message))

    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]:
        yield self._chunk(model, {}, _OPENAI_STOPS[scenario.stop])
        if not scenario.no_end_marker:
            yield unnamed({**self._head(model), "choices": [], "usage": self._usage(count_tokens(asked.text), pieces)})
            yield b"data: [DONE]\n\n"

    def _head(self, model: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}

    def _chunk(self, model: str, delta: dict[str, Any], finish_reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return unnamed({**self._head(model), "choices": [choice], "usage": None})

    def _usage(self, sent: int, received: int) -> dict[str, Any]:
        return {
            "prompt_tokens": sent,
            "completion_tokens": received,
            "total_tokens": sent + received,
            "prompt_tokens_details": {"cached_tokens": 0},
        }


class AzureWire(OpenAIWire):
    path = "/openai/v1/chat/completions"

    def key(self, headers: Any) -> str:
        return headers.get("api-key", "")


def _flat(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text") or _flat(block.get("content") or "") for block in content or ())


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    return message["content"] if isinstance(message["content"], list) else []


def _has(messages: Sequence[dict[str, Any]], kind: str) -> bool:
    return any(block["type"] == kind for message in messages for block in _blocks(message))


def named(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def unnamed(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()
