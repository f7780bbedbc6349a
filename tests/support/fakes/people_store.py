"""`PeopleStore` in memory, for one organisation."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cairn.tenancy.domain import Person, Token, hash_token


@dataclass
class MemoryPeopleStore:
    """See the port for what each method means."""

    people: dict[UUID, Person] = field(default_factory=dict)
    tokens: dict[UUID, Token] = field(default_factory=dict)
    hashes: dict[bytes, UUID] = field(default_factory=dict)

    async def list_people(self) -> list[Person]:
        return sorted(self.people.values(), key=lambda person: (person.name.lower(), person.id))

    async def hold_people(self) -> list[Person]:
        return sorted(self.people.values(), key=lambda person: person.id)

    async def put_person(self, person: Person) -> None:
        self.people[person.id] = person

    async def remove_person(self, person_id: UUID) -> None:
        del self.people[person_id]
        self.tokens = {id_: token for id_, token in self.tokens.items() if token.person_id != person_id}

    async def list_tokens(self) -> list[Token]:
        return sorted(self.tokens.values(), key=lambda token: (-token.created_at.timestamp(), token.id))

    async def keep_token(self, token: Token, secret: str) -> None:
        self.tokens[token.id] = token
        self.hashes[hash_token(secret)] = token.id

    async def revoke_token(self, token_id: UUID, at: datetime) -> None:
        del at
        self.tokens.pop(token_id, None)
