"""What readers without an account may see, and under which address."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cairn.decisions.domain import Status
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase

ADDRESS_MOST = 80
_ADDRESS = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_NOT_IN_ADDRESS = re.compile(r"[^a-z0-9]+")
_NUMBERED = re.compile(r"(?P<prefix>[a-z][a-z0-9]{0,15})-(?P<number>\d{1,9})(?:\.(?P<tail>[0-9a-f]{8}))?")
# Readers are told this much at most about a record that has no page of its own.
DECIDED = frozenset({Status.ACCEPTED, Status.REJECTED, Status.DEPRECATED, Status.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class PublicLog:
    """A log that has public pages. `whole`: every decided record is public; otherwise only those that were chosen."""

    log_id: UUID
    address: str
    whole: bool
    indexed: bool
    published_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def path(self) -> str:
        """Where its pages begin."""
        return f"/public/{self.address}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was said about one record: the version that readers see, or None to keep it back."""

    version: int | None


@dataclass(frozen=True, slots=True)
class PublicSite:
    """A public log as its readers meet it, before its organisation's rows can be read."""

    tenant_id: UUID
    log_id: UUID
    address: str
    whole: bool
    indexed: bool


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A record as readers see it: one version of it, and what its page is called."""

    id: UUID
    ref: str
    name: str
    version: int
    title: str
    status: Status
    decided_on: date | None
    deciders: tuple[str, ...]
    tags: tuple[str, ...]
    content_hash: bytes
    written_at: datetime
    published_at: datetime
    # Markdown; empty in lists.
    body: str = ""
    # The version is the record's latest, so that its links and relations are of this text.
    current: bool = False


def check_address(address: str) -> str:
    """Return an address as it is kept. Raises `InvalidArgument`."""
    kept = address.strip().lower()
    if not _ADDRESS.fullmatch(kept):
        message = Phrase(
            "address_form",
            "An address has 1 to {most} letters from a to z, digits and hyphens between them.",
            most=ADDRESS_MOST,
        )
        raise InvalidArgument(message, field="address")
    return kept


def suggest_address(log_slug: str) -> str:
    """Return the address a log would have by its short name."""
    return _NOT_IN_ADDRESS.sub("-", log_slug.lower())[:ADDRESS_MOST].strip("-") or "decisions"


def page_name(ref: str, decision_id: UUID, *, doubled: bool) -> str:
    """Return what a record's page is called: its number or slug, with a piece of its id where two share a number."""
    return f"{ref.lower()}.{decision_id.hex[-8:]}" if doubled else ref.lower()


def parse_page_name(name: str) -> tuple[int | None, str]:
    """Return the number that a page's name may mean, and the slug that it may be."""
    match = _NUMBERED.fullmatch(name)
    return (int(match["number"]) if match else None), name
