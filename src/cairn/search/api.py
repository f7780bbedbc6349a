"""The facade of the search slice: what other slices may ask of it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from cairn.kernel.errors import Unavailable
from cairn.platform.database import Connection
from cairn.search.domain import (
    INDEX_TOPIC,
    AttachedText,
    FacetCount,
    Filters,
    FoundPassage,
    Highlight,
    IndexState,
    IndexTotals,
    Mode,
)
from cairn.search.model.cross_encoder import CrossEncoder
from cairn.search.model.embedder import MiniLm
from cairn.search.model.query import parse_dates, parse_query
from cairn.search.model.words import guess_language, is_stop_word, iterate_words, stem
from cairn.search.ports import Embedder, Reranker
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases import indexing, relating, searching, upkeep
from cairn.search.usecases.evaluation import plain_query
from cairn.search.usecases.meaning import AskedVector, QueryVector, VectorInTheMaking
from cairn.search.usecases.relating import Related
from cairn.search.usecases.reranking import Reranking
from cairn.search.usecases.searching import FoundRecord, Page, Position
from cairn.search.usecases.upkeep import IndexReport

__all__ = [
    "INDEX_TOPIC",
    "AttachedText",
    "Embedder",
    "FacetCount",
    "Filters",
    "FoundPassage",
    "FoundRecord",
    "Highlight",
    "IndexReport",
    "IndexState",
    "IndexTotals",
    "Mode",
    "Page",
    "Position",
    "Related",
    "Reranker",
    "Search",
    "TextWord",
    "cross_encoder",
    "embedded_model",
    "guess_language",
    "parse_dates",
    "take_apart",
]

_SUGGEST_CHARACTERS_MAX = 200
# A provider that takes longer to embed a query leaves the answer to the words.
_EMBEDDING_SECONDS_MAX = 3.0


def embedded_model(home: Path) -> Embedder:
    """Return the embedding model that comes with Cairn, kept under Cairn's folder. It is loaded at its first use."""
    return MiniLm(home)


