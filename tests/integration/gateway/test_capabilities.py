"""A call with tools, images or a format for its reply goes to a model that takes them, or nowhere."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import TEXT
from support.providers.server import TestProviders
from support.server import run_server

from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import ensure_local_owner

ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]
PICTURE = "data:image/png;base64,aGk="
SHOWN: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}]
TOOL: Any = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {}}}}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {"type": "object"}}}


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    path = write_providers(tmp_path, servers)
    text = path.read_text().replace('name = "house"\n', 'name = "house"\ntakes = { "words" = [] }\n')
    alias = '[[alias]]\nname = "either"\ntargets = ["house/words", "gpt/words"]\n'
    path.write_text(text + alias)
    async with run_server(database_urls, tmp_path) as address:
        yield address


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        ({"messages": ASKED}, "house/words"),
        ({"messages": ASKED, "tools": [TOOL]}, "gpt/words"),
        ({"messages": SHOWN}, "gpt/words"),
        ({"messages": ASKED, "response_format": FORMAT}, "gpt/words"),
    ],
)
async def test_who_can_is_asked(address: str, fields: Any, model: str) -> None:
    async with openai_client(address) as client:
        reply = await client.chat.completions.with_raw_response.create(model="either", **fields)
    assert (reply.headers["cairn-model"], reply.headers["cairn-attempts"]) == (model, "1")
    assert reply.parse().choices[0].message.content == TEXT


async def test_so_it_is_in_another_format(address: str) -> None:
    tool: Any = {"name": "find", "input_schema": {"type": "object", "properties": {}}}
    async with anthropic_client(address) as client:
        reply = await client.messages.with_raw_response.create(
            model="either", messages=ASKED, max_tokens=100, tools=[tool]
        )
    assert reply.headers["cairn-model"] == "gpt/words"


async def test_where_nobody_can_nobody_is_asked(address: str, servers: TestProviders, database: Database) -> None:
    owner = await ensure_local_owner(database)
    before = len(servers.calls)
    async with openai_client(address) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model="house/words", messages=SHOWN, stream=True)
    assert (caught.value.param, caught.value.code) == ("messages", "unsupported_parameter")
    assert "Images cannot be passed on to house/words" in caught.value.message
    assert len(servers.calls) == before
    row = None
    while row is None:
        async with database.transaction(owner) as connection:
            row = await connection.fetchrow("select * from model_call where asked_model = 'house/words'")
    assert (row["outcome"], row["input_tokens"], row["cost_micros"]) == ("failed", 0, 0)
