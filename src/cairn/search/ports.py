"""What the use cases of search need from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.search.domain import RETIRED, AttachedText, FacetCount, Filters, IndexState, IndexTotals, Passage


class IndexableRecord(Protocol):
    """A decision's current text. `body` is Markdown without title and metadata."""

    @property
    def id(self) -> UUID:
        """The decision's id."""
        ...

    @property
    def version(self) -> int:
        """The version the text is of."""
        ...

    @property
    def title(self) -> str:
        """The title."""
        ...

    @property
    def slug(self) -> str:
        """The words of the file name or of the title, joined by hyphens."""
        ...

    @property
    def body(self) -> str:
        """The text."""
        ...


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record as the index has it."""

    record_no: int
    generation: int
    recipe: int
    words_version: int
    meaning_version: int


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to be stored under a number; `text` is the record's text between the offsets."""

    passage_no: int
    id: UUID
    record_no: int
    version: int
    position: int
    start: int
    end: int
    heading_path: tuple[str, ...]
    anchor: str
    text: str
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """What is needed of a stored passage to find it again among new ones."""

    passage_no: int
    id: UUID
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment of the word index. `documents` and postings are packed as `model.segments` says."""

    id: UUID
    records: int
    passages: int
    size_bytes: int
    bucket_bits: tuple[int, ...]
    languages: tuple[str, ...]


class Bucket(NamedTuple):
    """The place of one bucket of postings."""

    segment_id: UUID
    field: int
    number: int


@dataclass(frozen=True, slots=True)
class LiveRecords:
    """Records the caller may find: number, current generation, whether the filters let it through, and `RETIRED`.

    `logs` has one number for all records of a log, and another for those of any other.
    `attached` has a row for each text that is attached to a record: its own number, its generation, and the number of
    the record.
    """

    record_nos: NDArray[np.int32]
    generations: NDArray[np.int32]
    wanted: NDArray[np.bool_]
    retired: NDArray[np.bool_]
    logs: NDArray[np.int32]
    attached: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class OldVersion:
    """The version of a record that was current at the end of a day.

    `body` is None when the index holds that version. `wanted` says whether the filters on what a version says of itself
    let it through. `generation` is the record's current one.
    """

    record_no: int
    generation: int
    decision_id: UUID
    version: int
    title: str
    slug: str
    body: str | None
    wanted: bool
    status: str
    tags: Sequence[str]
    decided_on: date | None
    log_slug: str

    @property
    def retired(self) -> bool:
        """Whether it held no longer, or never did."""
        return self.status in RETIRED


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block of the signs of vectors; `model.signs` says how its content is packed."""

    id: UUID
    passages: int


