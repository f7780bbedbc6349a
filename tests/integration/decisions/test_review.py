"""Review dates, owners, watchers, the inbox and the calendar, over the wire."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1 import review_pb as care
from cairn.gen.cairn.decisions.v1 import versions_pb as texts
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceClient
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsServiceClient

TODAY = datetime.now(UTC).date()


@pytest.fixture
def records(address: str) -> Any:
    return client_of(DecisionsServiceClient, address)


@pytest.fixture
def reviews(address: str) -> Any:
    return client_of(ReviewServiceClient, address)


async def make(records: Any, title: str = "Use a queue") -> pb.DecisionSummary:
    log = (await records.create_log(pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="L"))).log
    content = pb.Content(title=title, status=pb.Status.ACCEPTED, body="Because.")
    return (await records.create_decision(pb.CreateDecisionRequest(log_id=log.id, content=content))).decision.summary


async def due_on(reviews: Any, which: pb.DecisionSummary, day: date, every: int = 0) -> None:
    await reviews.set_review(care.SetReviewRequest(decision_id=which.id, review_on=day.isoformat(), every_months=every))


async def test_review_dates_surface_overdue_first_and_move_on_when_confirmed(records: Any, reviews: Any) -> None:
    late, soon, far = [await make(records, title) for title in ("Late", "Soon", "Far")]
    await due_on(reviews, soon, TODAY + timedelta(days=5))
    await due_on(reviews, late, TODAY - timedelta(days=3), every=6)
    await due_on(reviews, far, TODAY + timedelta(days=300))
    logs = [which.log_id for which in (late, soon, far)]
    found = (await reviews.list_due(care.ListDueRequest(log_ids=logs, mine=True))).reviews
    assert [(r.decision.title, r.days_overdue) for r in found] == [("Late", 3), ("Soon", -5)]
    until = (TODAY + timedelta(days=400)).isoformat()
    assert len((await reviews.list_due(care.ListDueRequest(log_ids=logs, until=until))).reviews) == 3
    confirmed = (await reviews.confirm_review(care.ConfirmReviewRequest(decision_id=late.id))).care
    assert date.fromisoformat(confirmed.review_on) > TODAY + timedelta(days=150)
    assert confirmed.reviewed_at is not None
    await reviews.set_review(care.SetReviewRequest(decision_id=soon.id))
    assert not (await reviews.list_due(care.ListDueRequest(log_ids=logs))).reviews
    for wrong in ({"review_on": "soon"}, {"review_on": "2027-01-01", "every_months": 121}):
        with pytest.raises(ConnectError) as caught:
            await reviews.set_review(care.SetReviewRequest(decision_id=soon.id, **wrong))
        assert caught.value.code is Code.INVALID_ARGUMENT


async def test_an_owner_watches_and_hears_of_changes_until_they_look(records: Any, reviews: Any, address: str) -> None:
    made = await make(records)
    [me, *_] = (await reviews.list_people(care.ListPeopleRequest())).people
    owned = (await reviews.set_owner(care.SetOwnerRequest(decision_id=made.id, person_id=me.id))).care
    assert (owned.owner.id, owned.watching, [p.id for p in owned.watchers]) == (me.id, True, [me.id])

    async def waiting() -> list[tuple[care.InboxKind, str, int]]:
        items = (await reviews.list_inbox(care.ListInboxRequest())).items
        return [(item.kind, item.text, item.count) for item in items if item.decision.id == made.id]

    assert await waiting() == []
    content = pb.Content(title="Use a log", status=pb.Status.ACCEPTED, body="Because.")
    await records.update_decision(pb.UpdateDecisionRequest(id=made.id, expected_version=1, content=content))
    assert await waiting() == [(care.InboxKind.CHANGE, f"{made.ref} changed: 1 version since you last looked.", 1)]
    await reviews.mark_seen(care.MarkSeenRequest(decision_id=made.id))
    assert await waiting() == []
    await due_on(reviews, made, TODAY - timedelta(days=1))
    said = texts.AddCommentRequest(decision_id=made.id, body="Still?")
    await client_of(VersionsServiceClient, address).add_comment(said)
    assert [kind for kind, *_ in await waiting()] == [care.InboxKind.REVIEW, care.InboxKind.COMMENT]
    stopped = (await reviews.watch_decision(care.WatchDecisionRequest(decision_id=made.id, stop=True))).care
    assert not stopped.watching
    nobody = (await reviews.set_owner(care.SetOwnerRequest(decision_id=made.id))).care
    assert nobody.owner is None
    with pytest.raises(ConnectError) as caught:
        await reviews.set_owner(care.SetOwnerRequest(decision_id=made.id, person_id=str(uuid4())))
    assert caught.value.code is Code.NOT_FOUND


async def test_a_calendar_program_reads_the_dates_by_its_address_alone(
    records: Any, reviews: Any, address: str
) -> None:
    made = await make(records, "Queues; logs, and " + "long " * 30 + "\u00e9")
    await due_on(reviews, made, date(2027, 3, 14))
    first = (await reviews.create_calendar_feed(care.CreateCalendarFeedRequest())).path
    path = (await reviews.create_calendar_feed(care.CreateCalendarFeedRequest())).path
    async with aiohttp.ClientSession() as session:
        async with session.get(address + path) as response:
            assert (response.status, response.content_type) == (200, "text/calendar")
            body = await response.text()
        statuses = []
        for wrong in (first, "/calendar/nonsense.ics", "/calendar/" + "x" * 43 + ".ics"):
            async with session.get(address + wrong) as response:
                statuses.append(response.status)
    assert statuses == [404, 404, 404]
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    lines = body.replace("\r\n ", "").split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "DTSTART;VALUE=DATE:20270314" in lines
    assert "DTEND;VALUE=DATE:20270315" in lines
    [summary] = [line for line in lines if line.startswith("SUMMARY:") and "Queues" in line]
    assert summary.startswith(rf"SUMMARY:Review {made.ref}: Queues\; logs\, and long")
    assert f"URL:{address}/decisions/{made.id}" in lines
