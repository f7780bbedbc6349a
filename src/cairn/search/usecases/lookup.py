"""Reading the word index: which records and passages hold which terms."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import numpy as np

from cairn.search.model.ranking import QueryTerms, Rows, WordScores, word_scores
from cairn.search.model.scoring import Floats, LiveDocuments, Mask, Posted, score_field, title_shares
from cairn.search.model.segments import (
    BUCKET_BITS_MAX,
    Documents,
    Field,
    Ints,
    Places,
    find_term,
    join_documents,
    join_found,
)
from cairn.search.model.words import Term, stem, term_hash
from cairn.search.ports import Bucket, IndexReader, StoredSegment

# So many buckets are read at once: a round trip more would take longer than what is done meanwhile.
_TOGETHER_MAX = 1_000
_FIRST_FIELDS = (Field.RECORD_WORDS, Field.TITLE_WORDS)
_Compared = TypeVar("_Compared")


@asynccontextmanager
async def while_reading(read: Coroutine[Any, Any, _Compared]) -> AsyncGenerator[asyncio.Task[_Compared]]:
    """Let Postgres read something during the block; at its end it has."""
    task = asyncio.create_task(read)
    try:
        # The question goes out before the block begins.
        await asyncio.sleep(0)
        yield task
        await task
    finally:
        # The connection is not given back while something reads from it.
        task.cancel()
        await asyncio.wait([task])


class WordIndex:
    """The segments as they were when the query began, and the buckets fetched so far."""

    _rows: Rows
    _live: LiveDocuments

    def __init__(self, reader: IndexReader, stored: Sequence[StoredSegment], documents: Sequence[Documents]) -> None:
        self._reader = reader
        self._stored = stored
        self._documents = join_documents(documents)
        self._starts = {
            True: np.cumsum([0, *(len(part.record_nos) for part in documents)]).tolist()[:-1],
            False: np.cumsum([0, *(len(part.passage_nos) for part in documents)]).tolist()[:-1],
        }
        self.languages = sorted({language for segment in stored for language in segment.languages})
        # By field and language: the segments that may hold a term, and how far to shift its hash for its bucket there.
        self._shifts = [
            {
                language: [
                    (place, 64 - segment.bucket_bits[field])
                    for place, segment in enumerate(stored)
                    if language in segment.languages
                ]
                for language in self.languages
            }
            for field in Field
        ]
        # By field, then the segment's place and the bucket's number in one. None where no such bucket is.
        self._buckets: list[dict[int, bytes | None]] = [{} for _ in Field]
        # What was found of terms, for as long as it is asked for with the very same ones.
        self._posted: dict[Field, tuple[QueryTerms, list[Posted]]] = {}

    @classmethod
    async def open(cls, reader: IndexReader) -> "WordIndex":
        """Read which segments there are. Nothing is scored before `see` was told."""
        stored = await reader.list_segments()
        packed = await reader.segment_documents([segment.id for segment in stored])
        return cls(reader, stored, [Documents.unpack(packed[segment.id]) for segment in stored])

    def see(self, rows: Rows) -> None:
        """Say which records the caller may find."""
        self._rows = rows
        self._live = LiveDocuments.of(self._documents, rows.alive(self._documents))

    async def fetch(self, wanted: Iterable[tuple[Field, Term]]) -> None:
        """Read the buckets of terms, in one go. Others than these have no postings."""
        missing: list[tuple[Field, int]] = []
        for field, term in wanted:
            known = self._buckets[field]
            for _, key in self._keys(field, term):
                if key not in known:
                    known[key] = None
                    missing.append((field, key))
        if not missing:
            return
        # What lies together on the disk is read together.
        missing.sort()
        number_mask = (1 << BUCKET_BITS_MAX) - 1
        found = await self._reader.find_postings(
            [Bucket(self._stored[key >> BUCKET_BITS_MAX].id, int(field), key & number_mask) for field, key in missing]
        )
        for (field, key), content in zip(missing, found, strict=True):
            self._buckets[field][key] = content

    async def fetch_first(self, terms: dict[Field, QueryTerms]) -> None:
        """Read the buckets of a query's terms in one go; of a long one those that `score` begins with."""
        few = sum(map(len, terms.values())) * len(self._stored) <= _TOGETHER_MAX
        await self._fetch_fields(terms, terms if few else _FIRST_FIELDS)

    def find_first(self, terms: dict[Field, QueryTerms]) -> None:
        """Find what `score` begins with in what was read."""
        for field in _FIRST_FIELDS:
            self._posted[field] = (terms[field], self._find(field, [variants for _, variants in terms[field]]))

    async def _fetch_fields(self, terms: dict[Field, QueryTerms], fields: Iterable[Field]) -> None:
        await self.fetch((field, term) for field in fields for _, variants in terms[field] for term in variants)

    def terms_of(self, word: str) -> list[Term]:
        """Return the terms of a folded word, one a language."""
        return [Term(language, term_hash(stem(word, language), language)) for language in self.languages]

    def count_records(self, word: str) -> int:
        """Return how many records that the caller may see hold a folded word. Fetch its terms first."""
        return int(np.count_nonzero(self._live.records[self._records_with(word)]))

    def passage_rows(self) -> Ints:
        """Return the row of each living passage by its number, -1 for the others."""
        documents = self._live.documents
        rows = np.full(int(documents.passage_nos.max(initial=-1)) + 1, -1, np.int32)
        found = np.where(self._live.records, self._rows.of(documents.record_nos), -1)
        owners = np.repeat(found, np.diff(documents.first_passage))
        alive = owners >= 0
        rows[documents.passage_nos[alive]] = owners[alive]
        return rows

    def rows_with(self, word: str) -> Mask:
        """Return which rows hold a folded word. Fetch its terms first."""
        mask = np.zeros(len(self._rows), bool)
        documents = self._records_with(word)
        rows = self._rows.of(self._live.documents.record_nos[documents[self._live.records[documents]]])
        mask[rows[rows >= 0]] = True
        return mask

    async def score(
        self, terms: dict[Field, QueryTerms], compare: Callable[[], Coroutine[Any, Any, _Compared]]
    ) -> tuple[WordScores, _Compared]:
        """Return what the terms of a query give to each row, and what comes of `compare`, which asks Postgres too.

        Postgres reads the next field while this thread adds up the one before.
        """
        await self.fetch_first(terms)
        scores: dict[Field, Floats] = {}
        async with while_reading(self._fetch_fields(terms, (Field.PASSAGE_WORDS,))):
            scores[Field.RECORD_WORDS] = self._score_field(terms, Field.RECORD_WORDS)
        async with while_reading(self._fetch_fields(terms, (Field.PASSAGE_NEIGHBOURS,))):
            scores[Field.PASSAGE_WORDS] = self._score_field(terms, Field.PASSAGE_WORDS)
        async with while_reading(compare()) as compared:
            scores[Field.PASSAGE_NEIGHBOURS] = self._score_field(terms, Field.PASSAGE_NEIGHBOURS)
            await asyncio.sleep(0)
            posted = self._posted_of(terms, Field.TITLE_WORDS)
            titles = title_shares(self._live, len(terms[Field.TITLE_WORDS]), posted, self._starts[True])
            words = len(terms[Field.PASSAGE_WORDS])
            found = word_scores(self._rows, self._live, scores, titles, query_words=words)
        return found, compared.result()

    def _score_field(self, terms: dict[Field, QueryTerms], field: Field) -> Floats:
        posted = self._posted_of(terms, field)
        return score_field(
            field, self._live, [times for times, _ in terms[field]], posted, self._starts[field.counts_records]
        )

    def _posted_of(self, terms: dict[Field, QueryTerms], field: Field) -> list[Posted]:
        known = self._posted.get(field)
        if known is not None and known[0] is terms[field]:
            return known[1]
        return self._find(field, [variants for _, variants in terms[field]])

    def _records_with(self, word: str) -> Places:
        """Return the places of the records that hold a word."""
        posted = self._find(Field.RECORD_WORDS, [self.terms_of(word)])
        documents, _ = join_found([(start, found) for _, start, found in posted])
        return documents

    def _keys(self, field: Field, term: Term) -> list[tuple[int, int]]:
        """Return where a term may stand: places of segments, and the keys of its buckets."""
        return [
            (place, place << BUCKET_BITS_MAX | term.hash >> shift)
            for place, shift in self._shifts[field].get(term.language, ())
        ]

    def _find(self, field: Field, words: Iterable[Iterable[Term]]) -> list[Posted]:
        """Return where words stand, each given by its terms."""
        starts, buckets = self._starts[field.counts_records], self._buckets[field]
        posted: list[Posted] = []
        for word, variants in enumerate(words):
            for term in variants:
                packed = term.hash.to_bytes(8, "little")
                for place, key in self._keys(field, term):
                    content = buckets.get(key)
                    found = find_term(content, packed) if content is not None else None
                    if found is not None:
                        posted.append((word, starts[place], found))
        return posted
