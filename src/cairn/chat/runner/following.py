"""Reading a generation while it is written, here or by another process."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from cairn.chat.formats.events import decode_event
from cairn.chat.runner.generations import GenerationRunner, Interrupted, RunningGeneration
from cairn.chat.usecases.answers import GenerationNotFound
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.kernel.identity import Caller
from cairn.platform.database import Database

# The log of another process is read this often, and that process told that somebody follows.
_POLL_S = 0.1
_WATCH_S = 2.0


async def follow(
    database: Database, runner: GenerationRunner, running: RunningGeneration, after: int = 0
) -> AsyncGenerator[pb.GenerationEvent]:
    """Yield the events of a generation of this process after that one, until its end, whoever takes it up meanwhile."""
    async with aclosing(running.follow(after)) as events:
        async for event in events:
            after = event.sequence
            yield event
    if running.superseded:
        async with aclosing(read_log(database, runner, running.caller, running.id, after)) as events:
            async for event in events:
                yield event


async def read_log(
    database: Database, runner: GenerationRunner, caller: Caller, generation_id: UUID, after: int
) -> AsyncGenerator[pb.GenerationEvent]:
    """Yield the stored events after that one, and go on while another process writes them.

    Raises `GenerationNotFound` where it is not the caller's, and `Interrupted` when this process ends.
    """
    watched_at = 0.0
    while True:
        async with database.transaction(caller) as connection:
            store = runner.store(connection)
            generation = await store.find_generation(generation_id)
            if generation is None or not generation.mine:
                raise GenerationNotFound
            events = await store.list_events([generation_id], after)
            if not generation.ended and time.monotonic() - watched_at > _WATCH_S:
                await store.watch(generation_id)
                watched_at = time.monotonic()
        for _, body in events:
            event = decode_event(body)
            after = event.sequence
            yield event
        if generation.ended:
            return
        if running := runner.find(caller, generation_id):
            # Taken up by this very process.
            async with aclosing(follow(database, runner, running, after)) as rest:
                async for event in rest:
                    yield event
            return
        if runner.closed:
            raise Interrupted
        await asyncio.sleep(_POLL_S)
