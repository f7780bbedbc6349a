"""Exact BM25 over the live documents of all segments, and the sum of z-scores that joins the legs.

BM25 after Robertson and Zaragoza (2009) with the never-negative idf `log(1 + (N - n + .5) / (n + .5))`. The recipe of
legs and weights is measured in docs/search.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.segments import Documents, Field, Ints

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# The documents of a segment that a term stands in, and how often.
Found = tuple[Ints, NDArray[np.uint16]]


@dataclass(frozen=True, slots=True)
class Bm25:
    """How fast repeated words stop counting (`k1`) and how much long documents are held back (`b`)."""

    k1: float
    b: float


RECORD_WORDS = Bm25(k1=2.0, b=0.75)
PASSAGE_WORDS = Bm25(k1=1.2, b=0.4)
PASSAGE_NEIGHBOURS = Bm25(k1=0.4, b=0.4)
FIELD_BM25: Mapping[Field, Bm25] = {
    Field.RECORD_WORDS: RECORD_WORDS,
    Field.PASSAGE_WORDS: PASSAGE_WORDS,
    Field.PASSAGE_NEIGHBOURS: PASSAGE_NEIGHBOURS,
}


@dataclass(frozen=True, slots=True)
class LiveDocuments:
    """The documents of all segments, and which of them are alive and visible to the caller."""

    documents: Documents
    records: Mask
    passages: Mask

    @classmethod
    def of(cls, documents: Documents, records: Mask) -> "LiveDocuments":
        """Say of which records the documents live."""
        return cls(documents, records, np.repeat(records, np.diff(documents.first_passage)))

    def mask(self, field: Field) -> Mask:
        """Return which documents of a field are alive."""
        return self.records if field.counts_records else self.passages


def score_field(field: Field, live: LiveDocuments, queried: Sequence[tuple[int, Sequence[Found]]]) -> Floats:
    """Return the BM25 score of every document; dead documents score 0.

    `queried` has one entry a query word: how often the query says it, and where it was found, in whatever segment and
    in whatever language it was stemmed. Its document frequency is the sum, since a document is written in one.
    """
    mask, lengths = live.mask(field), live.documents.lengths(field)
    total = int(np.count_nonzero(mask))
    words, documents, amounts = _alive(mask, queried)
    scores = np.zeros(len(mask))
    if not len(words):
        return scores
    average = int(lengths.sum(where=mask, dtype=np.int64)) / total
    bm25 = FIELD_BM25[field]
    times = np.array([times for times, _ in queried])
    weights = times * _idf(words, len(queried), total) * (bm25.k1 + 1)
    held_back = bm25.k1 * (1 - bm25.b + bm25.b * lengths[documents] / max(average, 1e-9))
    np.add.at(scores, documents, weights[words] * amounts / (amounts + held_back))
    return scores


def title_shares(live: LiveDocuments, queried: Sequence[tuple[int, Sequence[Found]]]) -> tuple[Floats, Floats]:
    """Return how much of the query each record's title says, by idf, and how much of its words the query says."""
    asked, told = np.zeros(len(live.records)), np.zeros(len(live.records))
    words, documents, _ = _alive(live.records, queried)
    if len(words):
        weights = _idf(words, len(queried), int(np.count_nonzero(live.records)))
        np.add.at(asked, documents, weights[words] / weights.sum())
        np.add.at(told, documents, 1 / live.documents.title_lengths[documents])
    return asked, told


def _alive(
    mask: Mask, queried: Sequence[tuple[int, Sequence[Found]]]
) -> tuple[NDArray[np.int64], Ints, NDArray[np.float64]]:
    """Return, for each living document with a word, the word's place in the query, the document, and how often."""
    parts = [(word, found) for word, (_, everywhere) in enumerate(queried) for found in everywhere]
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0)
    words = np.repeat([word for word, _ in parts], [len(documents) for _, (documents, _) in parts])
    documents = np.concatenate([documents for _, (documents, _) in parts])
    amounts = np.concatenate([counts for _, (_, counts) in parts]).astype(np.float64)
    alive = mask[documents]
    return words[alive], documents[alive], amounts[alive]


def _idf(words: NDArray[np.int64], count: int, total: int) -> Floats:
    frequencies = np.bincount(words, minlength=count)
    return np.log(1 + (total - frequencies + 0.5) / (frequencies + 0.5))


def best_of_records(documents: Documents, passage_scores: Floats) -> Floats:
    """Return the best passage score of each record, 0 for a record without passages."""
    best = np.zeros(len(documents.record_nos))
    filled = np.diff(documents.first_passage) > 0
    if filled.any():
        best[filled] = np.maximum.reduceat(passage_scores, documents.first_passage[:-1][filled])
    return best


def z_scores(values: Floats) -> Floats:
    """Return how many standard deviations each value is above the mean; zeros when all are equal."""
    if not len(values):
        return values
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-12 else np.zeros(len(values))  # noqa: PLR2004 - rounding error.