@dataclass(frozen=True, slots=True)
class PassageToEmbed:
    """A passage without a vector. `title` is that of an attached text, None for a record's own passage."""

    passage_no: int
    heading_path: tuple[str, ...]
    text: str
    content_hash: bytes
    title: str | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What the word index has of a version of a decision. A new generation lets its entries of older ones die.

    For an attached text `decision_id` is the text's own id.
    """

    record_no: int
    decision_id: UUID
    generation: int
    recipe: int
    language: str
    version: int


class IndexWriter(Protocol):
    """The index of one organisation, open for writing in a transaction."""

    async def lock(self) -> None:
        """Wait for and take the one place of a writer. It is given back with the transaction."""

    async def lock_merging(self) -> None:
        """Wait for and take the one place of who joins segments, beside the writer. It goes back with the transaction.

        Never take it while holding `lock`.
        """

    async def find_records(self, decision_ids: Sequence[UUID]) -> dict[UUID, RecordState]:
        """Return what the index has of decisions."""
        ...

    async def take_numbers(self, *, records: int, passages: int) -> tuple[int, int]:
        """Reserve numbers and return the first of each kind."""
        ...

    async def save_records(self, records: Sequence[NewRecord]) -> None:
        """Add records or replace what is known of them."""

    async def drop_records(self, decision_ids: Sequence[UUID]) -> None:
        """Remove records with their passages and vectors, and what is attached to them.

        Their entries in segments are dead from then on.
        """

    async def find_attached(self, source: str, decision_ids: Sequence[UUID]) -> dict[UUID, RecordState]:
        """Return what the index has of the texts of a source that are attached to decisions, by the texts' ids."""
        ...

    async def save_attached(self, records: Sequence[NewRecord], texts: Sequence[AttachedText]) -> None:
        """Add attached texts, or replace what is known of them; a record and its text stand at the same place.

        A text whose decision is not indexed is found as soon as that is.
        """

    async def drop_attached(self, source: str, ids: Sequence[UUID]) -> None:
        """Remove attached texts with their passages and vectors."""

    async def known_passages(self, record_nos: Sequence[int]) -> dict[int, list[KnownPassage]]:
        """Return the passages of records, in order, by record."""
        ...

    async def drop_passages(self, passage_nos: Sequence[int]) -> None:
        """Remove passages with their vectors."""

    async def save_passages(self, passages: Sequence[NewPassage]) -> None:
        """Add passages, or move those whose number is known."""

    async def add_segment(
        self, segment: StoredSegment, documents: bytes, buckets: Mapping[tuple[int, int], bytes]
    ) -> None:
        """Add a segment with its postings by field and bucket."""

    async def list_segments(self) -> list[StoredSegment]:
        """Return the segments, oldest first."""
        ...

    async def segment_documents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the packed documents of segments."""
        ...

    async def segment_postings(self, segment_id: UUID, field: int) -> list[bytes]:
        """Return every bucket that a segment has of a field, in order."""
        ...

    async def drop_segments(self, ids: Sequence[UUID]) -> None:
        """Remove segments with their postings."""

    async def generations(self) -> dict[int, int]:
        """Return every record's current generation by its number."""
        ...


class IndexReader(Protocol):
    """The index of one organisation as one caller may see it, at one moment."""

    async def live_records(self, filters: Filters) -> LiveRecords:
        """Return the records the caller may find."""
        ...

    async def list_segments(self) -> list[StoredSegment]:
        """Return the segments, oldest first."""
        ...

    async def segment_documents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the packed documents of segments."""
        ...

    async def find_postings(self, buckets: Sequence[Bucket]) -> list[bytes | None]:
        """Return what is in each bucket, None where there is none."""
        ...

    async def links(self, record_nos: Sequence[int]) -> list[tuple[int, int]]:
        """Return pairs (one of `record_nos`, a record linked from or to it)."""
        ...

    async def versions_at(self, filters: Filters, day: date) -> list[OldVersion]:
        """Return, for each record that was there at the end of a day, the version that was current then.

        A record is there from the day it was decided or written, whichever is earlier.
        """
        ...

    async def known_passages(self, record_nos: Sequence[int]) -> dict[int, list[KnownPassage]]:
        """Return each record's passages in order."""
        ...

    async def list_blocks(self, model: str) -> list[StoredBlock] | None:
        """Return the blocks of signs of a model's vectors; None when nothing was ever embedded with it."""
        ...

    async def block_contents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the content of blocks."""
        ...

    async def cosines(self, model: str, vector: NDArray[np.float32], passage_nos: Sequence[int]) -> dict[int, float]:
        """Return the exact cosines of those passages that have a vector of the model."""
        ...

    async def named(self, name: str) -> list[int]:
        """Return the records that people call `name`: `ADR-0012`, `12`, `log/12` or a slug."""
        ...

    async def successors(self, record_nos: Sequence[int]) -> dict[int, int]:
        """Return, for those that are superseded, the record that took their place."""
        ...

    async def facets(self, record_nos: Sequence[int]) -> list[FacetCount]:
        """Count records by status, tag, log and year, most frequent first, at most 20 values each."""
        ...

    async def title_words(self) -> list[str]:
        """Return the words of titles and tags that the caller may see, in lower case."""
        ...

    async def record_texts(self, record_nos: Sequence[int], *, attached: bool) -> dict[int, list[str]]:
        """Return each record's title and passages, then those of what is attached to it if that is asked for."""
        ...

    async def suggest(self, words: Sequence[str], most: int) -> list[UUID]:
        """Return decisions in whose title, tags or slug some word begins with each of `words` (lower case)."""
        ...

    async def query_model(self) -> tuple[UUID, str]:
        """Return the organisation that asks, and the model that answers it; empty before any is complete."""
        ...

    async def mean_vector(self, model: str, record_no: int) -> NDArray[np.float32] | None:
        """Return the mean of a record's vectors; None when it has none."""
        ...

    async def decision_ids(self, record_nos: Sequence[int]) -> dict[int, UUID]:
        """Return the decisions that records stand for."""
        ...

    async def passages(self, passage_nos: Sequence[int]) -> dict[int, Passage]:
        """Return passages by number."""
        ...

    async def first_passages(self, record_nos: Sequence[int]) -> dict[int, int]:
        """Return the number of each record's first passage."""
        ...

    async def index_state(self, decision_id: UUID) -> IndexState | None:
        """Return how far a decision is indexed, None when it is not there."""
        ...

    async def index_totals(self) -> IndexTotals:
        """Return how far all decisions are indexed."""
        ...


