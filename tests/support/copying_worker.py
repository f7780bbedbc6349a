"""A worker process for tests: it copies events into the tables `shown` and `seen`, and may kill itself at a moment.

Arguments: the app's database address, the bus's, seconds until it kills itself (0: never).
"""

import asyncio
import os
import random
import signal
import sys
import threading
from collections.abc import Sequence

from cairn.kernel.events import Event
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.bus import ConsumerGroup, RetryPolicy
from cairn.platform.bus.service import run_bus
from cairn.platform.database import Database

_RETRY = RetryPolicy(attempts=1000, first_seconds=0.01, most_seconds=0.05, after_death_seconds=0.1)


async def work(app_url: str, bus_url: str) -> None:
    database = await Database.connect(app_url, most=4)

    async def copy(events: Sequence[Event]) -> None:
        caller = Caller(events[0].tenant_id, uuid7(), "worker", Role.SYSTEM)
        async with database.transaction(caller) as connection:
            for event in events:
                arguments = (event.tenant_id, event.key, event.position)
                await connection.execute("insert into seen (tenant_id, key, position) values ($1, $2, $3)", *arguments)
                await connection.execute("insert into shown values ($1, $2, $3) on conflict do nothing", *arguments)
                if random.random() < 0.02:  # noqa: S311 - a failure now and then.
                    raise ValueError

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    groups = [ConsumerGroup("copies", {"thing.changed"}, copy, batch_size=7, retry=_RETRY)]
    await run_bus(bus_url, groups, stop=stop)
    await database.close()


if __name__ == "__main__":
    if kill_after_seconds := float(sys.argv[3]):
        # A thread's timer fires wherever the loop happens to be, in the middle of a commit too.
        timer = threading.Timer(kill_after_seconds, os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    asyncio.run(work(sys.argv[1], sys.argv[2]))
