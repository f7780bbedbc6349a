from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.knowledge import Knowledge
from support.providers.server import TestProviders, run_test_providers
from support.server import client_of, run_server

from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.gen.cairn.gateway.v1 import gateway_pb as gateway
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceClient
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import ensure_local_owner


@pytest.fixture
async def address(fresh_database_urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[str]:
    async with run_server(fresh_database_urls, tmp_path) as address:
        yield address


@pytest.fixture
async def own_database(fresh_database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    database = await Database.connect(fresh_database_urls.app, most=3)
    yield database
    await database.close()


@pytest.fixture
async def knowledge(address: str, own_database: Database) -> Knowledge:
    owner = await ensure_local_owner(own_database)
    return await Knowledge(address, own_database, owner).write_sample()


@pytest.fixture
async def client(address: str) -> AsyncIterator[ChatServiceClient]:
    async with client_of(ChatServiceClient, address) as client:
        yield client


@pytest.fixture
async def servers() -> AsyncIterator[TestProviders]:
    async with run_test_providers() as running:
        yield running


@pytest.fixture
async def models(address: str, servers: TestProviders) -> None:
    """One model a scenario, of providers `anthropic` and `openai`; those of `refused` have a wrong key."""
    names = [name for name in servers.scenarios if name != "redirects"]
    async with client_of(GatewayServiceClient, address) as client:
        for name, kind, url, key in (
            ("anthropic", gateway.ProviderKind.ANTHROPIC, servers.anthropic_url, "sk-test-0123456789"),
            ("openai", gateway.ProviderKind.OPENAI, servers.openai_url, "sk-test-0123456789"),
            ("refused", gateway.ProviderKind.ANTHROPIC, servers.anthropic_url, "sk-canary-key"),
        ):
            await client.save_provider(
                gateway.SaveProviderRequest(kind=kind, name=name, base_url=url, models=names, key=key)
            )
