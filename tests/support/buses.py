"""Both buses behind one face, and a consumer that writes down what it got."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from cairn.kernel.events import Event, NewEvent
from cairn.kernel.ids import uuid7
from cairn.platform import outbox
from cairn.platform.bus import BusAdmin, BusLog, ConsumerGroup, RetryPolicy
from cairn.platform.bus.consumer import consume
from cairn.platform.bus.memory import MemoryBus
from cairn.platform.bus.postgres import PostgresBus
from cairn.platform.bus.relay import run_relay
from cairn.platform.database import Database, DatabaseUrls
from support.tenants import create_tenant

WAIT_SECONDS = 10
FAST_RETRY = RetryPolicy(attempts=3, first_seconds=0.01, most_seconds=0.02, after_death_seconds=0.05)
TYPE = "decision.changed"


class BothPorts(BusLog, BusAdmin, Protocol):
    """What an adapter fills."""


@dataclass(frozen=True)
class BusUnderTest:
    log: BothPorts
    create_tenant: Callable[[], Awaitable[UUID]]
    append: Callable[[UUID, Sequence[NewEvent]], Awaitable[None]]

    async def write(self, tenant_id: UUID, *keys: str, type: str = TYPE) -> None:  # noqa: A002 - an event's word.
        await self.append(
            tenant_id, [NewEvent(type=type, key=key, payload={"number": n}) for n, key in enumerate(keys)]
        )


@asynccontextmanager
async def memory_bus() -> AsyncGenerator[BusUnderTest]:
    bus = MemoryBus()

    async def tenant() -> UUID:
        return uuid7()

    yield BusUnderTest(bus, tenant, bus.append)


@asynccontextmanager
async def postgres_bus(urls: DatabaseUrls) -> AsyncGenerator[BusUnderTest]:
    database, bus, stop = await Database.connect(urls.app, most=4), await PostgresBus.connect(urls.bus), asyncio.Event()
    callers = {}

    async def tenant() -> UUID:
        caller = await create_tenant(database)
        callers[caller.tenant_id] = caller
        return caller.tenant_id

    async def append(tenant_id: UUID, events: Sequence[NewEvent]) -> None:
        async with database.transaction(callers[tenant_id]) as connection:
            await outbox.append(connection, tenant_id, events)

    relay = asyncio.create_task(run_relay(bus, stop=stop))
    try:
        yield BusUnderTest(bus, tenant, append)
    finally:
        stop.set()
        await relay
        await bus.close()
        await database.close()


class Recorder:
    """A handler that notes every event it got, and fails where `fails` says so."""

    def __init__(self, fails: Callable[[Event], Exception | None] = lambda _: None) -> None:
        self.fails = fails
        self.calls: list[list[Event]] = []
        self.handled: list[Event] = []
        self._changed = asyncio.Condition()

    async def __call__(self, events: Sequence[Event]) -> None:
        self.calls.append(list(events))
        try:
            for event in events:
                if error := self.fails(event):
                    raise error
            self.handled += events
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(holds)

    async def until_handled(self, count: int) -> None:
        await self.until(lambda: len(self.handled) >= count)

    def positions(self, key: str | None = None) -> list[int]:
        return [event.position for event in self.handled if key in {None, event.key}]


def group(
    handle: Recorder, *, name: str = "readers", batch_size: int = 8, concurrency: int = 2, attempts: int = 3
) -> ConsumerGroup:
    retry = replace(FAST_RETRY, attempts=attempts)
    return ConsumerGroup(name, {TYPE}, handle, batch_size=batch_size, concurrency=concurrency, retry=retry)


@asynccontextmanager
async def consuming(log: BusLog, *groups: ConsumerGroup, grace_seconds: float = 5.0) -> AsyncGenerator[asyncio.Event]:
    """Consume until the block ends, then stop in an orderly way."""
    stop = asyncio.Event()
    task = asyncio.create_task(consume(log, groups, stop=stop, grace_seconds=grace_seconds))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def caught_up(log: BusAdmin, *, groups: int = 1) -> None:
    """Return once no group is behind or has anything parked. Asks again only after the log has moved."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            lag = await log.lag()
            if len({one.group for one in lag}) >= groups and all(one.behind == one.parked == 0 for one in lag):
                return
            await asyncio.sleep(0)
