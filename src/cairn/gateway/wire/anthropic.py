"""Requests of Anthropic's Messages API, from the server's side and from the client's.

https://docs.anthropic.com/en/api/messages. Events of a stream are in `anthropic_stream`.
"""

from collections.abc import Iterator, Sequence
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
from cairn.gateway.wire.json import decode, read_arguments

# Anthropic's API requires a limit; this one is kept when the caller sets none.
OUTPUT_TOKENS_USUAL = 8_192
_EFFORTS = {"none": None, "minimal": "low"}


class _Source(msgspec.Struct, frozen=True):
    type: str
    media_type: str = ""
    data: str = ""
    url: str = ""


class _Block(msgspec.Struct, frozen=True):
    type: str
    text: str | None = None
    source: _Source | None = None
    title: str | None = None
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"{}")
    tool_use_id: str = ""
    content: "str | list[_Block] | None" = None
    is_error: bool | None = None


class _Message(msgspec.Struct, frozen=True):
    role: Literal["user", "assistant", "system"]
    content: str | list[_Block]


class _Tool(msgspec.Struct, frozen=True):
    name: str
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    strict: bool | None = None


class _Choice(msgspec.Struct, frozen=True):
    type: Literal["auto", "any", "tool", "none"]
    name: str = ""
    disable_parallel_tool_use: bool | None = None


class _Format(msgspec.Struct, frozen=True):
    type: Literal["json_schema"]
    schema: dict[str, Any]


class _OutputConfig(msgspec.Struct, frozen=True):
    effort: str | None = None
    format: _Format | None = None


class _Thinking(msgspec.Struct, frozen=True):
    type: str
    budget_tokens: int | None = None


class _Request(msgspec.Struct, frozen=True):
    model: str
    messages: list[_Message]
    max_tokens: int
    system: str | list[_Block] | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: list[str] | None = None
    tools: list[_Tool] | None = None
    tool_choice: _Choice | None = None
    output_config: _OutputConfig | None = None
    thinking: _Thinking | None = None
    mcp_servers: list[msgspec.Raw] | None = None
    container: msgspec.Raw | None = None


_requests = msgspec.json.Decoder(_Request)


def read_request(body: bytes) -> ChatRequest:
    """Read a request. Raises `InvalidRequest`, and `Untranslatable` for what only Anthropic understands."""
    asked = decode(body, _requests)
    if not asked.messages:
        raise InvalidRequest("messages: at least one message is required", field="messages")
    if asked.mcp_servers:
        raise Untranslatable("'mcp_servers'", "this model", field="mcp_servers")
    choice = asked.tool_choice
    config = asked.output_config or _OutputConfig()
    system = [_read_system(asked.system)]
    messages: list[Message] = []
    for at, message in enumerate(asked.messages):
        parts = tuple(_read_content(message.content, f"messages.{at}.content"))
        if message.role == "system":
            system.append("".join(part.text for part in parts if isinstance(part, Text)))
        else:
            messages.append(Message(message.role, parts or (Text(""),)))
    return ChatRequest(
        model=asked.model,
        system="\n\n".join(text for text in system if text),
        messages=messages,
        output_tokens_most=asked.max_tokens,
        temperature=asked.temperature,
        top_p=asked.top_p,
        stop=tuple(asked.stop_sequences or ()),
        tools=tuple(_read_tool(tool, at) for at, tool in enumerate(asked.tools or ())),
        tool_choice=_read_choice(choice),
        parallel_tools=False if choice and choice.disable_parallel_tool_use else None,
        output_format=OutputFormat(config.format.schema) if config.format else None,
        effort=config.effort,
    )


def _read_system(system: str | list[_Block] | None) -> str:
    if isinstance(system, str):
        return system
    return "\n\n".join(block.text or "" for block in system or ())


def _read_content(content: str | Sequence[_Block] | None, place: str) -> Iterator[Part]:
    if isinstance(content, str):
        yield Text(content)
        return
    for at, block in enumerate(content or ()):
        match block.type:
            case "text":
                yield Text(_require(block.text, f"{place}.{at}.text"))
            case "image" | "document":
                yield _read_media(block, f"{place}.{at}")
            case "tool_use":
                yield ToolCall(block.id, block.name, bytes(block.input).decode("utf-8", "replace"))
            case "tool_result":
                inner = _read_content(block.content, f"{place}.{at}.content")
                kept = tuple(part for part in inner if isinstance(part, Text | Media))
                yield ToolResult(block.tool_use_id, kept, failed=bool(block.is_error))
            case "thinking" | "redacted_thinking":
                # Signed for Anthropic's own models; others can do nothing with it.
                pass
            case _:
                raise Untranslatable(f"A block of type '{block.type}'", "this model", field=f"{place}.{at}.type")


