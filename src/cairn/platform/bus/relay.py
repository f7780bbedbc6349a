"""The relay: brings committed facts from the outbox into the log, soon after they are written.

Writers must not wait for each other. A counter per tenant held until commit, or a NOTIFY in every transaction (whose
commits Postgres puts in single file), does just that: at 16 writers and 2 ms a disk flush the commit's p95 rises from
4 ms to 129 ms and 57 ms. So a writer only inserts, and gives notice only while the relay says that it sleeps.
"""

import asyncio
from contextlib import suppress

from cairn.platform.bus.postgres import RELAY_BATCH, PostgresBus

_POLL_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.005
_MOST_PAUSE_SECONDS = 0.25
# While facts keep coming they are moved together: a move of two costs the database as much as one of twenty.
_GATHER_SECONDS = 0.01


async def run_relay(bus: PostgresBus, *, stop: asyncio.Event) -> None:
    """Relay until `stop` is set. Raises `Unavailable` when the connection is lost."""
    wakeup = bus.relay_wakeup()
    pause_seconds = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        wakeup.clear()
        if moved := await bus.relay():
            pause_seconds = _FIRST_PAUSE_SECONDS
            if moved < RELAY_BATCH:
                await _wait(stop, _GATHER_SECONDS)
        elif await bus.may_sleep():
            # Whoever wrote before this point has committed; whoever writes after it gives notice.
            if not await bus.relay():
                await _wait(stop, _POLL_SECONDS, wakeup)
            await bus.wake_up()
            pause_seconds = _FIRST_PAUSE_SECONDS
        else:
            # A writer is about to commit, or another worker's relay sleeps in our place.
            await _wait(stop, pause_seconds, wakeup)
            pause_seconds = min(_MOST_PAUSE_SECONDS, 2 * pause_seconds)


async def _wait(stop: asyncio.Event, seconds: float, *wakeups: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (stop, *wakeups)]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
