"""What search speaks of: passages, queries, results and index states."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

# Under this topic a signal tells that the index state of a decision changed.
INDEX_TOPIC = "index"
# What people say about a decision: the first kind of attached text.
COMMENT_SOURCE = "comment"


# Statuses of what holds no longer, or never did; ranking.py says what they cost.
RETIRED = ("superseded", "rejected", "deprecated")


class Mode(StrEnum):
    """How to search."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"
    SEMANTIC = "semantic"


class NoticeCode(StrEnum):
    """What a notice tells, for readers of other languages than English."""

    UNKNOWN_FIELD = "unknown_field"
    NOT_READY = "not_ready"
    NOT_WORD_FOR_WORD = "not_word_for_word"
    PHRASES_LIMITED = "phrases_limited"
    NOT_RERANKED = "not_reranked"
    AS_OF = "as_of"
    AS_OF_LIMITED = "as_of_limited"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know about results: an English sentence, and what it names, in its order."""

    code: NoticeCode
    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A part of a record small enough to quote, before it is stored.

    `text` is `body[start:end]` of the record, character for character. `anchor` is the fragment of the nearest heading
    above on the record's page, without '#', empty before the first heading.
    """

    heading_path: tuple[str, ...]
    anchor: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage. `id` stays the same as long as its text and its place in the heading tree do.

    `language` is that of its record: en, fr, de, es or pt. A passage of an attached text has its `source`, title and
    link as `AttachedText` says; its version is that text's.
    """

    id: UUID
    decision_id: UUID
    version: int
    heading_path: tuple[str, ...]
    anchor: str
    text: str
    language: str
    source: str = field(default="", kw_only=True)
    source_title: str = field(default="", kw_only=True)
    link: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class AttachedText:
    """A text of another slice that belongs to a decision: what is said about it, a document.

    It is found with the decision, by whoever may read that. `source` says of what kind it is, such as `comment`, and
    `id` which of that kind. A new text has a greater `version`. `anchor` is where it stands on the decision's page,
    `link` where else it can be read; either may be empty. `body` is Markdown.
    """

    source: str
    id: UUID
    decision_id: UUID
    version: int
    title: str
    body: str
    anchor: str = ""
    link: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A stretch of a passage's text that matched, in UTF-16 code units, end excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records to search. An empty tuple lets everything through; values inside one are alternatives.

    `authors` are parts of the names of deciders or of the current version's author. `supersedes` names records
    (`ADR-0012`, `12`, a slug): it lets through those that took their place; `governs` names paths or components, and
    lets through the decisions that bind them. Dates are the days decided, both included. With `as_of` the logs
    are searched as they were at the end of that day (UTC).
    """

    log_ids: tuple[UUID, ...] = ()
    decision_ids: tuple[UUID, ...] = ()
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    excluded_statuses: tuple[str, ...] = ()
    excluded_tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    log_slugs: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    governs: tuple[str, ...] = ()
    decided_from: date | None = None
    decided_to: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class FoundPassage(Passage):
    """A passage that matched: how well, which of its words (folded), and where they stand in `text`.

    `cosine` says how close its meaning is to the query's; None when that is not known.
    """

    score: float
    matched_words: tuple[str, ...]
    highlights: tuple[Highlight, ...]
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many matching records have a value of a field: status, tag, log or year."""

    field: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which version of a decision can be found; 0 when none can."""

    decision_id: UUID
    version: int
    words_version: int
    meaning_version: int

    @property
    def pending(self) -> bool:
        """Whether the current version cannot be found both ways yet."""
        return min(self.words_version, self.meaning_version) < self.version


@dataclass(frozen=True, slots=True)
class IndexTotals:
    """How many decisions there are, and of how many the current version can be found."""

    decisions: int
    words_current: int
    meaning_current: int

    @property
    def pending(self) -> bool:
        """Whether any current version cannot be found both ways yet."""
        return min(self.words_current, self.meaning_current) < self.decisions
