"""People, roles, and what each role may do."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cairn.kernel.errors import InvalidArgument
from cairn.kernel.identity import Role
from cairn.kernel.phrases import Phrase

NAME_MOST = 200
TOKENS_MOST = 100
MEMBER_ROLES = (Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN)
TOKEN_PREFIX = "cairn_"  # noqa: S105 - the public beginning of every token.


class Action(StrEnum):
    """What a person may want to do. Every RPC needs exactly one of these."""

    READ = "read"
    WRITE = "write"
    IMPORT = "import"
    ASK = "ask"
    CONFIGURE = "configure"


PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.READ: frozenset({Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN}),
    Action.WRITE: frozenset({Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN}),
    Action.IMPORT: frozenset({Role.MAINTAINER, Role.ADMIN}),
    Action.ASK: frozenset({Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN}),
    Action.CONFIGURE: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """A tenant: the people and records that are kept apart from all others."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member of an organisation."""

    id: UUID
    name: str
    email: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What is told of an API token. Without scopes it may do what its person may."""

    id: UUID
    person_id: UUID
    person_name: str
    name: str
    scopes: tuple[Action, ...]
    created_at: datetime
    expires_at: datetime | None = None


# On a person's own machine there is one organisation with one person in it.
LOCAL_ORGANISATION = Organisation(UUID("00000000-0000-7000-8000-000000000001"), "Local")
LOCAL_PERSON_ID = UUID("00000000-0000-7000-8000-000000000002")


def check_name(name: str) -> str:
    """Return a name as it is kept. Raises `InvalidArgument`."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= NAME_MOST or "\x00" in kept:
        raise InvalidArgument(Phrase("name_length", "A name has 1 to {most} characters.", most=NAME_MOST), field="name")
    return kept


def new_token() -> str:
    """Return a new API token of 256 random bits. It is shown once; only its hash is kept."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """Return what is kept of a token. A plain SHA-256 suffices: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()
