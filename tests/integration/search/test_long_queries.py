"""A long query reads words while it adds up others: what goes wrong then comes out as it is, and nothing is left."""

import asyncio
from collections.abc import Sequence

import pytest

from cairn.search.api import Mode
from cairn.search.model.segments import Field
from cairn.search.ports import Bucket
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases import lookup

from .conftest import Organisation

BODY = "A consumer reads the log again from its own position, so that no event is lost."


@pytest.fixture(autouse=True)
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every query count as a long one."""
    monkeypatch.setattr(lookup, "_TOGETHER_MAX", 0)


@pytest.fixture
async def written(organisation: Organisation) -> Organisation:
    await organisation.index(await organisation.write("Keep a log", BODY))
    return organisation


async def test_a_failure_comes_out_as_it_is(written: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    find_postings = PostgresIndex.find_postings

    async def fail_for_pairs(index: PostgresIndex, buckets: Sequence[Bucket]) -> list[bytes | None]:
        if any(bucket.field == Field.PASSAGE_NEIGHBOURS for bucket in buckets):
            raise ConnectionResetError("gone while reading")
        return await find_postings(index, buckets)

    with monkeypatch.context() as patch:
        patch.setattr(PostgresIndex, "find_postings", fail_for_pairs)
        with pytest.raises(ConnectionResetError, match="gone while reading"):
            await written.search("consumer log position", mode=Mode.LEXICAL)
    assert (await written.search("consumer log position", mode=Mode.LEXICAL)).total == 1


async def test_a_cancelled_search_ends_its_reading(written: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, ended = asyncio.Event(), asyncio.Event()

    async def never(_: PostgresIndex, buckets: Sequence[Bucket]) -> list[bytes | None]:
        if all(bucket.field != Field.PASSAGE_NEIGHBOURS for bucket in buckets):
            return [None] * len(buckets)
        reading.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return []

    with monkeypatch.context() as patch:
        patch.setattr(PostgresIndex, "find_postings", never)
        task = asyncio.create_task(written.search("consumer log position", mode=Mode.LEXICAL))
        async with asyncio.timeout(30):
            await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()
    assert (await written.search("consumer log position", mode=Mode.LEXICAL)).total == 1
