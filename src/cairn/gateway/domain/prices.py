"""What models cost. Money is in millionths of a US dollar, which is also a dollar's price for a million tokens."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cairn.gateway.domain.capabilities import EVERYTHING, Capability
from cairn.gateway.domain.messages import Usage
from cairn.gateway.domain.providers import ProviderKind


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars a token: new input, output, input read from the cache, input written to it."""

    input: float
    output: float
    cached: float
    written: float

    def cost(self, usage: Usage) -> float:
        """Return what the usage costs, in micro-dollars."""
        fresh = max(0, usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens)
        return (
            fresh * self.input
            + usage.cached_input_tokens * self.cached
            + usage.cache_write_tokens * self.written
            + usage.output_tokens * self.output
        )


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model since `since`: its rates, those of long prompts, limits in tokens, what it takes."""

    name: str
    kind: ProviderKind
    since: date
    source: str
    rates: Rates
    long_rates: Rates
    long_above: float
    context_tokens: int
    output_tokens: int
    takes: frozenset[Capability] = EVERYTHING

    def cost_micros(self, usage: Usage) -> int:
        """Return what the usage costs, rounded up."""
        rates = self.long_rates if usage.input_tokens > self.long_above else self.rates
        return math.ceil(rates.cost(usage))


class Catalog:
    """Every model whose price is known, and what models take that one runs oneself, by their names without a tag."""

    def __init__(self, facts: Iterable[ModelFacts], own: Mapping[str, frozenset[Capability]]) -> None:
        self._own = own
        self._facts: dict[tuple[ProviderKind, str], list[ModelFacts]] = {}
        for one in sorted(facts, key=lambda one: one.since):
            self._facts.setdefault((one.kind, one.name), []).append(one)
        self._dearest: Mapping[ProviderKind, ModelFacts] = {
            kind: max((known[-1] for (of, _), known in self._facts.items() if of is kind), key=_dearness)
            for kind in {kind for kind, _ in self._facts}
        }

    def takes(self, kind: ProviderKind, model: str, on: date) -> frozenset[Capability]:
        """Return what a model takes; everything, where it is not known."""
        if kind is ProviderKind.OPENAI_COMPATIBLE:
            return self._own.get(model.partition(":")[0], EVERYTHING)
        facts, exact = self.find(kind, model, on)
        return facts.takes if facts is not None and exact else EVERYTHING

    def find(self, kind: ProviderKind, model: str, on: date) -> tuple[ModelFacts | None, bool]:
        """Return what is known of a model on a day, and whether that is exact.

        An unknown model of a vendor who charges is taken for its dearest, so that no budget is passed unseen. A server
        of one's own costs nothing here.
        """
        if kind is ProviderKind.OPENAI_COMPATIBLE:
            return None, True
        if kind is ProviderKind.AZURE_OPENAI:
            kind = ProviderKind.OPENAI
        known = [one for one in self._facts.get((kind, model), ()) if one.since <= on]
        if known:
            return known[-1], True
        # A dated name, as claude-sonnet-5-5-20260901, is the model before the date.
        head, _, tail = model.rpartition("-")
        if head and tail.isdecimal() and (kind, head) in self._facts:
            return self.find(kind, head, on)
        return self._dearest.get(kind), kind not in self._dearest


def _dearness(facts: ModelFacts) -> float:
    return facts.rates.input + facts.rates.output
