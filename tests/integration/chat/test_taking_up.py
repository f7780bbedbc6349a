"""A server that ends, however it ends, leaves its answers to another one, which goes on from the last word."""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import pytest
from connectrpc.errors import ConnectError
from support.knowledge import Knowledge, fields_of
from support.providers.server import TestProviders
from support.server import client_of, run_server, run_server_process

from cairn.chat.ports import NewGeneration
from cairn.chat.postgres import PostgresConversationStore, list_left_behind
from cairn.chat.usecases.answers import begin_generation
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.chat.v1 import writing_pb as writing
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.gen.cairn.chat.v1.writing_connect import WritingServiceClient
from cairn.gen.cairn.gateway.v1 import gateway_pb as gateway
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceClient
from cairn.kernel.ids import uuid7
from cairn.platform.database import DatabaseUrls

pytestmark = pytest.mark.usefixtures("models")
QUESTION = "Why did we choose Kafka as the event bus?"


@pytest.fixture
async def other(
    fresh_database_urls: DatabaseUrls, knowledge: Knowledge, tmp_path: Path
) -> AsyncIterator[ChatServiceClient]:
    """A client of one more server on the same database, which wants to take things up as well."""
    del knowledge
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(run_server(fresh_database_urls, tmp_path))
        yield await stack.enter_async_context(client_of(ChatServiceClient, address))


async def begin(client: ChatServiceClient, model: str, deltas: int) -> list[pb.GenerationEvent]:
    """Ask, read that many pieces of the answer, and lose the connection."""
    events: list[pb.GenerationEvent] = []
    async with aclosing(client.ask(pb.AskRequest(question=QUESTION, model=model))) as stream:
        async for message in stream:
            events.append(message.event)
            if sum(1 for event in events if fields_of(event)[0] == "delta") >= deltas:
                break
    return events


async def read_and_end(
    client: ChatServiceClient, model: str, process: Process, how: signal.Signals
) -> list[pb.GenerationEvent]:
    """Ask, end the server after some words, and return all that came until the connection broke."""
    events: list[pb.GenerationEvent] = []
    try:
        async for message in client.ask(pb.AskRequest(question=QUESTION, model=model)):
            events.append(message.event)
            if text_of(events).count("word") == 10 and process.returncode is None:
                process.send_signal(how)
    except ConnectError:
        return events
    raise AssertionError("The answer ended before its server did.")


async def follow(client: ChatServiceClient, generation_id: str, after: int = 0) -> list[pb.GenerationEvent]:
    request = pb.FollowGenerationRequest(generation_id=generation_id, after_sequence=after)
    return [message.event async for message in client.follow_generation(request)]


def encoded(events: list[pb.GenerationEvent]) -> list[bytes]:
    return [event.to_binary() for event in events]


def text_of(events: list[pb.GenerationEvent]) -> str:
    return "".join(fields_of(event)[1].text for event in events if fields_of(event)[0] == "delta")


def values(events: list[pb.GenerationEvent], kind: str) -> list[Any]:
    return [value for name, value in map(fields_of, events) if name == kind]


def generation_of(events: list[pb.GenerationEvent]) -> str:
    return str(fields_of(events[0])[1].generation_id)


