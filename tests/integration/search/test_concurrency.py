"""Two writers and a reader at once: nobody waits for ever, and the index ends up right."""

import asyncio
from random import Random
from uuid import UUID

import pytest

from cairn.search.api import Mode
from cairn.search.usecases import indexing

from .conftest import Organisation, Record
from .test_word_index import check_equal, random_body

ROUNDS = 12
DEADLINE_SECONDS = 60


async def test_two_writers_and_a_reader(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", 4)
    random = Random(11)  # noqa: S311 - a test's choice of edits.
    records: dict[UUID, Record] = {}
    for number in range(6):
        record = await organisation.write(f"Record {number}", random_body(random))
        records[record.id] = record
    done = asyncio.Event()

    async def write(seed: int) -> None:
        choose = Random(seed)  # noqa: S311 - a test's choice of edits.
        for _ in range(ROUNDS):
            batch = choose.sample(list(records.values()), 3)
            await organisation.index(*batch)
            await organisation.embed(*batch)
            await organisation.index(batch[0].id)

    async def read() -> int:
        answers = 0
        while not done.is_set():
            for mode in Mode:
                page = await organisation.search("kafka queue index", mode=mode, page_size=100)
                assert {found.decision_id for found in page.records} <= set(records)
                answers += 1
        return answers

    async with asyncio.timeout(DEADLINE_SECONDS):
        reader = asyncio.create_task(read())
        async with asyncio.TaskGroup() as writers:
            writers.create_task(write(1))
            writers.create_task(write(2))
        done.set()
        assert await reader > 0
    await organisation.index(*records.values())
    await check_equal(organisation, records, "kafka queue index tenant")
