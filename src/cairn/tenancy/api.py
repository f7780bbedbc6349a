"""The facade of the tenancy slice: who is asking, and what they may do."""

import getpass
from uuid import UUID

from connectrpc.request import Headers

from cairn.kernel.errors import Unauthenticated
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase
from cairn.platform.database import Database
from cairn.tenancy.domain import LOCAL_ORGANISATION, LOCAL_PERSON_ID, PERMISSIONS, TOKEN_PREFIX, Action, Organisation
from cairn.tenancy.domain import new_token as _new_token
from cairn.tenancy.postgres import PostgresTenancyStore

__all__ = [
    "PERMISSIONS",
    "TOKEN_PREFIX",
    "Action",
    "Authenticator",
    "Organisation",
    "create_organisation",
    "create_token",
    "read_member",
    "system_caller",
]


class Authenticator:
    """Finds out who makes a request.

    In local mode a request without credentials is the machine's owner: the server then listens on loopback only.
    """

    def __init__(self, database: Database, *, local: bool) -> None:
        self._database = database
        self._local = local
        self._owner: Caller | None = None

    async def __call__(self, headers: Headers) -> Caller:
        """Return the caller. Raises `Unauthenticated` with the remedy."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not scheme:
            return await self._local_owner()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send the token as 'Authorization: Bearer cairn_...'.")
        async with self._database.unauthenticated() as connection:
            caller = await PostgresTenancyStore(connection).find_caller(token.strip())
        if caller is None:
            raise Unauthenticated(
                Phrase("token_unknown", "This token is unknown, revoked or expired. Create a new one.")
            )
        return caller

    async def _local_owner(self) -> Caller:
        if not self._local:
            raise Unauthenticated("Sign in, or send a token as 'Authorization: Bearer cairn_...'.")
        if self._owner is None:
            self._owner = await ensure_local_owner(self._database)
        return self._owner


async def ensure_local_owner(database: Database) -> Caller:
    """Return the owner of a local Cairn, making the organisation and the person on first use."""
    owner = Caller(LOCAL_ORGANISATION.id, LOCAL_PERSON_ID, _login_name(), Role.ADMIN)
    return await create_organisation(database, LOCAL_ORGANISATION, owner)


async def create_organisation(database: Database, organisation: Organisation, owner: Caller) -> Caller:
    """Create an organisation with one person in it, unless they are there; return that person as stored."""
    async with database.transaction(owner) as connection:
        store = PostgresTenancyStore(connection)
        await store.add_organisation(organisation)
        await store.add_person(owner)
        return await store.get_caller(owner.tenant_id, owner.person_id)


async def create_token(database: Database, caller: Caller, name: str) -> str:
    """Create an API token that acts as `caller`, and return it. It cannot be read again."""
    token = _new_token()
    async with database.transaction(caller) as connection:
        await PostgresTenancyStore(connection).add_token(uuid7(), caller.person_id, name, token)
    return token


async def read_member(database: Database, tenant_id: UUID, person_id: UUID) -> Caller:
    """Return a person, with the role they have now, for work that outlives their request.

    Raises `Unauthenticated` when they are no longer a member.
    """
    # Their own row tells the role; until then they have the least.
    async with database.transaction(Caller(tenant_id, person_id, "", Role.AUTHOR)) as connection:
        return await PostgresTenancyStore(connection).get_caller(tenant_id, person_id)


def system_caller(tenant_id: UUID) -> Caller:
    """Return Cairn's own worker, acting for one organisation."""
    return Caller(tenant_id, UUID(int=0), "Cairn", Role.SYSTEM)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "Owner"  # The user id has no name, as in some containers.
