"""A stream that is cut goes on from another target, marked; or it ends with an error. Through the SDKs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anthropic
import asyncpg
import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import SCENARIOS, TEXT
from support.providers.server import TestProviders
from support.server import run_server

from cairn.gateway.domain.spending import Rule
from cairn.gateway.postgres import open_spending
from cairn.kernel.identity import Caller
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import ensure_local_owner

ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]
ALIASES = {
    "openai-first": ["gpt/cut", "claude/goes-on"],
    "anthropic-first": ["claude/cut", "gpt/goes-on"],
    "thrice": ["gpt/cut", "gemini/goes-on-and-breaks", "claude/goes-on"],
    "never": ["gpt/cut", "claude/broken"],
    "tools-cut": ["gpt/tools-cut", "claude/words"],
}


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    servers.scenarios["tools-cut"] = replace(SCENARIOS["tools"], cut_calls=True)
    with write_providers(tmp_path, servers).open("a") as file:
        for name, targets in ALIASES.items():
            file.write(f'[[alias]]\nname = "{name}"\ntargets = {targets}\n')
    async with run_server(database_urls, tmp_path) as address:
        yield address


@pytest.fixture(autouse=True)
def begun_at() -> datetime:
    return datetime.now(UTC)


async def rows_of(database: Database, begun_at: datetime, count: int) -> list[asyncpg.Record]:
    """Return the rows of this test's calls once so many are written down."""
    owner = await ensure_local_owner(database)
    rows: list[asyncpg.Record] = []
    while len(rows) < count:
        async with database.transaction(owner) as connection:
            rows = await connection.fetch("select * from model_call where started_at >= $1 order by attempt", begun_at)
    return rows


@pytest.mark.parametrize(("model", "by"), [("openai-first", "claude/goes-on"), ("anthropic-first", "gpt/goes-on")])
async def test_chat_completions_go_on(
    address: str, database: Database, begun_at: datetime, model: str, by: str
) -> None:
    async with (
        openai_client(address) as client,
        client.chat.completions.stream(
            model=model, messages=ASKED, stream_options={"include_usage": True}, temperature=0
        ) as stream,
    ):
        chunks = [event.chunk async for event in stream if event.type == "chunk"]
        completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == TEXT
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    marks = [chunk.model_extra["cairn"] for chunk in chunks if "cairn" in (chunk.model_extra or {})]
    assert marks == [{"continued_by": by}]
    assert len({chunk.id for chunk in chunks}) == 1
    first, second = await rows_of(database, begun_at, 2)
    assert (first["outcome"], first["failure"], first["continued"]) == ("failed_over", "stream_cut", False)
    assert (second["outcome"], second["failure"], second["continued"]) == ("completed", "", True)
    # What the first had said is billed too.
    assert first["estimated"]
    assert first["output_tokens"] > 0


@pytest.mark.parametrize(("model", "by"), [("openai-first", "claude/goes-on"), ("anthropic-first", "gpt/goes-on")])
async def test_messages_go_on(address: str, model: str, by: str) -> None:
    async with (
        anthropic_client(address) as client,
        client.messages.stream(model=model, max_tokens=100, messages=ASKED) as stream,
    ):
        message = await stream.get_final_message()
    assert message.stop_reason == "end_turn"
    assert "".join(block.text for block in message.content if block.type == "text") == TEXT
    assert [(block.model_extra or {}).get("cairn") for block in message.content] == [None, {"continued_by": by}]


@pytest.mark.parametrize(("model", "by"), [("openai-first", "claude/goes-on"), ("anthropic-first", "gpt/goes-on")])
async def test_responses_go_on(address: str, model: str, by: str) -> None:
    async with openai_client(address) as client, client.responses.stream(model=model, input="Why Kafka?") as stream:
        events = [event async for event in stream]
        response = await stream.get_final_response()
    assert response.output_text == TEXT
    assert response.status == "completed"
    assert (response.model_extra or {})["cairn"] == {"continued_by": by}
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT
    assert events[0].type == "response.created"
    assert events[0].response.id == response.id


async def test_a_continuation_that_is_cut_goes_on_too(address: str, database: Database, begun_at: datetime) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(model="thrice", messages=ASKED, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    assert text == TEXT
    rows = await rows_of(database, begun_at, 3)
    assert [row["continued"] for row in rows] == [False, True, True]
    assert [row["outcome"] for row in rows] == ["failed_over", "failed_over", "completed"]


async def test_without_anyone_to_go_on_it_ends_with_an_error(
    address: str, database: Database, begun_at: datetime
) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(model="never", messages=ASKED, stream=True)
        with pytest.raises(openai.APIError, match="failed"):
            _ = [chunk async for chunk in stream]
    rows = await rows_of(database, begun_at, 2)
    assert [row["outcome"] for row in rows] == ["failed_over", "failed"]


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "openai-first", "response_format": {"type": "json_object"}},
        {"model": "openai-first", "logprobs": True},
        {"model": "tools-cut", "tools": [{"type": "function", "function": {"name": "find"}}]},
    ],
)
async def test_what_nobody_can_go_on_with_ends_with_an_error(
    address: str, database: Database, begun_at: datetime, servers: TestProviders, asked: dict[str, Any]
) -> None:
    async with openai_client(address) as client:
        stream: Any = await client.chat.completions.create(messages=ASKED, stream=True, **asked)
        with pytest.raises(openai.APIError, match="in the middle"):
            _ = [chunk async for chunk in stream]
    assert len(servers.calls) == 1
    (row,) = await rows_of(database, begun_at, 1)
    assert (row["outcome"], row["failure"]) == ("failed", "stream_cut")


async def test_nobody_goes_on_when_nothing_is_left_to_pay_for_it(
    address: str, database: Database, begun_at: datetime
) -> None:
    owner = await ensure_local_owner(database)
    await limit_tokens(database, owner, 3_000)
    async with anthropic_client(address) as client:
        with pytest.raises(anthropic.APIStatusError, match="tokens a day"):
            async with client.messages.stream(model="anthropic-first", max_tokens=1_400, messages=ASKED) as stream:
                _ = [text async for text in stream.text_stream]
    (row,) = await rows_of(database, begun_at, 1)
    assert row["outcome"] == "failed"


async def limit_tokens(database: Database, owner: Caller, most: int) -> None:
    async with open_spending(database)(owner.tenant_id) as store:
        await store.save_rule(owner.person_id, Rule(tokens_per_day=most))
