"""Tools, images and structured output through the SDKs, in both formats over both kinds of provider."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import TEXT
from support.providers.server import TestProviders
from support.server import run_server

from cairn.platform.database import DatabaseUrls

SCHEMA = {"type": "object", "properties": {"topic": {"type": "string"}, "most": {"type": "integer"}}}
FUNCTIONS: Any = [
    {"type": "function", "function": {"name": "find", "description": "Find records.", "parameters": SCHEMA}},
    {"type": "function", "function": {"name": "now"}},
]
TOOLS: Any = [
    {"name": "find", "description": "Find records.", "input_schema": SCHEMA},
    {"name": "now", "input_schema": {"type": "object", "properties": {}}},
]
ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ARGUMENTS = {"topic": "Kafka", "most": 3}

pytestmark = pytest.mark.parametrize("kind", ["claude", "gpt", "gemini"])


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path) as address:
        yield address


async def openai_reply(client: openai.AsyncOpenAI, *, streamed: bool, **asked: Any) -> Any:
    if not streamed:
        return (await client.chat.completions.create(**asked)).choices[0]
    async with client.chat.completions.stream(**asked) as stream:
        return (await stream.get_final_completion()).choices[0]


@pytest.mark.parametrize("streamed", [True, False])
async def test_openai_tools_there_and_back(address: str, servers: TestProviders, kind: str, *, streamed: bool) -> None:
    async with openai_client(address) as client:
        asked = {"model": f"{kind}/tools", "messages": ASKED, "tools": FUNCTIONS, "tool_choice": "required"}
        choice = await openai_reply(client, streamed=streamed, **asked)
        assert choice.finish_reason == "tool_calls"
        assert choice.message.content == "Let me see."
        calls = choice.message.tool_calls
        assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
            ("find", ARGUMENTS),
            ("now", {}),
        ]
        results = [{"role": "tool", "tool_call_id": call.id, "content": f"Result {call.id}"} for call in calls]
        said = {
            "role": "assistant",
            "content": choice.message.content,
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.function.name, "arguments": call.function.arguments},
                }
                for call in calls
            ],
        }
        choice = await openai_reply(client, streamed=streamed, **asked | {"messages": [*ASKED, said, *results]})
    assert choice.message.content == TEXT
    assert choice.finish_reason == "stop"
    if kind == "claude":
        sent = servers.calls[-1].body
        assert sent["tool_choice"] == {"type": "any"}
        assert sent["tools"][0]["input_schema"] == SCHEMA
        assert [block["type"] for block in sent["messages"][2]["content"]] == ["tool_result", "tool_result"]


@pytest.mark.parametrize("streamed", [True, False])
async def test_anthropic_tools_there_and_back(
    address: str, servers: TestProviders, kind: str, *, streamed: bool
) -> None:
    async def ask(client: anthropic.AsyncAnthropic, messages: Any) -> anthropic.types.Message:
        asked: Any = {"model": f"{kind}/tools", "max_tokens": 50, "messages": messages, "tools": TOOLS}
        asked["tool_choice"] = {"type": "any", "disable_parallel_tool_use": True}
        if not streamed:
            return await client.messages.create(**asked)
        async with client.messages.stream(**asked) as stream:
            return await stream.get_final_message()

    async with anthropic_client(address) as client:
        message = await ask(client, ASKED)
        assert message.stop_reason == "tool_use"
        assert [block.type for block in message.content] == ["text", "tool_use", "tool_use"]
        calls: Any = message.content[1:]
        assert [(call.name, call.input) for call in calls] == [("find", ARGUMENTS), ("now", {})]
        results = [
            {
                "type": "tool_result",
                "tool_use_id": call.id,
                "content": [
                    {"type": "text", "text": "Found."},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
                ],
            }
            for call in calls
        ]
        said = {"role": "assistant", "content": [block.to_dict() for block in message.content]}
        message = await ask(client, [*ASKED, said, {"role": "user", "content": results}])
    assert message.content[0].text == TEXT
    assert message.stop_reason == "end_turn"
    if kind == "gemini":
        parts = servers.calls[-1].body["contents"][-1]["parts"]
        assert [next(iter(part)) for part in parts] == ["functionResponse"] * 2 + ["inlineData"] * 2
    if kind == "gpt":
        sent = servers.calls[-1].body
        assert sent["tool_choice"] == "required"
        assert sent["parallel_tool_calls"] is False
        assert [one["role"] for one in sent["messages"]] == ["user", "assistant", "tool", "tool", "user"]
        assert sent["messages"][-1]["content"][0]["image_url"]["url"] == f"data:image/png;base64,{PIXEL}"


async def test_images_and_documents_go_through(address: str, servers: TestProviders, kind: str) -> None:
    url = f"data:image/png;base64,{PIXEL}"
    content: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="}},
    ]
    async with openai_client(address) as client:
        if kind == "gemini":
            with pytest.raises(openai.BadRequestError, match="by its address cannot be passed on to Gemini"):
                await client.chat.completions.create(
                    model="gemini/words", messages=[{"role": "user", "content": content}]
                )
            content.pop(2)
        await client.chat.completions.create(model=f"{kind}/words", messages=[{"role": "user", "content": content}])
    if kind == "gemini":
        assert servers.calls[-1].body["contents"][0]["parts"][1:] == [
            {"inlineData": {"mimeType": "image/png", "data": PIXEL}},
            {"inlineData": {"mimeType": "application/pdf", "data": "JVBERg=="}},
        ]
        return
    sent = servers.calls[-1].body["messages"][0]["content"]
    if kind == "gpt":
        assert sent == content
    else:
        assert sent[1:] == [
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
            {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
                "title": "a.pdf",
            },
        ]


async def test_structured_output_goes_through(address: str, servers: TestProviders, kind: str) -> None:
    asked: Any = {"type": "json_schema", "json_schema": {"name": "reply", "schema": SCHEMA, "strict": True}}
    async with openai_client(address) as client:
        await client.chat.completions.create(
            model=f"{kind}/words", messages=ASKED, response_format=asked, stop=["END"], temperature=1.5, top_p=0.5
        )
    sent = servers.calls[-1].body
    if kind == "gpt":
        assert sent["response_format"] == asked
        assert sent["temperature"] == 1.5
    elif kind == "gemini":
        config = sent["generationConfig"]
        assert (config["responseMimeType"], config["responseJsonSchema"]) == ("application/json", SCHEMA)
        assert (config["stopSequences"], config["temperature"], config["topP"]) == (["END"], 1.5, 0.5)
    else:
        assert sent["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
        assert not {"temperature", "top_p"} & set(sent)
        assert sent["stop_sequences"] == ["END"]
        assert sent["max_tokens"] > 0
    async with anthropic_client(address) as client:
        await client.messages.create(
            model=f"{kind}/words",
            max_tokens=50,
            messages=ASKED,
            output_config={"format": {"type": "json_schema", "schema": SCHEMA}, "effort": "low"},
        )
    sent = servers.calls[-1].body
    if kind == "gpt":
        assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
        assert sent["reasoning_effort"] == "low"
    elif kind == "gemini":
        assert sent["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "LOW"}
    else:
        assert sent["output_config"]["effort"] == "low"
