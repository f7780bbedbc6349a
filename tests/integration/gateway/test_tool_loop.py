"""The loop of tools over every wire format, through the gateway's facade: paid for and written down step by step."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.gateway import write_providers
from support.providers.scenarios import TEXT
from support.providers.server import TestProviders
from support.tenants import create_tenant

from cairn.gateway.api import (
    ChatRequest,
    Continued,
    Gateway,
    RunnableTool,
    StepEnded,
    Stopped,
    TextDelta,
    ToolEnded,
    Usage,
    read_operator_providers,
    say,
)
from cairn.gateway.providers.factory import HttpProviders
from cairn.platform.database import Database
from cairn.platform.secrets import SecretBox

FIND = {"type": "object", "properties": {"topic": {"type": "string"}}, "required": ["topic"]}


@pytest.mark.parametrize("kind", ["claude", "gpt", "gemini"])
async def test_tools_run_over_every_format(
    database: Database, servers: TestProviders, providers: HttpProviders, tmp_path: Path, kind: str
) -> None:
    write_providers(tmp_path, servers)
    caller = await create_tenant(database)
    asked: list[Mapping[str, Any]] = []

    async def find(arguments: Mapping[str, Any]) -> str:
        asked.append(arguments)
        return "Record 7 is about Kafka."

    tool = RunnableTool("find", "Find records.", FIND, find)
    operator = read_operator_providers(tmp_path, {})
    async with Gateway(database, providers, SecretBox.open(tmp_path), operator, local=True) as gateway:
        async with database.transaction(caller) as connection:
            chosen = await gateway.choose(connection, f"{kind}/tools")
        request = ChatRequest(chosen.name, "Be brief.", [say("user", "Why Kafka?")])
        parts = [part async for part in gateway.stream_with_tools(caller, chosen, request, [tool])]
    assert asked == [{"topic": "Kafka", "most": 3}]
    ends = {part.name: part for part in parts if isinstance(part, ToolEnded)}
    assert ends["find"].result == "Record 7 is about Kafka."
    # The model asked for a tool that nobody offered.
    assert ends["now"].failed
    steps = [part for part in parts if isinstance(part, StepEnded)]
    assert [step.calls for step in steps] == [2, 0]
    assert "".join(part.text for part in parts if isinstance(part, TextDelta)) == f"Let me see.{TEXT}"
    assert isinstance(parts[-1], Stopped)
    assert isinstance(parts[-2], Usage)
    assert parts[-2].output_tokens == sum(step.usage.output_tokens for step in steps)
    assert "Record 7 is about Kafka." in json.dumps(servers.calls[-1].body)
    async with database.transaction(caller) as connection:
        rows = await connection.fetch("select outcome, cost_micros from model_call")
    assert [row["outcome"] for row in rows] == ["completed", "completed"]
    assert sum(row["cost_micros"] for row in rows) == sum(step.cost_micros for step in steps)


async def test_a_reply_that_is_cut_goes_on_and_says_so(
    database: Database, servers: TestProviders, providers: HttpProviders, tmp_path: Path
) -> None:
    with write_providers(tmp_path, servers).open("a") as file:
        file.write('[[alias]]\nname = "safe"\ntargets = ["gpt/cut", "claude/goes-on"]\n')
    caller = await create_tenant(database)

    async def find(_: Mapping[str, Any]) -> str:
        return ""

    tool = RunnableTool("find", "Find records.", FIND, find)
    operator = read_operator_providers(tmp_path, {})
    async with Gateway(database, providers, SecretBox.open(tmp_path), operator, local=True) as gateway:
        async with database.transaction(caller) as connection:
            chosen = await gateway.choose(connection, "safe")
        request = ChatRequest(chosen.name, "", [say("user", "Why Kafka?")])
        parts = [part async for part in gateway.stream_with_tools(caller, chosen, request, [tool])]
    assert "".join(part.text for part in parts if isinstance(part, TextDelta)) == TEXT
    assert [part.by for part in parts if isinstance(part, Continued)] == ["claude/goes-on"]
    assert isinstance(parts[-1], Stopped)
