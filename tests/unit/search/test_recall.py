"""Of the ten nearest passages at least 99 % are found, whatever share a filter leaves, and never fewer than exist."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from cairn.kernel.ids import uuid7
from cairn.search.model.ranking import PassageScores
from cairn.search.model.signs import bits_of
from cairn.search.ports import IndexReader, StoredBlock
from cairn.search.usecases.lookup import WordIndex
from cairn.search.usecases.meaning import Closeness, QueryVector, begin_closeness

DIMENSIONS, PASSAGES, BLOCKS, TOPICS, QUERIES = 384, 20_000, 4, 100, 20
MODEL = "model"


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


RANDOM = np.random.default_rng(8)
# What is written about is the first half of these.
TOPIC_VECTORS = unit(RANDOM.normal(size=(TOPICS, DIMENSIONS)).astype(np.float32))
VECTORS = unit(
    TOPIC_VECTORS[RANDOM.integers(0, TOPICS // 2, PASSAGES)]
    + (0.8 / np.sqrt(DIMENSIONS) * RANDOM.normal(size=(PASSAGES, DIMENSIONS))).astype(np.float32)
)


class Stored:
    """What a reader says of vectors, and how many were compared exactly."""

    def __init__(self) -> None:
        self.compared = 0
        self._blocks: dict[UUID, tuple[StoredBlock, bytes]] = {}
        for numbers in np.array_split(np.arange(PASSAGES, dtype=np.int32), BLOCKS):
            id_ = uuid7()
            self._blocks[id_] = (StoredBlock(id_, len(numbers)), bits_of(numbers, VECTORS[numbers]).pack())

    async def list_blocks(self, model: str) -> list[StoredBlock]:
        assert model == MODEL
        return [block for block, _ in self._blocks.values()]

    async def block_contents(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        return {id_: self._blocks[id_][1] for id_ in ids}

    async def cosines(self, model: str, vector: NDArray[np.float32], passage_nos: Sequence[int]) -> dict[int, float]:
        assert model == MODEL
        self.compared += len(passage_nos)
        return dict(zip(passage_nos, (VECTORS[list(passage_nos)] @ vector).tolist(), strict=True))


class Living:
    """What the word index says of passages: every one is of a record of its own, and only some live."""

    def __init__(self, every: int) -> None:
        self.rows = np.full(PASSAGES, -1, np.int32)
        self.rows[::every] = np.arange(len(self.rows[::every]), dtype=np.int32)

    def passage_rows(self) -> NDArray[np.int32]:
        return self.rows


@pytest.mark.parametrize("topics", ["own", "foreign"])
@pytest.mark.parametrize("narrowed", [False, True])
@pytest.mark.parametrize("every", [1, 10, 100, 1_000])
async def test_ten_nearest(topics: str, every: int, *, narrowed: bool) -> None:
    stored, living = Stored(), Living(every)
    opened: asyncio.Future[WordIndex] = asyncio.get_running_loop().create_future()
    opened.set_result(cast("WordIndex", living))
    alive = np.flatnonzero(living.rows >= 0)
    random = np.random.default_rng(9)
    kept = asked = 0
    for _ in range(QUERIES):
        topic = int(random.integers(TOPICS // 2)) + (TOPICS // 2 if topics == "foreign" else 0)
        noise = 0.6 / np.sqrt(DIMENSIONS) * random.normal(size=DIMENSIONS)
        vector = unit((TOPIC_VECTORS[topic] + noise).astype(np.float32))
        reader = cast("IndexReader", stored)
        weighing = await begin_closeness(reader, QueryVector(MODEL, vector), opened, narrowed=narrowed)
        closeness = cast("Closeness", await cast("Any", weighing))
        await closeness.compare_nearest(reader)
        rows = cast("Any", np.arange(len(alive)))
        passages: PassageScores = (await closeness.score(reader, rows, None)).passages
        found = passages.passage_nos[np.argsort(-passages.scores, kind="stable")[:10]]
        exact = alive[np.argsort(-(VECTORS[alive] @ vector), kind="stable")[:10]]
        assert len(found) == len(exact)
        kept += len(set(found.tolist()) & set(exact.tolist()))
        asked += len(exact)
    assert kept >= 0.99 * asked
    # Comparing all of them would find them too.
    assert stored.compared <= QUERIES * max(1_500, len(alive) // 3)
