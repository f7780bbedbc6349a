"""The tenancy store on Postgres."""

from typing import Any
from uuid import UUID

from cairn.kernel.errors import Unauthenticated
from cairn.kernel.identity import Caller, Role
from cairn.platform.database import Connection, load_queries
from cairn.tenancy.domain import Organisation, hash_token

QUERIES: Any = load_queries("tenancy")


class PostgresTenancyStore:
    """Organisations, people and tokens, inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find_caller(self, token: str) -> Caller | None:
        """Return the person a valid token belongs to. Runs before the organisation is known."""
        token_hash = hash_token(token)
        await self._connection.execute("select set_config('app.token_hash', $1, true)", token_hash.hex())
        row = await QUERIES.find_token(self._connection, token_hash=token_hash)
        if row is None:
            return None
        await self._connection.execute("select set_config('app.tenant', $1, true)", str(row["tenant_id"]))
        return await self.get_caller(row["tenant_id"], row["person_id"])

    async def get_caller(self, tenant_id: UUID, person_id: UUID) -> Caller:
        """Return a person of the organisation that the transaction is for."""
        row = await QUERIES.get_person(self._connection, id=person_id)
        if row is None:
            raise Unauthenticated("This person is no longer a member of the organisation.")
        return Caller(tenant_id, row["id"], row["name"], Role(row["role"]))

    async def get_organisation(self) -> Organisation:
        """Return the organisation that the transaction is for."""
        row = await QUERIES.get_organisation(self._connection)
        return Organisation(row["id"], row["name"])

    async def add_organisation(self, organisation: Organisation) -> None:
        """Add an organisation unless it is there."""
        await QUERIES.add_organisation(self._connection, id=organisation.id, name=organisation.name)

    async def add_person(self, caller: Caller) -> None:
        """Add a person unless they are there."""
        await QUERIES.add_person(self._connection, id=caller.person_id, name=caller.person_name, role=caller.role.value)

    async def add_token(self, token_id: UUID, person_id: UUID, name: str, token: str) -> None:
        """Keep a token's hash."""
        await QUERIES.add_token(
            self._connection, id=token_id, person_id=person_id, name=name, token_hash=hash_token(token)
        )
