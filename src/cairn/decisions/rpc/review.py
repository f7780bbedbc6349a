"""ReviewService, and the calendar of review dates."""

from uuid import UUID

from connectrpc.request import RequestContext

from cairn.decisions.api import summary_to_proto, timestamp
from cairn.decisions.domain.care import AwaitingKind, Care, Person, tell, write_calendar
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCareStore, find_feed
from cairn.decisions.rpc.lifecycle import work_in
from cairn.decisions.rpc.wire import date_from_proto, now
from cairn.decisions.usecases import review
from cairn.gen.cairn.decisions.v1 import review_pb as pb
from cairn.gen.cairn.decisions.v1.review_connect import ReviewService
from cairn.kernel.errors import NotFound
from cairn.kernel.identity import Caller, Role
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id

_KINDS = {
    AwaitingKind.REVIEW: pb.InboxKind.REVIEW,
    AwaitingKind.APPROVAL: pb.InboxKind.APPROVAL,
    AwaitingKind.COMMENT: pb.InboxKind.COMMENT,
    AwaitingKind.CHANGE: pb.InboxKind.CHANGE,
}


class ReviewRpc(ReviewService):
    """Serves `ReviewService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_care(
        self, request: pb.GetCareRequest, ctx: RequestContext[pb.GetCareRequest, pb.GetCareResponse], /
    ) -> pb.GetCareResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            care = await review.get_care(
                PostgresDecisionStore(connection),
                PostgresCareStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
            )
        return pb.GetCareResponse(care=_care(care))

    async def set_review(
        self, request: pb.SetReviewRequest, ctx: RequestContext[pb.SetReviewRequest, pb.SetReviewResponse], /
    ) -> pb.SetReviewResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            care = await review.set_review(
                work_in(connection),
                PostgresCareStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                review_on=date_from_proto(request.review_on, "review_on"),
                every_months=request.every_months,
            )
        return pb.SetReviewResponse(care=_care(care))

    async def confirm_review(
        self,
        request: pb.ConfirmReviewRequest,
        ctx: RequestContext[pb.ConfirmReviewRequest, pb.ConfirmReviewResponse],
        /,
    ) -> pb.ConfirmReviewResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            care = await review.confirm_review(
                work_in(connection),
                PostgresCareStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
            )
        return pb.ConfirmReviewResponse(care=_care(care))

    async def set_owner(
        self, request: pb.SetOwnerRequest, ctx: RequestContext[pb.SetOwnerRequest, pb.SetOwnerResponse], /
    ) -> pb.SetOwnerResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            care = await review.set_owner(
                work_in(connection),
                PostgresCareStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                person_id=parse_id(request.person_id, "person") if request.person_id else None,
            )
        return pb.SetOwnerResponse(care=_care(care))

    async def list_people(
        self, request: pb.ListPeopleRequest, ctx: RequestContext[pb.ListPeopleRequest, pb.ListPeopleResponse], /
    ) -> pb.ListPeopleResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            people = await review.list_people(PostgresCareStore(connection))
        return pb.ListPeopleResponse(people=[_person(person) for person in people])

    async def watch_decision(
        self,
        request: pb.WatchDecisionRequest,
        ctx: RequestContext[pb.WatchDecisionRequest, pb.WatchDecisionResponse],
        /,
    ) -> pb.WatchDecisionResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            care = await review.watch_decision(
                work_in(connection),
                PostgresCareStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                stop=request.stop,
            )
        return pb.WatchDecisionResponse(care=_care(care))

    async def list_due(
        self, request: pb.ListDueRequest, ctx: RequestContext[pb.ListDueRequest, pb.ListDueResponse], /
    ) -> pb.ListDueResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            due = await review.list_due(
                PostgresDecisionStore(connection),
                PostgresCareStore(connection),
                now,
                current_caller(),
                until=date_from_proto(request.until, "until"),
                log_ids=[parse_id(log_id, "log") for log_id in request.log_ids],
                mine=request.mine,
            )
        today = now().date()
        return pb.ListDueResponse(
            reviews=[
                pb.DueReview(
                    decision=summary_to_proto(entry.decision),
                    review_on=entry.review_on.isoformat(),
                    days_overdue=(today - entry.review_on).days,
                    owner_name=entry.owner_name,
                )
                for entry in due
            ]
        )

    async def list_inbox(
        self, request: pb.ListInboxRequest, ctx: RequestContext[pb.ListInboxRequest, pb.ListInboxResponse], /
    ) -> pb.ListInboxResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found = await review.list_inbox(
                PostgresDecisionStore(connection), PostgresCareStore(connection), now, current_caller()
            )
        return pb.ListInboxResponse(
            items=[
                pb.InboxItem(
                    kind=_KINDS[awaiting.kind],
                    decision=summary_to_proto(awaiting.decision),
                    text=tell(awaiting),
                    at=timestamp(awaiting.at),
                    count=awaiting.count,
                )
                for awaiting in found
            ]
        )

    async def mark_seen(
        self, request: pb.MarkSeenRequest, ctx: RequestContext[pb.MarkSeenRequest, pb.MarkSeenResponse], /
    ) -> pb.MarkSeenResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            await review.mark_seen(
                work_in(connection),
                PostgresCareStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
            )
        return pb.MarkSeenResponse()

    async def create_calendar_feed(
        self,
        request: pb.CreateCalendarFeedRequest,
        ctx: RequestContext[pb.CreateCalendarFeedRequest, pb.CreateCalendarFeedResponse],
        /,
    ) -> pb.CreateCalendarFeedResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            token = await review.create_feed(work_in(connection), PostgresCareStore(connection))
        return pb.CreateCalendarFeedResponse(path=f"/calendar/{token}.ics")


async def read_calendar(database: Database, token: str, page: str) -> str:
    """Return the calendar that a token opens, as iCalendar. Raises `NotFound`. `page` is the address of the pages."""
    async with database.unauthenticated() as connection:
        found = await find_feed(connection, review.hash_feed_token(token))
    if found is None:
        raise NotFound("There is no such calendar. Make a new address: cairn due --calendar.")
    # The address may leave the house, so it reads as the least of roles does.
    caller = Caller(found[0], found[1], "", Role.AUTHOR)
    async with database.transaction(caller) as connection:
        due = await review.list_feed(PostgresDecisionStore(connection), PostgresCareStore(connection), now, caller)
    return write_calendar(due, now=now(), page=page)


def _person(person: Person) -> pb.Person:
    return pb.Person(id=str(person.id), name=person.name)


def _care(care: Care) -> pb.Care:
    me: UUID = current_caller().person_id
    return pb.Care(
        owner=_person(care.owner) if care.owner else None,
        review_on=care.review_on.isoformat() if care.review_on else "",
        every_months=care.every_months,
        reviewed_at=timestamp(care.reviewed_at),
        watchers=[_person(person) for person in care.watchers],
        watching=any(person.id == me for person in care.watchers),
    )
