"""Metrics under the names that dashboards know, traces that go on at the provider, and no word of content anywhere."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.providers.scenarios import SCENARIOS, WORDS
from support.providers.server import TestProviders
from support.server import run_server

from cairn.platform.database import DatabaseUrls
from cairn.platform.postgres.embedded import EmbeddedPostgres

ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
async def address(database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path) -> AsyncIterator[str]:
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path) as address:
        yield address


async def read_metrics(address: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{address}/metrics", headers=headers) as reply:
        return reply.status, await reply.text()


async def test_metrics(address: str) -> None:
    async with openai_client(address) as client:
        stream = await client.chat.completions.create(model="claude/words", messages=ASKED, stream=True)
        _ = [chunk async for chunk in stream]
        with pytest.raises(openai.RateLimitError):
            await client.chat.completions.create(model="gpt/busy", messages=ASKED)
    status, text = await read_metrics(address)
    assert status == 200
    tenant = 'tenant="00000000-0000-7000-8000-000000000001"'
    assert f'ai_tokens_total{{direction="output",model="claude/words",{tenant}}} {len(WORDS)}.0' in text
    assert f'ai_cost_total{{currency="USD",model="claude/words",{tenant}}}' in text
    assert 'ai_first_token_duration_ms_count{model="claude/words"} 1.0' in text
    assert 'ai_calls_total{failure="provider_busy",model="gpt/busy",outcome="failed"} 1.0' in text
    for name in ("ai_inter_token_duration_ms_bucket", "ai_tokens_per_second", "ai_active_calls 0.0"):
        assert name in text


async def test_metrics_are_for_this_machine_only(
    database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> None:
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path, local=False) as address:
        assert (await read_metrics(address, Host="cairn.example.org"))[0] == 403
        assert (await read_metrics(address))[0] == 200


@pytest.mark.parametrize("kind", ["claude", "gpt", "gemini"])
async def test_a_trace_goes_on_at_the_provider(address: str, servers: TestProviders, kind: str) -> None:
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "tracestate": "vendor=1"}
    async with openai_client(address) as client:
        await client.chat.completions.create(model=f"{kind}/words", messages=ASKED, extra_headers=headers)
        await client.chat.completions.create(model=f"{kind}/words", messages=ASKED)
    sent = {name.lower(): value for name, value in servers.calls[0].headers.items()}
    assert sent["traceparent"].split("-")[1] == TRACE
    assert sent["tracestate"] == "vendor=1"
    assert "traceparent" not in {name.lower() for name in servers.calls[1].headers}


async def test_no_word_of_content_is_kept(
    postgres: EmbeddedPostgres,
    fresh_database_urls: DatabaseUrls,
    servers: TestProviders,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="cairn")
    caplog.set_level(logging.DEBUG, logger="aiohttp")
    servers.scenarios["canary"] = replace(SCENARIOS["words"], answer=lambda _: ["CANARY-ANSWER", " ", "more"])
    servers.scenarios["canary-cut"] = replace(servers.scenarios["canary"], cut_after=2)
    servers.scenarios["canary-error"] = replace(SCENARIOS["refuses"], error_message="CANARY-ERROR is not allowed")
    write_providers(tmp_path, servers)
    said: Any = [{"role": "user", "content": "CANARY-QUESTION"}]
    async with run_server(fresh_database_urls, tmp_path) as address:
        async with openai_client(address) as client:
            for model in ("gpt/canary", "claude/canary", "gpt/canary-cut", "claude/canary-error", "gpt/broken"):
                try:
                    stream = await client.chat.completions.create(model=model, messages=said, stream=True)
                    _ = [chunk async for chunk in stream]
                except openai.APIError:
                    assert model not in {"gpt/canary", "claude/canary"}
        async with anthropic_client(address) as client:
            await client.messages.create(model="gpt/canary", max_tokens=9, messages=said, system="CANARY-SYSTEM")
        _, metrics = await read_metrics(address)
        async with aiohttp.ClientSession() as session:
            await session.post(f"{address}/v1/messages", data=b'{"model": "gpt/canary", "max_tokens": "CANARY-BAD"}')
    assert "CANARY" not in metrics
    assert "CANARY" not in caplog.text
    database = fresh_database_urls.owner.rpartition("/")[2]
    connection = await asyncpg.connect(postgres.superuser_url(database))
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        found: list[str] = []
        for row in tables:
            statement = f"select exists (select from {row['tablename']} t where t::text like '%CANARY%')"  # noqa: S608 - a name from the catalogue.
            if await connection.fetchval(statement):
                found.append(row["tablename"])
        assert await connection.fetchval("select count(*) from model_call") >= 6
    finally:
        await connection.close()
    assert found == []
