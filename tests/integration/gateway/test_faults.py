"""The fault matrix: every fault, in both formats, streamed and whole, alone and with another target to stand in.

Alone, a caller gets a typed error within a bound; with a stand-in, the whole reply. What was handed on already cannot
be taken back: then the stand-in goes on from there, which is marked, or the stream ends in an error; never as if it
were whole.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.gateway import write_providers
from support.providers.scenarios import TEXT
from support.providers.server import TestProviders
from support.server import run_server
from support.snapshots import REPOSITORY, Snapshot

from cairn.gateway.domain.routing import Breaker
from cairn.gateway.providers import factory
from cairn.gateway.providers.http import StreamLimits
from cairn.platform.database import DatabaseUrls

# Faults before a reply begins, and the status that a caller without a stand-in gets.
BEFORE = {
    "hangs-up": 502,
    "request-timeout": 502,
    "conflict": 502,
    "busy": 429,
    "broken": 502,
    "unavailable": 529,
    "overloaded": 529,
    "forbidden": 502,
    "missing": 404,
    "redirects": 502,
    "silent": 504,
    "drips": 504,
    "html": 502,
    "nonsense": 502,
    "bad-utf8": 502,
    "empty": 502,
    "huge-event": 502,
    "cut-at-once": 502,
}
# Over the provider's own format its error comes as it is.
OWN_STATUS = {"request-timeout": 408, "conflict": 409, "broken": 500, "unavailable": 503, "overloaded": 529}
DURING = ["cut", "cut-cleanly", "fails-halfway", "stalls"]
HARMLESS = ["split", "repeats-end", "no-end-marker", "closes-after", "miscounts"]
UNREACHABLE = {"absent": "no connection", "tls": "TLS fails"}
BOUND_S = 5.0
WIRES = ("openai", "anthropic")
WORDS_OF = {
    "hangs-up": "connection ends before a reply",
    "request-timeout": "408",
    "conflict": "409",
    "busy": "429 with Retry-After",
    "broken": "500",
    "unavailable": "503",
    "overloaded": "529",
    "forbidden": "403: bad key",
    "missing": "404",
    "redirects": "a redirect",
    "silent": "headers, then silence",
    "drips": "a byte now and then",
    "html": "wrong content type",
    "nonsense": "invalid JSON",
    "bad-utf8": "invalid UTF-8",
    "empty": "empty stream",
    "huge-event": "a frame of 10 MB",
    "cut-at-once": "cut before the first token",
    "cut": "cut in the middle, by a reset",
    "cut-cleanly": "cut in the middle, cleanly",
    "fails-halfway": "an error in the middle",
    "stalls": "silence between tokens",
    "split": "frames split at every byte",
    "repeats-end": "the end said twice",
    "no-end-marker": "no end marker after the finish reason",
    "closes-after": "keep-alive connection closed under us",
    "miscounts": "usage that disagrees with the text",
    **UNREACHABLE,
}
REPORT = REPOSITORY / "docs" / "gateway-faults.md"
HEAD = """# What happens when a provider fails

Written by `tests/integration/gateway/test_faults.py`, which plays each fault by a provider that speaks OpenAI's format
and reads the answer as OpenAI's and as Anthropic's SDK would: streamed and whole, alone, and with a second provider to
stand in. Every answer comes within five seconds, with time limits of half a second. `whole, marked` is a stream that
another target went on with.

