"""TenancyService and PeopleService."""

from datetime import UTC, datetime

from connectrpc.request import RequestContext
from protobuf.wkt import Timestamp

from cairn import __version__
from cairn.gen.cairn.tenancy.v1 import people_pb as pb
from cairn.gen.cairn.tenancy.v1.people_connect import PeopleService
from cairn.gen.cairn.tenancy.v1.tenancy_connect import TenancyService
from cairn.gen.cairn.tenancy.v1.tenancy_pb import GetSessionRequest, GetSessionResponse
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.identity import Role
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id
from cairn.tenancy import usecases
from cairn.tenancy.domain import MEMBER_ROLES, Person, Token
from cairn.tenancy.postgres import PostgresPeopleStore, PostgresTenancyStore


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


class PeopleRpc(PeopleService):
    """Serves `PeopleService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_members(
        self, request: pb.ListMembersRequest, ctx: RequestContext[pb.ListMembersRequest, pb.ListMembersResponse], /
    ) -> pb.ListMembersResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            people = await PostgresPeopleStore(connection).list_people()
        return pb.ListMembersResponse(members=[_member(person) for person in people])

    async def add_member(
        self, request: pb.AddMemberRequest, ctx: RequestContext[pb.AddMemberRequest, pb.AddMemberResponse], /
    ) -> pb.AddMemberResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            store = PostgresPeopleStore(connection)
            person, secret = await usecases.add_person(
                store, _now, name=request.name, email=request.email, role=_role(request.role)
            )
        return pb.AddMemberResponse(member=_member(person), token=secret)

    async def change_role(
        self, request: pb.ChangeRoleRequest, ctx: RequestContext[pb.ChangeRoleRequest, pb.ChangeRoleResponse], /
    ) -> pb.ChangeRoleResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            person = await usecases.change_role(
                PostgresPeopleStore(connection), person_id=parse_id(request.id, "person"), role=_role(request.role)
            )
        return pb.ChangeRoleResponse(member=_member(person))

    async def remove_member(
        self, request: pb.RemoveMemberRequest, ctx: RequestContext[pb.RemoveMemberRequest, pb.RemoveMemberResponse], /
    ) -> pb.RemoveMemberResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            await usecases.remove_person(PostgresPeopleStore(connection), person_id=parse_id(request.id, "person"))
        return pb.RemoveMemberResponse()

    async def list_tokens(
        self, request: pb.ListTokensRequest, ctx: RequestContext[pb.ListTokensRequest, pb.ListTokensResponse], /
    ) -> pb.ListTokensResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            tokens = await usecases.list_tokens(PostgresPeopleStore(connection), caller)
        return pb.ListTokensResponse(tokens=[_token(token) for token in tokens])

    async def create_token(
        self, request: pb.CreateTokenRequest, ctx: RequestContext[pb.CreateTokenRequest, pb.CreateTokenResponse], /
    ) -> pb.CreateTokenResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            store = PostgresPeopleStore(connection)
            token, secret = await usecases.create_token(
                store, _now, caller, name=request.name, scopes=request.scopes, days=request.days
            )
        return pb.CreateTokenResponse(token=_token(token), secret=secret)

    async def revoke_token(
        self, request: pb.RevokeTokenRequest, ctx: RequestContext[pb.RevokeTokenRequest, pb.RevokeTokenResponse], /
    ) -> pb.RevokeTokenResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            store = PostgresPeopleStore(connection)
            await usecases.revoke_token(store, _now, caller, token_id=parse_id(request.id, "token"))
        return pb.RevokeTokenResponse()


def _now() -> datetime:
    return datetime.now(UTC)


def _role(name: str) -> Role:
    if name not in MEMBER_ROLES:
        raise InvalidArgument(f"A person is {', '.join(MEMBER_ROLES)}.", field="role")
    return Role(name)


def _member(person: Person) -> pb.Member:
    return pb.Member(
        id=str(person.id),
        name=person.name,
        email=person.email,
        role=person.role.value,
        created_at=Timestamp.from_datetime(person.created_at),
    )


def _token(token: Token) -> pb.Token:
    return pb.Token(
        id=str(token.id),
        name=token.name,
        person_id=str(token.person_id),
        person_name=token.person_name,
        scopes=[scope.value for scope in token.scopes],
        created_at=Timestamp.from_datetime(token.created_at),
        expires_at=Timestamp.from_datetime(token.expires_at) if token.expires_at else None,
    )
