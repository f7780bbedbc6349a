"""Every call leaves a row, and nobody passes a limit: over the endpoints, and over several server processes."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import anthropic
import asyncpg
import openai
import pytest
from support.gateway import anthropic_client, openai_client, write_providers
from support.ports import free_port
from support.providers import wire
from support.providers.scenarios import SCENARIOS, WORDS, Scenario
from support.providers.server import TestProviders
from support.server import run_server
from support.tenants import create_person, create_tenant

from cairn.gateway.domain.spending import EVERYONE, Kind, Meter, Rule, day_of, month_of
from cairn.gateway.postgres import open_spending
from cairn.kernel.identity import Caller
from cairn.platform.database import Database, DatabaseUrls
from cairn.platform.settings import ProcessSettings
from cairn.tenancy.api import create_token, ensure_local_owner

ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]


async def rows_of(database: Database, caller: Caller) -> list[asyncpg.Record]:
    async with database.transaction(caller) as connection:
        return await connection.fetch("select * from model_call order by started_at, attempt, id")


async def set_rule(database: Database, caller: Caller, rule: Rule, **subject: Any) -> None:
    async with open_spending(database)(caller.tenant_id) as store:
        await store.save_rule(subject.get("subject", caller.tenant_id), rule)


async def age(database: Database, caller: Caller) -> None:
    """Make a person's account older than a day."""
    async with database.transaction(caller) as connection:
        statement = "update person set created_at = now() - interval '2 days' where id = $1"
        await connection.execute(statement, caller.person_id)


@pytest.fixture
async def person(database: Database) -> Caller:
    caller = await create_tenant(database)
    await age(database, caller)
    return caller


@pytest.fixture
async def shared(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, person: Caller
) -> AsyncIterator[tuple[str, str]]:
    """A shared server's address, and the person's token."""
    write_providers(tmp_path, servers)
    token = await create_token(database, person, "SDK")
    async with run_server(database_urls, tmp_path, local=False) as address:
        yield address, token


async def test_every_call_leaves_a_row(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, person: Caller
) -> None:
    path = write_providers(tmp_path, servers)
    with path.open("a") as file:
        file.write('[[alias]]\nname = "safe"\ntargets = ["gpt/broken", "claude/words"]\n')
    token = await create_token(database, person, "SDK")
    async with run_server(database_urls, tmp_path, local=False) as address:
        async with openai_client(address, token) as client:
            await client.chat.completions.create(model="claude/words", messages=ASKED)
            done = await client.chat.completions.create(model="safe", messages=ASKED)
            assert done.model == "safe"
            with pytest.raises(openai.BadRequestError):
                await client.chat.completions.create(model="gpt/refuses", messages=ASKED)
            with pytest.raises(openai.APIError):
                _ = [
                    chunk
                    async for chunk in await client.chat.completions.create(
                        model="gpt/cut", messages=ASKED, stream=True
                    )
                ]
            stream = await client.chat.completions.create(model="gpt/endless", messages=ASKED, stream=True)
            await anext(aiter(stream))
            await stream.close()
        call = await servers.wait_for_call(6)
        await call.ended.wait()
    rows = await rows_of(database, person)
    told = [(row["provider"], row["model"], row["outcome"], row["failure"], row["estimated"]) for row in rows]
    assert told == [
        ("claude", "words", "completed", "", True),  # The model's price is not known, but the tokens are.
        ("gpt", "broken", "failed_over", "provider_error", True),
        ("claude", "words", "completed", "", True),
        ("gpt", "refuses", "failed", "provider_refused_request", True),
        ("gpt", "cut", "failed", "stream_cut", True),
        ("gpt", "endless", "aborted", "", True),
    ]
    assert [row["output_tokens"] for row in rows[:4]] == [len(WORDS), 0, len(WORDS), 0]
    assert [row["cost_micros"] > 0 for row in rows] == [True, False, True, False, True, True]
    assert rows[1]["call_id"] == rows[2]["call_id"]
    assert [row["attempt"] for row in rows] == [1, 1, 2, 1, 1, 1]
    assert {row["asked_model"] for row in rows[1:3]} == {"safe"}
    assert all(row["person_id"] == person.person_id for row in rows)
    # What is booked is what the rows say.
    async with open_spending(database)(person.tenant_id) as store:
        spent = await store.fetch_spent(Meter(Kind.MONEY, person.tenant_id, month_of(datetime.now(UTC))))
    assert spent == sum(row["cost_micros"] for row in rows)