| fault | OpenAI, stream | Anthropic, stream | OpenAI, whole | Anthropic, whole | stream with a stand-in |
|---|---|---|---|---|---|
"""


@pytest.fixture
async def address(
    database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    limits = StreamLimits(first_token_s=0.5, silence_s=0.5, whole_s=0.5)
    monkeypatch.setattr(factory, "StreamLimits", lambda: limits)
    path = write_providers(tmp_path, servers)
    with path.open("a") as file:
        for fault in (*BEFORE, *DURING):
            file.write(f'[[alias]]\nname = "safe-{fault}"\ntargets = ["gpt/{fault}", "claude/goes-on"]\n')
        for name in UNREACHABLE:
            file.write(f'[[alias]]\nname = "safe-{name}"\ntargets = ["{name}/words", "claude/goes-on"]\n')
    async with run_server(database_urls, tmp_path) as address:
        yield address


class Answer:
    """What came back: its status, the text, and whether it says that it is whole or that it failed."""

    def __init__(self, status: int, headers: Any, body: bytes, wire: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        lines = [line.removeprefix(b"data: ") for line in body.split(b"\n") if line.startswith(b"data: ")]
        events = [json.loads(line) for line in lines if line != b"[DONE]"] or [json.loads(body)]
        self.error = next((event["error"] for event in events if event.get("error")), None)
        self.text = "".join(text_of(event, wire) for event in events)
        if wire == "anthropic":
            self.whole = any(event.get("type") == "message_stop" or event.get("stop_reason") for event in events)
        else:
            choices = [choice for event in events for choice in event.get("choices", [])]
            self.whole = any(choice["finish_reason"] for choice in choices)
            assert not self.whole or not lines or lines[-1] == b"[DONE]"


def text_of(event: dict[str, Any], wire: str) -> str:
    if wire == "anthropic":
        return event.get("delta", {}).get("text", "") + "".join(one["text"] for one in event.get("content", []))
    choices = event.get("choices", [])
    return "".join((one.get("delta") or one.get("message"))["content"] or "" for one in choices if not is_end(one))


def is_end(choice: dict[str, Any]) -> bool:
    return "delta" in choice and "content" not in choice["delta"]


async def ask(address: str, wire: str, model: str, *, stream: bool) -> Answer:
    path = "messages" if wire == "anthropic" else "chat/completions"
    body = {"model": model, "max_tokens": 50, "stream": stream, "messages": [{"role": "user", "content": "Why?"}]}
    async with (
        asyncio.timeout(BOUND_S),
        aiohttp.ClientSession() as session,
        session.post(f"{address}/v1/{path}", json=body) as reply,
    ):
        return Answer(reply.status, reply.headers, await reply.read(), wire)


matrix = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
wires = pytest.mark.parametrize("wire", ["openai", "anthropic"])


@wires
@matrix
@pytest.mark.parametrize("fault", BEFORE)
async def test_a_fault_before_the_reply(address: str, wire: str, fault: str, *, stream: bool) -> None:
    alone = await ask(address, wire, f"gpt/{fault}", stream=stream)
    own = wire == "openai" and fault in OWN_STATUS
    # Whole replies have no silence between tokens, and no frames: there such a fault is another, or none.
    if not (wire == "openai" and not stream and fault in {"silent", "drips", "nonsense", "bad-utf8", "huge-event"}):
        assert alone.status == (OWN_STATUS[fault] if own else BEFORE[fault])
        assert alone.error["message"]
        assert alone.error["type"]
        assert not alone.whole
        assert alone.text == ""
    safe = await ask(address, wire, f"safe-{fault}", stream=stream)
    assert safe.status == 200
    assert safe.text == TEXT
    assert safe.whole
    assert safe.error is None


@wires
@matrix
@pytest.mark.parametrize("fault", DURING)
async def test_a_fault_in_the_middle(address: str, wire: str, fault: str, *, stream: bool) -> None:
    alone = await ask(address, wire, f"gpt/{fault}", stream=stream)
    assert alone.status == 200 if stream else alone.status in {502, 504, 529}
    assert alone.error["message"]
    assert not alone.whole
    assert TEXT.startswith(alone.text)
    safe = await ask(address, wire, f"safe-{fault}", stream=stream)
    assert safe.text == TEXT
    assert safe.whole
    assert safe.error is None
    assert (b'"cairn":{"continued_by":"claude/goes-on"}' in safe.body) == stream
    if not stream:
        # A connection that ends before a reply is tried once more, and that is told.
        assert safe.headers["cairn-attempts"] == ("3" if wire == "openai" else "2")
        assert safe.headers["cairn-model"] == "claude/goes-on"


@wires
@matrix
@pytest.mark.parametrize("fault", HARMLESS)
async def test_what_looks_odd_and_is_whole(address: str, wire: str, fault: str, *, stream: bool) -> None:
    answer = await ask(address, wire, f"gpt/{fault}", stream=stream)
    assert answer.status == 200
    assert answer.text == TEXT
    assert answer.whole
    assert answer.error is None


@wires
@matrix
@pytest.mark.parametrize("name", UNREACHABLE)
async def test_a_provider_that_cannot_be_reached(address: str, wire: str, name: str, *, stream: bool) -> None:
    alone = await ask(address, wire, f"{name}/words", stream=stream)
    assert alone.status == 502
    assert alone.error["message"]
    safe = await ask(address, wire, f"safe-{name}", stream=stream)
    assert (safe.status, safe.text, safe.whole) == (200, TEXT, True)


async def test_a_connection_that_closed_under_us_is_made_anew(address: str, servers: TestProviders) -> None:
    for _ in range(10):
        answer = await ask(address, "openai", "gpt/closes-after", stream=False)
        assert (answer.status, answer.text) == (200, TEXT)
    assert len(servers.calls) == 10


async def test_the_report_of_faults_is_true(address: str, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/gateway-faults.md, row by row as it happens. `--rewrite-snapshots` writes it anew."""
    # Each answer is the provider's, and not that of a target which is left alone.
    monkeypatch.setattr(Breaker, "allows", lambda *_: True)
    rows: list[str] = []
    for fault in (*BEFORE, *DURING, *HARMLESS, *UNREACHABLE):
        model = f"{fault}/words" if fault in UNREACHABLE else f"gpt/{fault}"
        seen = [await tell(address, wire, model, stream=stream) for stream in (True, False) for wire in WIRES]
        stood_in = "" if fault in HARMLESS else await tell(address, "openai", f"safe-{fault}", stream=True)
        rows.append(f"| {WORDS_OF.get(fault, fault)} | {' | '.join(seen)} | {stood_in} |")
    snapshot(REPORT, HEAD + "\n".join(rows) + "\n")


