"""Exact BM25 over the live documents of all segments, and the sum of z-scores that joins the legs.

BM25 after Robertson and Zaragoza (2009) with the never-negative idf `log(1 + (N - n + .5) / (n + .5))`. The recipe of
legs and weights is measured in docs/search.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.segments import Counted, Documents, Field, Places

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Documents of which all words are added up before the next are: what is kept of so many fits a core's own cache.
_CHUNK = 262_144
# The documents that a word stands in, in order, and how often.
Standing = tuple[Places, Counted]


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


def score_field(field: Field, live: LiveDocuments, queried: Sequence[tuple[int, Standing]]) -> Floats:
    """Return the BM25 score of every document; dead documents score 0.

    `queried` has one entry a query word: how often the query says it, and where it was found, in whatever segment and
    in whatever language it was stemmed. Its document frequency is the sum, since a document is written in one.
    """
    mask, lengths = live.mask(field), live.documents.lengths(field)
    total = int(np.count_nonzero(mask))
    scores = np.zeros(len(mask))
    everything = total == len(mask)
    found = [(times, *_alive(mask, standing, everything=everything)) for times, standing in queried]
    if not any(len(documents) for _, documents, _ in found):
        return scores
    bm25 = FIELD_BM25[field]
    living = lengths if everything else lengths[mask]
    average = max(int(living.sum(dtype=np.int64)) / total, 1e-9)
    for first in range(0, len(mask), _CHUNK):
        part = scores[first : first + _CHUNK]
        some = lengths[first : first + _CHUNK]
        for times, documents, counts in found:
            begin, end = (
                np.searchsorted(documents, (first, first + _CHUNK)) if len(mask) > _CHUNK else (0, len(documents))
            )
            if begin == end:
                continue
            places, amounts = documents[begin:end] - first, counts[begin:end].astype(np.float64)
            held_back = some[places] * (bm25.k1 * bm25.b / average)
            held_back += bm25.k1 * (1 - bm25.b)
            held_back += amounts
            amounts /= held_back
            amounts *= times * _idf(len(documents), total) * (bm25.k1 + 1)
            np.add.at(part, places, amounts)
    return scores


def title_shares(live: LiveDocuments, queried: Sequence[tuple[int, Standing]]) -> tuple[Floats, Floats]:
    """Return how much of the query each record's title says, by idf, and how much of its words the query says."""
    asked, told = np.zeros(len(live.records)), np.zeros(len(live.records))
    total = int(np.count_nonzero(live.records))
    everything = total == len(live.records)
    found = [_alive(live.records, standing, everything=everything)[0] for _, standing in queried]
    weights = [_idf(len(documents), total) for documents in found]
    for documents, weight in zip(found, weights, strict=True):
        asked[documents] += weight / sum(weights)
        told[documents] += 1 / live.documents.title_lengths[documents]
    return asked, told


def _alive(mask: Mask, standing: Standing, *, everything: bool) -> Standing:
    """Return where a word stands that is alive. Says `everything`: all is."""
    if everything:
        return standing
    documents, counts = standing
    alive = mask[documents]
    return documents[alive], counts[alive]


def _idf(frequency: int, total: int) -> float:
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


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
