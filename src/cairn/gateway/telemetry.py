"""What can be watched of model calls: metrics for Prometheus, and spans and metrics of OpenTelemetry. Never content.

OpenTelemetry's are named by its conventions for generative AI, and go wherever the process' own SDK sends them:
https://github.com/open-telemetry/semantic-conventions-genai. `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai/dup` adds the names
of before 1.37.
"""

import os
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from cairn.gateway.ports import CallRow

_FIRST_TOKEN_MS = (25, 50, 100, 200, 350, 500, 750, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000)
_GAP_MS = (1, 2, 5, 10, 20, 30, 40, 60, 80, 100, 200, 500, 1_000, 5_000, 30_000)
_RATES = (1, 5, 10, 20, 30, 50, 80, 120, 200, 400, 1_000)
# The boundaries that the conventions name.
_TOKENS = [4.0**power for power in range(14)]
_SECONDS = [0.01 * 2.0**power for power in range(14)]
_CHUNK_S = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
_MICROS = 1_000_000
_MS = 1_000
_OPERATIONS = {
    "openai.embeddings": "embeddings",
    "anthropic.count_tokens": "count_tokens",
}
# Providers as the conventions name them; a server of one's own goes by its name here.
_PROVIDERS = {"anthropic": "anthropic", "openai": "openai", "gemini": "gcp.gemini", "azure_openai": "azure.ai.openai"}
_OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"
_OLD_TOO = "gen_ai/dup"


class _QuickHistogram(Collector):
    """A histogram that is observed for every token, from one thread: without a lock it costs a tenth."""

    def __init__(self, name: str, documentation: str, boundaries: Sequence[float]) -> None:
        self._name = name
        self._documentation = documentation
        self._boundaries = list(boundaries)
        self._counts = [0] * (len(boundaries) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._boundaries, value)] += 1
        self._sum += value

    def collect(self) -> Iterable[Metric]:
        """Return what was counted, as a registry asks for it."""
        edges = [*(str(float(edge)) for edge in self._boundaries), "+Inf"]
        buckets = list(zip(edges, accumulate(self._counts), strict=True))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self._sum)


class CallTelemetry:
    """One call while it runs. `headers` go to the provider, so that its own trace is part of ours."""

    def __init__(self, telemetry: "GatewayTelemetry", endpoint: str, model: str, received: dict[str, str]) -> None:
        self._telemetry = telemetry
        self._operation = _OPERATIONS.get(endpoint, "chat")
        self._model = model
        self._last = 0.0
        self._span: trace.Span = trace.INVALID_SPAN
        self.headers: Sequence[tuple[str, str]] = ()
        if received or telemetry.traces:
            self._begin_span(received)
        telemetry.running.inc()

    def _begin_span(self, received: dict[str, str]) -> None:
        context = propagate.extract(received) if received else None
        name = f"{self._operation} {self._model}"
        self._span = self._telemetry.tracer.start_span(name, context=context, kind=SpanKind.CLIENT)
        if self._span.is_recording():
            self._span.set_attributes({"gen_ai.operation.name": self._operation, "gen_ai.request.model": self._model})
        if self._span.get_span_context().is_valid:
            carrier: dict[str, str] = {}
            propagate.inject(carrier, context=trace.set_span_in_context(self._span, context))
            self.headers = tuple(carrier.items())

    def note(self) -> None:
        """Note that a piece of the reply is here, the first or another."""
        now = time.monotonic()
        if self._last:
            gap = now - self._last
            self._telemetry.gaps.observe(gap * _MS)
            self._telemetry.chunk_gaps.record(gap)
        else:
            self._span.add_event("first_token_received")
        self._last = now

    def end(self, tenant: str, rows: Sequence[CallRow]) -> None:
        """Note how the call ended, attempt by attempt."""
        self._telemetry.running.dec()
        for row in rows:
            self._telemetry.count(tenant, row)
            self._telemetry.record(self._operation, self._model, row)
        if rows and self._span.is_recording():
            self._describe(rows)
        self._span.end()

    def _describe(self, rows: Sequence[CallRow]) -> None:
        last = rows[-1]
        for row in rows[:-1]:
            target = f"{row.provider}/{row.model}"
            self._span.add_event("attempt_failed", {"cairn.target": target, "error.type": row.failure or row.outcome})
        told = {
            **self._telemetry.name_provider(last),
            "gen_ai.response.model": last.model,
            "gen_ai.usage.input_tokens": last.input_tokens,
            "gen_ai.usage.output_tokens": last.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": last.cached_input_tokens,
            "gen_ai.usage.cache_creation.input_tokens": last.cache_write_tokens,
            "cairn.attempts": len(rows),
            "cairn.continued": last.continued,
            "cairn.estimated": last.estimated,
            "cairn.cost_micros": sum(row.cost_micros for row in rows),
        }
        self._span.set_attributes(told)
        if last.failure:
            self._span.set_attribute("error.type", last.failure)
            self._span.set_status(Status(StatusCode.ERROR))


