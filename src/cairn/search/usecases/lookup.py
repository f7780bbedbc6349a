"""Reading the word index: which records and passages hold which terms."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.ranking import QueryTerms, Rows, WordScores, word_scores
from cairn.search.model.scoring import FIELD_BM25, Found, LiveDocuments, Mask, score_field, title_shares
from cairn.search.model.segments import Documents, Field, Ints, PackedPostings, join_documents
from cairn.search.model.words import Term, stem, term_hash
from cairn.search.ports import Bucket, IndexReader, StoredSegment


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
        # A bucket is told by the leading bits of a term's hash.
        self._shifts = [tuple(64 - bits for bits in segment.bucket_bits) for segment in stored]
        # By the segment's place, the field and the bucket's number. None where no such bucket is.
        self._buckets: dict[tuple[int, Field, int], PackedPostings | None] = {}
        self.languages = sorted({language for segment in stored for language in segment.languages})
        self._places = {
            language: [place for place, segment in enumerate(stored) if language in segment.languages]
            for language in self.languages
        }

    @classmethod
    async def open(cls, reader: IndexReader, rows: Rows) -> "WordIndex":
        """Read which segments there are."""
        stored = await reader.list_segments()
        packed = await reader.segment_documents([segment.id for segment in stored])
        return cls(reader, rows, stored, [Documents.unpack(packed[segment.id]) for segment in stored])

    async def fetch(self, wanted: Iterable[tuple[Field, Term]]) -> None:
        """Read the buckets of terms, in one go. Others than these have no postings."""
        missing = {key for field, term in wanted for key in self._keys(field, term)} - self._buckets.keys()
        if not missing:
            return
        keys = list(missing)
        found = await self._reader.find_postings(
            [Bucket(self._stored[place].id, field, number) for place, field, number in keys]
        )
        for key, content in zip(keys, found, strict=True):
            self._buckets[key] = None if content is None else PackedPostings(content)

    async def fetch_terms(self, terms: dict[Field, QueryTerms]) -> None:
        """Read the buckets of all terms of a query."""
        await self.fetch(
            (field, term) for field, queried in terms.items() for _, variants in queried for term in variants
        )

    def terms_of(self, word: str) -> list[Term]:
        """Return the terms of a folded word, one a language."""
        return [Term(language, term_hash(stem(word, language), language)) for language in self.languages]

    def count_records(self, word: str) -> int:
        """Return how many records that the caller may see hold a folded word. Fetch its terms first."""
        return sum(int(np.count_nonzero(self._live.records[documents])) for documents in self._records_with(word))

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
        for documents in self._records_with(word):
            alive = documents[self._live.records[documents]]
            rows = self._rows.of(self._live.documents.record_nos[alive])
            mask[rows[rows >= 0]] = True
        return mask

    async def score(self, terms: dict[Field, QueryTerms]) -> WordScores:
        """Return what the terms of a query give to each row."""
        await self.fetch_terms(terms)
        found = {
            field: [(times, self._find(field, variants)) for times, variants in queried]
            for field, queried in terms.items()
        }
        return word_scores(
            self._rows,
            self._live,
            {field: score_field(field, self._live, found[field]) for field in FIELD_BM25},
            title_shares(self._live, found[Field.TITLE_WORDS]),
            query_words=len(terms[Field.PASSAGE_WORDS]),
        )

    def _records_with(self, word: str) -> Iterable[NDArray[np.int64]]:
        for start, documents, _ in self._find(Field.RECORD_WORDS, self.terms_of(word)):
            yield documents.astype(np.int64) + start

    def _keys(self, field: Field, term: Term) -> Iterable[tuple[int, Field, int]]:
        """Return where a term may stand."""
        return [
            (place, field, term.hash >> self._shifts[place][field]) for place in self._places.get(term.language, ())
        ]

    def _find(self, field: Field, variants: Iterable[Term]) -> list[Found]:
        """Return where a word's terms stand, and how often."""
        starts = self._starts[field.counts_records]
        found: list[Found] = []
        for term in variants:
            hash_ = np.uint64(term.hash)
            for key in self._keys(field, term):
                bucket = self._buckets.get(key)
                postings = bucket.find(hash_) if bucket is not None else None
                if postings is not None:
                    found.append((starts[key[0]], *postings))
        return found
