"""How close the records are to a query in meaning."""

import asyncio
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
# More passages than these are compared by two threads.
_ALONE_MAX = 50_000
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
    unpacked = [signs.Signs.unpack(contents[block.id], block.passages) for block in blocks]
    passages, error = await _estimate(unpacked, index.passage_rows(), query.vector)
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


async def _estimate(
    blocks: Sequence[signs.Signs], passage_rows: Ints, vector: NDArray[np.float32]
) -> tuple[PassageScores, float]:
    """Return the estimated cosines of the living passages of blocks, and the largest standard error of them."""
    parts = [_alive(block, passage_rows) for block in blocks]
    total = max(sum(len(block.passage_nos) for block, _ in parts), 1)
    if total < _ALONE_MAX:
        found = _estimate_parts(parts, vector, total)
    else:
        # Long enough that others would wait for it; numpy lets other threads run meanwhile.
        halves = await asyncio.gather(
            *(asyncio.to_thread(_estimate_parts, parts[half::2], vector, total) for half in range(2))
        )
        found = [one for half in halves for one in half]
    nothing = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float64))
    rows, numbers, cosines = (np.concatenate(columns) for columns in zip(nothing, *found, strict=True))
    error = max(block.error(len(vector)) for block in blocks)
    return PassageScores(rows, numbers, cosines), error


def _estimate_parts(
    parts: Sequence[tuple[signs.Signs, Ints]], vector: NDArray[np.float32], total: int
) -> list[tuple[Ints, Ints, NDArray[np.float64]]]:
    return [_estimate_part(part, vector, total) for part in parts]


def _estimate_part(
    part: tuple[signs.Signs, Ints], vector: NDArray[np.float32], total: int
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Return row, number and estimated cosine of the living passages of a block."""
    block, owners = part
    estimates = signs.estimate_cosines(block, vector, share=len(owners) / total)
    if len(owners) and owners.min() >= 0:
        return owners, block.passage_nos, estimates.astype(np.float64)
    alive = np.flatnonzero(owners >= 0)
    return owners[alive], block.passage_nos[alive], estimates[alive].astype(np.float64)


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
