"""The worker: the asynchronous tier. It relays the outbox and does what nobody waits for."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from cairn.decisions.jobs import consumer_groups as decision_groups
from cairn.entrypoints.embedding import embedders, open_gateway
from cairn.kernel.errors import CairnError
from cairn.platform.bus import ConsumerGroup
from cairn.platform.bus.service import run_bus
from cairn.platform.database import Database
from cairn.platform.memory import thrifty
from cairn.platform.migrations import require_current_schema
from cairn.platform.settings import ProcessSettings
from cairn.search.api import Embedder
from cairn.search.jobs import consumer_groups as search_groups

# A batch of words needs a tenth of it. One that embeds on a busy machine would not end in a minute, and is taken again.
_GRACE_SECONDS = 1.0
_MOST_CONNECTIONS = 6
_NICENESS = 19


def consumer_groups(database: Database, embedder: Embedder) -> Sequence[ConsumerGroup]:
    """Return what each slice does with events."""
    return [*decision_groups(database), *search_groups(database, embedder)]


async def work(settings: ProcessSettings) -> None:
    """Work until told to stop; a batch at work then has a second to end, and is taken again if it does not."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await require_current_schema(settings.app_database_url)
    database = await Database.connect(settings.app_database_url, most=_MOST_CONNECTIONS)
    try:
        async with thrifty(), open_gateway(settings, database) as gateway:
            groups = consumer_groups(database, embedders(settings, gateway)[0])
            await run_bus(settings.bus_database_url, groups, stop=stop, grace_seconds=_GRACE_SECONDS)
    finally:
        await database.close()


def _stand_back() -> None:
    """Let whoever a person waits for go first: embedding takes every core there is."""
    os.nice(_NICENESS)
    # Linux shares the processor among sessions first, and niceness counts inside one only. This one is the worker's.
    autogroup = Path("/proc/self/autogroup")
    if autogroup.exists():
        autogroup.write_text(str(_NICENESS))


def main() -> None:
    """Run a worker from the environment that `cairn up` makes."""
    _stand_back()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        uvloop.run(work(ProcessSettings.from_environment()))
    except CairnError as error:
        sys.exit(f"The worker did not start. {error.message}")


if __name__ == "__main__":
    main()
