"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """A person's role in an organisation, least powerful first.

    `system` is Cairn's own worker, `public` anybody who reads what is published. Neither may call an RPC.
    """

    AUTHOR = "author"
    REVIEWER = "reviewer"
    MAINTAINER = "maintainer"
    ADMIN = "admin"
    SYSTEM = "system"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request and the organisation (tenant) it is for."""

    tenant_id: UUID
    person_id: UUID
    person_name: str
    role: Role
    # What the caller's token is for; None where it is for everything that the role may do.
    scopes: frozenset[str] | None = None