class IndexKeeper(IndexReader, IndexWriter, Protocol):
    """The index of one organisation, open for checking and for being made anew."""

    async def audit(self) -> list[tuple[UUID, str]]:
        """Return decisions whose versions or vectors the index has wrongly, with what is wrong."""
        ...

    async def passage_numbers(self) -> list[tuple[int, int]]:
        """Return the record and the number of every passage."""
        ...

    async def mark_stale(self) -> None:
        """Forget which versions are indexed; what is findable stays so."""

    async def drop_vectors(self) -> None:
        """Remove every vector."""


class VectorStore(Protocol):
    """The embeddings of one organisation, open for writing in a transaction."""

    async def passages_to_embed(self, decision_id: UUID, model: str) -> list[PassageToEmbed]:
        """Return the passages of a decision, and of what is attached to it, that have no vector of `model`."""
        ...

    async def save_vectors(
        self, model: str, passages: Sequence[PassageToEmbed], vectors: NDArray[np.float32]
    ) -> list[int]:
        """Store vectors of passages, except of those that changed or went meanwhile; return which were stored."""
        ...

    async def list_blocks(self, model: str) -> list[StoredBlock] | None:
        """Return the blocks of signs of a model's vectors; None when nothing was ever embedded with it."""
        ...

    async def block_contents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Return the content of blocks."""
        ...

    async def add_block(self, model: str, block: StoredBlock, content: bytes) -> None:
        """Add a block of signs of vectors that are stored."""

    async def drop_blocks(self, ids: Sequence[UUID]) -> None:
        """Remove blocks."""

    async def embedded_passages(self, model: str, passage_nos: Sequence[int]) -> list[int]:
        """Return which of these passages have a vector of a model."""
        ...

    async def advance_meaning(self, decision_id: UUID, model: str) -> bool:
        """Mark a decision as findable by meaning if all its passages have vectors; return whether that is news."""
        ...

    async def complete_model(self, model: str) -> None:
        """Let a model answer from now on, and forget the others, once every decision can be found by it."""


class Embedder(Protocol):
    """A model that turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """The model's name; vectors of different names are never compared."""
        ...

    @property
    def ready(self) -> bool:
        """Whether `embed` can answer now."""
        ...

    async def prepare(self) -> None:
        """Make the model ready."""

    def embed(self, texts: Sequence[str], tenant_id: UUID | None = None) -> NDArray[np.float32]:
        """Return one unit vector a text, one row each. Blocks. Raises `Unavailable`.

        A provider's model needs to know the organisation that asks.
        """
        ...


class Reranker(Protocol):
    """A model that reads a query and a passage together, and says how well the passage answers."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    async def prepare(self) -> None:
        """Make the model ready. Raises `Unavailable`."""

    async def rerank(self, query: str, texts: Sequence[str], *, tenant_id: UUID, seconds: float) -> NDArray[np.float64]:
        """Return how well each text answers, higher is better, on the model's own scale.

        Raises `Unavailable` when it cannot, or not within `seconds`.
        """
        ...
