"""What tenancy needs from outside."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from cairn.tenancy.domain import Person, Token


class PeopleStore(Protocol):
    """The people of one organisation and their tokens, inside one transaction."""

    async def list_people(self) -> list[Person]:
        """Return everybody, by name."""
        ...

    async def hold_people(self) -> list[Person]:
        """Return everybody, and keep others from changing roles until the transaction ends."""
        ...

    async def put_person(self, person: Person) -> None:
        """Add a person, or change the name, the address and the role of one."""
        ...

    async def remove_person(self, person_id: UUID) -> None:
        """Remove a person and their tokens."""
        ...

    async def list_tokens(self) -> list[Token]:
        """Return the tokens of everybody that are not revoked, newest first."""
        ...

    async def keep_token(self, token: Token, secret: str) -> None:
        """Keep a token: its hash, never itself."""
        ...

    async def revoke_token(self, token_id: UUID, at: datetime) -> None:
        """Let a token open nothing from now on."""
        ...
