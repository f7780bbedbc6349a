"""Generations outlive their request: they are followed, continued, stopped, and never end without saying how."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.knowledge import Knowledge, fields_of
from support.providers.server import TestProviders
from support.server import client_of, run_server
from support.tenants import create_person

from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.platform.database import DatabaseUrls
from cairn.tenancy.api import create_token

pytestmark = pytest.mark.usefixtures("models")
QUESTION = "Why did we choose Kafka as the event bus?"


@pytest.fixture
async def other(
    fresh_database_urls: DatabaseUrls, knowledge: Knowledge, tmp_path: Path
) -> AsyncIterator[ChatServiceClient]:
    """A client of a second server process's worth of Cairn on the same database."""
    del knowledge
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(run_server(fresh_database_urls, tmp_path))
        yield await stack.enter_async_context(client_of(ChatServiceClient, address))


async def begin(client: ChatServiceClient, model: str, deltas: int) -> tuple[pb.Started, list[pb.GenerationEvent]]:
    """Ask, read that many pieces of the answer, and lose the connection."""
    events: list[pb.GenerationEvent] = []
    async with aclosing(client.ask(pb.AskRequest(question=QUESTION, model=model))) as stream:
        async for message in stream:
            events.append(message.event)
            if sum(1 for event in events if fields_of(event)[0] == "delta") >= deltas:
                break
    return fields_of(events[0])[1], events


async def follow(client: ChatServiceClient, generation_id: str, after: int = 0) -> list[pb.GenerationEvent]:
    request = pb.FollowGenerationRequest(generation_id=generation_id, after_sequence=after)
    return [message.event async for message in client.follow_generation(request)]


async def stop(client: ChatServiceClient, generation_id: str) -> None:
    await client.stop_generation(pb.StopGenerationRequest(generation_id=generation_id))


def encoded(events: list[pb.GenerationEvent]) -> list[bytes]:
    return [event.to_binary() for event in events]


