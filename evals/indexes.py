"""The product's own index over the judged records, in memory, with vectors kept between runs."""

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import numpy as np
from logs import LogRecord, log_id
from numpy.typing import NDArray

from cairn.search.memory import MemoryDecision, MemoryIndex
from cairn.search.ports import Embedder
from cairn.search.usecases.embedding import store_vectors
from cairn.search.usecases.indexing import embed_passages, index_words

_THREADS = 2


class KeptEmbedder:
    """An embedder that writes down what it embedded, so that the next run need not."""

    ready = True

    def __init__(self, inner: Embedder, folder: Path) -> None:
        self._inner = inner
        self.name = inner.name
        self._file = folder / f"{inner.name}.npz"
        self._kept: dict[str, NDArray[np.float32]] = {}
        if self._file.exists():
            with np.load(self._file) as stored:
                self._kept = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
        self._fresh = 0

    async def prepare(self) -> None:
        """Make the model ready."""
        await self._inner.prepare()

    def embed(self, texts: Sequence[str], tenant_id: UUID | None = None) -> NDArray[np.float32]:
        """Return the vectors of texts, new ones computed on two threads."""
        del tenant_id
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
        missing = [(key, text) for key, text in zip(keys, texts, strict=True) if key not in self._kept]
        with ThreadPoolExecutor(_THREADS) as pool:
            for (key, _), vector in zip(
                missing, pool.map(lambda entry: self._inner.embed([entry[1]])[0], missing), strict=True
            ):
                self._kept[key] = vector
        self._fresh += len(missing)
        return np.stack([self._kept[key] for key in keys])

    def save(self) -> None:
        """Write the vectors down."""
        if self._fresh:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._file, keys=np.array(list(self._kept)), vectors=np.stack(list(self._kept.values())))


async def build_index(records: Sequence[LogRecord], embedder: Embedder) -> MemoryIndex:
    """Index records by words and by meaning, the way the worker does."""
    index = MemoryIndex(
        {
            record.id: MemoryDecision(log_id(record.log), status=record.status, linked_ids=record.linked_ids)
            for record in records
        }
    )
    for first in range(0, len(records), 100):
        await index_words(index, [(record.id, record) for record in records[first : first + 100]])
    for record in records:
        passages = await index.passages_to_embed(record.id, embedder.name)
        if passages:
            await store_vectors(index, embedder.name, passages, await embed_passages(embedder, record.title, passages))
        await index.advance_meaning(record.id, embedder.name)
        await asyncio.sleep(0)
    return index
