"""Generations as tasks of the server: they outlive the request that began them, and write down every event."""

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from cairn.chat.domain.events import ChatEvent, EndEvent, Failed, FailureCode, Finished, FinishReason
from cairn.chat.formats.events import encode_event
from cairn.chat.ports import ConversationStore, Pulse
from cairn.chat.postgres import PostgresConversationStore
from cairn.gateway.api import ProviderFailure
from cairn.gen.cairn.chat.v1 import chat_pb as pb
from cairn.kernel.errors import CairnError, Code
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database
from cairn.platform.signals import SignalHub

_log = logging.getLogger(__name__)
STOP_TOPIC = "generation.stop"
_RUNNING_UNHURRIED = 50

_DATABASE_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """Bounds of a generation, in seconds.

    `grace_s`: how long it goes on with nobody listening. `duration_most_s`: how long it may take at all.
    `flush_s`: how often new events are written down. `heartbeat_s`: how often a silent one says that it lives;
    it counts as dead after `alive_s` without.
    """

    grace_s: float = 120.0
    duration_most_s: float = 900.0
    flush_s: float = 0.1
    heartbeat_s: float = 2.0
    alive_s: float = 10.0
    running_most: int = 1_000
    running_most_person: int = 10
    database_retries: int = 6


class TooManyGenerations(CairnError):
    """More answers are being written than the limit allows."""

    code = Code.RESOURCE_EXHAUSTED

    def __init__(self) -> None:
        super().__init__("Too many answers are being written at once. Wait for one to end, or stop one.")


