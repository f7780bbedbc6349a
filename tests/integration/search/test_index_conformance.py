"""The index in memory and the index on Postgres answer alike."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from cairn.kernel.ids import uuid7
from cairn.search.api import Filters, Mode
from cairn.search.domain import AttachedText, IndexState
from cairn.search.memory import MemoryDecision, MemoryIndex
from cairn.search.model.query import parse_query
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases.embedding import store_vectors
from cairn.search.usecases.indexing import attach_texts, embed_passages, index_words, merge
from cairn.search.usecases.meaning import QueryVector
from cairn.search.usecases.searching import Page, search

from .conftest import Organisation, Record, WordEmbedder

EMBEDDER = WordEmbedder()
Index = MemoryIndex | PostgresIndex


@pytest.fixture
async def both(organisation: Organisation) -> AsyncIterator[tuple[MemoryIndex, PostgresIndex, list[Record]]]:
    """Three decisions, of which the second links to the first, known to both indexes."""
    records = [
        await organisation.write("Use Kafka", "## Context\n\nEvents.\n\n## Decision\n\nA broker named kafka."),
        await organisation.write("Keep the outbox", "Every event is a row first; then kafka has it."),
        await organisation.write("Cache pages", "For a minute, in memory."),
    ]
    memory = MemoryIndex({record.id: MemoryDecision(organisation.log_id) for record in records})
    memory.decisions[records[1].id] = MemoryDecision(organisation.log_id, linked_ids=frozenset({records[0].id}))
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute(
            "insert into decision_link (tenant_id, decision_id, position, kind, target, target_id) "
            "values (app_tenant(), $1, 0, 'relates_to', '1', $2)",
            records[1].id,
            records[0].id,
        )
        yield memory, PostgresIndex(connection), records


async def embed(index: Index, record: Record) -> bool:
    passages = await index.passages_to_embed(record.id, EMBEDDER.name)
    await store_vectors(index, EMBEDDER.name, passages, await embed_passages(EMBEDDER, record.title, passages))
    assert await index.passages_to_embed(record.id, EMBEDDER.name) == []
    return await index.advance_meaning(record.id, EMBEDDER.name)


async def find(index: Index, query: str, mode: Mode, filters: Filters) -> Page:
    vector = QueryVector(EMBEDDER.name, EMBEDDER.embed([query])[0])
    return await search(index, parse_query(query, filters), mode=mode, vector=vector, page_size=10)


def told(page: Page) -> list[tuple[UUID, float, bool, bool, list[str]]]:
    return [
        (
            found.decision_id,
            round(found.score, 2),
            found.matched_words,
            found.matched_meaning,
            [passage.text for passage in found.passages],
        )
        for found in page.records
    ]


async def check_alike(memory: MemoryIndex, postgres: PostgresIndex, records: list[Record]) -> None:
    for query in ("kafka", "memory pages", "event row broker"):
        for mode in Mode:
            for filters in (Filters(), Filters(statuses=("accepted",)), Filters(statuses=("rejected",))):
                expected, answer = await find(memory, query, mode, filters), await find(postgres, query, mode, filters)
                assert told(answer) == told(expected)
                assert (answer.mode, answer.notice, answer.total) == (expected.mode, expected.notice, expected.total)
    for record in records:
        assert await postgres.index_state(record.id) == await memory.index_state(record.id)
    assert await postgres.index_totals() == await memory.index_totals()
    assert await postgres.generations() == await memory.generations()


async def test_they_answer_alike(both: tuple[MemoryIndex, PostgresIndex, list[Record]]) -> None:
    memory, postgres, records = both
    await check_alike(memory, postgres, records)
    for record in records:
        for index in (memory, postgres):
            assert await index_words(index, [(record.id, record)]) == 1
    await check_alike(memory, postgres, records)
    for index in (memory, postgres):
        assert [await embed(index, record) for record in records] == [True, True, True]
        assert [await embed(index, record) for record in records] == [False, False, False]
    await check_alike(memory, postgres, records)
    assert (await memory.index_state(records[0].id)) == IndexState(records[0].id, 1, 1, 1)
    edited = Record(records[0].id, 2, "Use NATS", "use-nats", "## Decision\n\nA broker named nats.")
    for index in (memory, postgres):
        await index_words(index, [(edited.id, edited), (records[2].id, None)])
    await check_alike(memory, postgres, records)
    note = AttachedText("note", uuid7(), edited.id, 1, "Ada", "Pages of memory, for a broker.", "talk", "/x")
    gone = AttachedText("note", uuid7(), edited.id, 1, "Bob", "An event too many.")
    for index in (memory, postgres):
        assert await attach_texts(index, "note", [edited.id], [note, gone]) == 2
        assert await attach_texts(index, "note", [edited.id], [note, gone]) == 0
        assert await attach_texts(index, "other", [edited.id], []) == 0
    await check_alike(memory, postgres, records)
    for index in (memory, postgres):
        assert {one.title for one in await index.passages_to_embed(edited.id, EMBEDDER.name)} >= {"Ada", "Bob"}
        await embed(index, edited)
        found = (await find(index, "memory pages", Mode.HYBRID, Filters())).records[0].passages
        assert ("note", "Ada", "talk", "/x") in {(one.source, one.source_title, one.anchor, one.link) for one in found}
    await check_alike(memory, postgres, records)
    for index in (memory, postgres):
        assert await attach_texts(index, "note", [edited.id], [note]) == 1
    await check_alike(memory, postgres, records)
    for index in (memory, postgres):
        await merge(index, await index.list_segments(), await index.generations())
        assert [segment.records for segment in await index.list_segments()] == [3]
    await check_alike(memory, postgres, records)
    for index in (memory, postgres):
        await index_words(index, [(edited.id, None)])
        assert await index.find_attached("note", [edited.id]) == {}
    await check_alike(memory, postgres, records)