async def test_a_reply_that_is_billed_anyway_is_read_on_within_a_bound_when_its_client_leaves(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, person: Caller
) -> None:
    servers.scenarios["slow"] = Scenario(gap_s=0.02)
    path = write_providers(tmp_path, servers)
    text = path.read_text().replace('name = "gpt"\n', 'name = "gpt"\ndrain_seconds = 20\n')
    path.write_text(text.replace('name = "house"\n', 'name = "house"\ndrain_seconds = 0.2\n'))
    token = await create_token(database, person, "SDK")
    async with run_server(database_urls, tmp_path, local=False) as address, openai_client(address, token) as client:
        for number, model in enumerate(("gpt/slow", "house/endless"), start=1):
            stream = await client.chat.completions.create(model=model, messages=ASKED, stream=True)
            await anext(aiter(stream))
            await stream.close()
            call = await servers.wait_for_call(number)
            await asyncio.wait_for(call.ended.wait(), 10)
            assert call.whole == (model == "gpt/slow")
    counted, bounded = await rows_of(database, person)
    assert (counted["outcome"], counted["failure"]) == ("aborted", "")
    assert counted["output_tokens"] == len(WORDS)
    assert bounded["outcome"] == "aborted"
    assert bounded["output_tokens"] > 0


async def test_usage_is_seen_by_its_person_and_by_admins(
    database: Database, shared: tuple[str, str], person: Caller
) -> None:
    address, token = shared
    async with anthropic_client(address, token) as client:
        await client.messages.create(model="claude/words", max_tokens=50, messages=ASKED)
    other = await create_person(database, person.tenant_id)
    stranger = await create_tenant(database, name="Other")
    async with asyncio.timeout(10):
        while True:
            if await rows_of(database, person):
                break
            await asyncio.sleep(0)  # The ledger writes in its own time.
    assert await rows_of(database, other) == []
    assert await rows_of(database, stranger) == []


async def test_a_known_model_is_billed_exactly(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, person: Caller
) -> None:
    servers.scenarios["claude-sonnet-5-5"] = SCENARIOS["words"]
    write_providers(tmp_path, servers)
    token = await create_token(database, person, "SDK")
    async with run_server(database_urls, tmp_path, local=False) as address, anthropic_client(address, token) as client:
        message = await client.messages.create(model="claude/claude-sonnet-5-5", max_tokens=50, messages=ASKED)
    (row,) = await rows_of(database, person)
    assert not row["estimated"]
    assert row["cost_micros"] == 2 * message.usage.input_tokens + 10 * message.usage.output_tokens