@pytest.mark.usefixtures("knowledge")
async def test_a_lost_connection_stops_nothing_and_following_continues_byte_for_byte(
    client: ChatServiceClient, servers: TestProviders
) -> None:
    started, read = await begin(client, "anthropic/paced-short", 3)
    rest = await follow(client, started.generation_id, read[-1].sequence)
    whole = await follow(client, started.generation_id)
    assert encoded(read + rest) == encoded(whole)
    assert [event.sequence for event in whole] == list(range(1, len(whole) + 1))
    assert fields_of(whole[-1])[0] == "finished"
    assert servers.calls[0].whole
    for after in (0, 1, len(whole) // 2, len(whole) - 1, len(whole)):
        assert encoded(await follow(client, started.generation_id, after)) == encoded(whole[after:])


async def test_two_followers_of_two_servers_read_the_same(client: ChatServiceClient, other: ChatServiceClient) -> None:
    started, _ = await begin(client, "openai/paced-short", 1)
    here, there, again = await asyncio.gather(
        follow(client, started.generation_id),
        follow(other, started.generation_id),
        follow(other, started.generation_id, 5),
    )
    assert encoded(here) == encoded(there)
    assert encoded(there[5:]) == encoded(again)


@pytest.mark.usefixtures("knowledge")
@pytest.mark.parametrize("model", ["anthropic/endless", "openai/silent"])
async def test_stop_reaches_the_provider_and_keeps_what_was_written(
    client: ChatServiceClient, servers: TestProviders, model: str
) -> None:
    asking = asyncio.create_task(collect(client, model))
    call = await servers.wait_for_call()
    if model.endswith("endless"):
        await call.begun.wait()
    generation_id = (await newest(client)).generation_id
    stopped_at = time.monotonic()
    await stop(client, generation_id)
    await call.ended.wait()
    print(f"stop reached the provider after {(call.ended_at - stopped_at) * 1000:.1f} ms")  # noqa: T201
    assert call.client_left
    events = await asking
    kind, end = fields_of(events[-1])
    assert (kind, end.reason) == ("finished", pb.FinishReason.STOPPED)
    turn = await newest(client)
    assert turn.answer == "".join(fields_of(event)[1].text for event in events if fields_of(event)[0] == "delta")
    await stop(client, generation_id)


async def test_stop_works_from_another_server(
    client: ChatServiceClient, other: ChatServiceClient, servers: TestProviders
) -> None:
    asking = asyncio.create_task(collect(client, "anthropic/endless"))
    call = await servers.wait_for_call()
    await call.begun.wait()
    generation_id = (await newest(other)).generation_id
    stopped_at = time.monotonic()
    await stop(other, generation_id)
    await call.ended.wait()
    print(f"stop from another server reached the provider after {(call.ended_at - stopped_at) * 1000:.1f} ms")  # noqa: T201
    assert call.client_left
    assert fields_of((await asking)[-1])[1].reason == pb.FinishReason.STOPPED


async def collect(client: ChatServiceClient, model: str) -> list[pb.GenerationEvent]:
    return [message.event async for message in client.ask(pb.AskRequest(question=QUESTION, model=model))]


async def newest(client: ChatServiceClient) -> pb.Turn:
    listed = await client.list_conversations(pb.ListConversationsRequest())
    found = await client.get_conversation(pb.GetConversationRequest(id=listed.conversations[0].id))
    return found.turns[-1]


@pytest.mark.usefixtures("knowledge")
async def test_deleting_the_conversation_ends_the_generation(client: ChatServiceClient, servers: TestProviders) -> None:
    asking = asyncio.create_task(collect(client, "anthropic/endless"))
    call = await servers.wait_for_call()
    await call.begun.wait()
    listed = await client.list_conversations(pb.ListConversationsRequest())
    await client.delete_conversation(pb.DeleteConversationRequest(id=listed.conversations[0].id))
    await call.ended.wait()
    kind, end = fields_of((await asking)[-1])
    assert (kind, end.reason) == ("finished", pb.FinishReason.STOPPED)


async def test_a_conversation_goes_on_and_the_model_is_told_what_was_said(
    knowledge: Knowledge, client: ChatServiceClient, servers: TestProviders
) -> None:
    del knowledge
    first = await collect(client, "anthropic/grounded")
    started = fields_of(first[0])[1]
    request = pb.AskRequest(
        question="Was Redpanda considered?", conversation_id=started.conversation_id, model="anthropic/grounded"
    )
    _ = [message async for message in client.ask(request)]
    messages = servers.calls[-1].body["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[0]["content"] == QUESTION
    assert "[1]" not in messages[1]["content"]
    found = await client.get_conversation(pb.GetConversationRequest(id=started.conversation_id))
    assert [turn.question for turn in found.turns] == [QUESTION, "Was Redpanda considered?"]
    assert found.conversation is not None
    assert found.conversation.title == QUESTION


@pytest.mark.usefixtures("knowledge")
async def test_conversations_are_listed_latest_first_page_by_page(client: ChatServiceClient) -> None:
    for question in ("One?", "Two?", "Three?"):
        _ = [message async for message in client.ask(pb.AskRequest(question=question, model="quotes"))]
    titles: list[str] = []
    cursor = ""
    while True:
        page = await client.list_conversations(pb.ListConversationsRequest(page_size=2, cursor=cursor))
        titles += [conversation.title for conversation in page.conversations]
        cursor = page.next_cursor
        if not cursor:
            break
    assert titles == ["Three?", "Two?", "One?"]


async def test_what_a_person_asks_is_theirs_alone(knowledge: Knowledge, client: ChatServiceClient) -> None:
    events = await collect(client, "quotes")
    started = fields_of(events[0])[1]
    colleague = await create_person(knowledge.database, knowledge.owner.tenant_id, name="Eve")
    token = await create_token(knowledge.database, colleague, "test")
    calls: list[Any] = []
    async with client_of(ChatServiceClient, knowledge.address, token) as eve:
        assert not (await eve.list_conversations(pb.ListConversationsRequest())).conversations
        calls = [
            follow(eve, started.generation_id),
            stop(eve, started.generation_id),
            eve.get_conversation(pb.GetConversationRequest(id=started.conversation_id)),
            eve.delete_conversation(pb.DeleteConversationRequest(id=started.conversation_id)),
            collect_in(eve, started.conversation_id),
        ]
        for call in calls:
            with pytest.raises(ConnectError) as caught:
                await call
            assert caught.value.code == Code.NOT_FOUND
    assert encoded(await follow(client, started.generation_id)) == encoded(events)


async def collect_in(client: ChatServiceClient, conversation_id: str) -> None:
    request = pb.AskRequest(question="And?", conversation_id=conversation_id, model="quotes")
    _ = [message async for message in client.ask(request)]
