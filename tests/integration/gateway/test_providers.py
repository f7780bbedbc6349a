"""The adapters against the test providers: whole replies, every failure by its name, and leaving at once."""

import asyncio
import logging
import time
from contextlib import aclosing

import pytest
from support.providers.client import ask, configure
from support.providers.scenarios import TEXT, WORDS
from support.providers.server import KEY, TestProviders

from cairn.gateway.domain.failures import FailureCode, ProviderFailure
from cairn.gateway.domain.messages import Stopped, StopReason, StreamPart, TextDelta, Usage
from cairn.gateway.domain.providers import ProviderKind
from cairn.gateway.ports import Provider
from cairn.gateway.providers.factory import HttpProviders

KINDS = list(ProviderKind)

pytestmark = pytest.mark.parametrize("kind", KINDS)


async def collect(provider: Provider, model: str, into: list[StreamPart]) -> None:
    async with aclosing(provider.stream(ask(model))) as chunks:
        async for chunk in chunks:
            into.extend(chunk.parts)


def text_of(parts: list[StreamPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextDelta))


async def test_a_whole_reply(servers: TestProviders, providers: HttpProviders, kind: ProviderKind) -> None:
    parts: list[StreamPart] = []
    await collect(providers(configure(servers, kind)), "words", parts)
    assert text_of(parts) == TEXT
    assert parts[-1] == Stopped(StopReason.COMPLETE)
    usage = [part for part in parts if isinstance(part, Usage)][-1]
    assert usage.output_tokens == len(WORDS)
    assert usage.input_tokens > 0
    assert servers.calls[0].whole


@pytest.mark.parametrize(("model", "reason"), [("length", StopReason.LENGTH), ("filtered", StopReason.FILTERED)])
async def test_why_it_stopped(
    servers: TestProviders, providers: HttpProviders, kind: ProviderKind, model: str, reason: StopReason
) -> None:
    parts: list[StreamPart] = []
    await collect(providers(configure(servers, kind)), model, parts)
    assert parts[-1] == Stopped(reason)


async def test_connections_are_used_again(servers: TestProviders, providers: HttpProviders, kind: ProviderKind) -> None:
    for _ in range(3):
        await collect(providers(configure(servers, kind)), "words", [])
    assert len(servers.connections) == 1


@pytest.mark.parametrize(
    ("model", "failure", "message"),
    [
        ("missing", FailureCode.ERROR, "does not know this model"),
        ("forbidden", FailureCode.REFUSED_KEY, "refused the key"),
        ("refuses", FailureCode.REFUSED_REQUEST, "It says: max_tokens: too large"),
        ("busy", FailureCode.BUSY, "Wait a little"),
        ("broken", FailureCode.ERROR, "HTTP 500"),
        ("overloaded", FailureCode.BUSY, "overloaded"),
        ("redirects", FailureCode.ERROR, "sent us elsewhere"),
        ("html", FailureCode.ERROR, "answered with text/html"),
        ("nonsense", FailureCode.ERROR, "Check its address and kind"),
        ("bad-utf8", FailureCode.ERROR, "Check its address and kind"),
        ("empty", FailureCode.STREAM_CUT, "stopped in the middle"),
        ("huge-event", FailureCode.ERROR, "too long"),
        ("silent", FailureCode.TIMEOUT, "fell silent"),
    ],
)
async def test_a_failure_has_a_name_and_a_next_step(  # noqa: PLR0917 - fixtures and a table's columns.
    servers: TestProviders, providers: HttpProviders, kind: ProviderKind, model: str, failure: FailureCode, message: str
) -> None:
    parts: list[StreamPart] = []
    with pytest.raises(ProviderFailure, match=message) as caught:
        await collect(providers(configure(servers, kind)), model, parts)
    assert caught.value.failure is failure
    assert text_of(parts) == ""
    assert caught.value.retry_after_s == (7 if model == "busy" else None)


