"""Segments are joined while others write and read, and what nobody needs any more goes with it."""

import asyncio
from collections.abc import Sequence
from random import Random
from uuid import UUID

import pytest

from cairn.platform.database import Connection
from cairn.search import jobs
from cairn.search.api import Mode
from cairn.search.ports import StoredSegment
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases import indexing
from cairn.search.usecases.indexing import index_words, merge_when_many

from .conftest import Organisation, Record, WordEmbedder
from .test_crashes import events_of
from .test_word_index import check_equal, random_body

DEADLINE_SECONDS = 20


async def segments_of(organisation: Organisation) -> list[StoredSegment]:
    async with organisation.database.transaction(organisation.caller) as connection:
        return await PostgresIndex(connection).list_segments()


async def write_one(
    organisation: Organisation, records: dict[UUID, Record], body: str, old: UUID | None = None
) -> UUID:
    """Write a record, or another version of one, and index it without joining anything."""
    version = records[old].version + 1 if old else 1
    record = await organisation.write(f"Record {len(records)}", body, id_=old, version=version)
    records[record.id] = record
    async with organisation.database.transaction(organisation.caller) as connection:
        writer = PostgresIndex(connection)
        await writer.lock()
        await index_words(writer, [(record.id, record)])
    return record.id


async def test_records_are_indexed_and_found_while_segments_are_joined(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 2)
    random = Random(3)  # noqa: S311 - a test's choice of words.
    records: dict[UUID, Record] = {}
    written = [await write_one(organisation, records, random_body(random)) for _ in range(4)]
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with organisation.database.transaction(organisation.caller) as connection:
            await merge_when_many(PostgresIndex(connection))
            # It is joined, and nobody knows yet. A new record and a new version do not wait for it.
            await write_one(organisation, records, "kafka lease")
            await write_one(organisation, records, "shard kafka", written[0])
            await check_equal(organisation, records, "kafka queue lease")
    await check_equal(organisation, records, "kafka queue lease")
    assert len(await segments_of(organisation)) == 3


async def test_two_that_join_at_once_take_turns(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 2)
    random = Random(4)  # noqa: S311 - a test's choice of words.
    records: dict[UUID, Record] = {}
    for _ in range(4):
        await write_one(organisation, records, random_body(random))

    async def join() -> None:
        async with organisation.database.transaction(organisation.caller) as connection:
            await merge_when_many(PostgresIndex(connection))

    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(join(), join(), join())
    assert len(await segments_of(organisation)) == 1
    await check_equal(organisation, records, "kafka queue lease")


async def test_a_decayed_large_segment_is_made_anew_and_a_dead_one_dropped(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 2)
    monkeypatch.setattr(indexing, "SEGMENT_BYTES_MAX", 1)
    random = Random(5)  # noqa: S311 - a test's choice of words.
    records: dict[UUID, Record] = {}
    batch = [await organisation.write(f"Record {number}", random_body(random)) for number in range(3)]
    records |= {record.id: record for record in batch}
    async with organisation.database.transaction(organisation.caller) as connection:
        await index_words(PostgresIndex(connection), [(record.id, record) for record in batch])
    for record in batch[:2]:
        await write_one(organisation, records, random_body(random), record.id)
    await write_one(organisation, records, random_body(random), batch[0].id)
    before = await segments_of(organisation)
    # Every segment counts as large here, so the first decays, the second is dead, and the others live.
    assert [segment.records for segment in before] == [3, 1, 1, 1]
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", -1)
    async with organisation.database.transaction(organisation.caller) as connection:
        await merge_when_many(PostgresIndex(connection))
    after = await segments_of(organisation)
    assert [segment.records for segment in after] == [1, 1, 1]
    assert {segment.id for segment in before[2:]} < {segment.id for segment in after}
    await check_equal(organisation, records, "kafka queue lease")


async def test_a_writer_joins_itself_when_there_are_too_many(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 2)
    monkeypatch.setattr(jobs, "_CROWDED", 4)
    records: dict[UUID, Record] = {}

    async def read(_: Connection, ids: Sequence[UUID]) -> dict[UUID, Record]:
        return {id_: records[id_] for id_ in ids}

    monkeypatch.setattr(jobs, "read_for_indexing", read)
    words, *_ = jobs.consumer_groups(organisation.database, WordEmbedder())
    counts: list[int] = []
    for number in range(6):
        record = await organisation.write(f"Record {number}", "kafka")
        records[record.id] = record
        await words.handle(events_of(organisation, [record.id]))
        counts.append(len(await segments_of(organisation)))
    assert counts == [1, 2, 3, 4, 1, 2]
    assert (await organisation.search("kafka", mode=Mode.LEXICAL)).total == len(records)
