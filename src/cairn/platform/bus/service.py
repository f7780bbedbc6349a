"""The bus of one process: connects, relays and consumes, and starts over when the database goes away."""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress

from cairn.kernel.errors import Unavailable
from cairn.platform.bus import ConsumerGroup
from cairn.platform.bus.consumer import consume
from cairn.platform.bus.postgres import PostgresBus
from cairn.platform.bus.relay import run_relay

_log = logging.getLogger(__name__)
_MOST_PAUSE_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.2
# The log keeps every event for a week, for those who look into what happened, and the last of each key for ever.
_KEPT_SECONDS = 7 * 24 * 3600.0
_SWEEP_SECONDS = 3600.0


async def run_bus(
    url: str, groups: Sequence[ConsumerGroup], *, stop: asyncio.Event, grace_seconds: float = 10.0
) -> None:
    """Serve `groups` on the database at `url` (the bus role's) until `stop` is set, whatever becomes of it."""
    pause_seconds = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        try:
            bus = await PostgresBus.connect(url)
            pause_seconds = _FIRST_PAUSE_SECONDS
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(run_relay(bus, stop=stop))
                    tasks.create_task(_sweep(bus, stop))
                    tasks.create_task(consume(bus, groups, stop=stop, grace_seconds=grace_seconds))
            finally:
                await bus.close()
        except* Unavailable:
            wait = pause_seconds * (0.5 + 0.5 * random.random())  # noqa: S311 - jitter is no secret.
            _log.warning("The bus lost its database; trying again in %.1f s.", wait)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await stop.wait()
            pause_seconds = min(_MOST_PAUSE_SECONDS, 2 * pause_seconds)


async def _sweep(bus: PostgresBus, stop: asyncio.Event) -> None:
    """Keep the log from growing without bound."""
    while not stop.is_set():
        if await bus.compact(_KEPT_SECONDS):
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout(_SWEEP_SECONDS):
                await stop.wait()
