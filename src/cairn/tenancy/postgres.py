"""The tenancy store on Postgres."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cairn.kernel.errors import Unauthenticated
from cairn.kernel.identity import Caller, Role
from cairn.kernel.phrases import Phrase
from cairn.platform.database import Connection, load_queries
from cairn.tenancy.domain import Action, Organisation, Person, Token, hash_token

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
        caller = await self.get_caller(row["tenant_id"], row["person_id"])
        return replace(caller, scopes=frozenset(row["scopes"])) if row["scopes"] else caller

    async def get_caller(self, tenant_id: UUID, person_id: UUID) -> Caller:
        """Return a person of the organisation that the transaction is for."""
        row = await QUERIES.get_person(self._connection, id=person_id)
        if row is None:
            raise Unauthenticated(Phrase("no_member", "This person is no longer a member of the organisation."))
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


class PostgresPeopleStore:
    """`ports.PeopleStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list_people(self) -> list[Person]:
        """See the port."""
        return [_person(row) async for row in QUERIES.list_people(self._connection)]

    async def hold_people(self) -> list[Person]:
        """See the port."""
        return [_person(row) async for row in QUERIES.hold_people(self._connection)]

    async def put_person(self, person: Person) -> None:
        """See the port."""
        await QUERIES.put_person(
            self._connection,
            id=person.id,
            name=person.name,
            email=person.email,
            role=person.role.value,
            created_at=person.created_at,
        )

    async def remove_person(self, person_id: UUID) -> None:
        """See the port."""
        await QUERIES.remove_person(self._connection, id=person_id)

    async def list_tokens(self) -> list[Token]:
        """See the port."""
        return [
            Token(
                id=row["id"],
                person_id=row["person_id"],
                person_name=row["person_name"],
                name=row["name"],
                scopes=tuple(Action(scope) for scope in row["scopes"]),
                created_at=row["created_at"],
                expires_at=row["expires_at"],
            )
            async for row in QUERIES.list_tokens(self._connection)
        ]

    async def keep_token(self, token: Token, secret: str) -> None:
        """See the port."""
        await QUERIES.keep_token(
            self._connection,
            id=token.id,
            person_id=token.person_id,
            name=token.name,
            token_hash=hash_token(secret),
            scopes=[scope.value for scope in token.scopes],
            created_at=token.created_at,
            expires_at=token.expires_at,
        )

    async def revoke_token(self, token_id: UUID, at: datetime) -> None:
        """See the port."""
        await QUERIES.revoke_token(self._connection, id=token_id, at=at)


def _person(row: Mapping[str, Any]) -> Person:
    return Person(row["id"], row["name"], row["email"], Role(row["role"]), row["created_at"])
