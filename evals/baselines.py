"""What search is compared with: plain BM25 of a library over whole records, and the usual hybrid of it."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from logs import LogRecord
from rank_bm25 import BM25Okapi

_RRF_K = 60


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class PlainBm25:
    """BM25Okapi over title and body, words in lower case."""

    def __init__(self, records: Sequence[LogRecord]) -> None:
        self._records = list(records)
        self._model = BM25Okapi([_words(f"{record.title}\n{record.body}") or [""] for record in records])

    def rank(self, text: str, *, hidden: UUID | None, log: str | None) -> list[UUID]:
        """Return the records that share a word with `text`, best first."""
        scores = self._model.get_scores(_words(text))
        order = np.argsort(-scores, kind="stable")
        return [
            record.id
            for place in order
            if (record := self._records[place]).id != hidden and (log is None or record.log == log)
        ]


def fuse(rankings: Sequence[Sequence[UUID]]) -> list[UUID]:
    """Join rankings by reciprocal rank (Cormack, Clarke and Buettcher 2009)."""
    scores: Mapping[UUID, float] = {}
    totals = dict(scores)
    for ranking in rankings:
        for rank, id_ in enumerate(ranking, 1):
            totals[id_] = totals.get(id_, 0.0) + 1 / (_RRF_K + rank)
    return sorted(totals, key=lambda id_: -totals[id_])
