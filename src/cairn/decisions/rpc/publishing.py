"""PublishingService."""

from connectrpc.request import RequestContext

from cairn.decisions.api import timestamp
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.publishing import PostgresPublishingStore
from cairn.decisions.rpc.wire import now
from cairn.decisions.usecases import publishing
from cairn.decisions.usecases.publishing import Publication, Publishing
from cairn.gen.cairn.decisions.v1 import publishing_pb as pb
from cairn.gen.cairn.decisions.v1.publishing_connect import PublishingService
from cairn.platform.database import Connection, Database
from cairn.platform.rpc import current_caller, parse_id


class PublishingRpc(PublishingService):
    """Serves `PublishingService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_publication(
        self,
        request: pb.GetPublicationRequest,
        ctx: RequestContext[pb.GetPublicationRequest, pb.GetPublicationResponse],
        /,
    ) -> pb.GetPublicationResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            work = _work(connection)
            if request.decision_id:
                decision_id = parse_id(request.decision_id, "decision")
                found = await publishing.get_record_publication(work, decision_id=decision_id)
            else:
                found = await publishing.get_log_publication(work, log_id=parse_id(request.log_id, "log"))
        return pb.GetPublicationResponse(publication=_to_proto(found))

    async def publish_log(
        self, request: pb.PublishLogRequest, ctx: RequestContext[pb.PublishLogRequest, pb.PublishLogResponse], /
    ) -> pb.PublishLogResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            published = await publishing.publish_log(
                _work(connection),
                log_id=parse_id(request.log_id, "log"),
                address=request.address,
                whole=request.whole,
                indexed=not request.noindex,
                as_it_was=request.as_it_was,
            )
        return pb.PublishLogResponse(publication=_to_proto(published))

    async def withdraw_log(
        self, request: pb.WithdrawLogRequest, ctx: RequestContext[pb.WithdrawLogRequest, pb.WithdrawLogResponse], /
    ) -> pb.WithdrawLogResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            left = await publishing.withdraw_log(_work(connection), log_id=parse_id(request.log_id, "log"))
        return pb.WithdrawLogResponse(publication=_to_proto(left))

    async def publish_decision(
        self,
        request: pb.PublishDecisionRequest,
        ctx: RequestContext[pb.PublishDecisionRequest, pb.PublishDecisionResponse],
        /,
    ) -> pb.PublishDecisionResponse:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision")
        async with self._database.transaction(current_caller()) as connection:
            published = await publishing.publish_record(
                _work(connection), decision_id=decision_id, version=request.version
            )
        return pb.PublishDecisionResponse(publication=_to_proto(published))

    async def withdraw_decision(
        self,
        request: pb.WithdrawDecisionRequest,
        ctx: RequestContext[pb.WithdrawDecisionRequest, pb.WithdrawDecisionResponse],
        /,
    ) -> pb.WithdrawDecisionResponse:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision")
        async with self._database.transaction(current_caller()) as connection:
            left = await publishing.withdraw_record(_work(connection), decision_id=decision_id)
        return pb.WithdrawDecisionResponse(publication=_to_proto(left))

    async def follow_log(
        self, request: pb.FollowLogRequest, ctx: RequestContext[pb.FollowLogRequest, pb.FollowLogResponse], /
    ) -> pb.FollowLogResponse:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision")
        async with self._database.transaction(current_caller()) as connection:
            followed = await publishing.follow_log(_work(connection), decision_id=decision_id)
        return pb.FollowLogResponse(publication=_to_proto(followed))


def _work(connection: Connection) -> Publishing:
    return Publishing(PostgresDecisionStore(connection), PostgresPublishingStore(connection), now)


def _to_proto(publication: Publication) -> pb.Publication:
    log, shown = publication.log, publication.shown
    if log is None:
        return pb.Publication()
    return pb.Publication(
        path=log.path,
        address=log.address,
        whole=log.whole,
        indexed=log.indexed,
        published_at=timestamp(log.published_at),
        record_count=publication.records,
        record_path=f"{log.path}/{shown.name}" if shown else "",
        version=shown.version if shown else 0,
        chosen=publication.chosen is not None,
    )
