"""Search over the wire, with the worker's consumer groups and the real embedding model behind it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.entrypoints.embedding import embedders
from cairn.entrypoints.worker import consumer_groups
from cairn.gen.cairn.decisions.v1 import decisions_pb, versions_pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsServiceClient
from cairn.gen.cairn.search.v1 import search_pb as pb
from cairn.gen.cairn.search.v1.search_connect import SearchServiceClient
from cairn.platform.bus.service import run_bus
from cairn.platform.database import Database, DatabaseUrls
from cairn.platform.settings import ProcessSettings

WAIT_SECONDS = 60


@pytest.fixture
def decisions(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


@pytest.fixture
def client(address: str) -> SearchServiceClient:
    return client_of(SearchServiceClient, address)


@pytest.fixture
async def worker(database_urls: DatabaseUrls, database: Database, tmp_path: Path) -> AsyncIterator[None]:
    """The worker's consumers, in the test's own event loop, on the server's home."""
    settings = ProcessSettings(
        home=tmp_path, port=1, app_database_url=database_urls.app, bus_database_url=database_urls.bus
    )
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_bus(database_urls.bus, consumer_groups(database, embedders(settings, None)[0]), stop=stop, grace_seconds=5)
    )
    yield
    stop.set()
    await running


async def make(decisions: DecisionsServiceClient, title: str, body: str) -> decisions_pb.Decision:
    log = (await decisions.create_log(decisions_pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="A log"))).log
    content = decisions_pb.Content(title=title, status=decisions_pb.Status.ACCEPTED, body=body)
    response = await decisions.create_decision(decisions_pb.CreateDecisionRequest(log_id=log.id, content=content))
    return response.decision


async def until_current(client: SearchServiceClient, decision_id: str = "") -> list[pb.WatchIndexStateResponse]:
    async with asyncio.timeout(WAIT_SECONDS):
        return [state async for state in client.watch_index_state(pb.WatchIndexStateRequest(decision_id=decision_id))]


@pytest.mark.usefixtures("worker")
async def test_a_new_version_becomes_findable_by_words_and_by_meaning(
    decisions: DecisionsServiceClient, client: SearchServiceClient
) -> None:
    bus = await make(decisions, "Use Kafka", "## Decision\n\nEvents reach other teams through a message broker.\n")
    await make(decisions, "Cache pages", "## Decision\n\nPages are kept in memory for a minute.\n")
    states = await until_current(client, bus.summary.id)
    assert states[-1].event.value.meaning_version == 1
    totals = (await until_current(client))[-1].event.value
    assert totals.decisions == totals.words_current == totals.meaning_current
    by_words = await client.search(pb.SearchRequest(query="kafka brokers", mode=pb.Mode.LEXICAL))
    assert [result.decision.id for result in by_words.results] == [bus.summary.id]
    assert by_words.results[0].matched_words
    assert by_words.results[0].passages[0].anchor == "decision"
    by_meaning = await client.search(pb.SearchRequest(query="asynchronous messaging queue", mode=pb.Mode.SEMANTIC))
    assert by_meaning.results[0].decision.id == bus.summary.id
    assert by_meaning.results[0].matched_meaning
    content = decisions_pb.Content(title="Use NATS", status=decisions_pb.Status.ACCEPTED, body="A light broker.")
    await decisions.update_decision(
        decisions_pb.UpdateDecisionRequest(id=bus.summary.id, expected_version=1, content=content)
    )
    await until_current(client, bus.summary.id)
    state = (await client.get_index_state(pb.GetIndexStateRequest(decision_id=bus.summary.id))).state
    assert (state.version, state.words_version, state.meaning_version) == (2, 2, 2)
    assert (await client.search(pb.SearchRequest(query="teams", mode=pb.Mode.LEXICAL))).results == []
    hybrid = await client.search(pb.SearchRequest(query="nats"))
    assert hybrid.mode == pb.Mode.HYBRID
    assert (hybrid.notice, list(hybrid.notices)) == ("", [])
    odd = await client.search(pb.SearchRequest(query="colour:blue nats"))
    assert [(one.code, list(one.values)) for one in odd.notices] == [("unknown_field", ["colour"])]
    assert odd.notice == odd.notices[0].text
    assert hybrid.results[0].decision.title == "Use NATS"
    await decisions.delete_decision(decisions_pb.DeleteDecisionRequest(id=bus.summary.id))
    assert bus.summary.id not in {
        result.decision.id for result in (await client.search(pb.SearchRequest(query="nats"))).results
    }


@pytest.mark.usefixtures("worker")
async def test_what_is_said_becomes_findable(
    decisions: DecisionsServiceClient, client: SearchServiceClient, address: str
) -> None:
    bus = await make(decisions, "Use Kafka", "## Decision\n\nEvents reach other teams.\n")
    await until_current(client, bus.summary.id)
    said = versions_pb.AddCommentRequest(decision_id=bus.summary.id, body="Mind the zookeeper licence.")
    await client_of(VersionsServiceClient, address).add_comment(said)
    results: list[pb.Result] = []
    async with asyncio.timeout(WAIT_SECONDS):
        while not results:
            answer = await client.search(pb.SearchRequest(query="zookeeper", mode=pb.Mode.LEXICAL))
            results = list(answer.results)
    assert results[0].decision.id == bus.summary.id
    passage = results[0].passages[0]
    assert (passage.text, passage.source, passage.anchor) == ("Mind the zookeeper licence.", "comment", "discussion")
    assert passage.source_title


