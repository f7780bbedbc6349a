"""pydantic-ai's Anthropic and OpenAI models, unchanged: replies, streams, tools, typed output and errors."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import TEXT, WORDS
from support.providers.server import TestProviders
from support.server import run_server

from cairn.platform.database import DatabaseUrls


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path) as address:
        yield address


class Models:
    """Makes models of each kind over the SDKs' own clients."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def make(self, kind: str, name: str) -> AsyncIterator[Model]:
        if kind == "anthropic":
            async with anthropic_client(self.address) as client:
                yield AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client))
            return
        async with openai_client(self.address) as client:
            provider = OpenAIProvider(openai_client=client)
            yield (
                OpenAIChatModel(name, provider=provider)
                if kind == "chat"
                else OpenAIResponsesModel(name, provider=provider)
            )


kinds = pytest.mark.parametrize("kind", ["anthropic", "chat", "responses"])
targets = pytest.mark.parametrize("target", ["claude", "gpt", "gemini"])


@kinds
@targets
async def test_an_agent_runs_and_streams(address: str, kind: str, target: str) -> None:
    async for model in Models(address).make(kind, f"{target}/words"):
        agent = Agent(model, instructions="Be brief.")
        result = await agent.run("Why Kafka?")
        assert result.output == TEXT
        assert result.usage.output_tokens > 0
        async with agent.run_stream("Why Kafka?") as stream:
            assert await stream.get_output() == TEXT
        if target != "gemini":
            assert stream.usage.output_tokens == len(WORDS)


@kinds
@targets
async def test_an_agent_uses_tools(address: str, kind: str, target: str) -> None:
    found: list[tuple[str, int]] = []
    async for model in Models(address).make(kind, f"{target}/tools"):
        agent = Agent(model)

        @agent.tool_plain
        def find(topic: str, most: int) -> str:
            """Find records."""
            found.append((topic, most))
            return "Record 7."

        @agent.tool_plain
        def now() -> str:
            """Tell the time."""
            return "Noon."

        assert (await agent.run("Why Kafka?")).output == TEXT
    assert found == [("Kafka", 3)]


@kinds
async def test_errors_are_its_own(address: str, kind: str) -> None:
    # A provider's own error comes as it is over its vendor's formats, and as ours over the other's.
    broken = 502 if kind == "anthropic" else 500
    for name, status in (("claude/none", 404), ("claude/busy", 429), ("gpt/broken", broken)):
        async for model in Models(address).make(kind, name):
            with pytest.raises(ModelHTTPError) as caught:
                await Agent(model).run("Why Kafka?")
            assert caught.value.status_code == status
