"""Who types on leaves the question before: its request ends, and so does its query in the database."""

import asyncio

import aiohttp
import asyncpg
import pytest

from cairn.platform.database import DatabaseUrls

WAIT_SECONDS = 20
WAITING = "select count(*) from pg_locks where not granted and relation = 'decision'::regclass"


async def until(connection: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
    """Wait until so many queries wait for a lock. Postgres tells nobody, so it is asked again."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await connection.fetchval(WAITING) != count:
            pass


@pytest.mark.parametrize(
    ("method", "body"),
    [("Suggest", {"text": "kaf"}), ("Search", {"query": "kafka", "mode": "MODE_LEXICAL"})],
)
async def test_who_leaves_ends_the_query(
    address: str, database_urls: DatabaseUrls, method: str, body: dict[str, str]
) -> None:
    blocker, watcher = await asyncpg.connect(database_urls.owner), await asyncpg.connect(database_urls.owner)
    try:
        async with aiohttp.ClientSession() as session:
            url = f"{address}/cairn.search.v1.SearchService/{method}"
            async with session.post(url, json=body) as answered:
                assert answered.status == 200
            transaction = blocker.transaction()
            await transaction.start()
            await blocker.execute("lock table decision in access exclusive mode")
            asking = asyncio.create_task(session.post(url, json=body))
            await until(watcher, 1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            # The lock is still held: nothing but the one who left can have ended the query.
            await until(watcher, 0)
            await transaction.rollback()
            async with session.post(url, json=body) as answered:
                assert answered.status == 200
    finally:
        await blocker.close()
        await watcher.close()