def cross_encoder(name: str, home: Path) -> Reranker:
    """Return the reranker in a folder (a path) or on the Hugging Face hub (`org/model`). `prepare` loads it."""
    return CrossEncoder(name, home)


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of a text in its base form, and where it stands. `common` words carry no meaning of their own."""

    base: str
    start: int
    end: int
    common: bool


def take_apart(text: str, language: str) -> list[TextWord]:
    """Return the words of a text, in order, as the search reads them in that language."""
    return [
        TextWord(stem(word.text, language), word.start, word.end, is_stop_word(word.text, language))
        for word in iterate_words(text)
        if not word.whole
    ]


class Search:
    """Searches with the embedding model that an organisation is embedded with, of those given, and a reranker if any.

    One for the whole process; every call brings its own connection. The first model is the one that answers before any
    is complete.

    The connection's transaction says who is asking: drafts of others and deleted decisions are never found. Open it
    with `repeatable_read`, so that all parts of one answer are of one moment.
    """

    def __init__(self, *embedders: Embedder, reranker: Reranker | None = None) -> None:
        self._embedders = embedders
        self._reranker = reranker

    async def find_passages(
        self,
        connection: Connection,
        query: str,
        *,
        mode: Mode = Mode.HYBRID,
        log_ids: Sequence[UUID] = (),
        decision_ids: Sequence[UUID] = (),
        tags: Sequence[str] = (),
        as_of: date | None = None,
        limit: int = 8,
    ) -> list[FoundPassage]:
        """Return up to `limit` passages that best answer `query`, best first; none when nothing matches.

        With `as_of` they are of the versions of the end of that day (UTC). Raises `InvalidArgument` for a query that is
        empty or too long.
        """
        text = searching.check_query(query)
        filters = Filters(log_ids=tuple(log_ids), decision_ids=tuple(decision_ids), tags=tuple(tags), as_of=as_of)
        async with self._embedding(connection, text, mode) as vector:
            return await searching.find_passages(
                PostgresIndex(connection),
                plain_query(text, filters),
                mode=mode,
                vector=vector,
                limit=limit,
                reranking=await self._reranking(connection),
            )

    async def weigh_words(self, connection: Connection, query: str, language: str) -> dict[str, float]:
        """Return how much each meaningful word of a query tells, by its base form in `language`: its idf, 0 and up.

        A word that no record has weighs most.
        """
        return await searching.weigh_words(PostgresIndex(connection), query, language)

    async def search(
        self,
        connection: Connection,
        query: str,
        *,
        mode: Mode = Mode.HYBRID,
        filters: Filters = Filters(),  # noqa: B008 - frozen.
        page_size: int = 10,
        after: Position | None = None,
        facets: bool = False,
    ) -> Page:
        """Return one page of decisions, best first. `query` may use the query language (docs/search.md).

        Raises `InvalidArgument` for a query that is empty or too long, or a field's value that cannot be meant.
        """
        parsed = parse_query(searching.check_query(query), filters)
        async with self._embedding(connection, parsed.text, mode) as vector:
            return await searching.search(
                PostgresIndex(connection),
                parsed,
                mode=mode,
                vector=vector,
                page_size=page_size,
                after=after,
                facets=facets,
                reranking=await self._reranking(connection),
            )

    async def list_related(self, connection: Connection, decision_id: UUID, *, limit: int = 10) -> list[Related]:
        """Return the decisions most like one, best first; none when it is not indexed yet."""
        index = PostgresIndex(connection)
        embedder, _ = await self._answering(index)
        return await relating.list_related(index, decision_id, model=embedder.name, limit=limit)

    async def suggest(self, connection: Connection, text: str, *, limit: int = 8) -> list[UUID]:
        """Return decisions in whose title, tags or slug some word begins with each word of `text`."""
        return await relating.suggest(PostgresIndex(connection), text[:_SUGGEST_CHARACTERS_MAX], limit=limit)

    async def attach_texts(
        self, connection: Connection, source: str, decision_ids: Sequence[UUID], texts: Sequence[AttachedText]
    ) -> None:
        """Let texts of another slice be found with decisions: `texts` is all there is of `source` at `decision_ids`.

        What was attached there before and is not among them is found no more. It is found by words when the transaction
        commits, and by meaning after the caller's `decision.changed` or `decision.discussed` for each decision. A table
        of such texts has the trigger `search_forget`, so that a deleted one is gone in that moment. The caller needs to
        see the decisions.
        """
        index = PostgresIndex(connection)
        await index.lock()
        await indexing.attach_texts(index, source, decision_ids, texts)

    async def check_index(self, connection: Connection) -> IndexReport:
        """Compare the organisation's index with its decisions. Open the transaction with `repeatable_read`."""
        return await upkeep.check_index(PostgresIndex(connection))

    async def make_stale(self, connection: Connection, *, embed_anew: bool) -> None:
        """Mark everything as to be indexed anew; the caller then tells the worker of every decision."""
        index = PostgresIndex(connection)
        await index.lock()
        await upkeep.make_stale(index, embed_anew=embed_anew)

    async def index_state(self, connection: Connection, decision_id: UUID) -> IndexState | None:
        """Return how far a decision is indexed; None when it is not there for the caller."""
        return await PostgresIndex(connection).index_state(decision_id)

    async def index_totals(self, connection: Connection) -> IndexTotals:
        """Return how far the organisation's decisions are indexed."""
        return await PostgresIndex(connection).index_totals()

    async def _reranking(self, connection: Connection) -> Reranking | None:
        if self._reranker is None:
            return None
        tenant_id, _ = await PostgresIndex(connection).query_model()
        return Reranking(self._reranker, tenant_id)

    async def _answering(self, index: PostgresIndex) -> tuple[Embedder, UUID | None]:
        """Return the model that the organisation is embedded with, and the organisation where a model must know it."""
        if len(self._embedders) == 1:
            return self._embedders[0], None
        tenant_id, name = await index.query_model()
        return next((one for one in self._embedders if one.name == name), self._embedders[0]), tenant_id

    @asynccontextmanager
    async def _embedding(self, connection: Connection, text: str, mode: Mode) -> AsyncGenerator[AskedVector]:
        """Embed a query while the block runs. None comes out when its model cannot answer soon: the words must do."""
        embedder, tenant_id = await self._answering(PostgresIndex(connection))
        if mode is Mode.LEXICAL or not text or not embedder.ready:
            yield None
            return
        task = asyncio.create_task(_embed(embedder, text, tenant_id))
        try:
            yield VectorInTheMaking(embedder.name, task)
        finally:
            task.cancel()


async def _embed(embedder: Embedder, text: str, tenant_id: UUID | None) -> QueryVector | None:
    try:
        async with asyncio.timeout(_EMBEDDING_SECONDS_MAX):
            vectors = await asyncio.to_thread(embedder.embed, [text], tenant_id)
    except (TimeoutError, Unavailable):
        # The page says that these results are by words.
        return None
    return QueryVector(embedder.name, vectors[0])
