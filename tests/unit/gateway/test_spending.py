"""Which limits a call has to keep, and what the price table says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cairn.gateway.domain.messages import Usage
from cairn.gateway.domain.providers import ProviderKind
from cairn.gateway.domain.spending import (
    EVERYONE,
    NOBODY,
    SHARED_DEFAULTS,
    UNLIMITED,
    Estimate,
    Kind,
    LimitReached,
    Party,
    Rule,
    Spending,
    list_wants,
)
from cairn.gateway.formats.catalog import read_catalog
from cairn.kernel.ids import uuid7

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
ORGANISATION, PERSON = uuid7(), uuid7()
STREAM = Estimate(100, 200, 5_000, streamed=True)
OLD = NOW - timedelta(days=9)


def wanted(party: Party) -> dict[tuple[Kind, object], tuple[int, int]]:
    wants = list_wants(party, STREAM, NOW)
    return {(want.meter.kind, want.meter.subject): (want.limit, want.amount) for want in wants}


def test_a_person_on_a_shared_server_has_the_usual_limits() -> None:
    assert wanted(Party(ORGANISATION, PERSON, NOW, Spending(), SHARED_DEFAULTS)) == {
        (Kind.REQUESTS, PERSON): (100, 1),
        (Kind.FIRST_DAY, PERSON): (10, 1),
        (Kind.STREAMS, PERSON): (5, 1),
        (Kind.TOKENS, PERSON): (100_000, 300),
        (Kind.MONEY, PERSON): (UNLIMITED, 5_000),
        (Kind.MONEY, ORGANISATION): (UNLIMITED, 5_000),
    }


def test_nearer_rules_win_and_soft_budgets_have_a_margin() -> None:
    rules = {
        ORGANISATION: Rule(budget_micros=1_000_000, soft=True, streams=50),
        EVERYONE: Rule(budget_micros=100_000, tokens_per_day=7, streams=20),
        PERSON: Rule(streams=2),
    }
    found = wanted(Party(ORGANISATION, PERSON, OLD, Spending(rules), SHARED_DEFAULTS))
    assert found[Kind.STREAMS, PERSON] == (2, 1)
    assert found[Kind.TOKENS, PERSON][0] == 7
    assert found[Kind.REQUESTS, PERSON][0] == 100
    assert found[Kind.MONEY, ORGANISATION][0] == 1_100_000
    assert (Kind.FIRST_DAY, PERSON) not in found


def test_cairn_itself_is_held_to_the_budget_only() -> None:
    rules = {EVERYONE: Rule(budget_micros=1, tokens_per_day=1), ORGANISATION: Rule(budget_micros=9)}
    found = wanted(Party(ORGANISATION, NOBODY, OLD, Spending(rules), SHARED_DEFAULTS))
    assert found == {(Kind.MONEY, ORGANISATION): (9, 5_000)}


def test_a_stop_refuses_until_it_is_lifted() -> None:
    with pytest.raises(LimitReached, match="--resume"):
        wanted(Party(ORGANISATION, PERSON, OLD, Spending({}, NOW), Rule()))
    lifted = Spending({ORGANISATION: Rule(budget_micros=1)}, NOW, NOW + timedelta(hours=1))
    assert wanted(Party(ORGANISATION, PERSON, OLD, lifted, Rule()))[Kind.MONEY, ORGANISATION][0] == UNLIMITED


@pytest.mark.parametrize(
    ("kind", "model", "usage", "micros", "exact"),
    [
        (ProviderKind.ANTHROPIC, "claude-sonnet-5-5", Usage(1_000, 100), 3_000, True),
        (ProviderKind.ANTHROPIC, "claude-sonnet-5-5-20260929", Usage(1_000, 100), 3_000, True),
        (ProviderKind.ANTHROPIC, "claude-sonnet-5-5", Usage(1_000, 0, 600, 200), 960, True),
        (ProviderKind.ANTHROPIC, "claude-haiku-5-5", Usage(200_000, 100), 100_250, True),
        (ProviderKind.ANTHROPIC, "claude-of-tomorrow", Usage(1_000, 100), 15_000, False),
        (ProviderKind.AZURE_OPENAI, "gpt-6-luna", Usage(10, 1), 2, True),
        (ProviderKind.GEMINI, "gemini-3.8-flash", Usage(1_000, 1_000), 4_500, True),
    ],
)
def test_prices(kind: ProviderKind, model: str, usage: Usage, micros: int, *, exact: bool) -> None:
    facts, found = read_catalog().find(kind, model, date(2026, 11, 20))
    assert facts is not None
    assert facts.cost_micros(usage) == micros
    assert found is exact
    assert facts.source.startswith("https://")


def test_a_server_of_ones_own_costs_nothing_and_prices_change_with_the_year() -> None:
    catalog = read_catalog()
    assert catalog.find(ProviderKind.OPENAI_COMPATIBLE, "llama", date(2026, 11, 20)) == (None, True)
    later, _ = catalog.find(ProviderKind.GEMINI, "gemini-3.8-flash", date(2027, 1, 1))
    assert later is not None
    assert later.cost_micros(Usage(1_000, 1_000)) == 9_000
