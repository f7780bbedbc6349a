"""Providers over the wire: a key goes in and never comes out."""

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.providers.server import KEY, TestProviders
from support.server import client_of, run_server

from cairn.gen.cairn.gateway.v1 import gateway_pb as pb
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceClient
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import ensure_local_owner

FILE = """
[[provider]]
name = "house"
kind = "openai_compatible"
base_url = "http://127.0.0.1:9/v1"
models = ["llama"]

[[provider]]
name = "broken"
kind = "nothing"
models = ["x"]
"""


@asynccontextmanager
async def serve(urls: DatabaseUrls, home: Path) -> AsyncIterator[GatewayServiceClient]:
    async with run_server(urls, home) as address, client_of(GatewayServiceClient, address) as client:
        yield client


@pytest.fixture
async def client(fresh_database_urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[GatewayServiceClient]:
    (tmp_path / "providers.toml").write_text(FILE)
    async with serve(fresh_database_urls, tmp_path) as client:
        yield client


def anthropic(servers: TestProviders, **fields: object) -> pb.SaveProviderRequest:
    usual = {"kind": pb.ProviderKind.ANTHROPIC, "name": "claude", "base_url": servers.anthropic_url, "key": KEY}
    return pb.SaveProviderRequest(**{"models": ["words", "silent"], **usual, **fields})  # type: ignore[arg-type]


async def refused(call: object) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await call  # type: ignore[misc]
    return caught.value


async def test_providers_of_file_and_page_offer_their_models(
    client: GatewayServiceClient, servers: TestProviders
) -> None:
    await client.save_provider(anthropic(servers))
    models = (await client.list_models(pb.ListModelsRequest())).models
    assert [(model.name, model.default, model.extracts_only) for model in models] == [
        ("house/llama", True, False),
        ("claude/words", False, False),
        ("claude/silent", False, False),
        ("quotes", False, True),
    ]
    listed = await client.list_providers(pb.ListProvidersRequest())
    assert [(one.name, one.from_file, one.has_key) for one in listed.providers] == [
        ("house", True, False),
        ("claude", False, True),
    ]
    assert len(listed.problems) == 1
    assert "provider 2: Invalid enum value 'nothing'" in listed.problems[0]


async def test_a_key_never_comes_out(
    client: GatewayServiceClient, servers: TestProviders, fresh_database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    saved = await client.save_provider(anthropic(servers))
    listed = await client.list_providers(pb.ListProvidersRequest())
    assert KEY.encode() not in saved.to_binary() + listed.to_binary()
    database = await Database.connect(fresh_database_urls.app, most=1)
    async with database.transaction(await ensure_local_owner(database)) as connection:
        row = await connection.fetchrow("select * from provider")
    await database.close()
    assert row is not None
    assert KEY not in repr(row)
    assert KEY.encode() not in row["sealed_key"]
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


async def test_a_provider_is_tested(client: GatewayServiceClient, servers: TestProviders) -> None:
    provider = (await client.save_provider(anthropic(servers))).provider
    assert provider is not None
    good = await client.test_provider(pb.TestProviderRequest(id=provider.id))
    assert good.ok
    assert good.first_token_ms > 0
    await client.save_provider(anthropic(servers, id=provider.id, key="wrong"))
    bad = await client.test_provider(pb.TestProviderRequest(id=provider.id))
    assert not bad.ok
    assert "Save a valid one" in bad.message


async def test_a_stored_key_stays_with_its_address(client: GatewayServiceClient, servers: TestProviders) -> None:
    provider = (await client.save_provider(anthropic(servers))).provider
    assert provider is not None
    renamed = anthropic(servers, id=provider.id, name="other", models=["words"])
    renamed.clear_field("key")
    changed = (await client.save_provider(renamed)).provider
    assert changed is not None
    assert changed.has_key
    assert (await client.test_provider(pb.TestProviderRequest(id=provider.id))).ok
    moved = anthropic(servers, id=provider.id, base_url="http://127.0.0.1:9")
    moved.clear_field("key")
    error = await refused(client.save_provider(moved))
    assert error.code == Code.INVALID_ARGUMENT
    assert "Enter the key again" in error.message
    removed = (await client.save_provider(anthropic(servers, id=provider.id, key=""))).provider
    assert removed is not None
    assert not removed.has_key


async def test_what_cannot_be_saved_is_refused(client: GatewayServiceClient, servers: TestProviders) -> None:
    house = (await client.list_providers(pb.ListProvidersRequest())).providers[0]
    await client.save_provider(anthropic(servers))
    for request, code in (
        (anthropic(servers, name="house"), Code.ALREADY_EXISTS),
        (anthropic(servers), Code.ALREADY_EXISTS),
        (anthropic(servers, kind=pb.ProviderKind.UNSPECIFIED), Code.INVALID_ARGUMENT),
        (anthropic(servers, name="Big Name"), Code.INVALID_ARGUMENT),
        (anthropic(servers, name="new", models=[]), Code.INVALID_ARGUMENT),
        (anthropic(servers, name="new", base_url="gopher://x"), Code.INVALID_ARGUMENT),
        (anthropic(servers, name="new", id="none"), Code.NOT_FOUND),
        (anthropic(servers, name="new", id=house.id), Code.INVALID_ARGUMENT),
    ):
        assert (await refused(client.save_provider(request))).code == code
    error = await refused(client.delete_provider(pb.DeleteProviderRequest(id=house.id)))
    assert "operator" in error.message


async def test_a_removed_provider_is_gone(client: GatewayServiceClient, servers: TestProviders) -> None:
    provider = (await client.save_provider(anthropic(servers))).provider
    assert provider is not None
    await client.delete_provider(pb.DeleteProviderRequest(id=provider.id))
    for call in (
        client.delete_provider(pb.DeleteProviderRequest(id=provider.id)),
        client.test_provider(pb.TestProviderRequest(id=provider.id)),
    ):
        assert (await refused(call)).code == Code.NOT_FOUND


async def test_a_lost_master_key_is_told_and_a_new_key_mends_it(
    fresh_database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> None:
    async with serve(fresh_database_urls, tmp_path / "one") as client:
        provider = (await client.save_provider(anthropic(servers))).provider
    assert provider is not None
    async with serve(fresh_database_urls, tmp_path / "two") as client:
        listed = await client.list_providers(pb.ListProvidersRequest())
        assert listed.problems == ["The key of claude can no longer be opened. Enter it again."]
        tested = await client.test_provider(pb.TestProviderRequest(id=provider.id))
        assert (tested.ok, "Enter it again" in tested.message) == (False, True)
        await client.save_provider(anthropic(servers, id=provider.id))
        assert (await client.test_provider(pb.TestProviderRequest(id=provider.id))).ok
