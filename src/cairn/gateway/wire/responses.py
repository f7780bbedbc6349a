"""Requests of OpenAI's Responses API, from the server's side.

https://platform.openai.com/docs/api-reference/responses. What OpenAI keeps for its callers, as earlier responses,
cannot be translated: there it is refused. A provider who speaks this API gets requests as they came.
"""

from collections.abc import Iterator
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
from cairn.gateway.wire.json import decode, read_object
from cairn.gateway.wire.openai_chat import read_media

_KEPT_BY_OPENAI = ("previous_response_id", "conversation", "prompt", "background")


class _Part(msgspec.Struct, frozen=True):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    file_data: str | None = None
    filename: str | None = None


class _Item(msgspec.Struct, frozen=True):
    type: str = "message"
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: str | list[_Part] | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    output: str | list[_Part] | None = None


class _Tool(msgspec.Struct, frozen=True):
    type: str
    name: str = ""
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class _Format(msgspec.Struct, frozen=True):
    type: Literal["text", "json_object", "json_schema"]
    name: str = "reply"
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class _TextConfig(msgspec.Struct, frozen=True):
    format: _Format | None = None


class _Reasoning(msgspec.Struct, frozen=True):
    effort: str | None = None


class _Request(msgspec.Struct, frozen=True):
    model: str
    input: str | list[_Item]
    instructions: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[_Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: _TextConfig | None = None
    reasoning: _Reasoning | None = None


_requests = msgspec.json.Decoder(_Request)


def read_request(body: bytes) -> ChatRequest:
    """Read a request. Raises `InvalidRequest`, and `Untranslatable` for what only OpenAI can do."""
    asked = decode(body, _requests)
    fields = read_object(body)
    for name in _KEPT_BY_OPENAI:
        if bytes(fields.get(name, b"null")) not in {b"null", b"false"}:
            raise Untranslatable(f"'{name}'", "this model", field=name)
    system = [asked.instructions or ""]
    messages: list[Message] = []
    items = [_Item(role="user", content=asked.input)] if isinstance(asked.input, str) else asked.input
    for at, item in enumerate(items):
        _read_item(item, f"input[{at}]", system, messages)
    if not messages:
        raise InvalidRequest("Invalid 'input': there is no message.", field="input")
    return ChatRequest(
        model=asked.model,
        system="\n\n".join(text for text in system if text),
        messages=messages,
        output_tokens_most=asked.max_output_tokens,
        temperature=asked.temperature,
        top_p=asked.top_p,
        tools=tuple(_read_tool(tool, at) for at, tool in enumerate(asked.tools or ())),
        tool_choice=_read_choice(asked.tool_choice),
        parallel_tools=asked.parallel_tool_calls,
        output_format=_read_format(asked.text.format if asked.text else None),
        effort=asked.reasoning.effort if asked.reasoning else None,
    )


def _read_item(item: _Item, place: str, system: list[str], messages: list[Message]) -> None:
    match item.type:
        case "message":
            parts = tuple(_read_parts(item.content, f"{place}.content"))
            if item.role is None:
                raise InvalidRequest(f"Missing required parameter: '{place}.role'.", field=f"{place}.role")
            if item.role == "system" or item.role == "developer":  # noqa: PLR1714 - it tells the type checker more.
                system.append("".join(part.text for part in parts if isinstance(part, Text)))
            else:
                _append(messages, Message(item.role, parts or (Text(""),)))
        case "function_call":
            _append(messages, Message("assistant", (ToolCall(item.call_id, item.name, item.arguments),)))
        case "function_call_output":
            kept = tuple(part for part in _read_parts(item.output, f"{place}.output") if isinstance(part, Text | Media))
            _append(messages, Message("user", (ToolResult(item.call_id, kept),)))
        case "reasoning":
            # It is sealed for OpenAI's own models; others can do nothing with it.
            pass
        case _:
            raise Untranslatable(f"An item of type '{item.type}'", "this model", field=f"{place}.type")


def _append(messages: list[Message], message: Message) -> None:
    """Add a message; neighbours of one role are one message to other formats."""
    if messages and messages[-1].role == message.role:
        messages[-1] = Message(message.role, (*messages[-1].parts, *message.parts))
    else:
        messages.append(message)


def _read_parts(content: str | list[_Part] | None, place: str) -> Iterator[Part]:
    if isinstance(content, str):
        yield Text(content)
        return
    for at, part in enumerate(content or ()):
        if part.type in {"input_text", "output_text", "refusal", "text"}:
            yield Text(part.text or part.refusal or "")
        elif part.type == "input_image" and part.image_url:
            yield read_media("image", part.image_url)
        elif part.type == "input_file" and part.file_data:
            yield read_media("document", part.file_data, part.filename or "")
        else:
            raise Untranslatable(f"A part of type '{part.type}'", "this model", field=f"{place}[{at}].type")


def _read_tool(tool: _Tool, at: int) -> Tool:
    if tool.type != "function":
        raise Untranslatable(f"A tool of type '{tool.type}'", "this model", field=f"tools[{at}].type")
    schema = tool.parameters or {"type": "object", "properties": {}}
    return Tool(tool.name, tool.description or "", schema, tool.strict)


def _read_choice(choice: str | dict[str, Any] | None) -> ToolChoice | None:
    match choice:
        case None:
            return None
        case "auto" | "none":
            return ToolChoice(choice)
        case "required":
            return ToolChoice("any")
        case {"type": "function", "name": str(name)}:
            return ToolChoice("one", name)
        case _:
            raise InvalidRequest("Invalid value for 'tool_choice'.", field="tool_choice")


def _read_format(asked: _Format | None) -> OutputFormat | None:
    if asked is None or asked.type == "text":
        return None
    return OutputFormat(asked.schema, asked.name, strict=asked.strict is not False)