async def tell(address: str, wire: str, model: str, *, stream: bool) -> str:
    answer = await ask(address, wire, model, stream=stream)
    assert answer.whole or answer.error is not None
    if answer.error is not None:
        kind = answer.error.get("code") or answer.error["type"]
        return f"{answer.status} {kind}" if answer.status != 200 else f"error in the stream: {kind}"
    return "whole, marked" if b"continued_by" in answer.body else "whole"


async def test_a_target_that_fails_again_and_again_is_left_alone(address: str, servers: TestProviders) -> None:
    for _ in range(5):
        assert (await ask(address, "openai", "gpt/broken", stream=False)).status == 500
    refused = await ask(address, "openai", "gpt/broken", stream=False)
    assert refused.status == 529
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert len(servers.calls) == 5
    # The others go on.
    assert (await ask(address, "openai", "gpt/words", stream=False)).text == TEXT


async def test_what_a_provider_asks_us_to_wait_is_kept_to(address: str, servers: TestProviders) -> None:
    assert (await ask(address, "openai", "gpt/busy", stream=False)).headers["retry-after"] == "7"
    again = await ask(address, "openai", "gpt/busy", stream=False)
    assert again.status == 529
    assert int(again.headers["retry-after"]) in {6, 7}
    assert len(servers.calls) == 1
    assert (await ask(address, "openai", "safe-busy", stream=True)).text == TEXT


async def test_permits_come_back_after_every_fault(address: str, servers: TestProviders) -> None:
    faults = [*BEFORE, *DURING]
    await asyncio.gather(*(ask(address, "openai", f"safe-{fault}", stream=True) for fault in faults for _ in range(10)))
    await asyncio.gather(*(call.ended.wait() for call in servers.calls))
    # So many at once need every one of the stand-in's permits.
    answers = await asyncio.gather(*(ask(address, "anthropic", "claude/words", stream=True) for _ in range(60)))
    assert {answer.text for answer in answers} == {TEXT}
