"""A browser that closes its tab is noticed through the real server, and its answer ends after the grace time."""

from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest
from support.knowledge import Knowledge, fields_of
from support.providers.server import TestProviders, run_test_providers
from support.server import client_of, run_server

from cairn.chat.runner import generations
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.gen.cairn.gateway.v1 import gateway_pb as gateway
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceClient
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import ensure_local_owner


async def test_an_answer_that_its_reader_left_ends_and_leaves_the_provider(
    fresh_database_urls: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = partial(generations.RunnerLimits, grace_s=0.2, heartbeat_s=0.05)
    monkeypatch.setattr(generations, "RunnerLimits", limits)
    database = await Database.connect(fresh_database_urls.app, most=2)
    async with run_test_providers() as servers, run_server(fresh_database_urls, tmp_path) as address:
        await Knowledge(address, database, await ensure_local_owner(database)).write_sample()
        await connect(address, servers)
        async with client_of(ChatServiceClient, address) as client:
            request = pb.AskRequest(question="Why Kafka as the event bus?", model="test/endless")
            async with aclosing(client.ask(request)) as stream:
                started = fields_of((await anext(stream)).event)[1]
                async for message in stream:
                    if fields_of(message.event)[0] == "delta":
                        break
            call = await servers.wait_for_call()
            await call.ended.wait()
            assert call.client_left
            request_ = pb.FollowGenerationRequest(generation_id=started.generation_id)
            events = [message.event async for message in client.follow_generation(request_)]
            kind, end = fields_of(events[-1])
            assert (kind, end.code) == ("failed", "abandoned")
    await database.close()


async def connect(address: str, servers: TestProviders) -> None:
    async with client_of(GatewayServiceClient, address) as client:
        request = gateway.SaveProviderRequest(
            kind=gateway.ProviderKind.ANTHROPIC,
            name="test",
            base_url=servers.anthropic_url,
            models=["endless"],
            key="sk-test-0123456789",
        )
        await client.save_provider(request)
