"""Conversations over the wire: branches, scopes, days, sharing with people of other rights, undo, export."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.knowledge import Knowledge, fields_of
from support.server import client_of
from support.tenants import create_person

from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.gen.cairn.decisions.v1 import decisions_pb as decisions
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.tenancy.api import create_token

QUESTION = "Why did we choose Kafka as the event bus?"
DRAFT = "## Decision\n\nWe will sell the heliotrope boats to Zanzibar because nobody rows them any more.\n"


@pytest.fixture
async def colleague(address: str, knowledge: Knowledge) -> AsyncIterator[ChatServiceClient]:
    """Somebody else of the organisation, who sees no drafts of others."""
    person = await create_person(knowledge.database, knowledge.owner.tenant_id, name="Ada Finch")
    async with AsyncExitStack() as stack:
        token = await create_token(knowledge.database, person, "test")
        yield await stack.enter_async_context(client_of(ChatServiceClient, address, token))


async def ask(client: ChatServiceClient, question: str = QUESTION, **fields: Any) -> tuple[pb.Started, str]:
    request = pb.AskRequest(question=question, model="quotes", **fields)
    events = [one.event async for one in client.ask(request)]
    text = "".join(value.text for kind, value in map(fields_of, events) if kind == "delta")
    return fields_of(events[0])[1], text


async def turns_of(client: ChatServiceClient, conversation_id: str) -> list[pb.Turn]:
    return list((await client.get_conversation(pb.GetConversationRequest(id=conversation_id))).turns)


@pytest.mark.usefixtures("knowledge")
async def test_turns_branch_and_history_follows_one_branch(client: ChatServiceClient) -> None:
    first, _ = await ask(client)
    second, _ = await ask(client, "And what must operations run?", conversation_id=first.conversation_id)
    edited, _ = await ask(
        client,
        "Why do we back the database up every night?",
        conversation_id=first.conversation_id,
        instead_of_generation_id=first.generation_id,
    )
    after, _ = await ask(
        client, "How long?", conversation_id=first.conversation_id, after_generation_id=edited.generation_id
    )
    turns = {turn.generation_id: turn for turn in await turns_of(client, first.conversation_id)}
    places = [turns[one.generation_id].after_generation_id for one in (first, second, edited, after)]
    assert places == ["", first.generation_id, "", edited.generation_id]
    # A follow-up of few words is searched for with the question of its own branch.
    assert "thirty days" in turns[after.generation_id].answer

    exported = await client.export_conversation(
        pb.ExportConversationRequest(id=first.conversation_id, generation_id=after.generation_id)
    )
    assert exported.file_name == "why-did-we-choose-kafka-as-the-event-bus.md"
    assert "## How long?" in exported.markdown
    assert "(proposed)" in exported.markdown
    assert "operations run" not in exported.markdown


@pytest.mark.usefixtures("knowledge")
async def test_a_place_in_another_conversation_is_no_place(client: ChatServiceClient) -> None:
    one, _ = await ask(client)
    other, _ = await ask(client)
    for field in ("after_generation_id", "instead_of_generation_id"):
        with pytest.raises(ConnectError) as caught:
            await ask(client, conversation_id=one.conversation_id, **{field: other.generation_id})
        assert caught.value.code is Code.NOT_FOUND


async def test_a_scope_narrows_what_an_answer_rests_on(client: ChatServiceClient, knowledge: Knowledge) -> None:
    backup = knowledge.decisions["backup"].summary.id
    started, text = await ask(client, decision_ids=[backup])
    assert "a consumer can read the log again" not in text
    (turn,) = await turns_of(client, started.conversation_id)
    assert list(turn.decision_ids) == [backup]
    assert "The logs do not say" in (await ask(client, tags=["no-such-tag"]))[1]


async def test_a_day_before_everything_has_no_answer(client: ChatServiceClient, knowledge: Knowledge) -> None:
    del knowledge
    for question, fields in ((QUESTION, {"as_of": "2001-01-01"}), ("Why Kafka as of 2001-01-01?", {})):
        started, text = await ask(client, question, **fields)
        assert "The logs do not say" in text
        (turn,) = await turns_of(client, started.conversation_id)
        (step,) = turn.steps
        assert "as of 2001-01-01" in step.detail
        assert (step.code, list(step.values)) == ("found", ["0", "2001-01-01"])


@pytest.mark.usefixtures("knowledge")
async def test_an_answer_speaks_the_language_of_who_asks_and_is_kept_so(client: ChatServiceClient) -> None:
    started, text = await ask(client, language="de-DE")
    assert text.startswith("Das sag")
    assert "(angenommen):" in text
    (turn,) = await turns_of(client, started.conversation_id)
    assert turn.answer == text
    _, nothing = await ask(client, tags=["no-such-tag"], language="de")
    assert nothing.startswith("Die Protokolle sagen es nicht.")


@pytest.mark.usefixtures("knowledge")
async def test_a_conversation_is_renamed_found_deleted_and_brought_back(client: ChatServiceClient) -> None:
    started, _ = await ask(client)
    id_ = started.conversation_id
    renamed = await client.rename_conversation(pb.RenameConversationRequest(id=id_, title="  The  bus "))
    assert renamed.conversation.title == "The bus"
    for query in ("the BUS", "event bus"):
        found = await client.list_conversations(pb.ListConversationsRequest(query=query))
        assert [one.id for one in found.conversations] == [id_]
    assert not (await client.list_conversations(pb.ListConversationsRequest(query="ferry"))).conversations
    await client.delete_conversation(pb.DeleteConversationRequest(id=id_))
    assert not (await client.list_conversations(pb.ListConversationsRequest())).conversations
    with pytest.raises(ConnectError):
        await turns_of(client, id_)
    with pytest.raises(ConnectError):
        [one async for one in client.follow_generation(pb.FollowGenerationRequest(generation_id=started.generation_id))]
    await client.restore_conversation(pb.RestoreConversationRequest(id=id_))
    assert [turn.question for turn in await turns_of(client, id_)] == [QUESTION]


async def test_a_shared_conversation_is_read_by_others_and_changed_by_none(
    client: ChatServiceClient, colleague: ChatServiceClient
) -> None:
    started, _ = await ask(client)
    id_ = started.conversation_id
    with pytest.raises(ConnectError):
        await turns_of(colleague, id_)
    await client.share_conversation(pb.ShareConversationRequest(id=id_, shared=True))
    (listed,) = (await colleague.list_conversations(pb.ListConversationsRequest(shared_with_me=True))).conversations
    assert (listed.id, listed.mine, listed.shared) == (id_, False, True)
    assert not (await colleague.list_conversations(pb.ListConversationsRequest())).conversations
    (turn,) = await turns_of(colleague, id_)
    assert "a consumer can read the log again" in turn.answer
    refused = [
        colleague.rename_conversation(pb.RenameConversationRequest(id=id_, title="Mine")),
        colleague.share_conversation(pb.ShareConversationRequest(id=id_, shared=False)),
        colleague.delete_conversation(pb.DeleteConversationRequest(id=id_)),
        colleague.stop_generation(pb.StopGenerationRequest(generation_id=started.generation_id)),
        ask(colleague, "Mine?", conversation_id=id_),
        anext(aiter(colleague.follow_generation(pb.FollowGenerationRequest(generation_id=started.generation_id)))),
    ]
    for call in refused:
        with pytest.raises(ConnectError) as caught:
            await call
        assert caught.value.code is Code.NOT_FOUND
    await client.share_conversation(pb.ShareConversationRequest(id=id_, shared=False))
    with pytest.raises(ConnectError):
        await turns_of(colleague, id_)


async def test_what_was_answered_from_a_draft_is_withheld_from_who_may_not_read_it(
    client: ChatServiceClient, colleague: ChatServiceClient, knowledge: Knowledge
) -> None:
    await knowledge.write("boats", "Sell the heliotrope boats", DRAFT, decisions.Status.DRAFT)
    await knowledge.index()
    open_, _ = await ask(client)
    secret, text = await ask(client, "Why sell the heliotrope boats?", conversation_id=open_.conversation_id)
    assert "nobody rows them" in text
    await ask(client, "And how long are backups kept?", conversation_id=open_.conversation_id)
    await client.share_conversation(pb.ShareConversationRequest(id=open_.conversation_id, shared=True))
    shown = await colleague.get_conversation(pb.GetConversationRequest(id=open_.conversation_id))
    assert [turn.withheld for turn in shown.turns] == [False, True, True]
    assert "Zanzibar" not in shown.to_json()
    assert not shown.turns[1].citations
    exported = await colleague.export_conversation(pb.ExportConversationRequest(id=open_.conversation_id))
    assert "Zanzibar" not in exported.markdown
    assert "records that you may not see" in exported.markdown
    assert [turn.withheld for turn in await turns_of(client, open_.conversation_id)] == [False, False, False]
    assert secret.generation_id == shown.turns[1].generation_id


async def test_a_passage_of_a_record_that_is_gone_goes_too(
    client: ChatServiceClient, knowledge: Knowledge, address: str
) -> None:
    started, _ = await ask(client)
    async with client_of(DecisionsServiceClient, address) as records:
        await records.delete_decision(decisions.DeleteDecisionRequest(id=knowledge.decisions["kafka"].summary.id))
    (turn,) = await turns_of(client, started.conversation_id)
    gone = [one for one in turn.citations if one.gone]
    assert gone
    assert all(one.passage is not None and one.passage.text == "" for one in gone)


@pytest.mark.usefixtures("models", "knowledge")
async def test_a_model_looks_things_up_and_every_look_is_a_step(client: ChatServiceClient) -> None:
    request = pb.AskRequest(question=QUESTION, model="openai/looks-up")
    async with aclosing(client.ask(request)) as stream:
        events = [fields_of(one.event) async for one in stream]
    steps = [(value.label, value.detail) for kind, value in events if kind == "step"]
    assert steps[0][0] == "Searched"
    assert sorted(label for label, _ in steps[1:]) == sorted(
        [
            "Searched",
            "Read",
            "Looked for records like",
            "Looked for what governs",
            "Read the history of",
            "Compared versions of",
        ]
    )
    # There is no version 9.
    assert [label for label, detail in steps if "not possible" in detail] == ["Compared versions of"]
    told = [
        (value.code, value.failed, "not possible" in "".join(value.values)) for kind, value in events if kind == "step"
    ]
    assert {code for code, _, _ in told} == {"found", "search", "fetch", "related", "governs", "history", "diff"}
    assert [(failed, marked) for code, failed, marked in told if code == "diff"] == [(True, False)]
    kind, end = events[-1]
    assert (kind, end.reason) == ("finished", pb.FinishReason.COMPLETE)
    assert end.output_tokens > 0
