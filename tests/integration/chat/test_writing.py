"""Help with writing over the wire, with `quotes` and with models that draft, judge and talk nonsense."""

from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.knowledge import Knowledge, fields_of
from support.server import client_of

from cairn.gen.cairn.chat.v1 import chat_pb as chat
from cairn.gen.cairn.chat.v1 import writing_pb as pb
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.gen.cairn.chat.v1.writing_connect import WritingServiceClient

BODY = """## Context

Brokers cost money.

## Decision

We do not use Kafka as the event bus any more. It saves 40 %.
"""


@pytest.fixture
async def writer(address: str, knowledge: Knowledge) -> Any:
    del knowledge
    async with client_of(WritingServiceClient, address) as client:
        yield client


async def read(stream: Any) -> tuple[str, list[chat.Citation], list[tuple[str, Any]]]:
    events = [fields_of(one.event) async for one in stream]
    text = "".join(value.text for kind, value in events if kind == "delta")
    return text, [value for kind, value in events if kind == "citation"], events


async def test_quotes_drafts_from_the_authors_words_and_what_the_records_say(
    writer: WritingServiceClient, client: ChatServiceClient
) -> None:
    sentence = "We should use Kafka as the event bus for invoices too."
    text, cited, events = await read(writer.draft(pb.DraftRequest(text=sentence, model="quotes")))
    assert text.startswith("# We should use Kafka as the event bus for invoices too")
    assert "TODO: which other options are open" in text
    assert "a consumer can read the log again" in text
    assert cited[0].decision is not None
    assert cited[0].decision.title == "Use Kafka as the event bus"
    started = events[0][1]
    assert started.extracts_only
    # It is kept as an answer is, and listed nowhere.
    request = chat.FollowGenerationRequest(generation_id=started.generation_id)
    again = [fields_of(one.event) async for one in client.follow_generation(request)]
    assert [kind for kind, _ in again] == [kind for kind, _ in events]
    assert not (await client.list_conversations(chat.ListConversationsRequest())).conversations


@pytest.mark.usefixtures("models")
async def test_a_models_draft_names_records_instead_of_numbers(writer: WritingServiceClient) -> None:
    sentence = "We should use Kafka as the event bus for invoices too."
    text, _, events = await read(writer.draft(pb.DraftRequest(text=sentence, model="anthropic/grounded")))
    assert "(ADR-0001)" in text
    assert "[1]" not in text
    assert events[-1][1].reason == chat.FinishReason.COMPLETE


@pytest.mark.usefixtures("models")
async def test_a_selection_is_rewritten_by_a_model_only(writer: WritingServiceClient) -> None:
    request = pb.ReviseRequest(text="Some words.", revision=pb.Revision.SHARPEN, model="openai/words")
    text, _, _ = await read(writer.revise(request))
    assert text.startswith("Kafka was chosen")
    text, _, events = await read(
        writer.revise(pb.ReviseRequest(text="Some words.", revision=pb.Revision.EXPAND, model="quotes"))
    )
    assert text == ""
    assert "Connect one under Models" in events[-1][1].message
    text, _, _ = await read(
        writer.revise(pb.ReviseRequest(text="One thing. Another.", revision=pb.Revision.SUMMARISE, model="quotes"))
    )
    assert text.strip() in {"One thing.", "Another."}
    with pytest.raises(ConnectError) as caught:
        await read(writer.revise(pb.ReviseRequest(text="x")))
    assert caught.value.code is Code.INVALID_ARGUMENT


async def test_a_sweep_without_a_model_gives_candidates_and_gaps(writer: WritingServiceClient) -> None:
    swept = await writer.sweep(pb.SweepRequest(title="Stop using Kafka as the event bus", body=BODY))
    assert not swept.judged
    kinds = [finding.kind for finding in swept.findings]
    assert pb.FindingKind.MISSING_OPTIONS in kinds
    assert pb.FindingKind.MISSING_CONSEQUENCES in kinds
    assert pb.FindingKind.MISSING_CONTEXT not in kinds
    assert [one.ours for one in swept.findings if one.kind is pb.FindingKind.UNSUPPORTED_CLAIM] == ["It saves 40 %."]
    (candidate,) = [one for one in swept.findings if one.decision]
    assert candidate.decision is not None
    assert candidate.decision.title == "Use Kafka as the event bus"


@pytest.mark.usefixtures("models")
async def test_a_model_judges_the_candidates_with_both_passages_quoted(writer: WritingServiceClient) -> None:
    request = pb.SweepRequest(title="Stop using Kafka as the event bus", body=BODY, model="openai/judges")
    swept = await writer.sweep(request)
    assert swept.judged
    found = next(one for one in swept.findings if one.kind is pb.FindingKind.CONTRADICTION)
    assert found.ours == "We do not use Kafka as the event bus any more"
    assert found.passage is not None
    assert found.theirs in found.passage.text
    for model, code in (("openai/words", "no_judgement"), ("openai/broken", None)):
        unjudged = await writer.sweep(pb.SweepRequest(title=request.title, body=BODY, model=model))
        assert not unjudged.judged
        assert unjudged.notice
        # What a provider said of its own error has no code; what Cairn says has.
        assert (unjudged.phrase.code if unjudged.phrase else None) == code
        assert any(one.decision for one in unjudged.findings)


async def test_a_stored_record_is_swept_and_never_found_by_itself(
    writer: WritingServiceClient, knowledge: Knowledge
) -> None:
    own = knowledge.decisions["kafka"].summary.id
    swept = await writer.sweep(pb.SweepRequest(decision_id=own))
    assert all(one.decision is None or one.decision.id != own for one in swept.findings)


async def test_what_is_being_written_recalls_decisions(writer: WritingServiceClient, knowledge: Knowledge) -> None:
    typed = "For invoices we want to use Kafka as the event bus"
    recalled = (await writer.recall(pb.RecallRequest(text=typed))).recalled
    assert recalled[0].decision is not None
    assert recalled[0].decision.title == "Use Kafka as the event bus"
    own = knowledge.decisions["kafka"].summary.id
    for request in (pb.RecallRequest(text="To be"), pb.RecallRequest(text="zebras paint purple gardens quietly")):
        assert not (await writer.recall(request)).recalled
    kept = (await writer.recall(pb.RecallRequest(text=typed, decision_id=own))).recalled
    assert all(one.decision is not None and one.decision.id != own for one in kept)
