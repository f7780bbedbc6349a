"""Which target is asked first."""

import math
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from cairn.gateway.domain.calls import Native
from cairn.gateway.domain.failures import FailureCode, ProviderFailure
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.domain.routing import Breaker, Route, Standing, Strategy, Target, order_targets
from cairn.gateway.domain.wires import Wire
from cairn.gateway.formats.catalog import read_catalog
from cairn.gateway.usecases.affinity import chance_of, prefix_of
from cairn.kernel.identity import Caller, Role

TARGETS = tuple(
    Target(ProviderConfig(UUID(int=number), ProviderKind.OPENAI, f"p{number}", "", ("m",)), "m", weight)
    for number, weight in ((1, 3.0), (2, 1.0), (3, 1.0))
)
CALLER = Caller(UUID(int=1), UUID(int=2), "Ada", next(iter(Role)))
HERE = Standing(0.5, 0.3, 10.0)


def first(strategy: Strategy, *standings: Standing) -> str:
    return order_targets(Route("r", TARGETS, strategy), standings)[0].provider.name


def native(system: str, *said: str, key: str = "") -> Native:
    fields = {"messages": [{"role": "system", "content": system}, *({"role": "user", "content": one} for one in said)]}
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()}
    if key:
        raw["prompt_cache_key"] = msgspec.Raw(msgspec.json.encode(key))
    return Native(Wire.OPENAI_CHAT, raw, stream=True)


def test_weights_share_the_calls() -> None:
    draw = random.Random(7)  # noqa: S311 - a test of shares.
    took = Counter(
        first(Strategy.WEIGHT, *(replace(HERE, chance=1.0 - draw.random()) for _ in TARGETS)) for _ in range(5_000)
    )
    assert took["p1"] / 5_000 == pytest.approx(0.6, abs=0.03)


def test_calls_that_begin_the_same_stay_together_and_keep_the_weights() -> None:
    took: Counter[str] = Counter()
    for number in range(2_000):
        prefixes = {
            prefix_of(CALLER, native(f"Rules {number}. " + "x" * 5_000, *said), 5_100)
            for said in (("Why?",), ("Why?", "And then?"))
        }
        assert len(prefixes) == 1
        (prefix,) = prefixes
        assert prefix is not None
        took[first(Strategy.WEIGHT, *(replace(HERE, chance=chance_of(prefix, one.key)) for one in TARGETS))] += 1
    assert took["p1"] / 2_000 == pytest.approx(0.6, abs=0.04)


def test_what_is_too_short_to_be_cached_goes_anywhere() -> None:
    assert prefix_of(CALLER, native("Be brief.", "Why?"), 200) is None
    named = prefix_of(CALLER, native("Be brief.", "Why?", key="mine"), 200)
    assert named == prefix_of(CALLER, native("Be long.", "Why not?", key="mine"), 200)
    other = replace(CALLER, tenant_id=UUID(int=9))
    assert named != prefix_of(other, native("Be brief.", "Why?", key="mine"), 200)


def test_the_fastest_is_asked_and_an_unknown_one_tried() -> None:
    slow, fast = replace(HERE, first_token_s=0.9), replace(HERE, first_token_s=0.2)
    assert first(Strategy.LATENCY, slow, fast, slow) == "p2"
    assert first(Strategy.LATENCY, slow, fast, replace(HERE, first_token_s=math.nan)) == "p3"
    # Those close to the best share the calls, and a conversation stays with one of them.
    near = replace(fast, first_token_s=0.21)
    assert first(Strategy.LATENCY, slow, replace(fast, chance=0.1), replace(near, chance=0.9)) == "p3"


def test_the_cheapest_is_asked_and_order_is_kept() -> None:
    assert first(Strategy.COST, replace(HERE, price=3), replace(HERE, price=1), replace(HERE, price=2)) == "p2"
    assert first(Strategy.ORDER, HERE, HERE, HERE) == "p1"


@pytest.mark.parametrize("strategy", Strategy)
def test_a_model_that_is_too_small_comes_last(strategy: Strategy) -> None:
    small = replace(HERE, fits=False, price=0.0, first_token_s=0.0, chance=1.0)
    ordered = order_targets(Route("r", TARGETS, strategy), (small, HERE, HERE))
    assert ordered[-1].provider.name == "p1"


def test_limits_are_known_of_every_model_with_a_price() -> None:
    facts, exact = read_catalog().find(ProviderKind.ANTHROPIC, "claude-sonnet-5-5", datetime.now(UTC).date())
    assert exact
    assert facts is not None
    assert 0 < facts.output_tokens < facts.context_tokens


def test_processes_do_not_try_a_target_again_together() -> None:
    failure = ProviderFailure(FailureCode.ERROR, "It failed.")

    def rests(chance: float) -> float:
        breaker = Breaker()
        for _ in range(5):
            breaker.fail(failure, 100.0, chance)
        return breaker.open_until - 100.0

    assert rests(1.0) == 5.0
    assert rests(0.2) == pytest.approx(4.0)
    asked = Breaker()
    asked.fail(ProviderFailure(FailureCode.BUSY, "Wait.", retry_after_s=7.0), 100.0, 0.2)
    assert asked.open_until == 107.0
