"""OpenAI's Responses API, written as its documentation shows it."""
# ruff: noqa: ARG002 - each format needs another part of what they are all told.

import time
from collections.abc import Iterator, Sequence
from typing import Any

from support.providers.scenarios import Asked, Scenario
from support.providers.wire import InvalidRequest, OpenAIWire, count_tokens, named

_REASONS = {"length": "max_output_tokens", "filtered": "content_filter"}


class ResponsesWire(OpenAIWire):
    path = "/v1/responses"

    def read(self, headers: Any, body: dict[str, Any]) -> Asked:
        if "messages" in body or "input" not in body:
            raise InvalidRequest("Missing required parameter: 'input'.")
        items = body["input"]
        if isinstance(items, str):
            items = [{"role": "user", "content": items}]
        calls = [item["call_id"] for item in items if item.get("type") == "function_call"]
        results = [item["call_id"] for item in items if item.get("type") == "function_call_output"]
        if calls != results:
            raise InvalidRequest("No tool output found for function call.")
        return Asked(body.get("instructions") or "", [("user", str(item)) for item in items], has_results=bool(results))

    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
        calls = [self._call(at, name, arguments) for at, (name, arguments) in enumerate(scenario.calls)]
        return self._response(model, scenario, [message, *calls], count_tokens(asked.text), count_tokens(text))

    def begin(self, model: str, asked: Asked) -> bytes:
        response = self._response(model, None, [], 0, 0) | {"status": "in_progress", "usage": None}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return (
            named({"type": "response.created", "response": response, "sequence_number": 0})
            + named({"type": "response.output_item.added", "output_index": 0, "item": message, "sequence_number": 1})
            + named({"type": "response.content_part.added", **place, "part": part, "sequence_number": 2})
        )

    def piece(self, model: str, text: str) -> bytes:
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "sequence_number": 3}
        return named({"type": "response.output_text.delta", **place, "delta": text, "logprobs": []})

    def calls(self, model: str, calls: Sequence[tuple[str, str]]) -> bytes:
        events: list[bytes] = []
        for at, (name, arguments) in enumerate(calls):
            place = {"output_index": at + 1, "sequence_number": 9}
            item = self._call(at, name, arguments)
            added = {**item, "arguments": "", "status": "in_progress"}
            events.append(named({"type": "response.output_item.added", **place, "item": added}))
            for delta in (arguments[:5], arguments[5:]):
                said = {"item_id": item["id"], "delta": delta}
                events.append(named({"type": "response.function_call_arguments.delta", **place, **said}))
            events.append(named({"type": "response.output_item.done", **place, "item": item}))
        return b"".join(events)

    def failure(self, kind: str, message: str) -> bytes:
        return named({"type": "error", "code": kind, "message": message, "param": None, "sequence_number": 9})

    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]:
        text = "".join(scenario.answer(asked))
        response = self.whole(model, text, scenario, asked)
        response["usage"]["output_tokens"] = pieces
        kind = "response.incomplete" if scenario.stop in _REASONS else "response.completed"
        if not scenario.no_end_marker:
            yield named({"type": kind, "response": response, "sequence_number": 99})

    def _call(self, at: int, name: str, arguments: str) -> dict[str, Any]:
        head = {"id": f"fc_{at}", "type": "function_call", "status": "completed"}
        return {**head, "call_id": f"call_{at}", "name": name, "arguments": arguments}

    def _response(
        self, model: str, scenario: Scenario | None, output: list[dict[str, Any]], sent: int, received: int
    ) -> dict[str, Any]:
        reason = _REASONS.get(scenario.stop) if scenario else None
        usage = {
            "input_tokens": sent,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": received,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sent + received,
        }
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": int(time.time()),
            "status": "incomplete" if reason else "completed",
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "model": model,
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage,
        }
