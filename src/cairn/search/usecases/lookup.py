"""Reading the word index: which records and passages hold which terms."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from cairn.search.model.ranking import QueryTerms, Rows, WordScores, word_scores
from cairn.search.model.scoring import FIELD_BM25, Floats, LiveDocuments, Mask, Standing, score_field, title_shares
from cairn.search.model.segments import (
    BUCKET_BITS_MAX,
    Documents,
    Field,
    Found,
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


class WordIndex:
    """The segments as they were when the query began, and the buckets fetched so far."""

    def __init__(
        self, reader: IndexReader, rows: Rows, stored: Sequence[StoredSegment], documents: Sequence[Documents]
    ) -> None:
        self._reader = reader
        self._rows = rows
        self._stored = stored
        joined = join_documents(documents)
        self._live = LiveDocuments.of(joined, rows.alive(joined))
        self._starts = {
            True: np.cumsum([0, *(len(part.record_nos) for part in documents)]).tolist(),
            False: np.cumsum([0, *(len(part.passage_nos) for part in documents)]).tolist(),
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

    @classmethod
    async def open(cls, reader: IndexReader, rows: Rows) -> "WordIndex":
        """Read which segments there are."""
        stored = await reader.list_segments()
        packed = await reader.segment_documents([segment.id for segment in stored])
        return cls(reader, rows, stored, [Documents.unpack(packed[segment.id]) for segment in stored])

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

    async def fetch_terms(self, terms: dict[Field, QueryTerms]) -> None:
        """Read the buckets of a query's terms in one go; those of a long one are left to `score`."""
        if sum(map(len, terms.values())) * len(self._stored) <= _TOGETHER_MAX:
            await self._fetch_fields(terms, terms)

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

    async def score(self, terms: dict[Field, QueryTerms]) -> WordScores:
        """Return what the terms of a query give to each row."""
        await self.fetch_terms(terms)
        await self._fetch_fields(terms, (Field.RECORD_WORDS, Field.TITLE_WORDS))
        scores: dict[Field, Floats] = {}
        # Postgres reads the next field while this thread adds up the one before.
        for field, following in itertools.zip_longest(FIELD_BM25, [*FIELD_BM25][1:]):
            reading = asyncio.create_task(self._fetch_fields(terms, (following,) if following is not None else ()))
            try:
                await asyncio.sleep(0)
                scores[field] = score_field(field, self._live, self._standing(terms, field))
                await reading
            finally:
                # The connection is not given back while something reads from it.
                reading.cancel()
                await asyncio.wait([reading])
        return word_scores(
            self._rows,
            self._live,
            scores,
            title_shares(self._live, self._standing(terms, Field.TITLE_WORDS)),
            query_words=len(terms[Field.PASSAGE_WORDS]),
        )

    def _standing(self, terms: dict[Field, QueryTerms], field: Field) -> list[tuple[int, Standing]]:
        return [(times, self._find(field, variants)) for times, variants in terms[field]]

    def _records_with(self, word: str) -> Places:
        """Return the places of the records that hold a word."""
        documents, _ = self._find(Field.RECORD_WORDS, self.terms_of(word))
        return documents

    def _keys(self, field: Field, term: Term) -> list[tuple[int, int]]:
        """Return where a term may stand: places of segments, and the keys of its buckets."""
        return [
            (place, place << BUCKET_BITS_MAX | term.hash >> shift)
            for place, shift in self._shifts[field].get(term.language, ())
        ]

    def _find(self, field: Field, variants: Iterable[Term]) -> Standing:
        """Return where a word's terms stand, and how often."""
        starts, buckets = self._starts[field.counts_records], self._buckets[field]
        found: list[tuple[int, Found]] = []
        for term in variants:
            packed = term.hash.to_bytes(8, "little")
            for place, key in self._keys(field, term):
                content = buckets.get(key)
                postings = find_term(content, packed) if content is not None else None
                if postings is not None:
                    found.append((starts[place], postings))
        return join_found(found)
