"""Which of several targets is asked, and when one that fails is left alone. Times are in seconds of any one clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from cairn.gateway.domain.capabilities import EVERYTHING, Capability
from cairn.gateway.domain.failures import FailureCode, ModelNotFound, ProviderFailure
from cairn.gateway.domain.providers import ProviderConfig

_FAILURES_MOST = 5
_OPEN_S = 5.0
_OPEN_MOST_S = 60.0
_LATENCY_WEIGHT = 0.2
# Latencies so close to the best are taken for the same.
_CLOSE = 1.25
_CLOSE_S = 0.02
TARGETS_MOST = 10


class Strategy(StrEnum):
    """How the targets of an alias are put in order: as written, by weight, or by how fast they begin to answer."""

    ORDER = "order"
    WEIGHT = "weight"
    LATENCY = "latency"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Target:
    """One model at one provider, by the provider's own name, and what it can do.

    `weight` counts for `Strategy.WEIGHT`.
    """

    provider: ProviderConfig
    model: str
    weight: float = 1.0
    takes: frozenset[Capability] = EVERYTHING

    @property
    def key(self) -> tuple[UUID, str]:
        """What tells targets apart."""
        return self.provider.id, self.model

    @property
    def name(self) -> str:
        """The name by which Cairn lists it."""
        return f"{self.provider.name}/{self.model}"


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of one's own for models, as `provider/model`, tried in the order of `strategy`."""

    name: str
    targets: tuple[tuple[str, float], ...]
    strategy: Strategy = Strategy.ORDER


@dataclass(frozen=True, slots=True)
class Route:
    """Where the calls for one name may go."""

    name: str
    targets: tuple[Target, ...]
    strategy: Strategy = Strategy.ORDER


def find_route(providers: Sequence[ProviderConfig], aliases: Sequence[Alias], name: str) -> Route:
    """Return where to find the model of that name. Raises `ModelNotFound`.

    A name is an alias, `provider/model`, or a provider's own name of a model: if several offer that, the first is asked
    and the others stand in.
    """
    for alias in aliases:
        if alias.name == name:
            found = [
                Target(target.provider, target.model, weight)
                for text, weight in alias.targets
                for target in _find(providers, text)
            ]
            if found:
                return Route(name, tuple(found[:TARGETS_MOST]), alias.strategy)
    found = _find(providers, name)
    if not found:
        raise ModelNotFound(name)
    return Route(name, tuple(found[:TARGETS_MOST]))


def _find(providers: Sequence[ProviderConfig], name: str) -> list[Target]:
    provider_name, _, model = name.partition("/")
    for provider in providers:
        if provider.name == provider_name and model in provider.models:
            return [Target(provider, model)]
    return [Target(provider, name) for provider in providers if name in provider.models]


@dataclass(slots=True)
class Breaker:
    """Leaves a target alone after failures in a row, then lets one call through to see whether it is well again."""

    failures: int = 0
    open_until: float = 0.0
    opened: int = 0
    probing: bool = False
    first_token_s: float = field(default=math.nan)
    last_failure: str = ""

    def allows(self, now: float) -> bool:
        """Tell whether a call may go out now. A half-open breaker allows one; its outcome must be told."""
        if self.open_until == 0.0:
            return True
        if now < self.open_until or self.probing:
            return False
        self.probing = True
        return True

    def succeed(self, first_token_s: float | None) -> None:
        """Count an answer."""
        self.failures = self.opened = 0
        self.open_until = 0.0
        self.last_failure = ""
        self.probing = False
        if first_token_s is not None:
            old = first_token_s if math.isnan(self.first_token_s) else self.first_token_s
            self.first_token_s = old + _LATENCY_WEIGHT * (first_token_s - old)

    def fail(self, failure: ProviderFailure, now: float, chance: float = 1.0) -> None:
        """Count a failure. What the provider asks us to wait is kept to, up to a minute.

        `chance`, a number in (0, 1], shortens our own wait by up to a quarter, so that processes do not try together.
        """
        self.probing = False
        if failure.failure is FailureCode.REFUSED_REQUEST:
            return
        self.failures += 1
        self.last_failure = failure.failure.value
        if failure.retry_after_s:
            self.open_until = now + min(failure.retry_after_s, _OPEN_MOST_S)
        elif self.failures >= _FAILURES_MOST or self.opened:
            self.open_until = now + min(_OPEN_S * 2**self.opened, _OPEN_MOST_S) * (0.75 + chance / 4)
            self.opened += 1

    def abandon(self) -> None:
        """Take a call back whose outcome nobody will know."""
        self.probing = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How one target of a route stands when a call comes.

    `chance` is a number in (0, 1]: random, or the same for all calls that share a prompt's beginning, so that the
    provider's cache of it is used. `first_token_s` is nan when unknown; `price` is what this call would cost. `fits` is
    false when the model is known to be too small for it.
    """

    chance: float
    first_token_s: float
    price: float
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """How a target does, as one process has seen. It is left alone for `resting_s` more seconds."""

    name: str
    resting_s: float
    first_token_s: float
    running: int
    waiting: int
    failures: int
    last_failure: str


def order_targets(route: Route, standings: Sequence[Standing]) -> list[Target]:
    """Return the targets in the order in which to try them; those that do not fit come last.

    An unknown latency comes first, so that it becomes known; those close to the best share the calls.
    """
    numbers = range(len(route.targets))
    match route.strategy:
        case Strategy.ORDER:
            ranks: list[tuple[float, float]] = [(0.0, float(at)) for at in numbers]
        case Strategy.WEIGHT:
            # The exponential race: the first place falls to each target with a chance in proportion to its weight. With
            # chances from a hash it is rendezvous hashing: a target that comes or goes moves only its own share.
            weights = [max(target.weight, 1e-9) for target in route.targets]
            ranks = [(0.0, -math.log(standings[at].chance) / weights[at]) for at in numbers]
        case Strategy.LATENCY:
            known = [one.first_token_s for one in standings if not math.isnan(one.first_token_s)]
            close = min(known, default=0.0) * _CLOSE + _CLOSE_S
            ranks = [_rank_latency(one, close) for one in standings]
        case Strategy.COST:
            ranks = [(0.0, one.price) for one in standings]
    return [route.targets[at] for at in sorted(numbers, key=lambda at: (not standings[at].fits, ranks[at], at))]


def _rank_latency(standing: Standing, close: float) -> tuple[float, float]:
    if math.isnan(standing.first_token_s):
        return -1.0, 0.0
    return (0.0, 1 - standing.chance) if standing.first_token_s <= close else (standing.first_token_s, 0.0)
