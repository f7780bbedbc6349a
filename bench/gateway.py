"""The gateway: what it adds to a provider's first token, and what a relayed token and a whole reply cost in CPU."""

import asyncio
import json
import statistics
import time
from typing import Any

from answers import test_provider
from instance import Instance
from load import percentile
from processes import cpu_seconds
from report import Report

_ASKED = 100
_WARM_UP = 20
_STREAMS = 300
_WHOLE = 1_000
_AT_ONCE = 20
_TOKENS = 100


def measure(report: Report, instance: Instance) -> None:
    """Ask through /v1 and straight from the provider, in turns; then many at once."""
    report.title("Gateway")
    asyncio.run(_measure(report, instance))


async def _measure(report: Report, instance: Instance) -> None:
    async with test_provider() as known:
        _connect(instance, known)
        straight_port = int(known["openai"].rsplit(":", 1)[1].split("/")[0])
        added: list[float] = []
        for number in range(_WARM_UP + _ASKED):
            straight = (await _stream(straight_port, "words", known["key"]))[0]
            through = (await _stream(instance.port, "bench/words", "any"))[0]
            if number >= _WARM_UP:
                added.append(through - straight)
        server = instance.pids["server"]
        for name, path, model in (
            ("relayed", "/v1/chat/completions", "bench/paced-short"),
            ("translated", "/v1/messages", "bench/paced-short"),
        ):
            before = cpu_seconds(server)
            asked = [_stream(instance.port, model, "any", path) for _ in range(_STREAMS)]
            tokens = sum(count for _, count in await asyncio.gather(*asked))
            if tokens < _STREAMS * _TOKENS:
                raise RuntimeError(f"Tokens were lost: {tokens} of {_STREAMS * _TOKENS} came.")
            used = (cpu_seconds(server) - before) / (_STREAMS * _TOKENS) * 1e6
            what = f"{_STREAMS} streams of 28.8 tokens/s; limits, usage, metrics on"
            report.add(f"gateway_cpu_per_{name}_token_us", used, what, below=70)
        before = cpu_seconds(server)
        room = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(_whole(instance.port, room) for _ in range(_WHOLE)))
        used = (cpu_seconds(server) - before) / _WHOLE * 1e6
        report.add("gateway_cpu_per_whole_reply_us", used, f"{_WHOLE} replies, {_AT_ONCE} at once", below=1_000)
    how = f"{_ASKED} streams, one at a time; the provider's own time is taken off"
    report.add("gateway_first_token_added_p50_ms", statistics.median(added), how, below=1)
    report.add("gateway_first_token_added_p99_ms", percentile(added, 0.99), how, below=3)


def _connect(instance: Instance, known: dict[str, Any]) -> None:
    models = [argument for model in ("words", "paced-short") for argument in ("--model", model)]
    where = ("--name", "bench", "--url", known["openai"])
    instance.cairn("gateway", "add", "compatible", *where, *models, stdin=known["key"])


async def _stream(port: int, model: str, key: str, path: str = "/v1/chat/completions") -> tuple[float, int]:
    """Return the milliseconds until the first piece of text, and how many pieces of text came."""
    reader, writer = await _send(port, path, {"model": model, "stream": True}, key)
    started = time.perf_counter()
    first, pieces, begun = 0.0, 0, b""
    while chunk := await reader.read(65_536):
        begun = begun + chunk if not first else chunk
        if not first and (b"Kafka" in begun or b"word0" in begun):
            first = (time.perf_counter() - started) * 1000
            chunk = begun
        if first:
            # Pieces that came in one read are one event over another format.
            pieces += chunk.count(b"word")
    writer.close()
    if not first:
        raise RuntimeError(f"No text came: {begun[:300]!r}")
    return first, pieces


async def _whole(port: int, room: asyncio.Semaphore) -> None:
    async with room:
        reader, writer = await _send(port, "/v1/chat/completions", {"model": "bench/words"}, "any")
        reply = await reader.read()
        writer.close()
    if b"Kafka" not in reply:
        raise RuntimeError(f"No reply came: {reply[:300]!r}")


async def _send(
    port: int, path: str, fields: dict[str, Any], key: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    asked = {"max_tokens": 4_000, "messages": [{"role": "user", "content": "Why was a log chosen?"}]}
    body = json.dumps(fields | asked).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n"
    writer.write(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    return reader, writer
