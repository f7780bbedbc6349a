"""How close the records are to a query in meaning."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model import signs
from cairn.search.model.ranking import MeaningScores, PassageScores, Rows, WordScores, best_records, meaning_scores
from cairn.search.model.segments import Ints
from cairn.search.ports import IndexReader
from cairn.search.usecases.lookup import WordIndex

# So many of the nearest passages are compared exactly at once. Then those that may still be among the best ten: their
# estimates are at most so many standard errors behind the tenth, which one in a hundred exceeds.
_EXACT_FIRST = 200
_EXACT_MAX = 5_000
_BEST = 10
_ERRORS = 2.5
# Of the best records by words the nearest passage is compared exactly too.
_WORD_RECORDS = 100
# A block of which less lives is cut down before it is compared.
_ALIVE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class QueryVector:
    """A query embedded with a model."""

    model: str
    vector: NDArray[np.float32]


# A query's vector, one that is being made, or none when its model cannot answer.
AskedVector = QueryVector | Awaitable[QueryVector | None] | None


@dataclass(frozen=True, slots=True)
class Estimates:
    """What signs say of how close the living passages are to a query, and the largest standard error of it."""

    passages: PassageScores
    error: float


async def begin_estimates(reader: IndexReader, index: WordIndex, query: QueryVector) -> asyncio.Task[Estimates] | None:
    """Begin to compare every living passage with a query by its signs; None when nothing was embedded with its model.

    That goes on in a thread of its own, while Postgres and this thread see to the query's words.
    """
    blocks = await reader.list_blocks(query.model)
    if not blocks:
        return None
    contents = await reader.block_contents([block.id for block in blocks])
    unpacked = [signs.Signs.unpack(contents[block.id], block.passages) for block in blocks]
    return asyncio.create_task(asyncio.to_thread(_estimate, unpacked, index, query.vector))


async def score_meaning(
    reader: IndexReader, rows: Rows, words: WordScores | None, query: QueryVector, estimates: Estimates
) -> MeaningScores:
    """Return how close each row is to the query.

    Of all passages that were estimated the nearest, and those of the best records by words, are compared exactly.
    """
    passages, exact = estimates.passages, dict[int, float]()

    async def compare(places: NDArray[np.int64]) -> None:
        numbers = passages.passage_nos[places].tolist()
        found = await reader.cosines(query.model, query.vector, numbers)
        exact.update(found)
        for place, number in zip(places.tolist(), numbers, strict=True):
            passages.scores[place] = found.get(number, passages.scores[place])

    first = _worth_exactness(passages, rows, words)
    coarse = passages.scores.copy()
    await compare(first)
    if len(first) < len(coarse) and len(exact) > _BEST:
        tenth = sorted(exact.values())[-_BEST]
        coarse[first] = -np.inf
        near = np.flatnonzero(coarse >= tenth - _ERRORS * estimates.error)
        if len(near) > _EXACT_MAX:
            near = near[np.argpartition(-coarse[near], _EXACT_MAX)[:_EXACT_MAX]]
        if len(near):
            await compare(near)
    return meaning_scores(rows, passages, exact)


def _estimate(blocks: Sequence[signs.Signs], index: WordIndex, vector: NDArray[np.float32]) -> Estimates:
    passage_rows = index.passage_rows()
    found = [_estimate_block(*_alive(block, passage_rows), vector) for block in blocks]
    rows, numbers, cosines = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return Estimates(PassageScores(rows, numbers, cosines), max(block.error(len(vector)) for block in blocks))


def _estimate_block(
    block: signs.Signs, owners: Ints, vector: NDArray[np.float32]
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Return row, number and estimated cosine of the living passages of a block."""
    estimates = signs.estimate_cosines(block, vector).astype(np.float64)
    if len(owners) and owners.min() >= 0:
        return owners, block.passage_nos, estimates
    alive = np.flatnonzero(owners >= 0)
    return owners[alive], block.passage_nos[alive], estimates[alive]


def _alive(block: signs.Signs, passage_rows: Ints) -> tuple[signs.Signs, Ints]:
    """Return a block, without most of its dead when it has many, and the row of each passage, -1 for the dead."""
    if block.passage_nos.max(initial=-1) < len(passage_rows):
        owners = passage_rows[block.passage_nos]
    else:
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
    # Finding the value that so many reach takes a quarter of finding their places.
    near = np.flatnonzero(passages.scores >= np.partition(passages.scores, count - most)[count - most])[:most]
    if words is None:
        return np.sort(near)
    seeds = rows.of(np.array(best_records(rows, words, None, most=_WORD_RECORDS), np.int32))
    seeded = np.zeros(len(rows), bool)
    seeded[seeds] = True
    places = np.flatnonzero(seeded[passages.rows])
    places = places[np.lexsort((-passages.scores[places], passages.rows[places]))]
    _, firsts = np.unique(passages.rows[places], return_index=True)
    return np.union1d(near, places[firsts])