async def test_a_search_without_a_worker_says_so(
    decisions: DecisionsServiceClient, client: SearchServiceClient
) -> None:
    decision = await make(decisions, "Never indexed", "Nobody works here.")
    state = (await client.get_index_state(pb.GetIndexStateRequest(decision_id=decision.summary.id))).state
    assert (state.version, state.words_version, state.meaning_version) == (1, 0, 0)
    async with asyncio.timeout(WAIT_SECONDS):
        async for first in client.watch_index_state(pb.WatchIndexStateRequest()):
            assert first.event.value.words_current < first.event.value.decisions
            break


@pytest.mark.usefixtures("worker")
async def test_a_past_day_shows_records_as_they_were(
    decisions: DecisionsServiceClient, client: SearchServiceClient
) -> None:
    log = (await decisions.create_log(decisions_pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="A log"))).log
    old = decisions_pb.Content(
        title="Wait in a queue", status=decisions_pb.Status.PROPOSED, body="Zebras wait.", decided_on="2020-01-02"
    )
    made = (await decisions.create_decision(decisions_pb.CreateDecisionRequest(log_id=log.id, content=old))).decision
    new = decisions_pb.Content(title="Never wait", status=decisions_pb.Status.REJECTED, body="Zebras run.")
    await decisions.update_decision(
        decisions_pb.UpdateDecisionRequest(id=made.summary.id, expected_version=1, content=new)
    )
    await until_current(client, made.summary.id)
    now = (await client.search(pb.SearchRequest(query="zebras", mode=pb.Mode.LEXICAL))).results[0].decision
    assert (now.title, now.status, now.version) == ("Never wait", decisions_pb.Status.REJECTED, 2)
    answer = await client.search(pb.SearchRequest(query="zebras", mode=pb.Mode.LEXICAL, as_of="2021", facets=True))
    then = answer.results[0].decision
    assert (then.title, then.status, then.version) == ("Wait in a queue", decisions_pb.Status.PROPOSED, 1)
    assert {facet.field: facet.values[0].value for facet in answer.facets}["status"] == "proposed"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (pb.SearchRequest(query=" "), Code.INVALID_ARGUMENT),
        (pb.SearchRequest(query="x" * 100_000), Code.INVALID_ARGUMENT),
        (pb.SearchRequest(query="x", page_size=101), Code.INVALID_ARGUMENT),
        (pb.SearchRequest(query="x", cursor="rubbish"), Code.INVALID_ARGUMENT),
        (pb.SearchRequest(query="x", cursor="WyJuYW5zZW5zZSIsIDFd"), Code.INVALID_ARGUMENT),
        (pb.SearchRequest(query="x", log_ids=["none"]), Code.NOT_FOUND),
        (pb.SearchRequest(query="x", tags=["t"] * 101), Code.INVALID_ARGUMENT),
    ],
)
async def test_a_bad_request_is_told(client: SearchServiceClient, request_: pb.SearchRequest, code: Code) -> None:
    with pytest.raises(ConnectError) as caught:
        await client.search(request_)
    assert caught.value.code is code


@pytest.mark.parametrize("decision_id", ["none", "01a1f958-2ffd-7637-813d-d1abfd87ed0e"])
async def test_the_state_of_no_decision_is_not_found(client: SearchServiceClient, decision_id: str) -> None:
    with pytest.raises(ConnectError) as caught:
        await client.get_index_state(pb.GetIndexStateRequest(decision_id=decision_id))
    assert caught.value.code is Code.NOT_FOUND
    with pytest.raises(ConnectError) as caught:
        await until_current(client, decision_id)
    assert caught.value.code is Code.NOT_FOUND


@pytest.mark.usefixtures("worker")
async def test_the_index_is_checked_and_made_anew(
    decisions: DecisionsServiceClient, client: SearchServiceClient
) -> None:
    made = [await make(decisions, f"Use queue {number}", "## Decision\n\nWork waits in line.") for number in range(3)]
    await until_current(client)
    report = await client.check_index(pb.CheckIndexRequest())
    assert report.problems == []
    assert report.passages >= report.decisions >= 3
    before = (await client.search(pb.SearchRequest(query="queue line", mode=pb.Mode.SEMANTIC))).results
    told = await client.reindex(pb.ReindexRequest(embed_anew=True))
    assert told.decisions == report.decisions
    await until_current(client)
    assert (await client.check_index(pb.CheckIndexRequest())).problems == []
    after = (await client.search(pb.SearchRequest(query="queue line", mode=pb.Mode.SEMANTIC))).results
    assert [one.decision.id for one in after] == [one.decision.id for one in before]
    related = (await client.list_related(pb.ListRelatedRequest(decision_id=made[0].summary.id))).related
    assert {one.decision.id for one in related} >= {made[1].summary.id, made[2].summary.id}
    assert related[0].near_duplicate
    suggested = (await client.suggest(pb.SuggestRequest(text="queu"))).decisions
    assert {one.id for one in suggested} >= {one.summary.id for one in made}


async def test_what_is_wrong_with_an_index_is_told(
    decisions: DecisionsServiceClient, client: SearchServiceClient
) -> None:
    decision = await make(decisions, "Never indexed", "Nobody works here.")
    problems = (await client.check_index(pb.CheckIndexRequest())).problems
    assert "is not indexed" in {one.problem for one in problems if one.decision_id == decision.summary.id}
