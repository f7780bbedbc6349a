"""OpenAI's Chat Completions, from the server's side and from the client's.

https://platform.openai.com/docs/api-reference/chat. Requests and replies are translated here; events of a stream are in
`openai_stream`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from cairn.gateway.domain.failures import InvalidRequest, Untranslatable
from cairn.gateway.domain.messages import (
    ChatRequest,
    Media,
    Message,
    OutputFormat,
    Part,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from cairn.gateway.wire.json import RawObject, decode, read_object

# What has no word in other formats, and changes the reply: passing it over in silence would be a wrong answer.
_ONLY_OPENAI = ("audio", "functions", "function_call", "web_search_options", "prediction", "logit_bias")
_DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+);base64,(?P<data>.*)", re.DOTALL)
_TOOL_ID_CHARACTERS_MOST = 40


class _Url(msgspec.Struct, frozen=True):
    url: str
    detail: str | None = None


class _File(msgspec.Struct, frozen=True):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class _Part(msgspec.Struct, frozen=True):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: _Url | None = None
    file: _File | None = None


class _Function(msgspec.Struct, frozen=True):
    name: str
    arguments: str = ""


class _Call(msgspec.Struct, frozen=True):
    id: str
    function: _Function | None = None
    type: str = "function"


class _Message(msgspec.Struct, frozen=True):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


class _Definition(msgspec.Struct, frozen=True):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class _Tool(msgspec.Struct, frozen=True):
    type: str
    function: _Definition | None = None


class _JsonSchema(msgspec.Struct, frozen=True):
    name: str = "reply"
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class _Format(msgspec.Struct, frozen=True):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _Request(msgspec.Struct, frozen=True):
    model: str
    messages: list[_Message]
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    tools: list[_Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: _Format | None = None
    reasoning_effort: str | None = None
    n: int | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None


_requests = msgspec.json.Decoder(_Request)


def read_request(body: bytes) -> ChatRequest:
    """Read a request. Raises `InvalidRequest`, and `Untranslatable` for what only OpenAI understands."""
    asked = decode(body, _requests)
    fields = read_object(body)
    _check(asked, fields)
    system: list[str] = []
    messages: list[Message] = []
    for at, message in enumerate(asked.messages):
        if message.role in {"system", "developer"}:
            system.append("".join(part.text for part in _read_parts(message, at) if isinstance(part, Text)))
        else:
            _append(messages, _read_message(message, at))
    stop = [asked.stop] if isinstance(asked.stop, str) else asked.stop or []
    return ChatRequest(
        model=asked.model,
        system="\n\n".join(system),
        messages=messages,
        output_tokens_most=asked.max_completion_tokens or asked.max_tokens,
        temperature=asked.temperature,
        top_p=asked.top_p,
        stop=tuple(stop),
        tools=tuple(_read_tool(tool, at) for at, tool in enumerate(asked.tools or ())),
        tool_choice=_read_choice(asked.tool_choice),
        parallel_tools=asked.parallel_tool_calls,
        output_format=_read_format(asked.response_format),
        effort=asked.reasoning_effort,
    )


def _check(asked: _Request, fields: RawObject) -> None:
    if not asked.messages:
        message = "Invalid 'messages': empty array. Expected an array with minimum length 1."
        raise InvalidRequest(message, field="messages")
    for name in _ONLY_OPENAI:
        if name in fields and bytes(fields[name]) not in {b"null", b"{}", b"[]"}:
            raise Untranslatable(f"'{name}'", "this model", field=name)
    if asked.n not in {None, 1}:
        raise Untranslatable("'n' above 1", "this model", field="n")
    if asked.logprobs:
        raise Untranslatable("'logprobs'", "this model", field="logprobs")
    if set(asked.modalities or ()) - {"text"}:
        raise Untranslatable("Another modality than text", "this model", field="modalities")


def _append(messages: list[Message], message: Message) -> None:
    """Add a message; results of tools that follow each other are one message to other formats."""
    last = messages[-1] if messages else None
    results = last is not None and all(isinstance(part, ToolResult) for part in last.parts)
    if last is not None and results and isinstance(message.parts[0], ToolResult):
        messages[-1] = Message("user", (*last.parts, *message.parts))
    else:
        messages.append(message)


def _read_message(message: _Message, at: int) -> Message:
    if message.role == "tool":
        if not message.tool_call_id:
            place = f"messages[{at}].tool_call_id"
            raise InvalidRequest(f"Missing required parameter: '{place}'.", field=place)
        kept = tuple(part for part in _read_parts(message, at) if isinstance(part, Text | Media))
        return Message("user", (ToolResult(message.tool_call_id, kept),))
    parts: list[Part] = list(_read_parts(message, at))
    if message.role == "user":
        return Message("user", parts or (Text(""),))
    if message.refusal:
        parts.append(Text(message.refusal))
    for number, call in enumerate(message.tool_calls or ()):
        if call.function is None:
            raise Untranslatable(f"A tool call of type '{call.type}'", "this model", field=f"messages[{at}].tool_calls")
        parts.append(ToolCall(call.id or f"call_{number}", call.function.name, call.function.arguments))
    return Message("assistant", parts or (Text(""),))


def _read_parts(message: _Message, at: int) -> Iterator[Part]:
    if isinstance(message.content, str):
        yield Text(message.content)
        return
    for number, part in enumerate(message.content or ()):
        place = f"messages[{at}].content[{number}]"
        if part.type == "text" and part.text is not None:
            yield Text(part.text)
        elif part.type == "refusal" and part.refusal is not None:
            yield Text(part.refusal)
        elif part.type == "image_url" and part.image_url is not None:
            yield read_media("image", part.image_url.url)
        elif part.type == "file" and part.file is not None and part.file.file_data:
            yield read_media("document", part.file.file_data, part.file.filename or "")
        elif part.type in {"text", "refusal", "image_url"}:
            raise InvalidRequest(f"Missing required parameter: '{place}.{part.type}'.", field=f"{place}.{part.type}")
        else:
            raise Untranslatable(f"A part of type '{part.type}'", "this model", field=f"{place}.type")


def read_media(kind: Literal["image", "document"], url: str, name: str = "") -> Media:
    """Return what a data URL holds or another URL points to."""
    if match := _DATA_URL.fullmatch(url):
        return Media(kind, match["type"], match["data"], name=name)
    return Media(kind, url=url, name=name)


def write_url(media: Media) -> str:
    """Return media as a URL, a data URL when its bytes are there."""
    return f"data:{media.media_type};base64,{media.data}" if media.data else media.url


def _read_tool(tool: _Tool, at: int) -> Tool:
    if tool.function is None:
        raise Untranslatable(f"A tool of type '{tool.type}'", "this model", field=f"tools[{at}].type")
    function = tool.function
    schema = function.parameters or {"type": "object", "properties": {}}
    return Tool(function.name, function.description or "", schema, function.strict)


def _read_choice(choice: str | dict[str, Any] | None) -> ToolChoice | None:
    match choice:
        case None:
            return None
        case "auto" | "none":
            return ToolChoice(choice)
        case "required":
            return ToolChoice("any")
        case {"type": "function", "function": {"name": str(name)}}:
            return ToolChoice("one", name)
        case _:
            raise InvalidRequest("Invalid value for 'tool_choice'.", field="tool_choice")


def _read_format(asked: _Format | None) -> OutputFormat | None:
    if asked is None or asked.type == "text":
        return None
    schema = asked.json_schema
    if schema is None:
        return OutputFormat()
    return OutputFormat(schema.schema, schema.name, strict=schema.strict is not False)


def write_request(request: ChatRequest, *, limit_field: str) -> dict[str, object]:
    """Return the body of a request for a stream. Raises `Untranslatable`."""
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    for message in request.messages:
        messages.extend(_write_message(message))
    body: dict[str, object] = {
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    optional: dict[str, object] = {
        limit_field: request.output_tokens_most,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "tools": [_write_tool(tool) for tool in request.tools] or None,
        "tool_choice": _write_choice(request.tool_choice),
        "parallel_tool_calls": request.parallel_tools if request.tools else None,
        "response_format": _write_format(request.output_format),
        "reasoning_effort": request.effort,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _write_message(message: Message) -> Iterator[dict[str, Any]]:
    """Yield a message. Results of tools are messages of their own here, and nothing may stand between them.

    A tool speaks only text here, so that its images follow as the user's.
    """
    rest: list[Text | Media] = []
    calls: list[ToolCall] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            text = "".join(one.text for one in part.parts if isinstance(one, Text))
            yield {"role": "tool", "tool_call_id": write_tool_id(part.id), "content": text}
            rest.extend(one for one in part.parts if isinstance(one, Media))
        elif isinstance(part, ToolCall):
            calls.append(part)
        else:
            rest.append(part)
    if message.role == "assistant":
        said: dict[str, Any] = {"role": "assistant", "content": message.text or (None if calls else "")}
        if calls:
            said["tool_calls"] = [_write_call(call) for call in calls]
        yield said
    elif rest:
        yield {"role": "user", "content": _write_content(rest)}


def _write_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {"id": write_tool_id(call.id), "type": "function", "function": function}


def write_tool_id(tool_id: str) -> str:
    """Return a tool call's id in OpenAI's length, without what another provider put behind it."""
    return tool_id.partition("--")[0][:_TOOL_ID_CHARACTERS_MOST]


def _write_content(parts: Sequence[Text | Media]) -> str | list[dict[str, Any]]:
    if all(isinstance(part, Text) for part in parts) and len(parts) == 1:
        return "".join(part.text for part in parts if isinstance(part, Text))
    written: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, Text):
            written.append({"type": "text", "text": part.text})
        elif part.kind == "image":
            written.append({"type": "image_url", "image_url": {"url": write_url(part)}})
        else:
            if not part.data:
                raise Untranslatable("A document by its address", "this model", field="messages")
            file = {"filename": part.name or "document.pdf", "file_data": write_url(part)}
            written.append({"type": "file", "file": file})
    return written


def _write_tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _write_choice(choice: ToolChoice | None) -> str | Mapping[str, Any] | None:
    if choice is None:
        return None
    if choice.mode == "one":
        return {"type": "function", "function": {"name": choice.name}}
    return "required" if choice.mode == "any" else choice.mode


def _write_format(asked: OutputFormat | None) -> Mapping[str, Any] | None:
    if asked is None:
        return None
    if asked.schema is None:
        return {"type": "json_object"}
    schema = {"name": asked.name, "schema": asked.schema, "strict": asked.strict}
    return {"type": "json_schema", "json_schema": schema}
