"""Decisions over the wire: writing, reading, listing, versions, deletion."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient


@pytest.fixture
def client(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


async def make_log(client: DecisionsServiceClient) -> pb.Log:
    response = await client.create_log(pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="A log"))
    assert response.log is not None
    return response.log


def content(title: str = "Use a queue", **fields: Any) -> pb.Content:
    return pb.Content(
        **{"title": title, "status": pb.Status.PROPOSED, "body": "## Context\n\nWork piles up.", **fields}
    )


async def make(client: DecisionsServiceClient, log: pb.Log, title: str = "Use a queue", **fields: Any) -> pb.Decision:
    response = await client.create_decision(pb.CreateDecisionRequest(log_id=log.id, content=content(title, **fields)))
    assert response.decision is not None
    return response.decision


async def refused(call: Any) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value


async def test_a_new_decision_takes_the_next_number_and_reads_back(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    first = await make(client, log)
    second = await make(client, log, "Use a log", tags=["events"], deciders=["Ada"], decided_on="2026-03-14")
    assert (first.summary.ref, second.summary.ref) == ("ADR-0001", "ADR-0002")
    for ref in (second.summary.id, "ADR-0002", "adr-2", "2", "0002", f"{log.slug}/ADR-0002"):
        found = (await client.get_decision(pb.GetDecisionRequest(ref=ref, log_slug=log.slug))).decision
        assert found.summary.id == second.summary.id
    assert found.body == "## Context\n\nWork piles up."
    assert list(found.summary.tags) == ["events"]
    assert list(found.summary.deciders) == ["Ada"]
    assert found.summary.decided_on == "2026-03-14"


async def test_an_update_appends_a_version_and_keeps_the_old_one(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    decision = await make(client, log)
    changed = (
        await client.update_decision(
            pb.UpdateDecisionRequest(
                id=decision.summary.id,
                expected_version=1,
                content=content("Use a bus", status=pb.Status.ACCEPTED, body="New text."),
                message="We measured.",
            )
        )
    ).decision
    assert (changed.summary.version, changed.summary.title, changed.body) == (2, "Use a bus", "New text.")
    history = (await client.list_versions(pb.ListVersionsRequest(decision_id=decision.summary.id))).versions
    assert [(v.version, v.title, v.message) for v in history] == [
        (2, "Use a bus", "We measured."),
        (1, "Use a queue", ""),
    ]
    old = (await client.get_version(pb.GetVersionRequest(decision_id=decision.summary.id, version=1))).version
    assert old.body == "## Context\n\nWork piles up."
    assert old.content_hash == decision.content_hash != changed.content_hash


async def test_saving_the_same_text_makes_no_version(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    decision = await make(client, log)
    request = pb.UpdateDecisionRequest(id=decision.summary.id, expected_version=1, content=content())
    assert (await client.update_decision(request)).decision.summary.version == 1


async def test_of_parallel_edits_one_wins_and_the_others_are_told(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    decision = await make(client, log)
    requests = [
        pb.UpdateDecisionRequest(id=decision.summary.id, expected_version=1, content=content(f"Title {number}"))
        for number in range(8)
    ]
    outcomes = await asyncio.gather(*map(client.update_decision, requests), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, ConnectError)]
    assert len(errors) == 7
    assert {error.code for error in errors} == {Code.ABORTED}
    assert "version 2 is now the current one" in errors[0].message


async def test_parallel_creation_never_gives_a_number_twice(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    made = await asyncio.gather(*(make(client, log, f"Decision {number}") for number in range(20)))
    assert sorted(decision.summary.number or 0 for decision in made) == list(range(1, 21))


@pytest.mark.parametrize("order", [pb.Order.NUMBER, pb.Order.NUMBER_DESC, pb.Order.UPDATED_DESC, pb.Order.TITLE])
async def test_pages_join_into_the_whole_list(client: DecisionsServiceClient, order: pb.Order) -> None:
    log = await make_log(client)
    # Postgres and Python do not agree on how every letter looks in lower case.
    for title in ("\u0130stanbul", "istanbul", "i\u0307stanbul", "Istanbul", "\u0130stanbul"):
        await make(client, log, title)
    file = pb.SourceFile(path="no-number.md", content=b"# Without a number\n\n## Status\n\nAccepted\n")
    started = await client.start_import(pb.StartImportRequest(log_slug=log.slug, source="folder"))
    assert started.import_ is not None
    await client.import_files(pb.ImportFilesRequest(import_id=started.import_.id, files=[file]))
    whole = await client.list_decisions(pb.ListDecisionsRequest(order=order))
    assert len(whole.decisions) == whole.total >= 6
    joined: list[pb.DecisionSummary] = []
    page = await client.list_decisions(pb.ListDecisionsRequest(order=order, page_size=2))
    joined += page.decisions
    while page.next_cursor:
        request = pb.ListDecisionsRequest(order=order, page_size=2, cursor=page.next_cursor)
        page = await client.list_decisions(request)
        joined += page.decisions
        assert page.total == 0
    assert joined == list(whole.decisions)


@pytest.mark.parametrize("order", [pb.Order.NUMBER, pb.Order.NUMBER_DESC, pb.Order.UPDATED_DESC, pb.Order.TITLE])
async def test_paging_gives_every_decision_once_in_order(client: DecisionsServiceClient, order: pb.Order) -> None:
    log = await make_log(client)
    for title in ("delta", "Alpha", "charlie", "Bravo", "echo"):
        await make(client, log, title)
    titles: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await client.list_decisions(
            pb.ListDecisionsRequest(log_ids=[log.id], order=order, page_size=2, cursor=cursor)
        )
        titles += [decision.title for decision in page.decisions]
        cursor = page.next_cursor
    assert cursor == ""
    written = ["delta", "Alpha", "charlie", "Bravo", "echo"]
    expected = {
        pb.Order.NUMBER: written,
        pb.Order.NUMBER_DESC: written[::-1],
        pb.Order.UPDATED_DESC: written[::-1],
        pb.Order.TITLE: ["Alpha", "Bravo", "charlie", "delta", "echo"],
    }
    assert titles == expected[order]


async def test_filters_narrow_and_counts_tell_what_else_there_is(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    await make(client, log, "Use Postgres", status=pb.Status.ACCEPTED, tags=["data"])
    await make(client, log, "Use Kafka", status=pb.Status.REJECTED, tags=["events", "data"])
    await make(client, log, "Use CEL", status=pb.Status.ACCEPTED)
    page = await client.list_decisions(
        pb.ListDecisionsRequest(log_ids=[log.id], statuses=[pb.Status.ACCEPTED], tags=["data"])
    )
    assert [decision.title for decision in page.decisions] == ["Use Postgres"]
    assert page.total == 1
    assert {(c.status, c.count) for c in page.status_counts} == {(pb.Status.ACCEPTED, 2), (pb.Status.REJECTED, 1)}
    assert {(c.tag, c.count) for c in page.tag_counts} == {("data", 2), ("events", 1)}
    for text, title in (("kafka", "Use Kafka"), ("adr-0003", "Use CEL")):
        page = await client.list_decisions(pb.ListDecisionsRequest(log_ids=[log.id], text=text))
        assert [decision.title for decision in page.decisions] == [title]


async def test_a_deleted_decision_leaves_the_lists_until_it_is_restored(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    decision = await make(client, log)
    await client.delete_decision(pb.DeleteDecisionRequest(id=decision.summary.id))
    request = pb.ListDecisionsRequest(log_ids=[log.id])
    assert not (await client.list_decisions(request)).decisions
    deleted = await client.list_decisions(pb.ListDecisionsRequest(log_ids=[log.id], deleted=True))
    assert [entry.id for entry in deleted.decisions] == [decision.summary.id]
    update = pb.UpdateDecisionRequest(id=decision.summary.id, expected_version=1, content=content("Other"))
    assert (await refused(client.update_decision(update))).code is Code.FAILED_PRECONDITION
    await client.restore_decision(pb.RestoreDecisionRequest(id=decision.summary.id))
    assert [entry.id for entry in (await client.list_decisions(request)).decisions] == [decision.summary.id]


async def test_links_are_live_in_both_directions_and_name_the_successor(client: DecisionsServiceClient) -> None:
    log = await make_log(client)
    old = await make(client, log, "Poll", status=pb.Status.SUPERSEDED)
    new = await make(client, log, "Push", body="Supersedes [ADR-0001](0001-poll.md). See also ADR-0099.")
    targets = {link.target: link for link in new.links}
    [found] = [link for link in new.links if link.decision]
    assert (found.kind, found.decision.id) == (pb.LinkKind.SUPERSEDES, old.summary.id)
    assert any(link.decision is None for link in targets.values())
    old = (await client.get_decision(pb.GetDecisionRequest(ref=old.summary.id))).decision
    assert [(link.kind, link.decision.id) for link in old.backlinks] == [(pb.LinkKind.SUPERSEDED_BY, new.summary.id)]
    assert old.summary.successor.ref == "ADR-0002"


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (content(""), "needs a title"),
        (content("x" * 501), "at most 500"),
        (content("x", status=pb.Status.UNSPECIFIED), "Choose a status"),
        (content("x", decided_on="2024-023-2706"), "is not a date"),
        (content("x", body="a\x00b"), "NUL"),
        (content("x", tags=["t" * 201]), "among the tags"),
    ],
)
async def test_bad_content_is_refused_with_the_remedy(
    client: DecisionsServiceClient, bad: pb.Content, says: str
) -> None:
    log = await make_log(client)
    error = await refused(client.create_decision(pb.CreateDecisionRequest(log_id=log.id, content=bad)))
    assert error.code is Code.INVALID_ARGUMENT
    assert says in error.message
    assert not (await client.list_decisions(pb.ListDecisionsRequest(log_ids=[log.id]))).decisions


async def test_what_is_not_there_is_not_found(client: DecisionsServiceClient) -> None:
    for ref in (str(uuid4()), "ADR-9999", "no-such-thing"):
        assert (await refused(client.get_decision(pb.GetDecisionRequest(ref=ref)))).code is Code.NOT_FOUND
    cursor = pb.ListDecisionsRequest(cursor="nonsense")
    assert (await refused(client.list_decisions(cursor))).code is Code.INVALID_ARGUMENT


async def test_a_number_in_two_logs_needs_the_log(client: DecisionsServiceClient) -> None:
    logs = [await make_log(client), await make_log(client)]
    made = [await make(client, log) for log in logs]
    error = await refused(client.get_decision(pb.GetDecisionRequest(ref="ADR-0001")))
    assert error.code is Code.INVALID_ARGUMENT
    assert logs[0].slug in error.message or "more than one" in error.message
    found = await client.get_decision(pb.GetDecisionRequest(ref=f"{logs[1].slug}/1"))
    assert found.decision.summary.id == made[1].summary.id