class RunningGeneration:
    """A generation of this process: all its events so far, and whoever follows them."""

    def __init__(self, caller: Caller, generation_id: UUID) -> None:
        self.caller = caller
        self.id = generation_id
        self.events: list[pb.GenerationEvent] = []
        self.ended = asyncio.Event()
        self.settled = asyncio.Event()
        self.changed = asyncio.Event()
        self.left_at = time.monotonic()
        self._followers: set[asyncio.Event] = set()
        self._producer: asyncio.Task[None] | None = None
        self._cut_short: EndEvent | None = None

    @property
    def followed(self) -> bool:
        """Whether anyone in this process listens."""
        return bool(self._followers)

    def emit(self, event: ChatEvent) -> None:
        """Append an event and wake those who follow."""
        self.events.append(encode_event(len(self.events) + 1, event))
        if isinstance(event, Finished | Failed):
            self.ended.set()
        self.changed.set()
        for follower in self._followers:
            follower.set()

    def cut_short(self, end: EndEvent) -> None:
        """End it now, with this event, wherever it is. Without effect when it is ending already."""
        if self._cut_short is None and not self.ended.is_set():
            self._cut_short = end
            if self._producer is not None:
                self._producer.cancel()

    def stop(self) -> None:
        """End it because its person asked for that. What it has written is kept."""
        self.cut_short(Finished(FinishReason.STOPPED))

    async def follow(self, after_sequence: int) -> AsyncGenerator[pb.GenerationEvent]:
        """Yield the events after that sequence number, then new ones as they come, until the end.

        The end event is held until everything is written down, so that whoever has read it finds it stored.
        """
        wake = asyncio.Event()
        self._followers.add(wake)
        at = after_sequence
        try:
            while True:
                while at < len(self.events):
                    at += 1
                    if self.ended.is_set() and at == len(self.events):
                        await self.settled.wait()
                    yield self.events[at - 1]
                if self.ended.is_set():
                    return
                wake.clear()
                await wake.wait()
        finally:
            self._followers.discard(wake)
            self.left_at = time.monotonic()

    async def produce(self, answer: AsyncGenerator[ChatEvent], duration_most_s: float) -> None:
        """Run `answer` to its end and append what it yields. Every generation ends with exactly one end event."""
        self._producer = asyncio.current_task()
        try:
            end = self._cut_short or await self._pass_on(answer, duration_most_s)
        except asyncio.CancelledError:
            # Only `cut_short` cancels this task; whoever else does gets the truth: the server is going down.
            end = self._cut_short or _restarted()
        except ProviderFailure as failure:
            end = Failed(failure.failure.value, failure.message)
        except CairnError as error:
            end = Failed(FailureCode.INTERNAL, error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader must be told that the answer ended.
            # A message may hold a person's words; type and place are what is logged.
            frames = "".join(traceback.format_tb(error.__traceback__, limit=-6))
            _log.error("generation %s failed with %s\n%s", self.id, type(error).__qualname__, frames)
            end = Failed(FailureCode.INTERNAL, "Something went wrong on our side. What was written is kept. Ask again.")
        self.emit(end)

    async def _pass_on(self, answer: AsyncGenerator[ChatEvent], duration_most_s: float) -> EndEvent:
        limit = asyncio.timeout(duration_most_s)
        try:
            async with limit, aclosing(answer):
                async for event in answer:
                    if isinstance(event, Finished | Failed):
                        return event
                    self.emit(event)
        except TimeoutError:
            if not limit.expired():
                raise
            message = "The answer took too long and was ended here. What was written is kept. Ask a smaller question."
            return Failed(FailureCode.TIMEOUT, message)
        return Failed(FailureCode.INTERNAL, "The answer ended without an end. What was written is kept. Ask again.")


class GenerationRunner:
    """The generations of this process. Use it in an `async with` statement; leaving it ends them all."""

    def __init__(self, database: Database, signals: SignalHub, limits: RunnerLimits | None = None) -> None:
        self._database = database
        self._signals = signals
        self.limits = limits or RunnerLimits()
        self._running: dict[UUID, RunningGeneration] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End every generation as cut off by a restart, and write that down."""
        for running in list(self._running.values()):
            running.cut_short(_restarted())
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check_room(self, caller: Caller) -> None:
        """Raise `TooManyGenerations` when one more would be too many."""
        mine = sum(1 for running in self._running.values() if running.caller.person_id == caller.person_id)
        if len(self._running) >= self.limits.running_most or mine >= self.limits.running_most_person:
            raise TooManyGenerations

    def start(self, caller: Caller, generation_id: UUID, answer: AsyncGenerator[ChatEvent]) -> RunningGeneration:
        """Run a generation that has been written down already."""
        running = RunningGeneration(caller, generation_id)
        self._running[generation_id] = running
        task = asyncio.create_task(self._supervise(running, answer), name=f"generation {generation_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return running

    def find(self, caller: Caller, generation_id: UUID) -> RunningGeneration | None:
        """Return a generation of this process, if it is the caller's."""
        running = self._running.get(generation_id)
        if running is None or (running.caller.tenant_id, running.caller.person_id) != (
            caller.tenant_id,
            caller.person_id,
        ):
            return None
        return running

    def store(self, connection: Connection) -> ConversationStore:
        """Return the conversations in a transaction."""
        return PostgresConversationStore(connection, alive_s=self.limits.alive_s)

    async def _supervise(self, running: RunningGeneration, answer: AsyncGenerator[ChatEvent]) -> None:
        listener = asyncio.create_task(self._listen(running))
        producer = asyncio.create_task(running.produce(answer, self.limits.duration_most_s))
        try:
            await self._write_down(running)
            await producer
        finally:
            listener.cancel()
            running.settled.set()
            del self._running[running.id]

    async def _listen(self, running: RunningGeneration) -> None:
        """Stop when another process says so. A signal lost on the way is made up for by the next heartbeat."""
        with self._signals.subscribe(running.caller.tenant_id, STOP_TOPIC) as signals:
            async for signal in signals:
                if signal.id == str(running.id):
                    running.stop()
                    return

    async def _write_down(self, running: RunningGeneration) -> None:
        """Write events as they come, at most every `flush_s`, and say every `heartbeat_s` that the process lives."""
        written = 0
        while True:
            running.changed.clear()
            if len(running.events) == written:
                await _wait(running.changed, self.limits.heartbeat_s)
            ended = running.ended.is_set()
            bodies = [event.to_binary() for event in running.events[written:]]
            pulse = await self._append(running, written + 1, bodies, ended=ended)
            if pulse is None:
                running.cut_short(_unsaved())
                await running.ended.wait()
                return
            written += len(bodies)
            if ended:
                return
            self._heed(running, pulse)
            # Many generations share one database, so each writes less often the more there are.
            await _wait(running.ended, self.limits.flush_s * (1 + len(self._running) / _RUNNING_UNHURRIED))

    def _heed(self, running: RunningGeneration, pulse: Pulse) -> None:
        if pulse.stop_requested:
            running.stop()
        unheard_s = time.monotonic() - running.left_at
        if not running.followed and not pulse.watched and unheard_s > self.limits.grace_s:
            running.cut_short(_abandoned())

    async def _append(
        self, running: RunningGeneration, first: int, bodies: list[bytes], *, ended: bool
    ) -> Pulse | None:
        """Write events, trying again a few times when the database is away. None when they cannot be written."""
        for attempt in range(self.limits.database_retries):
            try:
                async with self._database.transaction(running.caller) as connection:
                    return await self.store(connection).append_events(running.id, first, bodies, ended=ended)
            except _DATABASE_ERRORS as error:
                _log.warning(
                    "generation %s: events not written (%s), trying again", running.id, type(error).__qualname__
                )
                await asyncio.sleep(0.05 * 2**attempt)
        _log.error("generation %s: events not written, giving up", running.id)
        return None


async def settle(store: ConversationStore, generation_id: UUID, last_sequence: int) -> bool:
    """Write the end of a generation whose process is gone; False when that is not so, or somebody else was faster."""
    body = encode_event(last_sequence + 1, _restarted()).to_binary()
    return await store.append_events(generation_id, last_sequence + 1, [body], ended=True) is not None


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _restarted() -> Failed:
    message = "The server stopped while it was writing this answer. What was written is kept. Ask again."
    return Failed(FailureCode.SERVER_RESTARTED, message)


def _abandoned() -> Failed:
    message = "Nobody was listening for a while, so the answer was ended here. Ask again for the rest."
    return Failed(FailureCode.ABANDONED, message)


def _unsaved() -> Failed:
    message = "The answer could not be saved: its conversation was deleted, or the database is away. Ask again."
    return Failed(FailureCode.INTERNAL, message)
