"""An indexer that dies at any point and starts over leaves the index as if it had never died."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest

from cairn.decisions.api import DECISION_CHANGED
from cairn.kernel.events import Event
from cairn.platform.database import Connection
from cairn.search import jobs
from cairn.search.api import Mode, Search
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases import indexing

from .conftest import Organisation, Record, WordEmbedder
from .test_word_index import check_equal, random_body

STEPS = 14


def events_of(organisation: Organisation, ids: Iterable[UUID]) -> Sequence[Event]:
    now, tenant_id = datetime.now(UTC), organisation.caller.tenant_id
    return [
        Event(tenant_id, at, DECISION_CHANGED, str(id_), {"decision_id": str(id_)}, now)
        for at, id_ in enumerate(ids, 1)
    ]


async def test_a_cancelled_indexer_starts_over(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 3)
    random = Random(5)  # noqa: S311 - a test's choice of edits.
    records: dict[UUID, Record] = {}

    async def read(_: Connection, ids: Sequence[UUID]) -> dict[UUID, Record]:
        return {id_: records[id_] for id_ in ids if id_ in records}

    monkeypatch.setattr(jobs, "read_for_indexing", read)
    words, meaning, segments = jobs.consumer_groups(organisation.database, WordEmbedder())

    for step in range(STEPS):
        chosen = random.choice([*records, None]) if step % 2 else None
        title = f"Record {step} kafka"
        version = records[chosen].version + 1 if chosen else 1
        record = await organisation.write(title, random_body(random), id_=chosen, version=version)
        records[record.id] = record
        for group in (words, meaning, segments):
            task = asyncio.ensure_future(group.handle(events_of(organisation, records)))
            for _ in range(step * 9):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    for group in (words, meaning, segments, words, meaning, segments):
        await group.handle(events_of(organisation, records))
    await check_equal(organisation, records, "kafka queue index tenant")
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        search = Search(WordEmbedder())
        report = await search.check_index(connection)
        totals = await search.index_totals(connection)
        page = await search.search(connection, "kafka", mode=Mode.SEMANTIC, page_size=100)
    assert report.problems == ()
    assert totals.decisions == totals.words_current == totals.meaning_current == len(records)
    assert page.mode is Mode.SEMANTIC


async def test_a_failure_to_join_segments_takes_nothing_back(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 2)
    records: dict[UUID, Record] = {}

    async def read(_: Connection, ids: Sequence[UUID]) -> dict[UUID, Record]:
        return {id_: records[id_] for id_ in ids}

    async def fail(_: PostgresIndex, __: Sequence[UUID]) -> None:
        raise ConnectionResetError("gone while joining")

    monkeypatch.setattr(jobs, "read_for_indexing", read)
    words, _, segments = jobs.consumer_groups(organisation.database, WordEmbedder())
    for number in range(2):
        record = await organisation.write(f"Record {number}", "kafka")
        records[record.id] = record
        await words.handle(events_of(organisation, [record.id]))
    last = await organisation.write("Record 2", "kafka")
    records[last.id] = last
    await words.handle(events_of(organisation, [last.id]))
    with monkeypatch.context() as patch:
        patch.setattr(PostgresIndex, "drop_segments", fail)
        with pytest.raises(ConnectionResetError):
            await segments.handle(events_of(organisation, [last.id]))
    assert (await organisation.search("kafka", mode=Mode.LEXICAL)).total == len(records)
    # The bus brings the event again, and the segments are still to be joined.
    await segments.handle(events_of(organisation, [last.id]))
    assert (await organisation.search("kafka", mode=Mode.LEXICAL)).total == len(records)
    async with organisation.database.transaction(organisation.caller) as connection:
        assert len(await PostgresIndex(connection).list_segments()) == 1
