"""Decisions and their rules. Pure: no I/O, no clock, no random."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from cairn.decisions.domain.scopes import NO_SCOPE, Scope, check_scope
from cairn.kernel.errors import CairnError, Code, Conflict, InvalidArgument, NotFound
from cairn.kernel.ids import parse_uuid
from cairn.kernel.phrases import Phrase

TITLE_MOST = 500
BODY_MOST = 2_000_000
LIST_MOST = 100
WORD_MOST = 200


class Status(StrEnum):
    """Where a decision stands in its life."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEPRECATED = "deprecated"
    SUPERSEDED = "superseded"


class LinkKind(StrEnum):
    """How the record that writes the link stands to the one it names."""

    RELATES_TO = "relates_to"
    SUPERSEDES = "supersedes"
    AMENDS = "amends"
    DEPENDS_ON = "depends_on"
    SUPERSEDED_BY = "superseded_by"
    AMENDED_BY = "amended_by"
    CONFLICTS_WITH = "conflicts_with"
    IMPLEMENTS = "implements"


class Order(StrEnum):
    """The orders a list can have."""

    NUMBER = "number"
    NUMBER_DESC = "number_desc"
    UPDATED_DESC = "updated_desc"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Log:
    """One numbering scope, for example one repository."""

    id: UUID
    slug: str
    name: str
    prefix: str
    decision_count: int = 0
    status_names: Mapping[Status, str] = field(default_factory=dict[Status, str])


@dataclass(frozen=True, slots=True)
class Content:
    """What an author writes: everything that makes a version."""

    title: str
    status: Status
    body: str
    decided_on: date | None = None
    deciders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    # The status in the source's own words; follows `status` once a person changes it here.
    status_text: str = ""
    scope: Scope = NO_SCOPE

    def hash(self) -> bytes:
        """Return the SHA-256 of the content: equal texts and fields give equal hashes.

        A scope that says nothing leaves no trace, so that the hash of a record without one never changes.
        """
        return _hash_content(self)


# A change asks for it twice: whether the text is new, and for the version.
@lru_cache(maxsize=64)
def _hash_content(content: Content) -> bytes:
    scope = content.scope
    values: list[object] = [
        content.title,
        content.status,
        content.body,
        content.decided_on.isoformat() if content.decided_on else "",
        list(content.deciders),
        list(content.tags),
        content.status_text,
    ]
    if scope:
        values.append([list(scope.paths), list(scope.components), list(scope.categories)])
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of a decision's append-only history."""

    id: UUID
    decision_id: UUID
    version: int
    content: Content
    author_id: UUID
    author_name: str
    message: str
    created_at: datetime
    content_hash: bytes
    # The file it was read from, byte for byte; None when it was written here. Not loaded in lists.
    source: bytes | None = None


@dataclass(frozen=True, slots=True)
class Successor:
    """The decision that took another's place."""

    id: UUID
    ref: str
    title: str


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """A decision as lists, links and search results show it."""

    id: UUID
    log_id: UUID
    log_slug: str
    number: int | None
    slug: str
    ref: str
    title: str
    status: Status
    decided_on: date | None
    deciders: tuple[str, ...]
    tags: tuple[str, ...]
    version: int
    source_path: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    successor: Successor | None = None
    # Of the number; empty for the log's own.
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class WrittenLink:
    """A link as a version writes it, with the decision it was found to mean."""

    kind: LinkKind
    target: str
    target_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A decision at the other end of a link, and the kind as the writing record words it."""

    kind: LinkKind
    target: str
    decision: DecisionSummary | None
    # Of a relation that a person stated: the heading it is about, and its id. `target` is empty then.
    section: str = ""
    relation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision with its current version and the decisions around it."""

    summary: DecisionSummary
    current: Version
    links: tuple[Neighbour, ...] = ()
    backlinks: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which decisions a list shows. Empty fields do not narrow."""

    log_ids: tuple[UUID, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    deleted: bool = False
    owner_ids: tuple[UUID, ...] = ()
    # Only those that govern paths or components.
    governs: bool = False


class FileOutcome(StrEnum):
    """What became of an imported file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FieldReport:
    """What an import understood of one field of one file. `outcome`: read, guessed, missing or ignored."""

    field: str
    outcome: str
    value: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What an import made of one file."""

    path: str
    outcome: FileOutcome
    format: str
    message: str
    fields: tuple[FieldReport, ...]
    decision_id: UUID | None = None
    ref: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """One run of an import. Totals count files by outcome."""

    id: UUID
    log_id: UUID
    log_slug: str
    source: str
    started_at: datetime
    finished_at: datetime | None
    totals: dict[FileOutcome, int]
    links_resolved: int = 0
    links_unresolved: int = 0


class DecisionNotFound(NotFound):
    """No such decision among those the caller may see."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            Phrase("no_decision", "There is no decision '{ref}' here. List them to see what there is.", ref=ref),
            field="ref",
        )


