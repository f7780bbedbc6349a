"""What every `ConversationStore` does: the one in memory and the one on Postgres."""

import itertools
from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import pytest
from support.fakes.conversation_store import MemoryConversationStore
from support.tenants import create_tenant

from cairn.chat.ports import ConversationStore, NewGeneration, Pulse, Scope
from cairn.chat.postgres import PostgresConversationStore
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database

SCOPE = Scope((uuid7(),), (uuid7(),), ("search",), date(2025, 3, 1))
_numbers = itertools.count(1)


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[ConversationStore]:
    if request.param == "memory":
        yield MemoryConversationStore()
        return
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        yield PostgresConversationStore(connection, alive_s=10)


async def add(
    store: ConversationStore, conversation_id: UUID, question: str = "Why?", after_id: UUID | None = None
) -> UUID:
    # Ids of one millisecond are in no order, and one transaction has one time.
    id_ = UUID(int=conversation_id.int + next(_numbers))
    generation = NewGeneration(
        id_, conversation_id, question, "quotes", extracts_only=True, scope=SCOPE, after_id=after_id
    )
    await store.add_generation(generation)
    return generation.id


async def begin(store: ConversationStore) -> tuple[UUID, UUID]:
    conversation_id = uuid7()
    await store.add_conversation(conversation_id, "Why?")
    return conversation_id, await add(store, conversation_id)


async def test_a_conversation_is_found_listed_and_deleted(store: ConversationStore) -> None:
    conversation_id, generation_id = await begin(store)
    found = await store.find_conversation(conversation_id)
    assert found is not None
    assert (found.id, found.title) == (conversation_id, "Why?")
    assert [one.id for one in await store.list_conversations(None, 10)] == [conversation_id]
    assert await store.list_conversations((found.updated_at, found.id), 10) == []
    assert await store.touch_conversation(conversation_id)
    assert await store.delete_conversation(conversation_id)
    assert not await store.delete_conversation(conversation_id)
    assert not await store.touch_conversation(conversation_id)
    assert await store.find_conversation(conversation_id) is None
    assert await store.find_generation(generation_id) is None


async def test_events_are_appended_in_order_and_read_from_any_place(store: ConversationStore) -> None:
    conversation_id, generation_id = await begin(store)
    pulse = await store.append_events(generation_id, 1, [b"a", b"b"], ended=False)
    assert pulse == Pulse(stop_requested=False, watched=False)
    assert await store.append_events(generation_id, 3, [], ended=False) is not None
    assert await store.append_events(generation_id, 3, [b"c"], ended=True) is not None
    assert [body for _, body in await store.list_events([generation_id], 0)] == [b"a", b"b", b"c"]
    assert [body for _, body in await store.list_events([generation_id], 2)] == [b"c"]
    found = await store.find_generation(generation_id)
    assert found is not None
    assert (found.ended, found.alive, found.last_sequence, found.question) == (True, True, 3, "Why?")
    assert [one.id for one in await store.list_generations(conversation_id, 10)] == [generation_id]


async def test_only_one_writer_and_none_after_the_end(store: ConversationStore) -> None:
    _, generation_id = await begin(store)
    await store.append_events(generation_id, 1, [b"a"], ended=False)
    assert await store.append_events(generation_id, 1, [b"again"], ended=False) is None
    assert await store.append_events(generation_id, 3, [b"too far"], ended=False) is None
    await store.append_events(generation_id, 2, [b"b"], ended=True)
    assert await store.append_events(generation_id, 3, [b"late"], ended=False) is None
    assert await store.append_events(uuid7(), 1, [b"nowhere"], ended=False) is None
    assert [body for _, body in await store.list_events([generation_id], 0)] == [b"a", b"b"]


async def test_the_writer_learns_of_stops_and_followers(store: ConversationStore) -> None:
    _, generation_id = await begin(store)
    await store.watch(generation_id)
    assert await store.request_stop(generation_id)
    assert await store.append_events(generation_id, 1, [b"a"], ended=True) == Pulse(stop_requested=True, watched=True)
    assert not await store.request_stop(generation_id)


async def test_what_is_alive_is_not_taken_up_and_what_was_left_is_by_one(store: ConversationStore) -> None:
    _, generation_id = await begin(store)
    assert await store.take_up(generation_id) is None
    await store.append_events(generation_id, 1, [b"a"], ended=False)
    await store.release(generation_id, 1)
    assert await store.take_up(generation_id) is None
    await store.release(generation_id, 0)
    found = await store.find_generation(generation_id)
    assert found is not None
    assert (found.alive, found.draft, found.stop_requested) == (False, False, False)
    assert await store.take_up(generation_id) == 1
    assert await store.take_up(generation_id) is None
    # The process before has nothing more to say.
    assert await store.append_events(generation_id, 2, [b"late"], ended=True) is None
    assert await store.append_events(generation_id, 2, [b"b"], ended=True, term=1) is not None
    await store.release(generation_id, 1)
    assert await store.take_up(generation_id) is None
    assert [body for _, body in await store.list_events([generation_id], 0)] == [b"a", b"b"]


async def test_the_latest_turns_are_listed_oldest_first(store: ConversationStore) -> None:
    conversation_id, first = await begin(store)
    others = [await add(store, conversation_id, f"{number}?") for number in range(3)]
    listed = [one.id for one in await store.list_generations(conversation_id, 10)]
    assert listed == [first, *others]
    assert [one.id for one in await store.list_generations(conversation_id, 2)] == others[-2:]


async def test_a_deleted_conversation_comes_back(store: ConversationStore) -> None:
    conversation_id, generation_id = await begin(store)
    await store.delete_conversation(conversation_id)
    assert await store.list_generations(conversation_id, 10) == []
    assert await store.restore_conversation(conversation_id)
    assert not await store.restore_conversation(conversation_id)
    assert [one.id for one in await store.list_generations(conversation_id, 10)] == [generation_id]


async def test_a_conversation_is_renamed_shared_and_found_by_its_words(store: ConversationStore) -> None:
    conversation_id, _ = await begin(store)
    await add(store, conversation_id, "What of 100%_sure seats?")
    assert await store.rename_conversation(conversation_id, "Quays")
    assert await store.share_conversation(conversation_id, shared=True)
    for query in ("quay", "100%_SURE", ""):
        (found,) = await store.list_conversations(None, 10, query=query)
        assert (found.title, found.shared, found.mine) == ("Quays", True, True)
    assert await store.list_conversations(None, 10, query="100%sure") == []
    assert await store.list_conversations(None, 10, others=True) == []
    assert await store.share_conversation(conversation_id, shared=False)
    found = await store.find_conversation(conversation_id)
    assert found is not None
    assert not found.shared
    assert not await store.rename_conversation(uuid7(), "Nowhere")
    assert not await store.share_conversation(uuid7(), shared=True)


async def test_a_draft_is_never_listed_or_shared(store: ConversationStore) -> None:
    conversation_id = uuid7()
    await store.add_conversation(conversation_id, "A draft", draft=True)
    assert await store.list_conversations(None, 10) == []
    assert not await store.share_conversation(conversation_id, shared=True)


async def test_a_generation_keeps_its_scope_and_what_it_follows(store: ConversationStore) -> None:
    conversation_id, first = await begin(store)
    second = await add(store, conversation_id, after_id=first)
    found = await store.find_generation(second)
    assert found is not None
    assert (found.after_id, found.scope, found.mine) == (first, SCOPE, True)
