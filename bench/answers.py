"""The first token: what Cairn adds to the time that the provider itself takes."""

import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from importing import until_indexed
from instance import Instance, clean_environment
from load import Client, percentile
from report import REPOSITORY, Report

_ASKED = 60
_WARM_UP = 10
_QUESTION = "Why was a log chosen for how services talk to each other?"


def measure(report: Report, instance: Instance) -> None:
    """Ask one question after the other through Cairn and straight from the provider, in turns."""
    report.title("First token")
    asyncio.run(_measure(report, instance))


async def _measure(report: Report, instance: Instance) -> None:
    async with test_provider() as known:
        client = await Client.connect(instance.port)
        await client.call(
            "cairn.gateway.v1.GatewayService/SaveProvider",
            {
                "kind": "PROVIDER_KIND_OPENAI_COMPATIBLE",
                "name": "bench",
                "baseUrl": known["openai"],
                "models": ["words"],
                "key": known["key"],
            },
        )
        records, _, _ = await until_indexed(instance.port, time.perf_counter())
        asked: list[tuple[float, float, float]] = []
        for number in range(_WARM_UP + _ASKED):
            straight = await _straight(known)
            through, step = await _through(instance.port, "bench/words")
            if number >= _WARM_UP:
                asked.append((through - straight, straight, step))
        quotes = [(await _through(instance.port, "quotes"))[0] for _ in range(_ASKED)]
        client.close()
        # The server closes a connection that rests for long.
        client = await Client.connect(instance.port)
        titles = await _list_titles(client)
        sentences = await _first_sentences(instance.port, titles)
        recalls = await _recalls(instance.port, titles)
        client.close()
    added, straight, steps = ([one[at] for one in asked] for at in range(3))
    own_ms = statistics.median(straight)
    how = f"{_ASKED} questions, one at a time; the provider's own time, {own_ms:.1f} ms, is taken off"
    report.add("answer_first_token_added_p50_ms", statistics.median(added), f"{how}; the search before it is in it")
    report.add("answer_search_p50_ms", statistics.median(steps), "of that, from the question to the end of the search")
    relay = statistics.median([one - step for one, step in zip(added, steps, strict=True)])
    report.add("first_token_added_p50_ms", relay, "from the end of the search on: request, relay, page", below=3)
    report.add("quotes_first_token_p50_ms", statistics.median(quotes), "the built-in model, from the question on")
    how = f"asked about {len(sentences)} titles, one at a time, over {records} records with some seven passages each"
    report.add("quotes_first_sentence_p50_ms", statistics.median(sentences), how)
    report.add("quotes_first_sentence_p95_ms", percentile(sentences, 0.95), how, below=150)
    how = (
        f"decisions that may have been forgotten, for {len(recalls)} paragraphs, one at a time, over {records} records"
    )
    report.add("recall_p50_ms", statistics.median(recalls), how)
    report.add("recall_p95_ms", percentile(recalls, 0.95), how, below=150)


async def _list_titles(client: Client) -> list[str]:
    listed = await client.call("cairn.decisions.v1.DecisionsService/ListDecisions", {"pageSize": 100})
    return [one["title"] for one in listed["decisions"]]


async def _recalls(port: int, titles: Sequence[str]) -> list[float]:
    """Return the milliseconds that it takes to find what was decided about a paragraph."""
    taken: list[float] = []
    client = await Client.connect(port)
    for title in titles:
        text = f"We want to change how we do this: {title}. The way it is now costs us a day in each release."
        started = time.perf_counter()
        await client.call("cairn.chat.v1.WritingService/Recall", {"text": text})
        taken.append((time.perf_counter() - started) * 1000)
    client.close()
    return taken


async def _first_sentences(port: int, titles: Sequence[str]) -> list[float]:
    """Return the milliseconds until the first whole sentence that is quoted, for each title that is asked for."""
    taken: list[float] = []
    for title in titles:
        reader = await Client.connect(port)
        quoted = ""
        cited = False
        started = time.perf_counter()
        asked = {"question": f"What did we decide about {title}?", "model": "quotes"}
        async for message in reader.stream("cairn.chat.v1.ChatService/Ask", asked):
            event = message["event"]
            cited = cited or "citation" in event
            quoted += event["delta"].get("text", "") if cited and "delta" in event else ""
            if re.search(r"> .*[.!?:]|\[1\]", quoted, re.DOTALL):
                taken.append((time.perf_counter() - started) * 1000)
                break
        reader.close()
    return taken


async def _through(port: int, model: str) -> tuple[float, float]:
    """Return the milliseconds until the first piece of the answer, and until the search before it was done."""
    client = await Client.connect(port)
    step = first = 0.0
    started = time.perf_counter()
    async for message in client.stream("cairn.chat.v1.ChatService/Ask", {"question": _QUESTION, "model": model}):
        now = (time.perf_counter() - started) * 1000
        event = message["event"]
        if "failed" in event:
            raise RuntimeError(f"The answer failed: {event['failed']}")
        if "step" in event and not first:
            step = now
        if "delta" in event and not first:
            first = now
    client.close()
    if not first:
        raise RuntimeError("The answer had no words.")
    return first, step


async def _straight(known: dict[str, Any]) -> float:
    """Return the milliseconds until the provider's own first piece, asked as Cairn asks it."""
    port = int(known["openai"].rsplit(":", 1)[1].split("/")[0])
    path = known["openai"].split(str(port), 1)[1] + "/chat/completions"
    message = {"model": "words", "stream": True, "messages": [{"role": "user", "content": _QUESTION}]}
    body = json.dumps(message).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.perf_counter()
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {known['key']}\r\nconnection: close\r\n"
    writer.write(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    await reader.readuntil(b'"content"')
    elapsed_ms = (time.perf_counter() - started) * 1000
    await reader.read()
    writer.close()
    return elapsed_ms


@asynccontextmanager
async def test_provider() -> AsyncGenerator[dict[str, Any]]:
    """Run the test providers as a process, and give their addresses and key."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "support.providers.main",
        stdout=subprocess.PIPE,
        env=clean_environment(PYTHONPATH=str(REPOSITORY / "tests")),
    )
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()
