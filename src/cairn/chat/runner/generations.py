"""Generations as tasks of the server: they outlive the request that began them, and write down every event.

An event is shown once it is written down, so that whatever a reader has seen is there after a crash. What a server that
ends was writing is taken up by another one, or by itself when it is back (`runner/heirs.py`).
"""

import asyncio
import itertools
import logging
import time
import traceback
from collections.abc import AsyncGenerator, Sequence
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
from cairn.kernel.errors import CairnError, Code, Unavailable
from cairn.kernel.identity import Caller
from cairn.kernel.phrases import Phrase
from cairn.platform.database import DRIVER_LOST, Connection, Database
from cairn.platform.signals import SignalHub

_log = logging.getLogger(__name__)
STOP_TOPIC = "generation.stop"
_RUNNING_UNHURRIED = 10
_AWAITED = 8

DATABASE_ERRORS = (*DRIVER_LOST, TimeoutError, asyncpg.PostgresError)


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """Bounds of a generation, in seconds.

    `grace_s`: how long it goes on with nobody listening. `duration_most_s`: how long it may take at all.
    `flush_s`: how often new events are written down and shown. `heartbeat_s`: how often a silent one says that it
    lives; it counts as dead after `alive_s` without. `look_s`: how often a server looks for those, which it takes up
    `taken_up_most` times at most, and only in their first `resumable_s`.
    """

    grace_s: float = 120.0
    duration_most_s: float = 900.0
    flush_s: float = 0.02
    heartbeat_s: float = 1.0
    alive_s: float = 5.0
    look_s: float = 1.0
    taken_up_most: int = 3
    resumable_s: float = 3_600.0
    running_most: int = 1_000
    running_most_person: int = 10
    database_retries: int = 6


class TooManyGenerations(CairnError):
    """More answers are being written than the limit allows."""

    code = Code.RESOURCE_EXHAUSTED

    def __init__(self) -> None:
        super().__init__(
            Phrase("too_many_answers", "Too many answers are being written at once. Wait for one to end, or stop one.")
        )


class Interrupted(Unavailable):
    """The process that writes an answer ends, or cannot write it down; it goes on, here or elsewhere, and is kept."""

    def __init__(self) -> None:
        super().__init__("The answer is interrupted for a moment. Read on from the last event that came.")


