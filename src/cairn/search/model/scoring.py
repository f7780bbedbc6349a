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
PASSAGE_NEIGHBOURS = Bm25(k1=1.2, b=0.4)
TITLE_WORDS = Bm25(k1=1.2, b=0.75)
FIELD_BM25: Mapping[Field, Bm25] = {
    Field.RECORD_WORDS: RECORD_WORDS,
    Field.PASSAGE_WORDS: PASSAGE_WORDS,
    Field.PASSAGE_NEIGHBOURS: PASSAGE_NEIGHBOURS,
    Field.TITLE_WORDS: TITLE_WORDS,
}


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment's documents and which of its records are alive and visible to the caller."""

    documents: Documents
    records: Mask

    def mask(self, field: Field) -> Mask:
        """Return which documents of a field are alive."""
        if field.counts_records:
            return self.records
        return np.repeat(self.records, np.diff(self.documents.first_passage))


def score_field(
    field: Field, segments: Sequence[LiveSegment], queried: Sequence[tuple[int, Sequence[Sequence[Found]]]]
) -> list[Floats]:
    """Return the BM25 score of every document of every segment; dead documents score 0.

    `queried` has one entry a query word: how often the query says it, and per language it was stemmed in where each
    segment has it. A word's document frequency is its sum over the languages, since a document is written in one.
    """
    masks = [segment.mask(field) for segment in segments]
    lengths = [segment.documents.lengths(field) for segment in segments]
    total = sum(int(mask.sum()) for mask in masks)
    scores = [np.zeros(len(mask)) for mask in masks]
    if not total:
        return scores
    average = sum(int(length[mask].sum()) for length, mask in zip(lengths, masks, strict=True)) / total
    bm25 = FIELD_BM25[field]
    held_back = [bm25.k1 * (1 - bm25.b + bm25.b * length / max(average, 1e-9)) for length in lengths]
    for times, variants in queried:
        alive = [
            [
                (documents[keep], counts[keep])
                for (documents, counts), mask in zip(found, masks, strict=True)
                for keep in [mask[documents]]
            ]
            for found in variants
        ]
        frequency = sum(len(documents) for found in alive for documents, _ in found)
        if not frequency:
            continue
        weight = times * np.log(1 + (total - frequency + 0.5) / (frequency + 0.5)) * (bm25.k1 + 1)
        for found in alive:
            for place, (documents, counts) in enumerate(found):
                amounts = counts.astype(np.float64)
                scores[place][documents] += weight * amounts / (amounts + held_back[place][documents])
    return scores


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
