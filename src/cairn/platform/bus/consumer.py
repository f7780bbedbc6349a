"""The consumer: takes each group's events tenant by tenant, in order, at least once, and parks what fails."""

import asyncio
import logging
import random
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import cast
from uuid import UUID

import asyncpg

from cairn.kernel.errors import CairnError, Unavailable
from cairn.kernel.events import Event
from cairn.platform.bus import BusLog, ConsumerGroup, Delivery, Parked, Retry

_log = logging.getLogger(__name__)
# A notice wakes a consumer; this finds what a lost notice or a dead worker left behind.
_POLL_SECONDS = 2.0
_MOST_TENANTS = 1000
# So many starts without an end, and a batch is taken one event at a time; so many again, and the event is to blame.
_MOST_STARTS = 3
_MOST_PAUSE_SECONDS = 60.0
_DIED = "The worker died while it handled this."
_BLAMES_NO_EVENT = (
    Unavailable,
    ConnectionError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


def describe_failure(error: BaseException) -> str:
    """Return the type of an error and where it was raised. Its message may hold content, so it stays out."""
    code = f" {error.code}" if isinstance(error, CairnError) else ""
    state = f" {error.sqlstate}" if isinstance(error, asyncpg.PostgresError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{code}{state}{place}"


async def consume(
    log: BusLog, groups: Sequence[ConsumerGroup], *, stop: asyncio.Event, grace_seconds: float = 10.0
) -> None:
    """Serve `groups` until `stop` is set. Batches at work then have `grace_seconds` to end, or are abandoned.

    Raises `Unavailable` when the log is lost; connect anew and call again.
    """
    if len({group.name for group in groups}) != len(groups):
        raise ValueError("Two consumer groups have one name, and so would share offsets.")
    async with asyncio.TaskGroup() as tasks:
        consumers = {group.name: _Consumer(log, group, stop) for group in groups}
        for group in groups:
            if group.after in consumers:
                consumers[group.name].goes_after = group.after
                consumers[group.after].followers.append(consumers[group.name])
        for consumer in consumers.values():
            tasks.create_task(consumer.run(grace_seconds))


class _Consumer:
    """One group: a scan finds tenants with work, and `concurrency` servers take them in turn, a batch each time."""

    def __init__(self, log: BusLog, group: ConsumerGroup, stop: asyncio.Event) -> None:
        self._log = log
        self._group = group
        self._stop = stop
        self._wakeup = log.wakeup()
        self._queue: asyncio.Queue[UUID | None] = asyncio.Queue()
        # Queued or being served. What is in here is not queued again, which bounds the queue.
        self._known: set[UUID] = set()
        # Got more work while it was known.
        self._again: set[UUID] = set()
        self._paused_until: dict[UUID, float] = {}
        self._pauses: dict[UUID, int] = {}
        # Took a batch that was not full in its latest turn.
        self._caught_up: set[UUID] = set()
        # Of this process: the group that goes first, and those that take their turn after this one.
        self.goes_after = ""
        self.followers: list[_Consumer] = []

    async def run(self, grace_seconds: float) -> None:
        async with asyncio.TaskGroup() as tasks:
            scan = tasks.create_task(self._scan())
            servers = [tasks.create_task(self._serve()) for _ in range(self._group.concurrency)]
            ended = tasks.create_task(self._stop.wait())
            await ended
            scan.cancel()
            for _ in servers:
                self._queue.put_nowait(None)
            _, late = await asyncio.wait(servers, timeout=grace_seconds)
            for server in late:
                _log.warning("Group %s: abandoning a batch; it will be taken again.", self._group.name)
                server.cancel()

    async def _scan(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            self._wakeup.clear()
            pending = await self._log.pending(self._group.name, _MOST_TENANTS)
            now = loop.time()
            for tenant_id in pending.tenant_ids:
                if tenant_id in self._known:
                    self._again.add(tenant_id)
                elif self._paused_until.get(tenant_id, 0.0) <= now:
                    self._enqueue(tenant_id)
            self._paused_until = {tenant_id: until for tenant_id, until in self._paused_until.items() if until > now}
            waits = [_POLL_SECONDS, *(until - now for until in self._paused_until.values())]
            if pending.next_due_seconds is not None and pending.next_due_seconds > 0:
                waits.append(pending.next_due_seconds)
            # Not wait_for: in Python 3.11 that one forgets a cancellation that meets its result.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.005, min(waits))):
                    await self._wakeup.wait()

    def _enqueue(self, tenant_id: UUID) -> None:
        self._known.add(tenant_id)
        self._queue.put_nowait(tenant_id)

    async def _serve(self) -> None:
        while (tenant_id := await self._queue.get()) is not None and not self._stop.is_set():
            more = False
            self._again.discard(tenant_id)
            try:
                if await self._log.claim(self._group.name, tenant_id):
                    try:
                        more = await self._take_turn(tenant_id)
                    finally:
                        await self._log.release(self._group.name, tenant_id)
                    self._pauses.pop(tenant_id, None)
                    more = not self._gather(tenant_id) and (more or tenant_id in self._again)
            except _Paused:
                more = False
            finally:
                self._known.discard(tenant_id)
            if more:
                self._enqueue(tenant_id)
            else:
                for follower in self.followers:
                    follower._wakeup.set()  # noqa: SLF001 - of its own class.

    def _gather(self, tenant_id: UUID) -> bool:
        """Let a tenant that is nearly caught up wait for more; the scan finds it again. Return whether it waits."""
        if tenant_id not in self._caught_up:
            return False
        self._caught_up.discard(tenant_id)
        self._paused_until[tenant_id] = asyncio.get_running_loop().time() + self._group.gather_seconds
        self._wakeup.set()
        return True

    async def _take_turn(self, tenant_id: UUID) -> bool:
        """Retry what is due, then take one batch. Return whether there may be more."""
        if self.goes_after and await self._log.is_behind(self.goes_after, tenant_id):
            return False
        retried = 0
        lease_seconds = self._group.retry.after_death_seconds
        while retried < self._group.batch_size:
            retry = await self._log.take_due(self._group.name, tenant_id, lease_seconds)
            if retry is None:
                break
            await self._retry(retry)
            retried += 1
        delivery = await self._log.read(self._group.name, tenant_id, self._group.types, self._group.batch_size)
        if delivery.upto == delivery.position:
            return retried == self._group.batch_size
        delivery = _with_care(delivery)
        await self._log.begin(self._group.name, tenant_id, delivery)
        try:
            parked = await self._deliver(delivery)
        except (_Paused, asyncio.CancelledError) as ended:
            # A pause and a stop are no death: whoever stops Cairn often at the same work must not make it look guilty.
            if isinstance(ended, _Paused) or self._stop.is_set():
                await self._log.begin(
                    self._group.name, tenant_id, replace(delivery, deliveries=delivery.deliveries - 1)
                )
            raise
        if not await self._log.commit(self._group.name, tenant_id, delivery, parked):
            _log.info("Group %s was set back while it worked; it takes those events again.", self._group.name)
        if parked:
            self._wakeup.set()  # So that the scan sees when they are due.
        if self._group.gather_seconds and len(delivery.events) < self._group.batch_size:
            self._caught_up.add(tenant_id)
        return True

    async def _deliver(self, delivery: Delivery) -> Sequence[Parked]:
        """Handle a batch and return what to park of it."""
        blocked = set(delivery.blocked_keys)
        behind = [Parked(event.position, event.key) for event in delivery.events if event.key in blocked]
        free = [event for event in delivery.events if event.key not in blocked]
        if not free:
            return behind
        if delivery.deliveries > _MOST_STARTS:
            return [*behind, *(self._parked(event, _DIED, died=True) for event in free)]
        failure = await self._handle(free)
        if failure is None:
            return behind
        if len(free) == 1:
            return [*behind, self._parked(free[0], describe_failure(failure))]
        _log.info("Group %s: a batch failed (%s); trying it one by one.", self._group.name, describe_failure(failure))
        return [*behind, *await self._deliver_singly(free)]

    async def _deliver_singly(self, events: Sequence[Event]) -> Sequence[Parked]:
        parked: list[Parked] = []
        failed: set[str] = set()
        for event in events:
            if event.key in failed:
                parked.append(Parked(event.position, event.key))
            elif failure := await self._handle([event]):
                failed.add(event.key)
                parked.append(self._parked(event, describe_failure(failure)))
        return parked

    def _parked(self, event: Event, error: str, *, died: bool = False) -> Parked:
        _log.warning("Group %s: parked %s %d: %s", self._group.name, event.type, event.position, error)
        delay_seconds = self._group.retry.after_death_seconds if died else self._delay_seconds(1)
        return Parked(event.position, event.key, 1, delay_seconds, error)

    def _delay_seconds(self, attempts: int) -> float:
        return self._group.retry.delay_seconds(attempts, random.random())  # noqa: S311 - jitter is no secret.

    async def _retry(self, retry: Retry) -> None:
        policy, event = self._group.retry, retry.event
        if retry.attempts > policy.attempts:
            # It was charged attempts that never ended: the worker died each time.
            await self._bury(event, _DIED)
            return
        try:
            failure = await self._handle([event])
        except _Paused:
            await self._park_again(event, self._delay_seconds(1), "", refund=True)
            raise
        if failure is None:
            await self._log.settle(self._group.name, event)
        elif retry.attempts >= policy.attempts:
            await self._bury(event, describe_failure(failure))
        else:
            await self._park_again(event, self._delay_seconds(retry.attempts), describe_failure(failure), refund=False)

    async def _park_again(self, event: Event, delay_seconds: float, error: str, *, refund: bool) -> None:
        await self._log.park_again(self._group.name, event, delay_seconds, error, refund=refund)
        self._wakeup.set()

    async def _bury(self, event: Event, error: str) -> None:
        _log.error("Group %s: %s %d is a dead letter: %s", self._group.name, event.type, event.position, error)
        await self._log.bury(self._group.name, event, error)

    async def _handle(self, events: Sequence[Event]) -> Exception | None:
        """Call the handler. Return its failure, or raise `_Paused` when the failure blames no event."""
        try:
            async with asyncio.timeout(self._group.timeout_seconds):
                await self._group.handle(events)
        except Exception as error:
            cause = _first_cause(error)
            if isinstance(cause, _BLAMES_NO_EVENT):
                self._pause(events[0].tenant_id, cause)
                raise _Paused from error
            return cause
        return None

    def _pause(self, tenant_id: UUID, error: Exception) -> None:
        pauses = self._pauses.get(tenant_id, 0) + 1
        self._pauses[tenant_id] = pauses
        seconds = min(_MOST_PAUSE_SECONDS, self._delay_seconds(pauses))
        _log.warning("Group %s: trying again in %.1f s: %s", self._group.name, seconds, describe_failure(error))
        self._paused_until[tenant_id] = asyncio.get_running_loop().time() + seconds
        self._wakeup.set()


class _Paused(Exception):
    """The tenant's turn ended without a fault of its events."""


def _first_cause(error: Exception) -> Exception:
    """Return what failed first in a group of tasks. One that blames no event comes before one that may."""
    if not isinstance(error, ExceptionGroup):
        return error
    group = cast("ExceptionGroup[Exception]", error)
    causes = [_first_cause(one) for one in group.exceptions]
    return next((cause for cause in causes if isinstance(cause, _BLAMES_NO_EVENT)), causes[0])


def _with_care(delivery: Delivery) -> Delivery:
    """Count this start, and narrow the batch to one event where earlier starts never ended."""
    careful_until, deliveries = delivery.careful_until, delivery.deliveries
    if careful_until <= delivery.position and deliveries >= _MOST_STARTS:
        careful_until, deliveries = delivery.upto, 0
    if careful_until > delivery.position and delivery.events:
        event = delivery.events[0]
        blocked = delivery.blocked_keys & {event.key}
        delivery = replace(delivery, events=(event,), upto=event.position, blocked_keys=blocked)
    return replace(delivery, deliveries=deliveries + 1, careful_until=careful_until)
