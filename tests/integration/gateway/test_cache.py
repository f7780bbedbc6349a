"""The same request of the same person at temperature 0 is answered once; nothing broken is ever kept."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import TEXT
from support.providers.server import TestProviders
from support.server import run_server
from support.tenants import create_person, create_tenant

from cairn.gateway.domain.calls import Chunk
from cairn.gateway.domain.messages import TextDelta, Usage
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.domain.routing import Target
from cairn.gateway.usecases.cache import Gathered, ReplyCache
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token

ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]


@pytest.fixture
async def address(fresh_database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    write_providers(tmp_path, servers)
    async with run_server(fresh_database_urls, tmp_path) as address:
        yield address


@pytest.mark.parametrize("kind", ["gpt", "claude"])
async def test_a_reply_is_given_again(address: str, servers: TestProviders, kind: str) -> None:
    asked: Any = {"model": f"{kind}/words", "messages": ASKED, "temperature": 0}
    async with openai_client(address) as client:
        first = await client.chat.completions.with_raw_response.create(**asked)
        again = await client.chat.completions.with_raw_response.create(**asked)
        assert "cairn-cache" not in first.headers
        assert again.headers["cairn-cache"] == "hit"
        assert int(again.headers["cairn-saved-micros"]) > 0
        assert again.parse().choices == first.parse().choices
        assert len(servers.calls) == 1
        texts: list[str] = []
        for _ in range(2):
            stream = await client.chat.completions.create(**asked, stream=True)
            texts.append("".join([chunk.choices[0].delta.content or "" async for chunk in stream]))
        assert texts == [TEXT, TEXT]
        assert len(servers.calls) == 2
        # What differs in anything is another request.
        await client.chat.completions.create(**asked, seed=1)
        await client.chat.completions.create(**asked, extra_headers={"cache-control": "no-store"})
        await client.chat.completions.create(**asked | {"temperature": 0.1})
        await client.chat.completions.create(**asked | {"temperature": 0.1})
        await client.chat.completions.create(model=f"{kind}/words", messages=ASKED)
        assert len(servers.calls) == 7
    if kind == "claude":
        return  # Anthropic's own format has no temperature any more.
    async with anthropic_client(address) as client:
        for _ in range(2):
            message = await client.messages.create(
                model="gpt/words", max_tokens=50, messages=ASKED, extra_body={"temperature": 0}
            )
            assert message.content[0].text == TEXT
    assert len(servers.calls) == 8


@pytest.mark.parametrize("model", ["cut", "broken", "fails-halfway"])
async def test_what_is_not_whole_is_not_kept(address: str, servers: TestProviders, model: str) -> None:
    async with openai_client(address) as client:
        for _ in range(2):
            with pytest.raises(openai.APIError):
                _ = [
                    chunk
                    async for chunk in await client.chat.completions.create(
                        model=f"gpt/{model}", messages=ASKED, temperature=0, stream=True
                    )
                ]
    assert len(servers.calls) == 2


async def test_another_person_is_answered_anew(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> None:
    write_providers(tmp_path, servers)
    one = await create_tenant(database)
    other = await create_person(database, one.tenant_id)
    async with run_server(database_urls, tmp_path, local=False) as address:
        for person in (one, other, one):
            token = await create_token(database, person, "SDK")
            async with openai_client(address, token) as client:
                await client.chat.completions.create(model="gpt/words", messages=ASKED, temperature=0)
    assert len(servers.calls) == 2
    async with database.transaction(one) as connection:
        rows = await connection.fetch("select outcome, cost_micros from model_call order by started_at")
    assert [row["outcome"] for row in rows] == ["completed", "completed", "cached"]
    assert rows[2]["cost_micros"] == 0


def gather(text: str) -> Gathered:
    gathered = Gathered()
    gathered.add(Chunk([TextDelta(text), Usage(1, 1)]))
    return gathered


def test_replies_grow_old_and_leave_room() -> None:
    target = Target(ProviderConfig(uuid7(), ProviderKind.OPENAI, "x", "", ("m",)), "m")
    cache = ReplyCache(bytes_most=3_000, ttl_s=10.0)
    for name in (b"a", b"b", b"c"):
        cache.keep(name, gather("x" * 600), target, 5, now=0.0)
    assert cache.find(b"a", now=1.0) is not None
    cache.keep(b"d", gather("x" * 600), target, 5, now=2.0)
    # The one that was longest unused made room.
    assert cache.find(b"b", now=2.0) is None
    assert cache.find(b"a", now=9.0) is not None
    assert cache.find(b"a", now=11.0) is None
    cache.keep(b"e", gather("x" * 2_000_000), target, 5, now=2.0)
    assert cache.find(b"e", now=2.0) is None