class RunningGeneration:
    """A generation of this process: all its events so far, those `stored` among them, and whoever follows them.

    `term` says how often it was taken up; `events` is what the processes before have written.
    """

    def __init__(
        self, caller: Caller, generation_id: UUID, *, term: int = 0, events: Sequence[pb.GenerationEvent] = ()
    ) -> None:
        self.caller = caller
        self.id = generation_id
        self.term = term
        self.events = list(events)
        self.stored = len(self.events)
        self.ended = asyncio.Event()
        # It writes no more here: it has ended, or another process may go on.
        self.over = asyncio.Event()
        self.settled = asyncio.Event()
        self.changed = asyncio.Event()
        self.left_at = time.monotonic()
        self.superseded = False
        self._followers: set[asyncio.Event] = set()
        self._producer: asyncio.Task[None] | None = None
        self._cut_short: EndEvent | None = None

    @property
    def followed(self) -> bool:
        """Whether anyone in this process listens."""
        return bool(self._followers)

    def emit(self, event: ChatEvent) -> None:
        """Append an event."""
        self.events.append(encode_event(len(self.events) + 1, event))
        if isinstance(event, Finished | Failed):
            self.ended.set()
            self.over.set()
        self.changed.set()

    def publish(self, count: int) -> None:
        """Show so many more events, which have been written down, to those who follow."""
        self.stored += count
        self._wake()

    def settle(self) -> None:
        """Let go of those who follow: nothing more will be written here."""
        self.settled.set()
        self._wake()

    def _wake(self) -> None:
        for follower in self._followers:
            follower.set()

    def halt(self) -> None:
        """Write no more, and leave it to another process to go on. What is ending already ends."""
        if self._cut_short is not None:
            return
        self.over.set()
        self.changed.set()
        if self._producer is not None:
            self._producer.cancel()

    def cut_short(self, end: EndEvent) -> None:
        """End it now, with this event, wherever it is. Without effect when it is ending already."""
        if self._cut_short is None and not self.over.is_set():
            self._cut_short = end
            if self._producer is not None:
                self._producer.cancel()

    def stop(self) -> None:
        """End it because its person asked for that. What it has written is kept."""
        self.cut_short(Finished(FinishReason.STOPPED))

    async def follow(self, after_sequence: int) -> AsyncGenerator[pb.GenerationEvent]:
        """Yield the events after that sequence number, then new ones as they are written down, until the end.

        Without an end where another process has taken it up: its log is to be read on. Raises `Interrupted`.
        """
        wake = asyncio.Event()
        self._followers.add(wake)
        at = after_sequence
        try:
            while True:
                while at < self.stored:
                    at += 1
                    yield self.events[at - 1]
                if self.settled.is_set():
                    break
                wake.clear()
                await wake.wait()
        finally:
            self._followers.discard(wake)
            self.left_at = time.monotonic()
        if not self.superseded and (not self.ended.is_set() or self.stored < len(self.events)):
            raise Interrupted

    async def produce(self, answer: AsyncGenerator[ChatEvent], duration_most_s: float) -> None:
        """Run `answer` to its end and append what it yields, with exactly one end event, or until it is halted."""
        self._producer = asyncio.current_task()
        if self.over.is_set():
            return
        try:
            end = self._cut_short or await self._pass_on(answer, duration_most_s)
        except asyncio.CancelledError:
            # `cut_short` gives an end. Whoever else cancels this task leaves the rest to another process.
            if self._cut_short is None:
                self.over.set()
                self.changed.set()
                return
            end = self._cut_short
        except ProviderFailure as failure:
            end = Failed(failure.failure.value, failure.message)
        except CairnError as error:
            end = Failed(FailureCode.INTERNAL, error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader must be told that the answer ended.
            # A message may hold a person's words; type and place are what is logged.
            frames = "".join(traceback.format_tb(error.__traceback__, limit=-6))
            _log.error("generation %s failed with %s\n%s", self.id, type(error).__qualname__, frames)
            end = Failed(FailureCode.INTERNAL, "Something went wrong on our side. What was written is kept. Ask again.")
        if not self.over.is_set():
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
    """The generations of this process."""

    def __init__(self, database: Database, signals: SignalHub, limits: RunnerLimits | None = None) -> None:
        self._database = database
        self._signals = signals
        self.limits = limits or RunnerLimits()
        self._running: dict[UUID, RunningGeneration] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether this process ends, and writes no more."""
        return self._closed

    async def close(self) -> None:
        """Leave every generation to another process, with what it has written so far, and take no more."""
        self._closed = True
        for running in list(self._running.values()):
            running.halt()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check_room(self, caller: Caller) -> None:
        """Raise `TooManyGenerations` when one more would be too many, `Interrupted` when this process ends."""
        if self._closed:
            raise Interrupted
        mine = sum(1 for running in self._running.values() if running.caller.person_id == caller.person_id)
        if len(self._running) >= self.limits.running_most or mine >= self.limits.running_most_person:
            raise TooManyGenerations

    def start(
        self,
        caller: Caller,
        generation_id: UUID,
        answer: AsyncGenerator[ChatEvent],
        *,
        term: int = 0,
        events: Sequence[pb.GenerationEvent] = (),
    ) -> RunningGeneration:
        """Run a generation that has been written down already, or taken up in that term with those events."""
        running = RunningGeneration(caller, generation_id, term=term, events=events)
        self._running[generation_id] = running
        task = asyncio.create_task(self._supervise(running, answer), name=f"generation {generation_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._closed:
            running.halt()
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
        finally:
            running.halt()
            await producer
            listener.cancel()
            if self._running.get(running.id) is running:
                del self._running[running.id]
            running.settle()

    async def _listen(self, running: RunningGeneration) -> None:
        """Stop when another process says so. A signal lost on the way is made up for by the next heartbeat."""
        with self._signals.subscribe(running.caller.tenant_id, STOP_TOPIC) as signals:
            async for signal in signals:
                if signal.id == str(running.id):
                    running.stop()
                    return

    async def _write_down(self, running: RunningGeneration) -> None:
        """Write events as they come, at most every `flush_s`, and say every `heartbeat_s` that the process lives."""
        for writes in itertools.count(1):
            running.changed.clear()
            if len(running.events) == running.stored and not running.over.is_set():
                await _wait(running.changed, self.limits.heartbeat_s)
            over, ended = running.over.is_set(), running.ended.is_set()
            bodies = [event.to_binary() for event in running.events[running.stored :]]
            try:
                pulse = await self._append(running, bodies, ended=ended, release=over and not ended)
            except DATABASE_ERRORS as error:
                # Its log is as it was shown; whoever reaches the database again goes on from there.
                _log.error("generation %s: events not written (%s)", running.id, type(error).__qualname__)
                return
            if pulse is None:
                running.superseded = True
                return
            running.publish(len(bodies))
            if over:
                return
            self._heed(running, pulse)
            # Many generations share one database, so each writes less often the more there are. First words go at once.
            shared = len(self._running) / _RUNNING_UNHURRIED
            await _wait(running.over, self.limits.flush_s * ((writes > _AWAITED) + shared))

    def _heed(self, running: RunningGeneration, pulse: Pulse) -> None:
        if pulse.stop_requested:
            running.stop()
        unheard_s = time.monotonic() - running.left_at
        if not running.followed and not pulse.watched and unheard_s > self.limits.grace_s:
            running.cut_short(_abandoned())

    async def _append(
        self, running: RunningGeneration, bodies: list[bytes], *, ended: bool, release: bool
    ) -> Pulse | None:
        """Write events, trying again a few times when the database is away. None when another process writes now."""
        for attempt in range(1, self.limits.database_retries + 1):
            try:
                async with self._database.transaction(running.caller) as connection:
                    store = self.store(connection)
                    pulse = await store.append_events(
                        running.id, running.stored + 1, bodies, ended=ended, term=running.term
                    )
                    if release:
                        await store.release(running.id, running.term)
                    return pulse
            except DATABASE_ERRORS as error:
                if attempt == self.limits.database_retries:
                    raise
                kind = type(error).__qualname__
                _log.warning("generation %s: events not written (%s), trying again", running.id, kind)
                await asyncio.sleep(0.025 * 2**attempt)
        raise AssertionError("The last attempt returns or raises.")


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _abandoned() -> Failed:
    message = "Nobody was listening for a while, so the answer was ended here. Ask again for the rest."
    return Failed(FailureCode.ABANDONED, message)
