"""Taking up what another server was writing when it ended, or this one before it was started anew."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from cairn.chat.domain.events import ChatEvent, EndEvent, Failed, FailureCode, Finished, FinishReason
from cairn.chat.formats.events import decode_event
from cairn.chat.ports import StoredGeneration
from cairn.chat.postgres import list_left_behind
from cairn.chat.runner.answers import Answering
from cairn.chat.runner.generations import DATABASE_ERRORS, GenerationRunner, RunningGeneration
from cairn.kernel.errors import CairnError
from cairn.kernel.identity import Caller
from cairn.platform.database import Database
from cairn.tenancy.api import read_member

_log = logging.getLogger(__name__)
_TAKEN_AT_ONCE = 20


class Heir:
    """Looks for generations that nobody writes any more, and goes on with them.

    Use it in an `async with` statement. Of several servers one gets each: a row lock decides, and the term refuses what
    the process before might still want to write.
    """

    def __init__(self, database: Database, runner: GenerationRunner, answering: Answering) -> None:
        self._database = database
        self._runner = runner
        self._answering = answering
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch(), name="heir of generations")
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except DATABASE_ERRORS as error:
                _log.warning("generations left behind: not looked for (%s), trying again", type(error).__qualname__)
            await asyncio.sleep(self._runner.limits.look_s)

    async def look(self) -> None:
        """Take up what is left behind now, as far as there is room."""
        async with self._database.unauthenticated() as connection:
            alive_s = self._runner.limits.alive_s
            left = await list_left_behind(connection, alive_s=alive_s, limit=_TAKEN_AT_ONCE)
        for tenant_id, person_id, generation_id in left:
            try:
                caller = await read_member(self._database, tenant_id, person_id)
                self._runner.check_room(caller)
                await self.take_up(caller, generation_id)
            except CairnError as error:
                # Too many run here, or its person has just left: another server, or a later look, may do better.
                _log.info("generation %s: not taken up (%s)", generation_id, type(error).__qualname__)
            except DATABASE_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 - a log that cannot be read must not keep the others waiting.
                _log.error("generation %s: not taken up (%s)", generation_id, type(error).__qualname__)

    async def take_up(self, caller: Caller, generation_id: UUID) -> RunningGeneration | None:
        """Go on with a generation; None where its process is alive or another was faster."""
        async with self._database.transaction(caller) as connection:
            store = self._runner.store(connection)
            term = await store.take_up(generation_id)
            if term is None:
                return None
            generation = await store.find_generation(generation_id)
            bodies = await store.list_events([generation_id], 0)
        events = [decode_event(body) for _, body in bodies]
        _log.info("generation %s: taken up for the %d. time, after %d events", generation_id, term, len(events))
        end = self._end_of(generation, term)
        if generation is None or end is not None:
            answer = _only(end or Finished(FinishReason.STOPPED))
        else:
            answer = self._answering.go_on(caller, generation, events)
        return self._runner.start(caller, generation_id, answer, term=term, events=events)

    def _end_of(self, generation: StoredGeneration | None, term: int) -> EndEvent | None:
        """Return how a generation ends that is not gone on with."""
        if generation is None or generation.stop_requested:
            return Finished(FinishReason.STOPPED)
        limits = self._runner.limits
        old = datetime.now(UTC) - generation.created_at > timedelta(seconds=limits.resumable_s)
        if generation.draft or old or term > limits.taken_up_most:
            message = "The server stopped while it was writing this answer. What was written is kept. Ask again."
            return Failed(FailureCode.SERVER_RESTARTED, message)
        return None


async def _only(end: EndEvent) -> AsyncGenerator[ChatEvent]:
    yield end
