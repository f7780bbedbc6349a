"""How close the records are to a query in meaning."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model import signs
from cairn.search.model.ranking import MeaningScores, PassageScores, Rows, WordScores, best_records, meaning_scores
from cairn.search.model.segments import Ints
from cairn.search.ports import IndexReader
from cairn.search.usecases.lookup import WordIndex

# So many passages, and this share of an organisation's, are compared exactly (docs/search.md has the recall).
_EXACT_MIN = 300
_EXACT_SHARE = 0.001
# Of the best records by words the nearest passage is compared exactly too.
_WORD_RECORDS = 100
# A block of which less lives is cut down before it is compared.
_ALIVE_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class QueryVector:
    """A query embedded with a model."""

    model: str
    vector: NDArray[np.float32]


async def score_meaning(
    reader: IndexReader, index: WordIndex, rows: Rows, words: WordScores | None, query: QueryVector
) -> MeaningScores | None:
    """Return how close each row is to the query; None when nothing was embedded with its model yet.

    Every passage is compared by signs; the nearest, and those of the best records by words, exactly.
    """
    blocks = await reader.list_blocks(query.model)
    if not blocks:
        return None
    contents = await reader.block_contents([block.id for block in blocks])
    passages = _estimate([contents[block.id] for block in blocks], index.passage_rows(), query.vector)
    places = _worth_exactness(passages, rows, words)
    exact = await reader.cosines(query.model, query.vector, passages.passage_nos[places].tolist())
    for place, number in zip(places.tolist(), passages.passage_nos[places].tolist(), strict=True):
        passages.scores[place] = exact.get(number, passages.scores[place])
    return meaning_scores(rows, passages, exact)


def _estimate(contents: Sequence[bytes], passage_rows: Ints, vector: NDArray[np.float32]) -> PassageScores:
    """Return the estimated cosines of the living passages of blocks."""
    rows: list[Ints] = [np.empty(0, np.int32)]
    numbers: list[Ints] = [np.empty(0, np.int32)]
    cosines: list[NDArray[np.float64]] = [np.empty(0)]
    total = sum(len(content) for content in contents)
    for content in contents:
        block = signs.Signs.unpack(content, len(vector))
        known = block.passage_nos < len(passage_rows)
        owners = np.where(known, passage_rows[np.where(known, block.passage_nos, 0)], -1)
        alive = np.flatnonzero(owners >= 0)
        if len(alive) < _ALIVE_SHARE * len(owners):
            block, owners = signs.keep(block, alive), owners[alive]
            alive = np.arange(len(alive))
        rows.append(owners[alive])
        numbers.append(block.passage_nos[alive])
        cosines.append(signs.estimate_cosines(block, vector, share=len(content) / total)[alive].astype(np.float64))
    return PassageScores(np.concatenate(rows), np.concatenate(numbers), np.concatenate(cosines))


def _worth_exactness(passages: PassageScores, rows: Rows, words: WordScores | None) -> NDArray[np.int64]:
    """Return the places of the passages to compare exactly."""
    count = len(passages.scores)
    most = max(_EXACT_MIN, int(_EXACT_SHARE * count))
    if count <= most:
        return np.arange(count)
    near = np.argpartition(-passages.scores, most)[:most]
    if words is None:
        return np.sort(near)
    seeds = rows.of(np.array(best_records(rows, words, None, most=_WORD_RECORDS), np.int32))
    seeded = np.zeros(len(rows), bool)
    seeded[seeds] = True
    places = np.flatnonzero(seeded[passages.rows])
    places = places[np.lexsort((-passages.scores[places], passages.rows[places]))]
    _, firsts = np.unique(passages.rows[places], return_index=True)
    return np.union1d(near, places[firsts])
