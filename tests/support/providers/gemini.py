"""Gemini's wire format, written as its documentation shows it (https://ai.google.dev/api/generate-content)."""
# ruff: noqa: ARG002 - each format needs another part of what they are all told.

import json
from collections.abc import Iterator, Sequence
from typing import Any

from support.providers.scenarios import Asked, Scenario
from support.providers.wire import InvalidRequest, count_tokens, unnamed

_STOPS = {"tool_calls": "STOP", "complete": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}
_STATUSES = {"overloaded_error": "UNAVAILABLE", "rate_limit_error": "RESOURCE_EXHAUSTED"}
SIGNATURE = "c2lnbmVk"


class GeminiWire:
    path = "/v1beta/models/{model}:streamGenerateContent"

    def key(self, headers: Any) -> str:
        return headers.get("x-goog-api-key", "")

    def read(self, headers: Any, body: dict[str, Any]) -> Asked:
        contents = body.get("contents") or []
        if not contents or contents[0].get("role") != "user":
            raise InvalidRequest("Please ensure that the conversation begins with a user turn.")
        known = {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"}
        if unknown := set(body) - known:
            raise InvalidRequest(f'Invalid JSON payload received. Unknown name "{unknown.pop()}"')
        parts = [part for content in contents for part in content["parts"]]
        calls = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
        results = [part["functionResponse"]["name"] for part in parts if "functionResponse" in part]
        if calls != results:
            raise InvalidRequest("The number of function response parts must equal the number of function call parts.")
        if calls and parts[1].get("thoughtSignature", SIGNATURE) != SIGNATURE:
            raise InvalidRequest("Function call is missing a thought_signature.")
        system = "".join(part["text"] for part in body.get("systemInstruction", {}).get("parts", []))
        spoken = [(one["role"], "".join(part.get("text", "") for part in one["parts"])) for one in contents]
        return Asked(system, spoken, has_results=bool(results))

    def error(self, kind: str, message: str) -> dict[str, Any]:
        return {"error": {"code": 500, "message": message, "status": _STATUSES.get(kind, "INTERNAL")}}

    def whole(self, model: str, text: str, scenario: Scenario, asked: Asked) -> dict[str, Any]:
        raise NotImplementedError

    def begin(self, model: str, asked: Asked) -> bytes:
        return b""

    def piece(self, model: str, text: str) -> bytes:
        return self._chunk([{"text": text}])

    def calls(self, model: str, calls: Sequence[tuple[str, str]]) -> bytes:
        parts: list[dict[str, Any]] = [
            {"functionCall": {"name": name, "args": json.loads(arguments)}} for name, arguments in calls
        ]
        parts[0]["thoughtSignature"] = SIGNATURE
        return self._chunk(parts)

    def failure(self, kind: str, message: str) -> bytes:
        return unnamed(self.error(kind, message))

    def end(self, model: str, scenario: Scenario, asked: Asked, pieces: int) -> Iterator[bytes]:
        sent = count_tokens(asked.text)
        usage = {"promptTokenCount": sent, "candidatesTokenCount": pieces, "totalTokenCount": sent + pieces}
        candidate = {"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": _STOPS[scenario.stop]}
        yield unnamed({"candidates": [candidate | {"index": 0}], "usageMetadata": usage, "modelVersion": model})

    def _chunk(self, parts: Sequence[dict[str, Any]]) -> bytes:
        return unnamed({"candidates": [{"content": {"parts": parts, "role": "model"}, "index": 0}]})