def _require(text: str | None, place: str) -> str:
    if text is None:
        raise InvalidRequest(f"{place}: Field required", field=place)
    return text


def _read_media(block: _Block, place: str) -> Media:
    kind = "image" if block.type == "image" else "document"
    source = block.source
    if source is None:
        raise InvalidRequest(f"{place}.source: Field required", field=f"{place}.source")
    if source.type == "base64":
        return Media(kind, source.media_type, source.data, name=block.title or "")
    if source.type == "url":
        return Media(kind, url=source.url, name=block.title or "")
    raise Untranslatable(f"A source of type '{source.type}'", "this model", field=f"{place}.source.type")


def _read_tool(tool: _Tool, at: int) -> Tool:
    if tool.input_schema is None or tool.type not in {None, "custom"}:
        raise Untranslatable(f"The tool '{tool.name}' of Anthropic's own", "this model", field=f"tools.{at}.type")
    return Tool(tool.name, tool.description or "", tool.input_schema, tool.strict)


def _read_choice(choice: _Choice | None) -> ToolChoice | None:
    if choice is None:
        return None
    return ToolChoice("one", choice.name) if choice.type == "tool" else ToolChoice(choice.type)


def write_request(request: ChatRequest) -> dict[str, object]:
    """Return the body of a request for a stream. Raises `Untranslatable`.

    Temperature and top_p stay out: since its version 2026-10-21 this API refuses them at any value, and a caller who
    sets them out of habit would get no reply at all.
    """
    body: dict[str, object] = {
        "model": request.model,
        "max_tokens": request.output_tokens_most or OUTPUT_TOKENS_USUAL,
        "messages": _write_messages(request.messages),
        "stream": True,
    }
    effort = _EFFORTS.get(request.effort, request.effort) if request.effort else None
    config: dict[str, object] = {"effort": effort} if effort else {}
    if request.output_format is not None:
        if request.output_format.schema is None:
            raise Untranslatable("JSON without a schema", "this model", field="response_format")
        config["format"] = {"type": "json_schema", "schema": request.output_format.schema}
    optional: dict[str, object] = {
        "system": request.system or None,
        "stop_sequences": [one for one in request.stop if one.strip()] or None,
        "tools": [_write_tool(tool) for tool in request.tools] or None,
        "tool_choice": _write_choice(request),
        "output_config": config or None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _write_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the messages; neighbours of one role become one, and blocks without text, which are refused, none."""
    written: list[dict[str, Any]] = []
    for message in messages:
        content: str | list[dict[str, Any]]
        if len(message.parts) == 1 and isinstance(message.parts[0], Text):
            content = message.parts[0].text
        else:
            content = [_write_part(part) for part in message.parts if not isinstance(part, Text) or part.text]
        if not content:
            continue
        if written and written[-1]["role"] == message.role:
            written[-1]["content"] = [*_as_blocks(written[-1]["content"]), *_as_blocks(content)]
        else:
            written.append({"role": message.role, "content": content})
    return written


def _as_blocks(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _write_part(part: Part) -> dict[str, Any]:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Media():
            source = (
                {"type": "base64", "media_type": part.media_type, "data": part.data}
                if part.data
                else {"type": "url", "url": part.url}
            )
            block: dict[str, Any] = {"type": part.kind, "source": source}
            return block | {"title": part.name} if part.name and part.kind == "document" else block
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": read_arguments(part)}
        case ToolResult():
            inner = [_write_part(one) for one in part.parts if not isinstance(one, Text) or one.text]
            result: dict[str, Any] = {"type": "tool_result", "tool_use_id": part.id, "content": inner}
            return result | {"is_error": True} if part.failed else result


def _write_tool(tool: Tool) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name, "input_schema": tool.schema}
    if tool.description:
        written["description"] = tool.description
    if tool.strict is not None:
        written["strict"] = tool.strict
    return written


def _write_choice(request: ChatRequest) -> dict[str, Any] | None:
    if not request.tools:
        return None
    choice = request.tool_choice or ToolChoice("auto")
    written: dict[str, Any] = {"type": "tool", "name": choice.name} if choice.mode == "one" else {"type": choice.mode}
    if request.parallel_tools is False and choice.mode != "none":
        written["disable_parallel_tool_use"] = True
    elif request.tool_choice is None:
        return None
    return written
