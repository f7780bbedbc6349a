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

# So many of the nearest passages are compared exactly at once. Then those that may still be among the best ten: their
# estimates are at most three standard errors behind the tenth.
_EXACT_FIRST = 200
_EXACT_MAX = 5_000
_BEST = 10
_ERRORS = 3.0
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
    passages, error = _estimate(
        [signs.Signs.unpack(contents[block.id], block.passages) for block in blocks], index.passage_rows(), query.vector
    )
    exact: dict[int, float] = {}

    async def compare(places: NDArray[np.int64]) -> None:
        numbers = passages.passage_nos[places].tolist()
        found = await reader.cosines(query.model, query.vector, numbers)
        exact.update(found)
        for place, number in zip(places.tolist(), numbers, strict=True):
            passages.scores[place] = found.get(number, passages.scores[place])

    estimates = passages.scores.copy()
    first = _worth_exactness(passages, rows, words)
    await compare(first)
    if len(first) < len(estimates) and len(exact) > _BEST:
        tenth = sorted(exact.values())[-_BEST]
        estimates[first] = -np.inf
        near = np.flatnonzero(estimates >= tenth - _ERRORS * error)
        if len(near) > _EXACT_MAX:
            near = near[np.argpartition(-estimates[near], _EXACT_MAX)[:_EXACT_MAX]]
        if len(near):
            await compare(near)
    return meaning_scores(rows, passages, exact)


def _estimate(
    blocks: Sequence[signs.Signs], passage_rows: Ints, vector: NDArray[np.float32]
) -> tuple[PassageScores, float]:
    """Return the estimated cosines of the living passages of blocks, and the largest standard error of them."""
    parts = [_alive(block, passage_rows) for block in blocks]
    total = max(sum(len(block.passage_nos) for block, _ in parts), 1)
    rows: list[Ints] = [np.empty(0, np.int32)]
    numbers: list[Ints] = [np.empty(0, np.int32)]
    cosines: list[NDArray[np.float64]] = [np.empty(0)]
    for block, owners in parts:
        alive = np.flatnonzero(owners >= 0)
        estimates = signs.estimate_cosines(block, vector, share=len(owners) / total)
        rows.append(owners[alive])
        numbers.append(block.passage_nos[alive])
        cosines.append(estimates[alive].astype(np.float64))
    error = max(block.error(len(vector)) for block in blocks)
    return PassageScores(np.concatenate(rows), np.concatenate(numbers), np.concatenate(cosines)), error


def _alive(block: signs.Signs, passage_rows: Ints) -> tuple[signs.Signs, Ints]:
    """Return a block, without most of its dead when it has many, and the row of each passage, -1 for the dead."""
    known = block.passage_nos < len(passage_rows)
    owners = np.where(known, passage_rows[np.where(known, block.passage_nos, 0)], -1)
    alive = np.flatnonzero(owners >= 0)
    if len(alive) >= _ALIVE_SHARE * len(owners):
        return block, owners
    return signs.keep(block, alive), owners[alive]


def _worth_exactness(passages: PassageScores, rows: Rows, words: WordScores | None) -> NDArray[np.int64]:
    """Return the places of the passages to compare exactly."""
    count = len(passages.scores)
    most = _EXACT_FIRST
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