class LogNotFound(NotFound):
    """No such log."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Phrase("no_log", "There is no log '{name}' here. List the logs to see what there is.", name=name),
            field="log",
        )


class AmbiguousRef(InvalidArgument):
    """More than one decision goes by this name."""

    def __init__(self, ref: str, candidates: list[DecisionSummary]) -> None:
        names = ", ".join(f"{c.log_slug}/{c.ref} ({c.title}, id {c.id})" for c in candidates[:5])
        told = Phrase(
            "ambiguous_ref", "'{ref}' means more than one decision: {names}. Use the id.", ref=ref, names=names
        )
        super().__init__(told, field="ref")


class StaleEdit(Conflict):
    """The text was edited from a version that is no longer the current one."""

    def __init__(self, expected: int, current: int) -> None:
        self.expected = expected
        self.current = current
        super().__init__(
            Phrase(
                "stale_edit",
                "This edit started from version {expected}, and version {current} is now the current one. "
                "Nothing was changed. Compare the two texts and save again.",
                expected=expected,
                current=current,
            ),
            field="expected_version",
        )


class DecisionDeleted(CairnError):
    """The decision is deleted, so it cannot change."""

    code = Code.FAILED_PRECONDITION

    def __init__(self, ref: str) -> None:
        super().__init__(
            Phrase("decision_deleted", "{ref} is deleted. Restore it before changing it.", ref=ref), field="id"
        )


def check_content(content: Content) -> Content:
    """Return the content with its edges trimmed. Raises `InvalidArgument` that names the field and the limit."""
    title = " ".join(content.title.split())
    if not title:
        raise InvalidArgument(Phrase("title_empty", "A decision needs a title."), field="title")
    if len(title) > TITLE_MOST:
        raise InvalidArgument(
            Phrase(
                "decision_title_long",
                "The title has {length} characters; at most {most} fit.",
                length=len(title),
                most=TITLE_MOST,
            ),
            field="title",
        )
    if len(content.body) > BODY_MOST:
        message = Phrase(
            "body_long",
            "The text has {length} characters; at most {most} fit.",
            length=len(content.body),
            most=BODY_MOST,
        )
        raise InvalidArgument(message, field="body")
    for name, value in (("title", title), ("body", content.body)):
        if "\x00" in value:
            raise InvalidArgument(f"The {name} contains a NUL character, which no text may.", field=name)
    return Content(
        title=title,
        status=content.status,
        body=content.body.replace("\r\n", "\n").strip("\n"),
        decided_on=content.decided_on,
        deciders=_check_list("deciders", content.deciders),
        tags=_check_list("tags", content.tags),
        status_text=content.status_text,
        scope=check_scope(content.scope),
    )


def _check_list(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(word for value in values if (word := " ".join(value.split()))))
    if len(kept) > LIST_MOST:
        raise InvalidArgument(f"There are {len(kept)} {name}; at most {LIST_MOST} fit.", field=name)
    for word in kept:
        if len(word) > WORD_MOST or "\x00" in word:
            message = f"{word[:40]!r}... among the {name} is longer than {WORD_MOST} characters or holds a NUL."
            raise InvalidArgument(message, field=name)
    return kept


def slugify(text: str, *, most: int = 80) -> str:
    """Return `text` in lower-case ASCII letters, digits and hyphens; `untitled` when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-") or "untitled"


@dataclass(frozen=True, slots=True)
class Ref:
    """A decision's name as a person types it, taken apart. Exactly one of `id`, `number` and `slug` is set."""

    log_slug: str
    id: UUID | None = None
    prefix: str = ""
    number: int | None = None
    slug: str = ""


def parse_ref(text: str, log_slug: str = "") -> Ref:
    """Take apart `ADR-0012`, `0012`, `12`, `log/ADR-0012`, a slug or an id. Raises `InvalidArgument` when empty."""
    text = text.strip()
    if not text:
        raise InvalidArgument("Name a decision: its number, for example ADR-0012, or its id.", field="ref")
    if (id_ := parse_uuid(text)) is not None:
        return Ref(log_slug="", id=id_)
    if "/" in text:
        log_slug, _, text = text.partition("/")
    if match := re.fullmatch(r"(?:([A-Za-z][A-Za-z0-9]{0,15})[-_ ]|([A-Za-z]{1,16}))?#?(\d{1,9})", text):
        return Ref(log_slug=log_slug, prefix=match[1] or match[2] or "", number=int(match[3]))
    return Ref(log_slug=log_slug, slug=text.lower())
