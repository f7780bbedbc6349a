"""Rules, alerts, the stop at 110 % and its lifting, over two servers; and the command that shows and sets it all."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from click.testing import CliRunner
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.gateway import openai_client, write_providers
from support.providers.server import KEY, TestProviders
from support.server import client_of, run_server
from support.tenants import create_person

from cairn.entrypoints.cli import cli
from cairn.gen.cairn.gateway.v1 import spending_pb as pb
from cairn.gen.cairn.gateway.v1.spending_connect import SpendingServiceClient
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token, ensure_local_owner

ASKED: Any = [{"role": "user", "content": "Why Kafka?"}]


@pytest.fixture
async def addresses(
    fresh_database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> AsyncIterator[tuple[str, str]]:
    write_providers(tmp_path, servers)
    async with (
        run_server(fresh_database_urls, tmp_path) as one,
        run_server(fresh_database_urls, tmp_path) as other,
    ):
        yield one, other


async def ask(address: str) -> openai.APIStatusError | None:
    async with openai_client(address) as client:
        try:
            await client.chat.completions.create(model="claude/words", messages=ASKED, max_tokens=20)
        except openai.RateLimitError as error:
            return error
    return None


async def test_a_soft_budget_alerts_then_stops_everywhere_until_an_admin_lifts_it(addresses: tuple[str, str]) -> None:
    one, other = addresses
    client = client_of(SpendingServiceClient, one)
    rule = pb.SpendingRule(subject="organisation", budget_micros=10_000, soft=True)
    await client.set_spending_rule(pb.SetSpendingRuleRequest(rule=rule))
    calls = 0
    refusals: list[str] = []
    # Until it is spent, what a server holds in advance can be in the other's way for a moment.
    while not (refusals and "calls are stopped" in refusals[-1]):
        refused = await ask(one)
        calls += refused is None
        refusals += [refused.message] if refused else []
        assert calls < 40
    assert "budget of $0.01 this month" in refusals[0]
    loop = asyncio.get_running_loop()
    refused_at = loop.time()
    while (stopped := await ask(other)) is None or "calls are stopped" not in stopped.message:
        assert loop.time() - refused_at < 2
    view = await client.get_spending(pb.GetSpendingRequest())
    assert view.stopped
    assert 8_500 <= view.month_micros <= 11_000
    assert view.projected_micros >= view.month_micros
    assert [(rule.subject, rule.budget_micros, rule.soft) for rule in view.rules] == [("organisation", 10_000, True)]
    kinds = [(event.kind, event.level) for event in view.events]
    assert {("alert", 70), ("alert", 85), ("stopped", 0), ("rule_changed", 0)} <= set(kinds)

    with pytest.raises(ConnectError, match="Say why"):
        await client.resume_calls(pb.ResumeCallsRequest())
    until = await client.resume_calls(pb.ResumeCallsRequest(hours=2, reason="The release must go out."))
    assert until.override_until
    async with asyncio.timeout(3):
        while await ask(other) is not None:
            pass
    view = await client.get_spending(pb.GetSpendingRequest())
    assert not view.stopped
    resumed = next(event for event in view.events if event.kind == "resumed")
    assert resumed.person_id
    assert resumed.detail == "for 2 hours: The release must go out."

    await client.stop_calls(pb.StopCallsRequest(reason="Enough."))
    async with asyncio.timeout(3):
        while await ask(one) is None:
            pass


async def test_only_admins_see_and_set_what_may_be_spent(
    fresh_database_urls: DatabaseUrls, addresses: tuple[str, str]
) -> None:
    database = await Database.connect(fresh_database_urls.app, most=2)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        owner = await ensure_local_owner(database)
        author = await create_person(database, owner.tenant_id)
        token = await create_token(database, author, "SDK")
    assert await ask(addresses[0]) is None
    client = client_of(SpendingServiceClient, addresses[0], token)
    for call in (client.get_spending(pb.GetSpendingRequest()), client.stop_calls(pb.StopCallsRequest(reason="x"))):
        with pytest.raises(ConnectError) as caught:
            await call
        assert caught.value.code is Code.PERMISSION_DENIED
    # The owner's call is written down, and not the author's to see.
    admin = client_of(SpendingServiceClient, addresses[0])
    async with asyncio.timeout(5):
        while not (await admin.get_usage(pb.GetUsageRequest(by="model"))).sums:
            pass
    assert not (await client.get_usage(pb.GetUsageRequest(by="model"))).sums
    for request in (pb.GetUsageRequest(by="colour"), pb.GetUsageRequest(days=1_000)):
        with pytest.raises(ConnectError) as caught:
            await client.get_usage(request)
        assert caught.value.code is Code.INVALID_ARGUMENT


def run(address: str, *arguments: str, stdin: str = "") -> Any:
    return CliRunner().invoke(cli, ["gateway", *arguments], env={"CAIRN_URL": address}, input=stdin)


async def test_the_command(addresses: tuple[str, str], servers: TestProviders) -> None:
    address = addresses[0]

    async def cairn(*arguments: str, stdin: str = "") -> Any:
        return await asyncio.to_thread(run, address, *arguments, stdin=stdin)

    assert "Say --no-key" in (await cairn("add", "anthropic", "--model", "words")).output.replace("say", "Say")
    url = ("--url", servers.anthropic_url)
    added = await cairn("add", "anthropic", "--name", "mine", "--model", "words", *url, stdin=f"{KEY}\n")
    assert added.output == "Connected mine. Try it: cairn gateway test mine\n"
    assert "No model was asked" in (await cairn("usage")).output
    tested = await cairn("test", "mine")
    assert "mine answered with words. First token after" in tested.output
    missing = await cairn("test", "nobody")
    assert missing.exit_code == 1
    assert "There is no provider 'nobody'" in missing.output
    listed = await cairn("list")
    assert KEY not in listed.output
    assert json.loads((await cairn("list", "--json")).output)["providers"][-1]["name"] == "mine"
    assert "mine" in listed.output
    async with asyncio.timeout(10):
        while "mine/words" not in (await cairn("usage", "--by", "model")).output:
            pass  # A test is a call, and paid for.
    assert await ask(address) is None
    async with asyncio.timeout(5):
        while "claude/words" not in (used := await cairn("usage", "--by", "model")).output:
            pass
    assert "$0.00" in used.output
    assert "No rule is set." in (await cairn("limits")).output
    await cairn("limits", "--budget", "12.50", "--soft")
    shown = (await cairn("limits", "--tokens", "500000")).output
    assert "$12.50" in shown
    assert "soft" in shown
    assert "500,000" in shown
    assert (await cairn("limits", "--budget", "much")).exit_code == 2
    spending = json.loads((await cairn("limits", "--for", "everyone", "--streams", "3", "--json")).output)
    assert {rule["subject"] for rule in spending["rules"]} == {"organisation", "everyone"}
