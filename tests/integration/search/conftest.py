"""Decisions made by SQL, so that the tests of search stand on its own code only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from support.tenants import create_tenant

from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database
from cairn.search.api import AttachedText, Filters, Mode, Page, Position, Search
from cairn.search.model.words import text_terms
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases.embedding import store_vectors
from cairn.search.usecases.indexing import embed_passages, index_words, merge_when_many


@dataclass(frozen=True, slots=True)
class Record:
    """A decision's text, as the decisions slice gives it."""

    id: UUID
    version: int
    title: str
    slug: str
    body: str


class WordEmbedder:
    """An embedder whose vectors count hashed words, so that texts sharing words are alike."""

    name = "counts-words"
    dimensions = 384
    ready = True

    async def prepare(self) -> None:
        """Nothing to prepare."""

    def embed(self, texts: Sequence[str], tenant_id: UUID | None = None) -> NDArray[np.float32]:
        del tenant_id
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for term in text_terms(text, "en").content.tolist():
                vectors[row, term % self.dimensions] += 1 if term >> 60 & 1 else -1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@dataclass
class Organisation:
    """One organisation with a log, and verbs on its decisions."""

    database: Database
    caller: Caller
    log_id: UUID = field(default_factory=uuid7)
    log: str = "log"

    async def write(
        self, title: str, body: str, *, id_: UUID | None = None, version: int = 1, status: str = "accepted"
    ) -> Record:
        record = Record(id_ or uuid7(), version, title, title.lower().replace(" ", "-"), body)
        async with self.database.transaction(self.caller) as connection:
            await connection.execute(
                "insert into log (tenant_id, id, slug, name, prefix) "
                "values ($1, $2, $3, 'Log', 'ADR') on conflict do nothing",
                self.caller.tenant_id,
                self.log_id,
                self.log,
            )
            await connection.execute(
                "insert into decision (tenant_id, id, log_id, slug, author_id, version, title, status) "
                "values ($1, $2, $3, $4, $5, $6, $7, $8) "
                "on conflict (tenant_id, id) do update set version = excluded.version, title = excluded.title",
                self.caller.tenant_id,
                record.id,
                self.log_id,
                record.slug,
                self.caller.person_id,
                version,
                title,
                status,
            )
        return record

    async def index(self, *records: Record | UUID) -> int:
        async with self.database.transaction(self.caller) as connection:
            writer = PostgresIndex(connection)
            await writer.lock()
            changed = await index_words(
                writer, [(entry, None) if isinstance(entry, UUID) else (entry.id, entry) for entry in records]
            )
        async with self.database.transaction(self.caller) as connection:
            await merge_when_many(PostgresIndex(connection))
        return changed

    async def attach(self, source: str, decision_ids: Sequence[UUID], texts: Sequence[AttachedText]) -> None:
        async with self.database.transaction(self.caller) as connection:
            await Search().attach_texts(connection, source, decision_ids, texts)

    async def embed(self, *records: Record, embedder: WordEmbedder | None = None) -> None:
        embedder = embedder or WordEmbedder()
        for record in records:
            async with self.database.transaction(self.caller) as connection:
                store = PostgresIndex(connection)
                await store.lock()
                passages = await store.passages_to_embed(record.id, embedder.name)
                if passages:
                    vectors = await embed_passages(embedder, record.title, passages)
                    await store_vectors(store, embedder.name, passages, vectors)
                await store.advance_meaning(record.id, embedder.name)

    async def search(
        self,
        query: str,
        *,
        mode: Mode = Mode.HYBRID,
        filters: Filters = Filters(),  # noqa: B008 - frozen.
        page_size: int = 10,
        after: Position | None = None,
        caller: Caller | None = None,
    ) -> Page:
        async with self.database.transaction(caller or self.caller, isolation="repeatable_read") as connection:
            return await Search(WordEmbedder()).search(
                connection, query, mode=mode, filters=filters, page_size=page_size, after=after
            )


@pytest.fixture
async def organisation(database: Database) -> Organisation:
    return Organisation(database, await create_tenant(database))