@pytest.mark.parametrize(
    ("model", "failure"),
    [
        ("cut", FailureCode.STREAM_CUT),
        ("cut-cleanly", FailureCode.STREAM_CUT),
        ("stalls", FailureCode.TIMEOUT),
    ],
)
async def test_what_came_before_a_cut_is_kept_and_the_cut_is_told(
    servers: TestProviders, providers: HttpProviders, kind: ProviderKind, model: str, failure: FailureCode
) -> None:
    parts: list[StreamPart] = []
    with pytest.raises(ProviderFailure, match="What it sent is kept") as caught:
        await collect(providers(configure(servers, kind)), model, parts)
    assert caught.value.failure is failure
    assert TEXT.startswith(text_of(parts))
    assert not any(isinstance(part, Stopped) for part in parts)


async def test_an_error_inside_the_stream(servers: TestProviders, providers: HttpProviders, kind: ProviderKind) -> None:
    parts: list[StreamPart] = []
    with pytest.raises(ProviderFailure) as caught:
        await collect(providers(configure(servers, kind)), "fails-halfway", parts)
    says_busy = {ProviderKind.ANTHROPIC, ProviderKind.GEMINI}
    expected = FailureCode.BUSY if kind in says_busy else FailureCode.ERROR
    assert caught.value.failure is expected
    assert text_of(parts) == " ".join(WORDS[:5])


async def test_a_missing_end_marker(servers: TestProviders, providers: HttpProviders, kind: ProviderKind) -> None:
    """Anthropic's end is `message_stop`; OpenAI's is the finish reason, as some compatible servers send no `[DONE]`."""
    parts: list[StreamPart] = []
    if kind is ProviderKind.ANTHROPIC:
        with pytest.raises(ProviderFailure) as caught:
            await collect(providers(configure(servers, kind)), "no-end-marker", parts)
        assert caught.value.failure is FailureCode.STREAM_CUT
    else:
        await collect(providers(configure(servers, kind)), "no-end-marker", parts)
        assert parts[-1] == Stopped(StopReason.COMPLETE)


async def test_a_refused_key_is_neither_shown_nor_logged(
    servers: TestProviders, providers: HttpProviders, kind: ProviderKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderFailure, match="Save a valid one under Models") as caught:
        await collect(providers(configure(servers, kind, key="sk-canary-000")), "words", [])
    assert caught.value.failure is FailureCode.REFUSED_KEY
    assert "canary" not in str(caught.value)
    assert "canary" not in caplog.text
    with pytest.raises(ProviderFailure):
        await collect(providers(configure(servers, kind)), "broken", [])
    assert KEY not in caplog.text


async def test_an_unreachable_provider(providers: HttpProviders, kind: ProviderKind) -> None:
    nowhere = TestProviders()
    nowhere.base = "http://127.0.0.1:9"
    with pytest.raises(ProviderFailure, match="cannot be reached") as caught:
        await collect(providers(configure(nowhere, kind)), "words", [])
    assert caught.value.failure is FailureCode.UNREACHABLE


async def test_a_shared_server_calls_no_private_address(servers: TestProviders, kind: ProviderKind) -> None:
    shared = HttpProviders.open(local=False)
    try:
        with pytest.raises(ProviderFailure, match="may not call") as caught:
            await collect(shared(configure(servers, kind)), "words", [])
    finally:
        await shared.close()
    assert caught.value.failure is FailureCode.UNREACHABLE
    assert servers.calls == []


@pytest.mark.parametrize("model", ["endless", "silent"])
async def test_cancelling_closes_the_connection_at_once(
    servers: TestProviders, providers: HttpProviders, kind: ProviderKind, model: str
) -> None:
    task = asyncio.create_task(collect(providers(configure(servers, kind)), model, []))
    call = await servers.wait_for_call()
    if model == "endless":
        await call.begun.wait()
    asked_at = time.monotonic()
    task.cancel()
    await call.ended.wait()
    assert call.client_left
    print(f"cancel reached the provider after {(call.ended_at - asked_at) * 1000:.1f} ms")  # noqa: T201
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_closing_the_stream_closes_the_connection(
    servers: TestProviders, providers: HttpProviders, kind: ProviderKind
) -> None:
    stream = providers(configure(servers, kind)).stream(ask("endless"))
    async for chunk in stream:
        if any(isinstance(part, TextDelta) for part in chunk.parts):
            break
    await stream.aclose()
    call = await servers.wait_for_call()
    await call.ended.wait()
    assert call.client_left