async def leave(knowledge: Knowledge, kept: int, *, change: str = "") -> None:
    """Leave the generations as a killed process does: not ended, the last events missing, no heartbeat any more."""
    async with knowledge.database.transaction(knowledge.owner) as connection:
        await connection.execute("delete from generation_event where sequence > $1", kept)
        await connection.execute(
            "update generation set ended = false, last_sequence = $1, heartbeat_at = now() - interval '1 minute'", kept
        )
        if change:
            await connection.execute(change)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_what_a_process_that_ends_was_writing_is_gone_on_with_once(  # noqa: PLR0917 - fixtures.
    fresh_database_urls: DatabaseUrls,
    client: ChatServiceClient,
    other: ChatServiceClient,
    servers: TestProviders,
    knowledge: Knowledge,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    whole = await collect(client, "anthropic/at-length-quickly")
    assert len(servers.calls) == 1
    async with (
        run_server_process(fresh_database_urls, tmp_path) as (address, process),
        client_of(ChatServiceClient, address) as going,
    ):
        read = await read_and_end(going, "anthropic/at-length", process, how)
        await servers.wait_for_call(3)
        taken_up_s = servers.calls[2].received_at - servers.calls[1].ended_at
        print(f"{how.name}: gone on with after {taken_up_s:.1f} s")  # noqa: T201
    # Everything that a reader has seen is in the log, and nobody has written anything else.
    rest, again = await asyncio.gather(
        follow(client, generation_of(read), read[-1].sequence), follow(other, generation_of(read))
    )
    assert encoded(read + rest) == encoded(again)
    assert [event.sequence for event in again] == list(range(1, len(again) + 1))
    kind, end = fields_of(again[-1])
    assert (kind, end.reason) == ("finished", pb.FinishReason.COMPLETE)
    assert text_of(again) == text_of(whole)
    assert [one.label for one in values(again, "step")] == ["Searched", "Took up after a restart", "Went on with"]
    marks = [mark.text for mark in values(whole, "mark")]
    assert "4711" in marks
    assert [mark.text for mark in values(again, "mark")] == marks
    assert {one.number for one in values(again, "citation")} == {1}
    assert len(servers.calls) == 3
    async with knowledge.database.transaction(knowledge.owner) as connection:
        assert await connection.fetchval("select term from generation where id = $1", generation_of(read)) == 1


async def collect(client: ChatServiceClient, model: str) -> list[pb.GenerationEvent]:
    return [message.event async for message in client.ask(pb.AskRequest(question=QUESTION, model=model))]


@pytest.mark.usefixtures("knowledge")
async def test_a_server_that_is_told_to_end_leaves_its_answers_at_once(
    fresh_database_urls: DatabaseUrls, client: ChatServiceClient, servers: TestProviders, tmp_path: Path
) -> None:
    async with run_server(fresh_database_urls, tmp_path) as address, client_of(ChatServiceClient, address) as going:
        read = await begin(going, "anthropic/at-length", 8)
    assert servers.calls[0].client_left
    loop = asyncio.get_running_loop()
    left_at = loop.time()
    await servers.wait_for_call(2)
    # Without waiting for its heartbeat to be missed.
    assert loop.time() - left_at < 4
    whole = await follow(client, generation_of(read))
    assert encoded(whole)[: len(read)] == encoded(read)
    assert text_of(whole) == text_of(await collect(client, "anthropic/at-length-quickly"))


@pytest.mark.parametrize("kept", range(9))
async def test_quotes_are_gone_on_with_byte_for_byte_from_anywhere(
    knowledge: Knowledge, client: ChatServiceClient, kept: int
) -> None:
    events = await collect(client, "quotes")
    await leave(knowledge, kept)
    again = await follow(client, generation_of(events))
    assert encoded(again[:kept]) == encoded(events[:kept])
    assert text_of(again) == text_of(events)
    assert [one.to_binary() for one in values(again, "citation")] == [
        one.to_binary() for one in values(events, "citation")
    ]
    assert fields_of(again[-1]) == fields_of(events[-1])


async def test_quotes_of_records_that_changed_end_with_an_error(
    knowledge: Knowledge, client: ChatServiceClient
) -> None:
    events = await collect(client, "quotes")
    await knowledge.write("kafka too", "Kafka stays the event bus", "## Decision\n\nWe chose Kafka as the event bus.")
    await knowledge.index()
    await leave(knowledge, len(events) - 3)
    again = await follow(client, generation_of(events))
    assert encoded(again[: len(events) - 3]) == encoded(events[:-3])
    kind, end = fields_of(again[-1])
    assert kind == "failed"
    assert "changed meanwhile" in end.message


async def test_an_answer_that_was_to_stop_is_not_gone_on_with(
    knowledge: Knowledge, client: ChatServiceClient, servers: TestProviders
) -> None:
    events = await collect(client, "anthropic/at-length-quickly")
    await leave(knowledge, 5, change="update generation set stop_requested_at = now()")
    again = await follow(client, generation_of(events))
    assert encoded(again[:5]) == encoded(events[:5])
    kind, end = fields_of(again[5])
    assert (kind, end.reason, len(again)) == ("finished", pb.FinishReason.STOPPED, 6)
    assert len(servers.calls) == 1


@pytest.mark.parametrize(
    "change",
    ["update generation set term = 3", "update generation set created_at = now() - interval '2 hours'"],
)
async def test_nobody_tries_for_ever(
    knowledge: Knowledge, client: ChatServiceClient, servers: TestProviders, change: str
) -> None:
    events = await collect(client, "anthropic/at-length-quickly")
    await leave(knowledge, 5, change=change)
    again = await follow(client, generation_of(events))
    assert encoded(again[:5]) == encoded(events[:5])
    kind, end = fields_of(again[5])
    assert (kind, end.code, len(again)) == ("failed", "server_restarted", 6)
    found = await client.get_conversation(pb.GetConversationRequest(id=str(fields_of(events[0])[1].conversation_id)))
    assert found.turns[0].answer == text_of(events[:5])
    assert len(servers.calls) == 1


async def test_a_model_that_is_gone_is_said_to_be(
    knowledge: Knowledge, address: str, client: ChatServiceClient
) -> None:
    events = await collect(client, "openai/at-length-quickly")
    async with client_of(GatewayServiceClient, address) as models:
        listed = await models.list_providers(gateway.ListProvidersRequest())
        (openai,) = [one for one in listed.providers if one.name == "openai"]
        await models.delete_provider(gateway.DeleteProviderRequest(id=openai.id))
    await leave(knowledge, 5)
    again = await follow(client, generation_of(events))
    assert encoded(again[:5]) == encoded(events[:5])
    kind, end = fields_of(again[-1])
    assert kind == "failed"
    assert "openai/at-length-quickly" in end.message


async def test_a_draft_ends_and_says_so(knowledge: Knowledge, address: str, client: ChatServiceClient) -> None:
    async with client_of(WritingServiceClient, address) as help_with:
        request = writing.DraftRequest(text="We need an event bus.", model="quotes")
        events = [message.event async for message in help_with.draft(request)]
    await leave(knowledge, 3)
    again = await follow(client, generation_of(events))
    kind, end = fields_of(again[-1])
    assert (kind, end.code) == ("failed", "server_restarted")


async def test_a_server_sees_of_others_only_that_something_was_left_behind(
    knowledge: Knowledge, client: ChatServiceClient
) -> None:
    async with knowledge.database.transaction(knowledge.owner) as connection:
        store = PostgresConversationStore(connection, alive_s=5)
        one = NewGeneration(uuid7(), uuid7(), "Why?", "quotes", extracts_only=True)
        await begin_generation(store, one, new_conversation=True)
    await collect(client, "quotes")
    async with knowledge.database.unauthenticated() as connection:
        assert await list_left_behind(connection, alive_s=5, limit=10) == []
        left = await list_left_behind(connection, alive_s=-5, limit=10)
        assert left == [(knowledge.owner.tenant_id, knowledge.owner.person_id, one.id)]
        # In the role that may see this there is nothing else to be seen.
        for table in ("conversation", "generation_event", "decision", "person", "provider", "api_token"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - names of our own.
        assert await connection.fetchval("select count(*) from generation") == 1
