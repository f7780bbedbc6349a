"""Blocks of signs: joined when many, without what has gone, and made of what the code before them wrote."""

import shutil
from pathlib import Path
from uuid import uuid4

import asyncpg
import numpy as np
import pytest

from cairn.kernel.ids import uuid7
from cairn.platform.migrations import migrate
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.search.api import Mode
from cairn.search.model.signs import Signs, bits_of, words_of
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases import embedding

from .conftest import Organisation, WordEmbedder

MIGRATIONS = Path(__file__).parents[3] / "migrations"


async def _passages_in_blocks(organisation: Organisation) -> tuple[int, set[int]]:
    """Return how many blocks there are, and the passages in them."""
    async with organisation.database.transaction(organisation.caller) as connection:
        index = PostgresIndex(connection)
        blocks = await index.list_blocks(WordEmbedder.name) or []
        contents = await index.block_contents([block.id for block in blocks])
    found = [Signs.unpack(contents[block.id], block.passages).passage_nos.tolist() for block in blocks]
    return len(blocks), {number for numbers in found for number in numbers}


async def test_blocks_are_joined_and_the_dead_left_behind(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BLOCKS_MAX", 3)
    words = ["kafka", "cache", "lease", "shard", "token", "queue", "broker", "tenant"]
    records = [await organisation.write(f"About {word}", f"{word} " * 5) for word in words]
    for record in records:
        await organisation.index(record)
        await organisation.embed(record)
    assert (await _passages_in_blocks(organisation))[0] <= 3
    await organisation.index(records[0].id)
    for version in range(2, 8):
        edited = await organisation.write("About cache", f"cache {version}", id_=records[1].id, version=version)
        await organisation.index(edited)
        await organisation.embed(edited)
    blocks, numbers = await _passages_in_blocks(organisation)
    assert blocks <= 3
    assert len(numbers) < len(words) - 1 + 6
    for word, record in zip(words[1:], records[1:], strict=True):
        page = await organisation.search(word, mode=Mode.SEMANTIC)
        assert page.records[0].decision_id == record.id
    assert records[0].id not in {found.decision_id for found in (await organisation.search("kafka")).records}


async def test_bits_of_the_code_before_become_blocks(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    for file in MIGRATIONS.glob("00*.sql"):
        if file.name < "0015":
            shutil.copy(file, tmp_path)
    name = f"test_{uuid4().hex}"
    urls = await postgres.provision(name)
    await migrate(urls.owner, folder=tmp_path)
    vectors = np.random.default_rng(2).normal(size=(3, 384)).astype(np.float32)
    tenant = uuid7()
    connection = await asyncpg.connect(postgres.superuser_url(name))
    try:
        await connection.execute("set session_replication_role = replica")  # The rows around these do not matter.
        await connection.execute("insert into search_model values ($1, 1, 'm', 384)", tenant)
        for number, vector in enumerate(vectors):
            bits = asyncpg.BitString("".join("1" if value > 0 else "0" for value in vector))
            await connection.execute("insert into search_vector_bits values ($1, 1, $2, 1, $3)", tenant, number, bits)
        await migrate(urls.owner)
        row = await connection.fetchrow("select tenant_id, model, passages, content from search_vector_block")
    finally:
        await connection.close()
        connection = await asyncpg.connect(postgres.superuser_url())
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()
    assert row is not None
    assert (row["tenant_id"], row["model"], row["passages"]) == (tenant, 1, 3)
    bits = bits_of(np.arange(3, dtype=np.int32), vectors)
    assert row["content"] == Signs(bits.passage_nos, bits.columns[: words_of(384)]).pack()
