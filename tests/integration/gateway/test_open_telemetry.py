"""OpenTelemetry's spans and metrics under its names for generative AI, as an SDK in the process gets them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support.gateway import openai_client, write_providers
from support.providers.scenarios import WORDS
from support.providers.server import TestProviders
from support.server import run_server

from cairn.platform.database import DatabaseUrls

CANARY = "CANARY-QUESTION"
ASKED: Any = [{"role": "user", "content": CANARY}]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Watched:
    """What an SDK got."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    @property
    def points(self) -> dict[str, list[Any]]:
        data: Any = self.reader.get_metrics_data()
        found = data.resource_metrics[0].scope_metrics[0].metrics
        return {metric.name: list(metric.data.data_points) for metric in found}


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched()
    monkeypatch.setattr(trace, "get_tracer", watched.tracers.get_tracer)
    monkeypatch.setattr(metrics, "get_meter", watched.meters.get_meter)
    yield watched
    watched.tracers.shutdown()
    watched.meters.shutdown()


@pytest.fixture
async def address(
    database_urls: DatabaseUrls, servers: TestProviders, tmp_path: Path, watched: Watched
) -> AsyncIterator[str]:
    assert watched
    with write_providers(tmp_path, servers).open("a") as file:
        file.write('[[alias]]\nname = "safe"\ntargets = ["gpt/broken", "claude/words"]\n')
    async with run_server(database_urls, tmp_path) as address:
        yield address


async def stream(address: str, model: str, **more: Any) -> None:
    async with openai_client(address) as client:
        _ = [
            one async for one in await client.chat.completions.create(model=model, messages=ASKED, stream=True, **more)
        ]


async def test_a_call_is_a_span_and_its_usage_is_measured(
    address: str, servers: TestProviders, watched: Watched
) -> None:
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    await stream(address, "safe", extra_headers=headers)
    (span,) = watched.spans
    assert span.name == "chat safe"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    # Both attempts are part of our span.
    sent = [call.headers.get("traceparent") or call.headers.get("Traceparent") for call in servers.calls]
    assert {one.split("-")[2] for one in sent if one} == {f"{span.context.span_id:016x}"}
    told = dict(span.attributes or {})
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "anthropic"
    assert told["gen_ai.request.model"] == "safe"
    assert told["gen_ai.response.model"] == "words"
    assert told["gen_ai.usage.output_tokens"] == len(WORDS)
    assert "gen_ai.system" not in told
    assert [event.name for event in span.events] == ["first_token_received", "attempt_failed"]
    points = watched.points
    by_type = {point.attributes["gen_ai.token.type"]: point.sum for point in points["gen_ai.client.token.usage"]}
    assert by_type["output"] == len(WORDS)
    durations = points["gen_ai.client.operation.duration"]
    assert {point.attributes.get("error.type") for point in durations} == {"provider_error", None}
    assert points["gen_ai.client.operation.time_to_first_chunk"][0].count == 1
    assert points["gen_ai.client.operation.time_per_output_chunk"][0].count >= 1
    assert not any(name.startswith("gen_ai.server.") for name in points)
    assert CANARY not in str([span.to_json() for span in watched.spans])
    assert CANARY not in str(points)


async def test_a_failure_is_told(address: str, watched: Watched) -> None:
    with pytest.raises(openai.RateLimitError):
        await stream(address, "gpt/busy")
    (span,) = watched.spans
    assert dict(span.attributes or {})["error.type"] == "provider_busy"
    assert not span.status.is_ok


async def test_old_names_are_behind_a_switch(
    database_urls: DatabaseUrls,
    servers: TestProviders,
    tmp_path: Path,
    watched: Watched,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http,gen_ai/dup")
    write_providers(tmp_path, servers)
    async with run_server(database_urls, tmp_path) as address:
        await stream(address, "claude/words")
    told = dict(watched.spans[0].attributes or {})
    assert told["gen_ai.system"] == told["gen_ai.provider.name"] == "anthropic"
    assert {"gen_ai.server.time_to_first_token", "gen_ai.client.operation.duration"} <= set(watched.points)
