"""The worker's part of search: groups of consumers that follow the decisions."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from cairn.decisions.api import DECISION_CHANGED, DECISION_DISCUSSED, Remark, read_discussions, read_for_indexing
from cairn.kernel.events import Event
from cairn.kernel.identity import Caller, Role
from cairn.platform.bus import ConsumerGroup
from cairn.platform.database import Database
from cairn.platform.signals import notify
from cairn.search.domain import COMMENT_SOURCE, INDEX_TOPIC, AttachedText
from cairn.search.ports import Embedder
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases.embedding import store_vectors
from cairn.search.usecases.indexing import (
    attach_texts,
    count_small_segments,
    embed_passages,
    index_words,
    is_embeddable,
    merge_when_many,
)

_SYSTEM_PERSON = UUID(int=0)
_FOLLOWED = frozenset({DECISION_CHANGED, DECISION_DISCUSSED})
# The section of a record's page that holds its discussion.
_DISCUSSION_ANCHOR = "discussion"
# Records of one transaction, and of one word segment.
_WORDS_BATCH = 25
_PASSAGES_BATCH = 32
# The first edit is indexed at once; those that follow it closely make one segment, not one each.
_GATHER_SECONDS = 0.25
_JOINING_SECONDS = 2.0
# When a great many records come at once, whoever writes waits until segments are joined from this many small ones on.
_CROWDED = 120


def consumer_groups(database: Database, embedder: Embedder, *, embedding_threads: int = 2) -> list[ConsumerGroup]:
    """Return the groups that keep the index.

    `search.words` is quick, `search.meaning` embeds, and `search.segments` joins segments while the others go on.
    """
    indexer = _Indexer(database, embedder, embedding_threads)
    return [
        ConsumerGroup("search.words", _FOLLOWED, indexer.follow_words, batch_size=100, gather_seconds=_GATHER_SECONDS),
        # Small batches: it looks up between them, and words go first.
        ConsumerGroup("search.meaning", _FOLLOWED, indexer.follow_meaning, batch_size=8, after="search.words"),
        ConsumerGroup(
            "search.segments",
            _FOLLOWED,
            indexer.follow_segments,
            batch_size=1_000,
            after="search.words",
            gather_seconds=_JOINING_SECONDS,
        ),
    ]


class _Indexer:
    """Brings the index up to the current texts of the decisions that events name. Doing it twice changes nothing."""

    def __init__(self, database: Database, embedder: Embedder, threads: int) -> None:
        self._database = database
        self._embedder = embedder
        self._threads = asyncio.Semaphore(threads)

    async def follow_words(self, events: Sequence[Event]) -> None:
        await self._index_words(_system(events), _decision_ids(events))

    async def follow_meaning(self, events: Sequence[Event]) -> None:
        await self._embedder.prepare()
        caller, ids = _system(events), _decision_ids(events)
        # This group may be ahead of the other; what is indexed by words already costs a look only.
        await self._index_words(caller, ids)
        async with asyncio.TaskGroup() as tasks:
            for decision_id in ids:
                tasks.create_task(self._embed(caller, decision_id))

    async def follow_segments(self, events: Sequence[Event]) -> None:
        await self._join_segments(_system(events))

    async def _join_segments(self, caller: Caller) -> None:
        async with self._database.transaction(caller) as connection:
            await merge_when_many(PostgresIndex(connection))

    async def _index_words(self, caller: Caller, ids: Sequence[UUID]) -> None:
        for first in range(0, len(ids), _WORDS_BATCH):
            async with self._database.transaction(caller) as connection:
                writer = PostgresIndex(connection)
                await writer.lock()
                batch = ids[first : first + _WORDS_BATCH]
                records = await read_for_indexing(connection, batch)
                await index_words(writer, [(id_, records.get(id_)) for id_ in batch])
                remarks = [_attached(remark) for remark in await read_discussions(connection, list(records))]
                await attach_texts(writer, COMMENT_SOURCE, list(records), remarks)
                await notify(connection, caller.tenant_id, INDEX_TOPIC, *batch)
                crowded = await count_small_segments(writer) > _CROWDED
            if crowded:
                # What was written is found by now; were this to fail, the next change would see to it.
                await self._join_segments(caller)

    async def _embed(self, caller: Caller, decision_id: UUID) -> None:
        async with self._threads:
            async with self._database.transaction(caller, isolation="repeatable_read") as connection:
                record = (await read_for_indexing(connection, [decision_id])).get(decision_id)
                if record is None:
                    return
                found = await PostgresIndex(connection).passages_to_embed(decision_id, self._embedder.name)
            # What the words group has not caught up with comes again with the event that it follows.
            passages = [passage for passage in found if is_embeddable(passage, record.title)]
            for first in range(0, len(passages), _PASSAGES_BATCH):
                batch = passages[first : first + _PASSAGES_BATCH]
                vectors = await embed_passages(self._embedder, record.title, batch, caller.tenant_id)
                async with self._database.transaction(caller) as connection:
                    store = PostgresIndex(connection)
                    await store.lock()
                    await store_vectors(store, self._embedder.name, batch, vectors)
            async with self._database.transaction(caller) as connection:
                store = PostgresIndex(connection)
                await store.lock()
                if await store.advance_meaning(decision_id, self._embedder.name):
                    await store.complete_model(self._embedder.name)
                    await notify(connection, caller.tenant_id, INDEX_TOPIC, decision_id)


def _attached(remark: Remark) -> AttachedText:
    return AttachedText(
        source=COMMENT_SOURCE,
        id=remark.id,
        decision_id=remark.decision_id,
        version=1,
        title=remark.author_name,
        body=remark.body,
        anchor=_DISCUSSION_ANCHOR,
    )


def _system(events: Sequence[Event]) -> Caller:
    return Caller(events[0].tenant_id, _SYSTEM_PERSON, "Cairn", Role.SYSTEM)


def _decision_ids(events: Sequence[Event]) -> list[UUID]:
    return list(dict.fromkeys(UUID(str(event.payload["decision_id"])) for event in events))
