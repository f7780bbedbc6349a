"""Reading the word index: which records and passages hold which terms."""

from collections.abc import Iterable, Sequence

import numpy as np

from cairn.search.model.ranking import QueryTerms, Rows, WordScores, join_segments
from cairn.search.model.scoring import Found, LiveSegment, Mask, score_field
from cairn.search.model.segments import Documents, Field, Ints, PackedPostings, bucket_of
from cairn.search.model.words import stem, term_hash
from cairn.search.ports import Bucket, IndexReader, StoredSegment

_NOWHERE = (np.empty(0, np.int32), np.empty(0, np.uint16))


class WordIndex:
    """The segments as they were when the query began, and the buckets fetched so far."""

    def __init__(
        self, reader: IndexReader, rows: Rows, stored: Sequence[StoredSegment], documents: Sequence[Documents]
    ) -> None:
        self._reader = reader
        self._rows = rows
        self._stored = stored
        self._segments = [LiveSegment(part, rows.alive(part)) for part in documents]
        self._buckets: dict[Bucket, PackedPostings] = {}
        self._fetched: set[Bucket] = set()
        self.languages = sorted({language for segment in stored for language in segment.languages})

    @classmethod
    async def open(cls, reader: IndexReader, rows: Rows) -> "WordIndex":
        """Read which segments there are."""
        stored = await reader.list_segments()
        packed = await reader.segment_documents([segment.id for segment in stored])
        return cls(reader, rows, stored, [Documents.unpack(packed[segment.id]) for segment in stored])

    async def fetch(self, wanted: Iterable[tuple[Field, int]]) -> None:
        """Read the buckets of terms, in one go. Others than these have no postings."""
        places = {
            Bucket(segment.id, field, bucket_of(term, segment.bucket_bits[field]))
            for field, term in wanted
            for segment in self._stored
        }
        missing = [place for place in places if place not in self._fetched]
        if missing:
            self._fetched.update(missing)
            found = await self._reader.find_postings(missing)
            self._buckets |= {place: PackedPostings(content) for place, content in found.items()}

    async def fetch_terms(self, terms: dict[Field, QueryTerms]) -> None:
        """Read the buckets of all terms of a query."""
        await self.fetch(
            (field, term) for field, queried in terms.items() for _, variants in queried for term in variants
        )

    def terms_of(self, word: str) -> list[int]:
        """Return the terms of a folded word, one a language."""
        return list(dict.fromkeys(term_hash(stem(word, language), language) for language in self.languages))

    def count_records(self, word: str) -> int:
        """Return how many records that the caller may see hold a folded word. Fetch its terms first."""
        return sum(
            int(segment.records[documents].sum())
            for term in self.terms_of(word)
            for (documents, _), segment in zip(self._find(Field.RECORD_WORDS, term), self._segments, strict=True)
        )

    def passage_rows(self) -> Ints:
        """Return the row of each living passage by its number, -1 for the others."""
        last = max((int(segment.documents.passage_nos.max(initial=-1)) for segment in self._segments), default=-1)
        rows = np.full(last + 1, -1, np.int32)
        for segment in self._segments:
            documents = segment.documents
            found = np.where(segment.records, self._rows.of(documents.record_nos), -1)
            owners = np.repeat(found, np.diff(documents.first_passage))
            alive = owners >= 0
            rows[documents.passage_nos[alive]] = owners[alive]
        return rows

    def rows_with(self, word: str) -> Mask:
        """Return which rows hold a folded word. Fetch its terms first."""
        mask = np.zeros(len(self._rows), bool)
        for term in self.terms_of(word):
            for (documents, _), segment in zip(self._find(Field.RECORD_WORDS, term), self._segments, strict=True):
                alive = documents[segment.records[documents]]
                rows = self._rows.of(segment.documents.record_nos[alive])
                mask[rows[rows >= 0]] = True
        return mask

    async def score(self, terms: dict[Field, QueryTerms]) -> WordScores:
        """Return what the terms of a query give to each row."""
        await self.fetch_terms(terms)
        scores = {
            field: score_field(
                field,
                self._segments,
                [(times, [self._find(field, term) for term in variants]) for times, variants in queried],
            )
            for field, queried in terms.items()
        }
        return join_segments(self._rows, self._segments, scores)

    def _find(self, field: Field, term: int) -> list[Found]:
        """Return where each segment has a term."""
        places = (Bucket(segment.id, field, bucket_of(term, segment.bucket_bits[field])) for segment in self._stored)
        return [bucket.find(term) if (bucket := self._buckets.get(place)) else _NOWHERE for place in places]
