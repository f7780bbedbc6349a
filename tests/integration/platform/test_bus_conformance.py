"""What every bus does, whether it is Postgres or the one in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from support.buses import (
    TYPE,
    WAIT_SECONDS,
    BusUnderTest,
    Recorder,
    caught_up,
    consuming,
    group,
    memory_bus,
    postgres_bus,
)

from cairn.kernel.errors import Unavailable
from cairn.kernel.events import Event
from cairn.platform.bus import ConsumerGroup
from cairn.platform.bus.consumer import consume
from cairn.platform.database import DatabaseUrls


@pytest.fixture(params=["postgres", "memory"])
def bus_urls(request: pytest.FixtureRequest) -> DatabaseUrls | None:
    return request.getfixturevalue("fresh_database_urls") if request.param == "postgres" else None


@pytest.fixture
async def bus(bus_urls: DatabaseUrls | None) -> AsyncIterator[BusUnderTest]:
    async with postgres_bus(bus_urls) if bus_urls else memory_bus() as under_test:
        yield under_test


async def test_events_arrive_in_order_with_what_was_written(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a", "b", "a")
    recorder = Recorder()
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(3)
        await bus.write(tenant_id, "c")
        await recorder.until_handled(4)
    assert recorder.positions() == [1, 2, 3, 4]
    assert [event.key for event in recorder.handled] == ["a", "b", "a", "c"]
    assert recorder.handled[2].payload == {"number": 2}
    assert {event.tenant_id for event in recorder.handled} == {tenant_id}
    assert {event.type for event in recorder.handled} == {TYPE}


async def test_a_batch_holds_events_of_one_tenant_up_to_its_size(bus: BusUnderTest) -> None:
    tenants = [await bus.create_tenant() for _ in range(3)]
    for tenant_id in tenants:
        await bus.write(tenant_id, *(f"key{n}" for n in range(5)))
    recorder = Recorder()
    async with consuming(bus.log, group(recorder, batch_size=2)):
        await recorder.until_handled(15)
    assert all(len({event.tenant_id for event in call}) == 1 for call in recorder.calls)
    assert max(len(call) for call in recorder.calls) == 2


async def test_each_group_has_its_own_offset_and_types(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a", type="decision.read")
    await bus.write(tenant_id, "b")
    first, second = Recorder(), Recorder()
    async with consuming(bus.log, group(first, name="first")):
        await first.until_handled(1)
        await caught_up(bus.log)
    async with consuming(bus.log, group(first, name="first"), group(second, name="second")):
        await second.until_handled(1)
        await bus.write(tenant_id, "c")
        await first.until_handled(2)
        await second.until_handled(2)
    assert first.positions() == second.positions() == [2, 3]


async def test_a_group_that_gathers_takes_together_what_follows_its_first_event(bus: BusUnderTest) -> None:
    tenant_id, other = await bus.create_tenant(), await bus.create_tenant()
    recorder = Recorder()
    async with consuming(bus.log, replace(group(recorder), gather_seconds=0.5)):
        await bus.write(tenant_id, "first")
        await recorder.until_handled(1)
        for number in range(3):
            await bus.write(tenant_id, f"key{number}")
        # Nobody else waits meanwhile.
        await bus.write(other, "other")
        await recorder.until_handled(2)
        assert recorder.handled[1].tenant_id == other
        await recorder.until_handled(5)
    assert [len(call) for call in recorder.calls] == [1, 1, 3]


async def test_a_busy_tenant_does_not_starve_the_others(bus: BusUnderTest) -> None:
    busy, quiet = await bus.create_tenant(), await bus.create_tenant()
    await bus.write(busy, *(f"key{n}" for n in range(60)))
    await bus.write(quiet, "a")
    recorder = Recorder()
    async with consuming(bus.log, group(recorder, batch_size=2, concurrency=1)):
        await recorder.until_handled(61)
    quiet_call = next(n for n, call in enumerate(recorder.calls) if call[0].tenant_id == quiet)
    assert quiet_call <= 2


async def test_a_group_after_another_takes_its_turn_when_the_other_has_come_to_the_end(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    started, may_go_on = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def quick(events: Sequence[Event]) -> None:
        started.set()
        await may_go_on.wait()
        order.extend(["quick"] * len(events))

    async def slow(events: Sequence[Event]) -> None:
        order.extend(["slow"] * len(events))

    await bus.write(tenant_id, *(f"key{n}" for n in range(6)))
    groups = [
        ConsumerGroup("slow", {TYPE}, slow, batch_size=2, after="quick"),
        ConsumerGroup("quick", {TYPE}, quick, batch_size=2),
    ]
    async with consuming(bus.log, *groups):
        await asyncio.wait_for(started.wait(), WAIT_SECONDS)
        assert await bus.log.is_behind("quick", tenant_id)
        may_go_on.set()
        await caught_up(bus.log, groups=2)
    assert order == ["quick"] * 6 + ["slow"] * 6
    assert not await bus.log.is_behind("slow", tenant_id)


async def test_only_the_failing_event_of_a_batch_is_retried(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a", "bad", "c")
    failures = 2
    left = failures

    def fails(event: Event) -> Exception | None:
        nonlocal left
        if event.key == "bad" and left and len(recorder.calls[-1]) == 1:
            left -= 1
            return ValueError("secret content")
        return ValueError("secret content") if event.key == "bad" and len(recorder.calls[-1]) > 1 else None

    recorder = Recorder(fails)
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(3)
        await caught_up(bus.log)
    assert recorder.positions() == [1, 3, 2]
    assert [len(call) for call in recorder.calls] == [3, 1, 1, 1, 1, 1]


async def test_later_events_of_a_failing_key_wait_and_other_keys_go_on(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    healed = False

    def fails(event: Event) -> Exception | None:
        return None if healed or event.key != "bad" else ValueError("not yet")

    recorder = Recorder(fails)
    await bus.write(tenant_id, "bad", "a", "bad", "b")
    async with consuming(bus.log, group(recorder, attempts=100_000)):
        await recorder.until(lambda: recorder.positions() == [2, 4])
        await bus.write(tenant_id, "bad", "c")
        await recorder.until(lambda: recorder.positions() == [2, 4, 6])
        healed = True
        await recorder.until_handled(6)
        await caught_up(bus.log)
    assert recorder.positions("bad") == [1, 3, 5]


async def test_an_event_that_keeps_failing_dies_and_frees_its_key(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    recorder = Recorder(lambda event: ValueError("secret content") if event.position == 1 else None)
    await bus.write(tenant_id, "k", "k", "other")
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(2)
        await caught_up(bus.log)
        letters = await bus.log.dead_letters("readers")
        assert [(one.position, one.key, one.type, one.attempts) for one in letters] == [(1, "k", TYPE, 3)]
        assert letters[0].error.startswith("ValueError at ")
        assert "secret" not in letters[0].error
        assert await bus.log.dead_letters("somebody else") == []
        assert recorder.positions("k") == [2]


async def test_a_requeued_dead_letter_is_tried_again(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    healed = False
    recorder = Recorder(lambda event: None if healed or event.key != "bad" else ValueError())
    await bus.write(tenant_id, "bad", "good")
    async with consuming(bus.log, group(recorder)):
        await recorder.until(lambda: len(recorder.calls) == 5)
        await caught_up(bus.log)
        assert await bus.log.requeue("readers", tenant_id, position=2) == 0
        healed = True
        assert await bus.log.requeue("readers", tenant_id) == 1
        await recorder.until_handled(2)
        await caught_up(bus.log)
    assert await bus.log.dead_letters() == []
    assert recorder.positions() == [2, 1]


async def test_a_replay_gives_every_event_again(bus: BusUnderTest) -> None:
    tenant_id, other = await bus.create_tenant(), await bus.create_tenant()
    await bus.write(tenant_id, "a", "b", "c")
    await bus.write(other, "x")
    recorder = Recorder()
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(4)
        await caught_up(bus.log)
        assert await bus.log.replay("readers", tenant_id, from_position=2) == 2
        await recorder.until_handled(6)
        await caught_up(bus.log)
        assert await bus.log.replay("nobody") == 0
    assert [event.key for event in recorder.handled if event.tenant_id == tenant_id] == ["a", "b", "c", "b", "c"]


async def test_a_replay_during_a_batch_is_not_overwritten_by_its_commit(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a")
    recorder = Recorder()
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(1)
        await caught_up(bus.log)
    delivery = await bus.log.read("readers", tenant_id, {TYPE}, 10)
    await bus.write(tenant_id, "b")
    while delivery.upto < 2:
        delivery = await bus.log.read("readers", tenant_id, {TYPE}, 10)
    await bus.log.replay("readers", tenant_id)
    assert not await bus.log.commit("readers", tenant_id, delivery, [])
    assert (await bus.log.read("readers", tenant_id, {TYPE}, 10)).position == 0


@pytest.mark.parametrize(
    "outage", [Unavailable("down"), ExceptionGroup("tasks", [ValueError(), OSError(), ConnectionError()])]
)
async def test_an_outage_blames_no_event(bus: BusUnderTest, outage: Exception) -> None:
    tenant_id = await bus.create_tenant()
    outages = 8

    def fails(_: Event) -> Exception | None:
        return outage if len(recorder.calls) <= outages else None

    recorder = Recorder(fails)
    await bus.write(tenant_id, "a", "b")
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(2)
        await caught_up(bus.log)
    assert await bus.log.dead_letters() == []
    assert {len(call) for call in recorder.calls} == {2}


async def test_a_claim_is_exclusive_until_it_is_given_back(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    assert await bus.log.claim("readers", tenant_id)
    assert await bus.log.claim("others", tenant_id)
    await bus.log.release("readers", tenant_id)
    assert await bus.log.claim("readers", tenant_id)


async def test_an_event_whose_worker_dies_is_found_and_parked(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a", "b", "killer", "d")
    reached = asyncio.Event()

    async def handle(events: list[Event]) -> None:
        if any(event.key == "killer" for event in events):
            reached.set()
            await asyncio.Event().wait()

    for _ in range(30):
        reached.clear()
        task = asyncio.create_task(consume(bus.log, [group(handle)], stop=asyncio.Event()))  # type: ignore[arg-type]
        waiter = asyncio.create_task(reached.wait())
        quiet = asyncio.create_task(caught_up(bus.log))
        await asyncio.wait([waiter, quiet, task], timeout=WAIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        await asyncio.wait([task])
        done = quiet.done()
        for one in (waiter, quiet):
            one.cancel()
        await bus.log.release("readers", tenant_id)
        if done:
            break
    letters = await bus.log.dead_letters()
    assert [(one.key, one.error) for one in letters] == [("killer", "The worker died while it handled this.")]
    assert (await bus.log.lag())[0].behind == 0


async def test_stopping_lets_the_batch_at_work_end(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a")
    started, may_end = asyncio.Event(), asyncio.Event()
    recorder = Recorder()

    async def handle(events: list[Event]) -> None:
        started.set()
        await may_end.wait()
        await recorder(events)

    stop = asyncio.Event()
    task = asyncio.create_task(consume(bus.log, [group(handle)], stop=stop, grace_seconds=10))  # type: ignore[arg-type]
    await asyncio.wait_for(started.wait(), WAIT_SECONDS)
    stop.set()
    may_end.set()
    await asyncio.wait_for(task, WAIT_SECONDS)
    assert recorder.positions() == [1]
    assert [one.behind for one in await bus.log.lag()] == [0]


async def test_stopping_abandons_a_batch_that_does_not_end(bus: BusUnderTest) -> None:
    tenant_id = await bus.create_tenant()
    await bus.write(tenant_id, "a")
    started = asyncio.Event()

    async def handle(_: list[Event]) -> None:
        started.set()
        await asyncio.Event().wait()

    # More often than a batch may be begun without an end before its events are blamed.
    for _ in range(8):
        started.clear()
        stop = asyncio.Event()
        task = asyncio.create_task(consume(bus.log, [group(handle)], stop=stop, grace_seconds=0.01))  # type: ignore[arg-type]
        await asyncio.wait_for(started.wait(), WAIT_SECONDS)
        stop.set()
        await asyncio.wait_for(task, WAIT_SECONDS)
    recorder = Recorder()
    async with consuming(bus.log, group(recorder)):
        await recorder.until_handled(1)
