"""GovernanceService."""

from connectrpc.request import RequestContext

from cairn.decisions.api import summary_to_proto
from cairn.decisions.domain.scopes import Component
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.governance import PostgresScopeStore
from cairn.decisions.usecases import governance
from cairn.gen.cairn.decisions.v1 import governance_pb as pb
from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceService
from cairn.kernel.errors import InvalidArgument
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id


class GovernanceRpc(GovernanceService):
    """Serves `GovernanceService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def governs_paths(
        self, request: pb.GovernsPathsRequest, ctx: RequestContext[pb.GovernsPathsRequest, pb.GovernsPathsResponse], /
    ) -> pb.GovernsPathsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            answer = await governance.find_governing_decisions(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                paths=list(request.paths),
                components=list(request.components),
                log_slugs=list(request.log_slugs),
                all_statuses=request.all_statuses,
            )
        return pb.GovernsPathsResponse(
            decisions=[_governing(found) for found in answer.decisions], free_paths=list(answer.free_paths)
        )

    async def list_components(
        self,
        request: pb.ListComponentsRequest,
        ctx: RequestContext[pb.ListComponentsRequest, pb.ListComponentsResponse],
        /,
    ) -> pb.ListComponentsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found = await governance.list_components(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                log_id=parse_id(request.log_id, "log"),
            )
        return pb.ListComponentsResponse(components=[_component(component, count) for component, count in found])

    async def save_component(
        self,
        request: pb.SaveComponentRequest,
        ctx: RequestContext[pb.SaveComponentRequest, pb.SaveComponentResponse],
        /,
    ) -> pb.SaveComponentResponse:
        """See the contract."""
        if request.component is None:
            raise InvalidArgument("Send the component: a name and its paths.", field="component")
        async with self._database.transaction(current_caller()) as connection:
            component, count = await governance.save_component(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                log_id=parse_id(request.log_id, "log"),
                component=Component(request.component.name, tuple(request.component.paths)),
            )
        return pb.SaveComponentResponse(component=_component(component, count))

    async def delete_component(
        self,
        request: pb.DeleteComponentRequest,
        ctx: RequestContext[pb.DeleteComponentRequest, pb.DeleteComponentResponse],
        /,
    ) -> pb.DeleteComponentResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            await governance.delete_component(
                PostgresDecisionStore(connection),
                PostgresScopeStore(connection),
                log_id=parse_id(request.log_id, "log"),
                name=request.name,
            )
        return pb.DeleteComponentResponse()


def _governing(found: governance.GoverningDecision) -> pb.GoverningDecision:
    summary = found.governing.decision
    return pb.GoverningDecision(
        decision=summary_to_proto(summary),
        gist=found.gist,
        matches=[
            pb.PathMatch(path=match.path, pattern=match.pattern, component=match.component)
            for match in found.governing.matches
        ],
        source_path=summary.source_path,
    )


def _component(component: Component, count: int) -> pb.Component:
    return pb.Component(name=component.name, paths=list(component.paths), decision_count=count)
