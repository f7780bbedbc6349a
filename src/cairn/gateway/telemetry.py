"""What can be watched of model calls: metrics for Prometheus, and spans of OpenTelemetry. Never a word of content.

Spans have the names of OpenTelemetry's conventions for generative AI
(https://opentelemetry.io/docs/specs/semconv/gen-ai/); they go wherever the process' own OpenTelemetry SDK sends them.
"""

from collections.abc import Sequence

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from cairn.gateway.ports import CallRow

_FIRST_TOKEN_MS = (25, 50, 100, 200, 350, 500, 750, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000)
_GAP_MS = (1, 2, 5, 10, 20, 30, 40, 60, 80, 100, 200, 500, 1_000, 5_000, 30_000)
_RATES = (1, 5, 10, 20, 30, 50, 80, 120, 200, 400, 1_000)
_MICROS = 1_000_000
_MS = 1_000
_SYSTEMS = {
    "openai.embeddings": "embeddings",
    "anthropic.count_tokens": "count_tokens",
}


class CallTelemetry:
    """One call while it runs. `headers` go to the provider, so that its own trace is part of ours."""

    def __init__(self, telemetry: "GatewayTelemetry", endpoint: str, model: str, received: dict[str, str]) -> None:
        self._telemetry = telemetry
        context = propagate.extract(received)
        operation = _SYSTEMS.get(endpoint, "chat")
        self._span = telemetry.tracer.start_span(f"{operation} {model}", context=context, kind=SpanKind.CLIENT)
        if self._span.is_recording():
            self._span.set_attributes({"gen_ai.operation.name": operation, "gen_ai.request.model": model})
        carrier: dict[str, str] = {}
        propagate.inject(carrier, context=trace.set_span_in_context(self._span, context))
        self.headers: Sequence[tuple[str, str]] = tuple(carrier.items())
        telemetry.running.inc()

    def gap(self, seconds: float) -> None:
        """Note the time between two pieces of a reply."""
        self._telemetry.gaps.observe(seconds * _MS)

    def end(self, tenant: str, rows: Sequence[CallRow]) -> None:
        """Note how the call ended, attempt by attempt."""
        self._telemetry.running.dec()
        for row in rows:
            self._telemetry.count(tenant, row)
        if rows and self._span.is_recording():
            last = rows[-1]
            self._span.set_attributes(
                {
                    "gen_ai.provider.name": last.provider,
                    "gen_ai.response.model": last.model,
                    "gen_ai.usage.input_tokens": last.input_tokens,
                    "gen_ai.usage.output_tokens": last.output_tokens,
                    "cairn.attempts": len(rows),
                    "cairn.cost_micros": sum(row.cost_micros for row in rows),
                }
            )
            if last.failure:
                self._span.set_attribute("error.type", last.failure)
                self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class GatewayTelemetry:
    """The gateway's metrics, under the names that dashboards know."""

    def __init__(self) -> None:
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
        self.gaps = Histogram(
            "ai_inter_token_duration_ms", "Between two pieces of a stream.", buckets=_GAP_MS, registry=registry
        )
        self.rates = Histogram(
            "ai_tokens_per_second", "Of a whole reply.", ["model"], buckets=_RATES, registry=registry
        )
        self.tokens = Counter(
            "ai_tokens", "Tokens sent and received.", ["model", "tenant", "direction"], registry=registry
        )
        self.cost = Counter("ai_cost", "What calls cost.", ["model", "tenant", "currency"], registry=registry)
        self.calls = Counter("ai_calls", "Attempts at calls.", ["model", "outcome", "failure"], registry=registry)
        self.running = Gauge("ai_active_calls", "Calls that run.", registry=registry)

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
