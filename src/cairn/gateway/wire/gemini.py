"""Google's Gemini API, from the client's side: requests written, events of a stream read.

https://ai.google.dev/api/generate-content
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from cairn.gateway.domain.failures import FailureCode, ProviderFailure, Untranslatable
from cairn.gateway.domain.messages import (
    ChatRequest,
    Media,
    Part,
    Stopped,
    StopReason,
    StreamPart,
    Text,
    TextDelta,
    ThinkingDelta,
    Tool,
    ToolCall,
    ToolCallBegun,
    ToolCallDelta,
    ToolChoice,
    ToolResult,
    Usage,
)
from cairn.gateway.wire.json import read_arguments
from cairn.gateway.wire.openai_stream import shorten
from cairn.gateway.wire.sse import ServerSentEvent

_MODES = {"auto": "AUTO", "none": "NONE", "any": "ANY", "one": "ANY"}
_LENGTH = "MAX_TOKENS"
_COMPLETE = "STOP"
_BROKEN = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER", "MALFORMED_RESPONSE"})
# Between a tool call's id and the signature of the thought behind it, which has to come back with the call.
_SIGNATURE = "--"


class _FunctionCall(msgspec.Struct, frozen=True):
    name: str = ""
    args: msgspec.Raw = msgspec.Raw(b"{}")


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    text: str = ""
    thought: bool = False
    function_call: _FunctionCall | None = None
    thought_signature: str = ""


class _Content(msgspec.Struct, frozen=True):
    parts: list[_Part] = []


class _Candidate(msgspec.Struct, frozen=True, rename="camel"):
    content: _Content = _Content()
    finish_reason: str | None = None


class _Usage(msgspec.Struct, frozen=True, rename="camel"):
    prompt_token_count: int = 0
    candidates_token_count: int = 0
    thoughts_token_count: int = 0
    cached_content_token_count: int = 0
    tool_use_prompt_token_count: int = 0


class _Feedback(msgspec.Struct, frozen=True, rename="camel"):
    block_reason: str | None = None


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    status: str = ""


class _Chunk(msgspec.Struct, frozen=True, rename="camel"):
    candidates: list[_Candidate] = []
    usage_metadata: _Usage | None = None
    prompt_feedback: _Feedback | None = None
    error: _Error | None = None


_decoder = msgspec.json.Decoder(_Chunk)


def write_request(request: ChatRequest) -> dict[str, Any]:
    """Return the body of a request; the model stands in the address. Raises `Untranslatable`."""
    names = {part.id: part.name for message in request.messages for part in message.parts if isinstance(part, ToolCall)}
    contents: list[dict[str, Any]] = []
    for message in request.messages:
        role = "user" if message.role == "user" else "model"
        parts = [_write_part(part, names) for part in message.parts if not isinstance(part, Text) or part.text]
        # A function's response holds JSON only, so that its images follow.
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        parts += [_write_part(one, names) for part in results for one in part.parts if isinstance(one, Media)]
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"].extend(parts)
        elif parts:
            contents.append({"role": role, "parts": parts})
    body: dict[str, Any] = {"contents": contents, "generationConfig": _write_config(request)}
    if request.system:
        body["systemInstruction"] = {"parts": [{"text": request.system}]}
    if request.tools:
        body["tools"] = [{"functionDeclarations": [_write_tool(tool) for tool in request.tools]}]
        if request.tool_choice is not None:
            body["toolConfig"] = {"functionCallingConfig": _write_choice(request.tool_choice)}
    return body


def _write_config(request: ChatRequest) -> dict[str, Any]:
    config: dict[str, Any] = {
        "maxOutputTokens": request.output_tokens_most,
        "temperature": request.temperature,
        "topP": request.top_p,
        "stopSequences": list(request.stop) or None,
    }
    if request.output_format is not None:
        config["responseMimeType"] = "application/json"
        config["responseJsonSchema"] = request.output_format.schema
    if request.effort in {"minimal", "low", "medium", "high"}:
        config["thinkingConfig"] = {"thinkingLevel": request.effort.upper()}
    return {name: value for name, value in config.items() if value is not None}


def _write_part(part: Part, names: dict[str, str]) -> dict[str, Any]:
    match part:
        case Text():
            return {"text": part.text}
        case Media():
            if not part.data:
                raise Untranslatable("An image or document by its address", "Gemini", field="messages")
            return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
        case ToolCall():
            call: dict[str, Any] = {"functionCall": {"name": part.name, "args": read_arguments(part)}}
            signature = part.id.partition(_SIGNATURE)[2]
            return call | {"thoughtSignature": signature} if signature else call
        case ToolResult():
            said = "".join(one.text for one in part.parts if isinstance(one, Text))
            response = {"error" if part.failed else "result": said}
            return {"functionResponse": {"name": names.get(part.id, part.id), "response": response}}


def _write_tool(tool: Tool) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": tool.name, "description": tool.description}
    # A function without arguments has no schema here.
    return declared | {"parametersJsonSchema": tool.schema} if tool.schema.get("properties") else declared


def _write_choice(choice: ToolChoice) -> dict[str, Any]:
    config: dict[str, Any] = {"mode": _MODES[choice.mode]}
    return config | {"allowedFunctionNames": [choice.name]} if choice.mode == "one" else config


class ReplyReader:
    """Reads the events of one streamed reply."""

    end = b""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._reason: str | None = None
        self._calls = 0

    def decode(self, event: ServerSentEvent) -> Iterator[StreamPart]:
        """Yield what an event says. Raises `ProviderFailure`."""
        try:
            said = _decoder.decode(event.data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{self._provider} sent something that is no Gemini reply. Check its address and kind."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True) from error
        if said.error is not None:
            words = shorten(said.error.message)
            message = f"{self._provider} stopped with an error: {words}. What it sent is kept. Ask again."
            busy = said.error.status in {"UNAVAILABLE", "RESOURCE_EXHAUSTED"}
            raise ProviderFailure(FailureCode.BUSY if busy else FailureCode.ERROR, message, sent=True)
        for candidate in said.candidates[:1]:
            for part in candidate.content.parts:
                yield from self._read_part(part)
            self._reason = candidate.finish_reason or self._reason
        if said.prompt_feedback is not None and said.prompt_feedback.block_reason:
            self._reason = said.prompt_feedback.block_reason
        if said.usage_metadata is not None:
            yield _read_usage(said.usage_metadata)

    def _read_part(self, part: _Part) -> Iterator[StreamPart]:
        if part.function_call is not None:
            tool_id = f"call_{secrets.token_hex(12)}"
            if part.thought_signature:
                tool_id += _SIGNATURE + part.thought_signature
            yield ToolCallBegun(self._calls, tool_id, part.function_call.name)
            yield ToolCallDelta(self._calls, bytes(part.function_call.args).decode("utf-8", "replace"))
            self._calls += 1
        elif part.text:
            yield ThinkingDelta(part.text) if part.thought else TextDelta(part.text)

    def finish(self) -> Iterator[StreamPart]:
        """End the reply: a finish reason proves that it is whole, unless it says that it broke: `ProviderFailure`."""
        if self._reason is None:
            return
        if self._reason in _BROKEN:
            message = f"{self._provider} could not finish its answer ({self._reason}). Ask again, or another model."
            raise ProviderFailure(FailureCode.ERROR, message, sent=True)
        if self._reason == _LENGTH:
            yield Stopped(StopReason.LENGTH)
        elif self._reason == _COMPLETE:
            yield Stopped(StopReason.TOOL_CALLS if self._calls else StopReason.COMPLETE)
        else:
            yield Stopped(StopReason.FILTERED)


def _read_usage(said: _Usage) -> Usage:
    return Usage(
        input_tokens=said.prompt_token_count + said.tool_use_prompt_token_count,
        output_tokens=said.candidates_token_count + said.thoughts_token_count,
        cached_input_tokens=said.cached_content_token_count,
        thinking_tokens=said.thoughts_token_count,
    )


class _Vector(msgspec.Struct, frozen=True):
    values: list[float]


class _Embeddings(msgspec.Struct, frozen=True):
    embeddings: list[_Vector]


def write_embeddings(model: str, texts: Sequence[str], dimensions: int | None) -> dict[str, Any]:
    """Return the body of a request for embeddings of texts."""
    request: dict[str, Any] = {"model": f"models/{model}"}
    if dimensions is not None:
        request["outputDimensionality"] = dimensions
    return {"requests": [{**request, "content": {"parts": [{"text": text}]}} for text in texts]}


def read_embeddings(body: bytes) -> list[list[float]] | None:
    """Return the vectors, in the order of their texts; None when there are none."""
    try:
        return [one.values for one in msgspec.json.decode(body, type=_Embeddings).embeddings]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
