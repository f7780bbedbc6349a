"""What every `ProviderStore` does: the one in memory and the one on Postgres."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from support.fakes.provider_store import MemoryProviderStore
from support.tenants import create_tenant

from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.ports import ProviderNameTaken, ProviderStore
from cairn.gateway.postgres import PostgresProviderStore
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database
from cairn.platform.secrets import SecretBox


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[ProviderStore]:
    if request.param == "memory":
        yield MemoryProviderStore()
        return
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        yield PostgresProviderStore(connection, SecretBox(b"k" * 32))


def provider(name: str = "claude", key: str = "sk-1") -> ProviderConfig:
    return ProviderConfig(uuid7(), ProviderKind.ANTHROPIC, name, "", ("a", "b"), key=key)


async def test_a_provider_comes_back_as_it_was_saved(store: ProviderStore) -> None:
    first, second = provider(), provider("other", key="")
    await store.save(first)
    await store.save(second)
    assert await store.fetch(first.id) == first
    assert sorted(one.name for one in await store.fetch_all()) == ["claude", "other"]
    changed = replace(first, name="renamed", models=("c",), key="sk-2", base_url="https://example.com")
    await store.save(changed)
    assert await store.fetch(first.id) == changed
    assert await store.fetch(uuid7()) is None


async def test_a_removed_provider_is_gone(store: ProviderStore) -> None:
    one = provider()
    await store.save(one)
    assert await store.delete(one.id)
    assert not await store.delete(one.id)
    assert await store.fetch_all() == []


async def test_a_name_is_taken_once(store: ProviderStore) -> None:
    await store.save(provider())
    with pytest.raises(ProviderNameTaken, match="'claude'"):
        await store.save(provider())
