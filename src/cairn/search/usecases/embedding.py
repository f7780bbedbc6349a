"""Storing vectors, and their signs in blocks that a query reads whole."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cairn.kernel.ids import uuid7
from cairn.search.model import signs
from cairn.search.ports import PassageToEmbed, StoredBlock, VectorStore

# More blocks than this and the smallest are joined.
BLOCKS_MAX = 24


async def store_vectors(
    store: VectorStore, model: str, passages: Sequence[PassageToEmbed], vectors: NDArray[np.float32]
) -> None:
    """Store the vectors of passages, one row each, with the index locked. What changed meanwhile gets none."""
    places = {passage.passage_no: place for place, passage in enumerate(passages)}
    kept = sorted(await store.save_vectors(model, passages, vectors))
    if not kept:
        return
    block = signs.bits_of(np.array(kept, np.int32), vectors[[places[number] for number in kept]])
    await _add(store, model, block)
    await _join_when_many(store, model)


async def _add(store: VectorStore, model: str, block: signs.Signs) -> None:
    if len(block.passage_nos):
        await store.add_block(model, StoredBlock(uuid7(), len(block.passage_nos)), block.pack())


async def _join_when_many(store: VectorStore, model: str) -> None:
    """Join the smallest blocks when there are too many, and leave behind what has no vector any more."""
    blocks = sorted(await store.list_blocks(model) or [], key=lambda block: block.passages)
    if len(blocks) <= BLOCKS_MAX:
        return
    chosen, size = blocks[:2], sum(block.passages for block in blocks[:2])
    for block in blocks[2:]:
        # A much larger block waits until the small ones have grown to its size.
        if len(chosen) >= BLOCKS_MAX // 2 and block.passages > size:
            break
        chosen.append(block)
        size += block.passages
    contents = await store.block_contents([block.id for block in chosen])
    unpacked = {block.id: signs.Signs.unpack(contents[block.id], block.passages) for block in chosen}
    # Blocks of an older Cairn have one bit a dimension only, and stay as they are.
    columns = max(len(part.columns) for part in unpacked.values())
    ids = [id_ for id_, part in unpacked.items() if len(part.columns) == columns]
    joined = signs.join([unpacked[id_] for id_ in ids])
    alive = await store.embedded_passages(model, joined.passage_nos.tolist())
    places = np.flatnonzero(np.isin(joined.passage_nos, np.array(alive, np.int32)))
    await store.drop_blocks(ids)
    await _add(store, model, signs.keep(joined, places))
