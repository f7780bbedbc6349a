"""What the importer reads out of a file, and what it says about each field."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from cairn.decisions.domain.scopes import NO_SCOPE, Scope

FileKind = Literal["record", "left_out", "failed"]
Outcome = Literal["read", "guessed", "missing", "ignored"]
Status = Literal["draft", "proposed", "accepted", "rejected", "deprecated", "superseded"]
LinkKind = Literal["relates_to", "supersedes", "amends", "depends_on", "conflicts_with", "implements"]


@dataclass(frozen=True, slots=True)
class WrittenLink:
    """A link as a record writes it, not yet resolved to a record.

    `reverse` turns the relation round: "superseded by 0019" is `supersedes` with the target as its subject.
    `line` is 1-based; 0 when the link has no single place.
    """

    kind: LinkKind
    target: str
    text: str = ""
    line: int = 0
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class FieldReport:
    """How one field of a file was understood. `line` is 1-based; 0 when it has no single place."""

    field: str
    outcome: Outcome
    value: str = ""
    reason: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as the importer understood it. Only a `record` has a title and a body.

    `parts` holds the single decisions of a file that contains a whole log, each with its `anchor`; the file itself
    is then still a readable record, so that a caller may take either. `prefix` names the scope of the number in
    capitals; it is empty for a log's own numbers.
    """

    kind: FileKind
    path: str
    message: str = ""
    format: str = "unknown"
    title: str = ""
    number: int | None = None
    slug: str = ""
    status: Status = "accepted"
    status_text: str = ""
    decided_on: date | None = None
    deciders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    body: str = ""
    links: tuple[WrittenLink, ...] = ()
    fields: tuple[FieldReport, ...] = ()
    anchor: str = ""
    parts: tuple["ReadFile", ...] = ()
    scope: Scope = NO_SCOPE
    prefix: str = ""
    review_on: date | None = None


def move_lines(read: ReadFile, move: Callable[[int], int]) -> ReadFile:
    """Give what was read out of a part or a converted text the 1-based lines of its source. 0 stays 0."""
    fields = tuple(replace(entry, line=move(entry.line) if entry.line else 0) for entry in read.fields)
    links = tuple(replace(link, line=move(link.line) if link.line else 0) for link in read.links)
    return replace(read, fields=fields, links=links)


@dataclass(frozen=True, slots=True)
class WritableRecord:
    """A record to render. `links` are those that its body does not write itself."""

    title: str
    status: Status
    body: str
    number: int | None = None
    slug: str = ""
    status_text: str = ""
    decided_on: date | None = None
    deciders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[WrittenLink, ...] = ()
    scope: Scope = NO_SCOPE
    prefix: str = ""
