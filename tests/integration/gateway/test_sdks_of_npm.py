"""npm's `openai` and `@anthropic-ai/sdk`, unchanged and run by node: replies, streams, tools, aborts and errors."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from support.gateway import write_providers
from support.providers.scenarios import TEXT, WORDS
from support.providers.server import TestProviders
from support.server import run_server
from support.snapshots import REPOSITORY

from cairn.platform.database import DatabaseUrls

SCRIPT = REPOSITORY / "tests" / "support" / "node" / "sdks.cjs"
CALLS = [["find", {"topic": "Kafka", "most": 3}], ["now", {}]]


async def run_flows(address: str) -> dict[str, Any]:
    environment = dict(os.environ) | {"NODE_PATH": str(REPOSITORY / "web" / "node_modules")}
    path = f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    process = await asyncio.create_subprocess_exec(
        "node", str(SCRIPT), address, env=environment | {"PATH": path}, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    return json.loads(output)


async def test_the_sdks_of_npm_work_unchanged(
    database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path
) -> None:
    with write_providers(tmp_path, servers).open("a") as file:
        file.write('[[alias]]\nname = "cut-short"\ntargets = ["gpt/cut", "claude/goes-on"]\n')
    async with run_server(database_urls, tmp_path) as address:
        got = await run_flows(address)
        await asyncio.gather(*(call.ended.wait() for call in servers.calls))
    failed = {name: result for name, result in got.items() if isinstance(result, str) and result.startswith("failed")}
    assert not failed
    assert got["chat"]["text"] == got["chatStream"]["text"] == TEXT
    assert got["chat"]["request"].startswith("req_")
    assert got["chatStream"]["reason"] == "stop"
    assert got["chatStream"]["usage"]["completion_tokens"] == len(WORDS)
    assert got["chatTools"] == got["messageTools"] == CALLS
    assert got["chatContinued"] == {"text": TEXT, "by": "claude/goes-on"}
    assert got["responses"] == got["responsesStream"] == TEXT
    assert got["embeddings"] == [True, True]
    assert got["models"]
    assert got["anthropicModels"]
    assert got["abort"]
    assert [call.client_left for call in servers.calls if call.model == "endless"] == [True]
    assert got["message"]["text"] == got["messageStream"]["text"] == TEXT
    assert got["message"]["reason"] == "end_turn"
    assert got["message"]["request"].startswith("req_")
    assert got["messageStream"]["output"] == len(WORDS)
    assert got["count"] == 10
    check_errors(got)


def check_errors(got: dict[str, Any]) -> None:
    kinds = {
        "busy": ("RateLimitError", 429),
        "unknown": ("NotFoundError", 404),
        "malformed": ("BadRequestError", 400),
        "anthropicBusy": ("RateLimitError", 429),
        "anthropicOverloaded": ("OverloadedError", 529),
        "anthropicUnknown": ("NotFoundError", 404),
    }
    for name, (kind, status) in kinds.items():
        assert (got[name]["kind"], got[name]["status"]) == (kind, status), name
        assert got[name]["request"].startswith("req_")
    assert got["busy"]["retry"] == got["anthropicBusy"]["retry"] == "7"
    assert got["unknown"]["code"] == "model_not_found"
    # A stream that is cut raises; it does not end as if it were whole.
    for name in ("cut", "anthropicCut"):
        assert got[name]["kind"] in {"APIError", "AnthropicError"}
        assert "in the middle" in got[name]["message"]