async def test_a_new_account_asks_ten_times_in_its_first_day(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> None:
    write_providers(tmp_path, servers)
    newcomer = await create_tenant(database)
    token = await create_token(database, newcomer, "SDK")
    async with run_server(database_urls, tmp_path, local=False) as address, openai_client(address, token) as client:
        for _ in range(10):
            await client.chat.completions.create(model="gpt/words", messages=ASKED)
        with pytest.raises(openai.RateLimitError, match="10 times in its first 24 hours") as caught:
            await client.chat.completions.create(model="gpt/words", messages=ASKED)
        assert int(caught.value.response.headers["retry-after"]) > 80_000
    assert len(servers.calls) == 10
    rows = await rows_of(database, newcomer)
    assert [row["outcome"] for row in rows] == ["completed"] * 10 + ["refused"]


async def test_five_streams_at_once(shared: tuple[str, str], servers: TestProviders) -> None:
    address, token = shared
    async with anthropic_client(address, token) as client:
        asked: Any = {"model": "gpt/endless", "max_tokens": 50, "messages": ASKED, "stream": True}
        streams = await asyncio.gather(*(client.messages.create(**asked) for _ in range(5)))
        with pytest.raises(anthropic.RateLimitError, match="5 streams at once") as caught:
            await client.messages.create(**asked)
        assert caught.value.response.headers["retry-after"] == "1"
        await streams[0].close()
        await asyncio.gather(*(call.ended.wait() for call in servers.calls if call.client_left))
        async with asyncio.timeout(10):
            again = None
            while again is None:
                with contextlib.suppress(anthropic.RateLimitError):
                    again = await client.messages.create(**asked)
        await asyncio.gather(*(stream.close() for stream in (*streams[1:], again)))


async def test_a_hundred_requests_a_minute(
    database: Database, shared: tuple[str, str], servers: TestProviders, person: Caller
) -> None:
    address, token = shared
    await set_rule(database, person, Rule(requests_per_minute=7), subject=EVERYONE)
    # The minute may turn between two requests, which then begin anew.
    async with openai_client(address, token) as client:
        replies = await asyncio.gather(
            *(client.chat.completions.create(model="gpt/words", messages=ASKED) for _ in range(30)),
            return_exceptions=True,
        )
    refused = [reply for reply in replies if isinstance(reply, openai.RateLimitError)]
    assert len(refused) + len(servers.calls) == 30
    assert len(servers.calls) in {7, 14}
    assert 1 <= int(refused[0].response.headers["retry-after"]) <= 60


async def test_tokens_a_day_hold_in_the_middle_of_a_stream(
    database: Database, shared: tuple[str, str], servers: TestProviders, person: Caller
) -> None:
    address, token = shared
    await set_rule(database, person, Rule(tokens_per_day=5_000), subject=person.person_id)
    servers.scenarios["endless"] = replace(SCENARIOS["endless"], gap_s=0.0)
    async with openai_client(address, token) as client:
        stream = await client.chat.completions.create(model="gpt/endless", messages=ASKED, stream=True)
        with pytest.raises(openai.APIError, match="5000 tokens a day"):
            _ = [chunk async for chunk in stream]
        call = await servers.wait_for_call()
        await call.ended.wait()
        assert call.client_left
        with pytest.raises(openai.RateLimitError, match="5000 tokens a day"):
            await client.chat.completions.create(model="gpt/words", messages=ASKED)


async def test_no_text_counts_more_than_was_reserved(
    database: Database,
    shared: tuple[str, str],
    person: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No tokenizer makes more of a text than this.
    monkeypatch.setattr(wire, "count_tokens", lambda text: len(text.encode()))
    address, token = shared
    limit = 4_000
    await set_rule(database, person, Rule(tokens_per_day=limit), subject=person.person_id)
    asked: Any = [{"role": "user", "content": "\U0001f5ff1\u4e2d\n" * 40}]
    async with openai_client(address, token) as client:
        calls = [
            client.chat.completions.create(model="gpt/words", messages=asked, max_tokens=100, stream=False)
            for _ in range(20)
        ]
        replies = await asyncio.gather(*calls, return_exceptions=True)
    completed = [reply for reply in replies if not isinstance(reply, BaseException)]
    assert completed
    assert len(completed) < 20
    async with open_spending(database)(person.tenant_id) as store:
        spent = await store.fetch_spent(Meter(Kind.TOKENS, person.person_id, day_of(datetime.now(UTC))))
    assert spent <= limit
    assert sum(reply.usage.total_tokens for reply in completed) <= limit


async def test_a_call_that_a_stop_refuses_leaves_a_row(
    database: Database, shared: tuple[str, str], person: Caller
) -> None:
    address, token = shared
    async with open_spending(database)(person.tenant_id) as store:
        await store.stop()
    async with openai_client(address, token) as client:
        with pytest.raises(openai.RateLimitError, match="stopped"):
            await client.chat.completions.create(model="gpt/words", messages=ASKED)
    rows: list[asyncpg.Record] = []
    while not rows:
        rows = await rows_of(database, person)
    assert [(row["outcome"], row["failure"], row["cost_micros"]) for row in rows] == [("refused", "money", 0)]


@asynccontextmanager
async def server_processes(urls: DatabaseUrls, home: Path, count: int) -> AsyncIterator[Sequence[str]]:
    processes: list[asyncio.subprocess.Process] = []
    addresses: list[str] = []
    try:
        for _ in range(count):
            settings = ProcessSettings(home, free_port(), urls.app, urls.bus)
            environment = dict(os.environ) | settings.to_environment()
            program = [sys.executable, "-m", "cairn.entrypoints.server"]
            processes.append(await asyncio.create_subprocess_exec(*program, env=environment))
            addresses.append(f"http://127.0.0.1:{settings.port}")
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            for address in addresses:
                while True:
                    if await answers(session, address):
                        break
                    await asyncio.sleep(0.05)  # The process tells nobody that it listens.
        yield addresses
    finally:
        for process in processes:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in processes))


async def answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(f"{address}/healthz") as reply:
            return reply.status == 200
    except aiohttp.ClientConnectionError:
        return False


@pytest.mark.parametrize("stream", [False, True])
async def test_parallel_calls_over_several_processes_never_pass_a_budget(
    database: Database, database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, *, stream: bool
) -> None:
    owner = await ensure_local_owner(database)
    before = sum(row["cost_micros"] for row in await rows_of(database, owner))
    budget = before + 20_000
    await set_rule(database, owner, Rule(budget_micros=budget))
    write_providers(tmp_path, servers)
    body = {"model": "claude/words", "max_tokens": 50, "messages": ASKED, "stream": stream}

    async def ask(session: aiohttp.ClientSession, address: str) -> int:
        async with session.post(f"{address}/v1/messages", json=body) as reply:
            await reply.read()
            return reply.status

    async with server_processes(database_urls, tmp_path, 3) as addresses, aiohttp.ClientSession() as session:
        statuses = await asyncio.gather(*(ask(session, addresses[at % 3]) for at in range(200)))
        # Leases that lie idle come back, so that what is left can be spent to the last call.
        async with asyncio.timeout(20):
            while await ask(session, addresses[0]) == 200:
                statuses.append(200)
    rows = await rows_of(database, owner)
    spent = sum(row["cost_micros"] for row in rows)
    assert statuses.count(200) + statuses.count(429) == len(statuses)
    assert statuses.count(200) == len(servers.calls)
    assert spent <= budget
    assert spent > before
    async with open_spending(database)(owner.tenant_id) as store:
        booked = await store.fetch_spent(Meter(Kind.MONEY, owner.tenant_id, month_of(datetime.now(UTC))))
    assert booked == spent
    assert sum(row["outcome"] == "completed" for row in rows) >= len(servers.calls)
    print(f"{statuses.count(200)} of {len(statuses)} calls passed; spent {spent - before} of 20000 micro-dollars")  # noqa: T201
