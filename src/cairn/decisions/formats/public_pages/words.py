"""What the pages are made from."""

from dataclasses import dataclass
from datetime import date

from cairn.decisions.domain import Status
from cairn.decisions.domain.publishing import PublicRecord

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """A public log: where it is reached from outside, whose it is, what it is called."""

    origin: str
    address: str
    organisation: str
    log: str
    indexed: bool

    @property
    def path(self) -> str:
        """Where its pages begin."""
        return f"/public/{self.address}"

    @property
    def url(self) -> str:
        """The same with the host."""
        return f"{self.origin}{self.path}"


@dataclass(frozen=True, slots=True)
class Linked:
    """A record that a page may lead to."""

    path: str
    ref: str
    title: str
    status: Status


@dataclass(frozen=True, slots=True)
class Relations:
    """What a record stands beside, by what is said before the names: "Superseded by"."""

    superseded_by: tuple[Linked, ...] = ()
    supersedes: tuple[Linked, ...] = ()
    amended_by: tuple[Linked, ...] = ()
    amends: tuple[Linked, ...] = ()


def long_date(day: date) -> str:
    """Return `14 March 2025`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_hash(record: PublicRecord) -> str:
    """Return the first six digits of a version's content hash."""
    return record.content_hash.hex()[:6]
