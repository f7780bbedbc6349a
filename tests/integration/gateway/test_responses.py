"""OpenAI's Responses API through the official SDK: passed on to OpenAI, translated to every other kind of provider."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from support.gateway import openai_client, write_providers
from support.providers.scenarios import TEXT, WORDS
from support.providers.server import TestProviders
from support.server import run_server

from cairn.platform.database import DatabaseUrls

SCHEMA = {"type": "object", "properties": {"topic": {"type": "string"}, "most": {"type": "integer"}}}
TOOLS: Any = [
    {"type": "function", "name": "find", "description": "Find records.", "parameters": SCHEMA, "strict": False},
    {"type": "function", "name": "now", "parameters": None, "strict": None},
]
every_kind = pytest.mark.parametrize("kind", ["gpt", "claude", "gemini", "house"])


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path) as address:
        yield address


@every_kind
async def test_a_stream(address: str, servers: TestProviders, kind: str) -> None:
    async with (
        openai_client(address) as client,
        client.responses.stream(model=f"{kind}/words", input="Why Kafka?", instructions="Be brief.") as stream,
    ):
        events = [event async for event in stream]
        response = await stream.get_final_response()
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == response.output_text == TEXT
    assert response.status == "completed"
    assert response.usage is not None
    assert response.usage.output_tokens == len(WORDS)
    assert response.usage.input_tokens > 0
    assert events[0].type == "response.created"
    if kind != "gpt":
        assert [event.sequence_number for event in events if hasattr(event, "sequence_number")][:3] == [0, 1, 2]
        assert response.instructions == "Be brief."
    assert servers.calls[0].path == ("/v1/responses" if kind == "gpt" else servers.calls[0].path)


@every_kind
async def test_a_whole_reply(address: str, kind: str) -> None:
    async with openai_client(address) as client:
        response = await client.responses.create(model=f"{kind}/length", input=[{"role": "user", "content": "Why?"}])
    assert response.output_text == TEXT
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response._request_id is not None


@every_kind
@pytest.mark.parametrize("streamed", [True, False])
async def test_tools_there_and_back(address: str, kind: str, *, streamed: bool) -> None:
    async def ask(client: openai.AsyncOpenAI, said: Any) -> Any:
        asked: Any = {"model": f"{kind}/tools", "input": said, "tools": TOOLS, "tool_choice": "required"}
        if not streamed:
            return await client.responses.create(**asked)
        async with client.responses.stream(**asked) as stream:
            return await stream.get_final_response()

    question = {"role": "user", "content": [{"type": "input_text", "text": "Why Kafka?"}]}
    async with openai_client(address) as client:
        response = await ask(client, [question])
        assert response.output_text == "Let me see."
        calls = [item for item in response.output if item.type == "function_call"]
        assert [(call.name, json.loads(call.arguments)) for call in calls] == [
            ("find", {"topic": "Kafka", "most": 3}),
            ("now", {}),
        ]
        keep = {"type", "role", "content", "call_id", "name", "arguments", "id"}
        said = [{name: value for name, value in item.to_dict().items() if name in keep} for item in response.output]
        results = [{"type": "function_call_output", "call_id": call.call_id, "output": "Found."} for call in calls]
        response = await ask(client, [question, *said, *results])
    assert response.output_text == TEXT


@every_kind
async def test_a_cut_stream_is_never_a_clean_end(address: str, kind: str) -> None:
    async with openai_client(address) as client:
        stream = await client.responses.create(model=f"{kind}/cut", input="Why?", stream=True)
        events = [event async for event in stream]
    assert events[-1].type == "error"
    assert "What it sent is kept" in events[-1].message
    assert not any(event.type in {"response.completed", "response.incomplete"} for event in events)


async def test_what_openai_keeps_is_refused_elsewhere(address: str) -> None:
    async with openai_client(address) as client:
        with pytest.raises(openai.BadRequestError, match="'previous_response_id' cannot be passed on") as caught:
            await client.responses.create(model="claude/words", input="Why?", previous_response_id="resp_1")
        assert caught.value.param == "previous_response_id"
        with pytest.raises(openai.BadRequestError, match="tool of type 'web_search'"):
            await client.responses.create(model="claude/words", input="Why?", tools=[{"type": "web_search"}])
        with pytest.raises(openai.RateLimitError):
            await client.responses.create(model="gpt/busy", input="Why?")
