"""What requests ask of models, and what models are known to take."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from cairn.gateway.domain.calls import Native
from cairn.gateway.domain.capabilities import EVERYTHING, Capability
from cairn.gateway.domain.messages import ChatRequest, Media, Message, OutputFormat, Text, Tool, ToolResult, say
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.domain.routing import Route, Target
from cairn.gateway.domain.wires import Wire
from cairn.gateway.formats.catalog import read_catalog
from cairn.gateway.usecases.capabilities import mark_capabilities, missing, needs_of

TODAY = datetime.now(UTC).date()
QUOTED = [{"role": "user", "content": 'What does {"type": "image_url"} mean?'}]


def refuse() -> ChatRequest:
    raise AssertionError("Fields tell enough.")


def native(wire: Wire, **fields: Any) -> Native:
    return Native(wire, {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()}, stream=True)


def said(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


@pytest.mark.parametrize(
    ("wire", "fields", "expected"),
    [
        (Wire.OPENAI_CHAT, {"messages": QUOTED, "tools": [], "response_format": {"type": "text"}}, {}),
        (Wire.OPENAI_CHAT, {"messages": QUOTED, "tools": None, "response_format": None}, {}),
        (Wire.OPENAI_CHAT, {"tools": [{"type": "function"}]}, {Capability.TOOLS: "tools"}),
        (Wire.OPENAI_CHAT, {"functions": [{"name": "f"}]}, {Capability.TOOLS: "functions"}),
        (Wire.OPENAI_CHAT, {"messages": said({"type": "image_url"})}, {Capability.IMAGES: "messages"}),
        (Wire.OPENAI_CHAT, {"response_format": {"type": "json_object"}}, {Capability.JSON: "response_format"}),
        (Wire.OPENAI_RESPONSES, {"input": said({"type": "input_image"})}, {Capability.IMAGES: "input"}),
        (Wire.OPENAI_RESPONSES, {"input": "Why?", "text": {"verbosity": "low"}}, {}),
        (Wire.OPENAI_RESPONSES, {"text": {"format": {"type": "json_schema"}}}, {Capability.JSON: "text.format"}),
        (
            Wire.ANTHROPIC,
            {"messages": said({"type": "tool_result", "content": [{"type": "image"}]})},
            {Capability.IMAGES: "messages"},
        ),
        (
            Wire.ANTHROPIC,
            {"output_config": {"format": {"type": "json_schema"}}, "tools": [{"name": "f"}]},
            {Capability.TOOLS: "tools", Capability.JSON: "output_config.format"},
        ),
    ],
)
def test_a_request_tells_what_it_asks_for(wire: Wire, fields: Any, expected: Any) -> None:
    assert needs_of(native(wire, **fields), refuse) == expected


def test_our_own_requests_do_too() -> None:
    picture = Media("image", "image/png", "aGk=")
    asked = ChatRequest(
        "m",
        "",
        (say("user", "Look."), Message("user", (ToolResult("1", (Text("Here."), picture)),))),
        tools=(Tool("f", "", {}),),
        output_format=OutputFormat(),
    )
    own = Native(Wire.OWN, {}, stream=True)
    assert set(needs_of(own, lambda: asked)) == set(Capability)
    document = Message("user", (Media("document", "application/pdf", "aGk="),))
    assert needs_of(own, lambda: ChatRequest("m", "", (document,))) == {}


def target(kind: ProviderKind, model: str, takes: Any = ()) -> Target:
    return Target(ProviderConfig(UUID(int=1), kind, "p", "", (model,), takes=takes), model)


def test_the_table_knows_some_models_and_the_operator_knows_better() -> None:
    told = (("gemma3:12b", EVERYTHING), ("llama3.3", frozenset({Capability.TOOLS})))
    targets = (
        target(ProviderKind.OPENAI_COMPATIBLE, "gemma3:12b"),
        target(ProviderKind.OPENAI_COMPATIBLE, "gemma3:12b", told),
        target(ProviderKind.OPENAI_COMPATIBLE, "llama3.3", told),
        target(ProviderKind.OPENAI_COMPATIBLE, "nobody-knows"),
        target(ProviderKind.ANTHROPIC, "claude-sonnet-5-5-20260901"),
        target(ProviderKind.OPENAI, "gpt-of-tomorrow"),
    )
    marked = mark_capabilities(Route("r", targets), read_catalog(), TODAY).targets
    assert [one.takes for one in marked] == [
        {Capability.IMAGES, Capability.JSON},
        EVERYTHING,
        {Capability.TOOLS},
        EVERYTHING,
        EVERYTHING,
        EVERYTHING,
    ]
    error = missing({Capability.TOOLS: "tools"}, marked[0])
    assert error is not None
    assert (error.field, error.message) == (
        "tools",
        "Tools cannot be passed on to p/gemma3:12b. Leave it out, or choose another model.",
    )
    assert missing({Capability.TOOLS: "tools"}, marked[2]) is None
