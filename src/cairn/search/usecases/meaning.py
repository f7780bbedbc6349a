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


@dataclass(frozen=True, slots=True)
class VectorInTheMaking:
    """A vector that a model is making of a query. None comes out when it cannot."""

    model: str
    made: Awaitable[QueryVector | None]


# A query's vector, one that is being made, or none when its model cannot answer.
AskedVector = QueryVector | VectorInTheMaking | None
# By block: the passages with the row of each, and how close they are to the query as far as bits tell.
_Weighed = tuple[Ints, Ints, NDArray[np.float64]]


class Closeness:
    """How close the living passages are to a query: what their bits say, and exactly where it matters."""

    def __init__(self, query: QueryVector, passages: PassageScores, error: float) -> None:
        self.query = query
        self._passages = passages
        # The largest standard error of what bits say.
        self._error = error
        self._exact: dict[int, float] = {}

    async def compare_nearest(self, reader: IndexReader) -> None:
        """Compare the nearest passages exactly, and those that may still be among the best."""
        coarse = self._passages.scores.copy()
        first = _nearest(coarse)
        await self._compare(reader, first)
        if len(first) < len(coarse) and len(self._exact) > _BEST:
            tenth = sorted(self._exact.values())[-_BEST]
            coarse[first] = -np.inf
            near = np.flatnonzero(coarse >= tenth - _ERRORS * self._error)
            if len(near) > _EXACT_MAX:
                near = near[np.argpartition(-coarse[near], _EXACT_MAX)[:_EXACT_MAX]]
            await self._compare(reader, near)

    async def score(self, reader: IndexReader, rows: Rows, words: WordScores | None) -> MeaningScores:
        """Return how close each row is. Of the best by words the nearest passage is compared exactly too."""
        if words is not None:
            await self._compare(reader, _nearest_of_best(self._passages, rows, words))
        return meaning_scores(rows, self._passages, self._exact)

    async def _compare(self, reader: IndexReader, places: NDArray[np.int64]) -> None:
        numbers = self._passages.passage_nos[places].tolist()
        missing = [(place, one) for place, one in zip(places.tolist(), numbers, strict=True) if one not in self._exact]
        if not missing:
            return
        found = await reader.cosines(self.query.model, self.query.vector, [number for _, number in missing])
        self._exact.update(found)
        for place, number in missing:
            self._passages.scores[place] = found.get(number, self._passages.scores[place])


async def begin_closeness(
    reader: IndexReader, asked: QueryVector | VectorInTheMaking, index: Awaitable[WordIndex], *, narrowed: bool
) -> asyncio.Task[Closeness | None] | None:
    """Begin to weigh every living passage by its bits; None when nothing was embedded with the query's model.

    None comes out when there is no vector. It goes on in a thread of its own, as soon as there is a vector: before
    `index` knows which records live, unless filters have `narrowed` these, for then most need not be weighed.
    """
    blocks = await reader.list_blocks(asked.model)
    if not blocks:
        return None
    contents = await reader.block_contents([block.id for block in blocks])
    unpacked = [signs.Signs.unpack(contents[block.id], block.passages) for block in blocks]

    async def weigh() -> Closeness | None:
        query = await asked.made if isinstance(asked, VectorInTheMaking) else asked
        if query is None:
            return None
        everything = None if narrowed else await asyncio.to_thread(_weigh_all, unpacked, query.vector)
        passages = await asyncio.to_thread(_weigh_living, unpacked, everything, await index, query.vector)
        return Closeness(query, passages, max(block.error(len(query.vector)) for block in unpacked))

    return asyncio.create_task(weigh())


def _weigh_all(blocks: Sequence[signs.Signs], vector: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [signs.estimate_cosines(block, vector) for block in blocks]


def _weigh_living(
    blocks: Sequence[signs.Signs],
    everything: Sequence[NDArray[np.float32]] | None,
    index: WordIndex,
    vector: NDArray[np.float32],
) -> PassageScores:
    passage_rows = index.passage_rows()
    if everything is None:
        found = [_weigh_block(*_alive(block, passage_rows), vector) for block in blocks]
    else:
        found = [
            _living(owners, block.passage_nos, estimates)
            for block, estimates in zip(blocks, everything, strict=True)
            for owners in (_owners(block, passage_rows),)
        ]
    rows, numbers, cosines = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return PassageScores(rows, numbers, cosines)


def _weigh_block(block: signs.Signs, owners: Ints, vector: NDArray[np.float32]) -> _Weighed:
    return _living(owners, block.passage_nos, signs.estimate_cosines(block, vector))


def _living(owners: Ints, passage_nos: Ints, estimates: NDArray[np.float32]) -> _Weighed:
    """Return row, number and estimated cosine of the living passages of a block."""
    if len(owners) and owners.min() >= 0:
        return owners, passage_nos, estimates.astype(np.float64)
    alive = np.flatnonzero(owners >= 0)
    return owners[alive], passage_nos[alive], estimates[alive].astype(np.float64)


def _owners(block: signs.Signs, passage_rows: Ints) -> Ints:
    """Return the row of each passage of a block, -1 for the dead."""
    if block.passage_nos.max(initial=-1) < len(passage_rows):
        return passage_rows[block.passage_nos]
    known = block.passage_nos < len(passage_rows)
    return np.where(known, passage_rows[np.where(known, block.passage_nos, 0)], -1)


def _alive(block: signs.Signs, passage_rows: Ints) -> tuple[signs.Signs, Ints]:
    """Return a block, without most of its dead when it has many, and the row of each passage, -1 for the dead."""
    owners = _owners(block, passage_rows)
    alive = np.flatnonzero(owners >= 0)
    if len(alive) >= _ALIVE_SHARE * len(owners):
        return block, owners
    return signs.keep(block, alive), owners[alive]


def _nearest(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of the highest scores."""
    count, most = len(scores), _EXACT_FIRST
    if count <= most:
        return np.arange(count)
    # Finding the value that so many reach takes a quarter of finding their places.
    return np.flatnonzero(scores >= np.partition(scores, count - most)[count - most])[:most]


def _nearest_of_best(passages: PassageScores, rows: Rows, words: WordScores) -> NDArray[np.int64]:
    """Return the place of the nearest passage of each of the best records by words."""
    seeds = rows.of(np.array(best_records(rows, words, None, most=_WORD_RECORDS), np.int32))
    seeded = np.zeros(len(rows), bool)
    seeded[seeds] = True
    places = np.flatnonzero(seeded[passages.rows])
    places = places[np.lexsort((-passages.scores[places], passages.rows[places]))]
    _, firsts = np.unique(passages.rows[places], return_index=True)
    return places[firsts]