class GatewayTelemetry:
    """The gateway's metrics, under the names that dashboards know."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._old_too = _OLD_TOO in {one.strip() for one in environment.get(_OPT_IN, "").split(",")}
        self._open_instruments()
        self.registry = CollectorRegistry()
        self.tracer = trace.get_tracer("cairn.gateway")
        registry = self.registry
        self.first_tokens = Histogram(
            "ai_first_token_duration_ms",
            "From the call to its first token.",
            ["model"],
            buckets=_FIRST_TOKEN_MS,
            registry=registry,
        )
        self.gaps = _QuickHistogram("ai_inter_token_duration_ms", "Between two pieces of a stream.", _GAP_MS)
        registry.register(self.gaps)
        self.rates = Histogram(
            "ai_tokens_per_second", "Of a whole reply.", ["model"], buckets=_RATES, registry=registry
        )
        self.tokens = Counter(
            "ai_tokens", "Tokens sent and received.", ["model", "tenant", "direction"], registry=registry
        )
        self.cost = Counter("ai_cost", "What calls cost.", ["model", "tenant", "currency"], registry=registry)
        self.calls = Counter("ai_calls", "Attempts at calls.", ["model", "outcome", "failure"], registry=registry)
        self.running = Gauge("ai_active_calls", "Calls that run.", registry=registry)

    def _open_instruments(self) -> None:
        meter = metrics.get_meter("cairn.gateway")

        def histogram(name: str, unit: str, boundaries: Sequence[float]) -> metrics.Histogram:
            return meter.create_histogram(name, unit=unit, explicit_bucket_boundaries_advisory=boundaries)

        self._usage = histogram("gen_ai.client.token.usage", "{token}", _TOKENS)
        self._durations = histogram("gen_ai.client.operation.duration", "s", _SECONDS)
        self._first_chunks = histogram("gen_ai.client.operation.time_to_first_chunk", "s", _CHUNK_S)
        self.chunk_gaps = histogram("gen_ai.client.operation.time_per_output_chunk", "s", _CHUNK_S)
        if self._old_too:
            self._old_first = histogram("gen_ai.server.time_to_first_token", "s", _CHUNK_S)
            self._old_gaps = histogram("gen_ai.server.time_per_output_token", "s", _CHUNK_S)

    @property
    def traces(self) -> bool:
        """Whether an SDK takes spans: without one a span only hands on what it received."""
        provider = trace.get_tracer_provider()
        return not (isinstance(self.tracer, trace.ProxyTracer) and isinstance(provider, trace.ProxyTracerProvider))

    def name_provider(self, row: CallRow) -> dict[str, str]:
        """Return the attributes that say which provider answered."""
        name = _PROVIDERS.get(row.kind, row.provider)
        return {"gen_ai.provider.name": name} | ({"gen_ai.system": name} if self._old_too else {})

    def record(self, operation: str, model: str, row: CallRow) -> None:
        """Record one attempt with OpenTelemetry."""
        told = {
            **self.name_provider(row),
            "gen_ai.operation.name": operation,
            "gen_ai.request.model": model,
            "gen_ai.response.model": row.model,
        }
        ended = told | ({"error.type": row.failure} if row.failure else {})
        self._durations.record(row.duration_ms / _MS, ended)
        if row.counted:
            self._usage.record(row.input_tokens, told | {"gen_ai.token.type": "input"})
            self._usage.record(row.output_tokens, told | {"gen_ai.token.type": "output"})
        if row.streamed and row.first_token_ms is not None:
            self._first_chunks.record(row.first_token_ms / _MS, told)
            if self._old_too:
                self._old_first.record(row.first_token_ms / _MS, told)
                rest_s = (row.duration_ms - row.first_token_ms) / _MS
                self._old_gaps.record(rest_s / max(1, row.output_tokens - 1), told)

    def begin(self, endpoint: str, model: str, received: dict[str, str]) -> CallTelemetry:
        """Begin to watch a call; `received` are its caller's trace headers."""
        return CallTelemetry(self, endpoint, model, received)

    def refuse(self, tenant: str, row: CallRow) -> None:
        """Note a call that a limit kept from going out."""
        self.count(tenant, row)

    def count(self, tenant: str, row: CallRow) -> None:
        """Count one attempt."""
        model = f"{row.provider}/{row.model}"
        self.calls.labels(model, row.outcome, row.failure).inc()
        if row.input_tokens:
            self.tokens.labels(model, tenant, "input").inc(row.input_tokens)
        if row.output_tokens:
            self.tokens.labels(model, tenant, "output").inc(row.output_tokens)
        if row.cost_micros:
            self.cost.labels(model, tenant, "USD").inc(row.cost_micros / _MICROS)
        if row.first_token_ms is not None:
            self.first_tokens.labels(model).observe(row.first_token_ms)
            seconds = (row.duration_ms - row.first_token_ms) / _MS
            if row.outcome == "completed" and seconds > 0:
                self.rates.labels(model).observe(row.output_tokens / seconds)

    def expose(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self.registry)
