"""Exact BM25 over the live documents of all segments, and the sum of z-scores that joins the legs.

BM25 after Robertson and Zaragoza (2009) with the never-negative idf `log(1 + (N - n + .5) / (n + .5))`. The recipe of
legs and weights is measured in docs/search.md.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.segments import Documents, Field, Found, join_found

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Segments of so many documents, or one that is larger, are added up before the next: their sums fit a core's own cache.
_CHUNK = 32_768
# What a word of a query has in one segment: the word's place in the query, where the segment's documents begin among
# all, and the postings.
Posted = tuple[int, int, Found]


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


def score_field(
    field: Field, live: LiveDocuments, times: Sequence[int], posted: Sequence[Posted], starts: Sequence[int]
) -> Floats:
    """Return the BM25 score of every document; dead documents score 0.

    `times` says how often the query says each word, `posted` where it was found, in whatever segment and in whatever
    language it was stemmed. Its document frequency is the sum, since a document is written in one. `starts` says where
    the documents of each segment begin. All words of a few segments are added up together: numpy needs microseconds
    for a call however small the array is, and a long query has thousands of small ones.
    """
    mask, lengths = live.mask(field), live.documents.lengths(field)
    total = int(np.count_nonzero(mask))
    scores = np.zeros(len(mask))
    everything = total == len(mask)
    chunks = _chunks(posted, starts, len(mask))
    frequencies = _frequencies(len(times), mask, chunks, everything=everything)
    bm25 = FIELD_BM25[field]
    weights = np.array([count * _idf(int(found), total) for count, found in zip(times, frequencies, strict=True)])
    weights *= bm25.k1 + 1
    living = lengths if everything else lengths[mask]
    average = max(int(living.sum(dtype=np.int64)) / max(total, 1), 1e-9)
    for chunk in chunks:
        some = lengths[chunk.first : chunk.last]
        held_back = some * (bm25.k1 * bm25.b / average)
        held_back += bm25.k1 * (1 - bm25.b)
        places, counts = join_found(chunk.found)
        amounts = counts.astype(np.float64)
        against = held_back[places]
        against += amounts
        amounts /= against
        amounts *= np.repeat(weights[chunk.words], chunk.sizes)
        scores[chunk.first : chunk.last] = np.bincount(places, amounts, len(some))
    if not everything:
        scores[~mask] = 0
    return scores


def title_shares(
    live: LiveDocuments, words: int, posted: Sequence[Posted], starts: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return how much of the query each record's title says, by idf, and how much of its words the query says.

    The query has so many `words`; see `score_field` for the rest.
    """
    mask, lengths = live.records, live.documents.title_lengths
    asked, told = np.zeros(len(mask)), np.zeros(len(mask))
    total = int(np.count_nonzero(mask))
    chunks = _chunks(posted, starts, len(mask))
    frequencies = _frequencies(words, mask, chunks, everything=total == len(mask))
    weights = np.array([_idf(int(found), total) for found in frequencies])
    weights /= weights.sum() or 1.0
    for chunk in chunks:
        places, _ = join_found(chunk.found)
        here = slice(chunk.first, chunk.last)
        shares = np.repeat(weights[chunk.words], chunk.sizes)
        asked[here] = np.bincount(places, shares, chunk.last - chunk.first)
        told[here] = np.bincount(places, minlength=chunk.last - chunk.first) / np.maximum(lengths[here], 1)
    return asked, told


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What a query has in some segments, whose documents are the `first` to the `last`, not included.

    Words with their postings, and how many these are.
    """

    first: int
    last: int
    words: NDArray[np.intp]
    found: Sequence[tuple[int, Found]]
    sizes: NDArray[np.intp]


def _chunks(posted: Sequence[Posted], starts: Sequence[int], total: int) -> list[_Chunk]:
    """Sort what was found by the segments that are added up together; inside, the order stays."""
    firsts: dict[int, int] = {}
    bounds: list[int] = []
    for start, end in itertools.pairwise([*starts, total]):
        if not bounds or end - bounds[-1] > _CHUNK:
            bounds.append(start)
        firsts[start] = bounds[-1]
    lasts = dict(itertools.pairwise([*bounds, total]))
    grouped: dict[int, list[Posted]] = {}
    for one in posted:
        grouped.setdefault(firsts[one[1]], []).append(one)
    return [
        _Chunk(
            first,
            lasts[first],
            np.array([word for word, _, _ in part], np.intp),
            [(start - first, found) for _, start, found in part],
            np.array([found[0] for _, _, found in part], np.intp),
        )
        for first, part in grouped.items()
    ]


def _frequencies(words: int, mask: Mask, chunks: Sequence[_Chunk], *, everything: bool) -> NDArray[np.float64]:
    """Return in how many living documents each word stands. Says `everything`: all live."""
    frequencies = np.zeros(words)
    for chunk in chunks:
        here = mask[chunk.first : chunk.last]
        alive = chunk.sizes
        if not everything and not here.all():
            places, _ = join_found(chunk.found)
            alive = np.add.reduceat(here[places], np.cumsum(chunk.sizes) - chunk.sizes, dtype=np.intp)
        np.add.at(frequencies, chunk.words, alive)
    return frequencies


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
