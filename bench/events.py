"""The bus: from the commit of a fact to the consumer that handles it, and how many a second."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

from instance import Instance
from load import percentile
from report import Report

from cairn.kernel.events import Event, NewEvent
from cairn.platform import outbox
from cairn.platform.bus import ConsumerGroup
from cairn.platform.bus.consumer import consume
from cairn.platform.bus.postgres import PostgresBus
from cairn.platform.database import Database
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.tenancy.api import system_caller
from cairn.tenancy.domain import LOCAL_ORGANISATION

_SINGLE = 200
_MANY = 4000
_WRITERS = 16
_TYPE = "bench.happened"


def measure(report: Report, instance: Instance) -> None:
    """Write facts as requests do, and take them as a group of the running worker's bus does."""
    report.title("Events")
    asyncio.run(_measure(report, instance))


async def _measure(report: Report, instance: Instance) -> None:
    urls = EmbeddedPostgres.running_urls(instance.home / "home")
    database, bus = await Database.connect(urls.app, most=_WRITERS), await PostgresBus.connect(urls.bus)
    caller, stop = system_caller(LOCAL_ORGANISATION.id), asyncio.Event()
    handled: dict[str, asyncio.Future[float]] = {}

    async def handle(events: Sequence[Event]) -> None:
        for event in events:
            if (waiting := handled.get(event.key)) is not None and not waiting.done():
                waiting.set_result(time.perf_counter())

    async def write() -> float:
        key = uuid4().hex
        handled[key] = asyncio.get_running_loop().create_future()
        async with database.transaction(caller) as connection:
            await outbox.append(connection, caller.tenant_id, [NewEvent(_TYPE, key, {})])
        committed = time.perf_counter()
        delivered = await handled[key]
        del handled[key]
        return (delivered - committed) * 1000

    group = ConsumerGroup("bench", {_TYPE}, handle, batch_size=100)
    consuming = asyncio.create_task(consume(bus, [group], stop=stop))
    single = [await write() for _ in range(_SINGLE)]
    started = time.perf_counter()

    async def writer() -> None:
        for _ in range(_MANY // _WRITERS // 10):
            await asyncio.gather(*(write() for _ in range(10)))

    await asyncio.gather(*(writer() for _ in range(_WRITERS)))
    per_second = _MANY / (time.perf_counter() - started)
    stop.set()
    await consuming
    await bus.close()
    await database.close()
    how = f"{_SINGLE} facts, one at a time: commit, relay in the worker, consumer in another process"
    report.add("event_delivery_p50_ms", percentile(single, 0.5), how)
    report.add("event_delivery_p95_ms", percentile(single, 0.95), how)
    how = f"{_MANY} facts, each in its transaction, {_WRITERS} connections, until handled"
    report.add("events_per_second", per_second, how)
