"""TenancyService."""

from connectrpc.request import RequestContext

from cairn import __version__
from cairn.gen.cairn.tenancy.v1.tenancy_connect import TenancyService
from cairn.gen.cairn.tenancy.v1.tenancy_pb import GetSessionRequest, GetSessionResponse
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller
from cairn.tenancy.postgres import PostgresTenancyStore


class TenancyRpc(TenancyService):
    """Serves `TenancyService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_session(
        self, request: GetSessionRequest, ctx: RequestContext[GetSessionRequest, GetSessionResponse], /
    ) -> GetSessionResponse:
        """Say who the caller is."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            organisation = await PostgresTenancyStore(connection).get_organisation()
        return GetSessionResponse(
            organisation_id=str(organisation.id),
            organisation_name=organisation.name,
            person_id=str(caller.person_id),
            person_name=caller.person_name,
            role=caller.role.value,
            cairn_version=__version__,
        )
