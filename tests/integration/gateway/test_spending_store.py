"""What every `SpendingStore` does: the one in memory and the one on Postgres."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from support.fakes.spending_store import MemorySpendingStore
from support.tenants import create_tenant

from cairn.gateway.domain.spending import ALWAYS, EVERYONE, Kind, Meter, Rule, month_of
from cairn.gateway.ports import CallRow, SpendingStores
from cairn.gateway.postgres import open_spending
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database

NOW = datetime.now(UTC)
A, B = uuid7(), uuid7()


@pytest.fixture
async def person(database: Database) -> Caller:
    return await create_tenant(database)


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest, database: Database, person: Caller) -> AsyncIterator[SpendingStores]:
    if request.param == "memory":
        yield MemorySpendingStore(person.tenant_id, {person.person_id: NOW}).opened
    else:
        yield open_spending(database)


def money(person: Caller) -> Meter:
    return Meter(Kind.MONEY, person.tenant_id, month_of(NOW))


def row(person: Caller, **fields: object) -> CallRow:
    usual: dict[str, object] = {
        "id": uuid7(),
        "call_id": uuid7(),
        "attempt": 1,
        "person_id": person.person_id,
        "started_at": NOW,
        "endpoint": "openai.chat",
        "asked_model": "fast",
        "provider": "claude",
        "model": "m",
        "outcome": "completed",
        "failure": "",
        "estimated": False,
        "input_tokens": 10,
        "output_tokens": 5,
        "cached_input_tokens": 2,
        "cost_micros": 70,
        "first_token_ms": None,
        "duration_ms": 9,
    }
    return CallRow(**usual | fields)  # type: ignore[arg-type]


async def test_leases_stay_within_the_limit(stores: SpendingStores, person: Caller) -> None:
    meter = money(person)
    async with stores(person.tenant_id) as store:
        first = await store.lease(meter, A, 1_000, 10, 30)
        assert first == 62  # a sixteenth
        assert await store.lease(meter, B, 1_000, 900, 30) == 900
        assert await store.lease(meter, B, 1_000, 39, 30) == 0
        assert await store.lease(meter, A, 1_000, 38, 30) == 38
        assert await store.settle(meter, A, 20, 100) == 20
        assert await store.lease(meter, B, 1_000, 81, 30) == 0
        assert await store.lease(meter, B, 1_000, 80, 30) == 80


async def test_what_a_dead_holder_held_counts_as_spent(stores: SpendingStores, person: Caller) -> None:
    meter = money(person)
    async with stores(person.tenant_id) as store:
        assert await store.lease(meter, A, 1_000, 300, -1) == 300
    async with stores(person.tenant_id) as store:
        assert await store.lease(meter, B, 1_000, 701, 30) == 0
        assert await store.lease(meter, B, 1_000, 700, 30) == 700
        assert await store.fetch_spent(meter) == 300
        # It was not dead after all: what it held is booked already, what it spent beyond that is not.
        assert await store.settle(meter, A, 310, 300) == 310
        (lost,) = await store.sum_calls(NOW - timedelta(days=1), "outcome")
        assert (lost.name, lost.cost_micros, lost.estimated_calls) == ("lost", 300, 1)


async def test_a_holder_that_renews_lives(stores: SpendingStores, person: Caller) -> None:
    meter = money(person)
    async with stores(person.tenant_id) as store:
        await store.lease(meter, A, 1_000, 900, -1)
        await store.renew(A, 30)
    async with stores(person.tenant_id) as store:
        assert await store.lease(meter, B, 1_000, 100, 30) == 100
        assert await store.fetch_spent(meter) == 0


async def test_streams_end_with_their_process(stores: SpendingStores, person: Caller) -> None:
    meter = Meter(Kind.STREAMS, person.person_id, ALWAYS)
    async with stores(person.tenant_id) as store:
        for _ in range(5):
            assert await store.lease(meter, A, 5, 1, -1) == 1
        assert await store.lease(meter, A, 5, 1, -1) == 0
    async with stores(person.tenant_id) as store:
        assert await store.lease(meter, B, 5, 1, 30) == 1


async def test_what_is_not_limited_is_counted(stores: SpendingStores, person: Caller) -> None:
    async with stores(person.tenant_id) as store:
        assert await store.settle(money(person), A, 7, 0) == 7
        assert await store.settle(money(person), B, 5, 0) == 12


async def test_a_call_is_written_once(stores: SpendingStores, person: Caller) -> None:
    one = row(person)
    async with stores(person.tenant_id) as store:
        await store.add_calls([one, row(person, outcome="aborted", estimated=True, first_token_ms=4)])
        await store.add_calls([one])
        sums = await store.sum_calls(NOW - timedelta(hours=1), "model")
        assert [(one.name, one.calls, one.estimated_calls, one.cost_micros) for one in sums] == [
            ("claude/m", 2, 1, 140)
        ]
        assert [one.name for one in await store.sum_calls(NOW - timedelta(hours=1), "outcome")] == [
            "aborted",
            "completed",
        ]
        assert await store.sum_calls(NOW + timedelta(hours=1), "day") == []


async def test_rules_are_kept(stores: SpendingStores, person: Caller) -> None:
    rule = Rule(budget_micros=5, soft=True, streams=2)
    async with stores(person.tenant_id) as store:
        await store.save_rule(EVERYONE, Rule(streams=9))
        await store.save_rule(EVERYONE, rule)
        assert (await store.fetch_spending()).rules == {EVERYONE: rule}
        assert await store.fetch_joined_at(uuid7()) is None
        assert await store.fetch_joined_at(person.person_id) is not None


async def test_stops_and_alerts_are_told_once(stores: SpendingStores, person: Caller) -> None:
    async with stores(person.tenant_id) as store:
        await store.add_alert(person.tenant_id, month_of(NOW), 70, "70 %")
        await store.add_alert(person.tenant_id, month_of(NOW), 70, "70 %")
        await store.add_alert(person.tenant_id, month_of(NOW), 85, "85 %")
        assert [event.level for event in await store.list_events(10)] in ([85, 70], [70, 85])
        assert await store.stop()
        assert not await store.stop()
        assert (await store.fetch_spending()).stopped_at is not None
        await store.resume(NOW + timedelta(hours=1))
        assert (await store.fetch_spending()).overridden(NOW)
        assert not await store.stop()
        await store.add_event("resumed", person.tenant_id, person.person_id, "because")
        assert len(await store.list_events(2)) == 2
