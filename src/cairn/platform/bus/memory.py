"""The bus in memory: for tests of slices, and the other side of the conformance test."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from cairn.kernel.events import Event, NewEvent
from cairn.platform.bus import DeadLetter, Delivery, Lag, Parked, Pending, Retry


@dataclass(slots=True)
class _Waiting:
    event: Event
    attempts: int
    due_at: float
    error: str
    dead: bool = False


@dataclass(slots=True)
class _Standing:
    """Where one group stands in one tenant's log."""

    position: int = 0
    deliveries: int = 0
    careful_until: int = 0
    parked: dict[int, _Waiting] = field(default_factory=dict[int, _Waiting])

    def free_next(self, key: str) -> None:
        behind = [p for p, waiting in self.parked.items() if waiting.event.key == key and not waiting.dead]
        if behind and (first := self.parked[min(behind)]).due_at == float("inf"):
            first.due_at = time.monotonic()


class MemoryBus:
    """A bus that lives as long as the process. Fills `BusLog` and `BusAdmin`."""

    def __init__(self) -> None:
        self._logs: dict[UUID, list[Event]] = {}
        self._standings: dict[tuple[str, UUID], _Standing] = {}
        self._claims: set[tuple[str, UUID]] = set()
        self._wakeups: list[asyncio.Event] = []

    async def append(self, tenant_id: UUID, events: Sequence[NewEvent]) -> None:
        """Write events as a committed transaction would."""
        log = self._logs.setdefault(tenant_id, [])
        for event in events:
            position = len(log) + 1
            log.append(Event(tenant_id, position, event.type, event.key, dict(event.payload), datetime.now(UTC)))
        self._wake()

    def _wake(self) -> None:
        for wakeup in self._wakeups:
            wakeup.set()

    def _standing(self, group: str, tenant_id: UUID) -> _Standing:
        return self._standings.setdefault((group, tenant_id), _Standing())

    def wakeup(self) -> asyncio.Event:
        """See `BusLog`."""
        wakeup = asyncio.Event()
        self._wakeups.append(wakeup)
        return wakeup

    async def pending(self, group: str, most: int) -> Pending:
        """See `BusLog`."""
        now = time.monotonic()
        found: list[UUID] = []
        dues: list[float] = []
        for tenant_id, log in self._logs.items():
            standing = self._standing(group, tenant_id)
            waits = [one.due_at for one in standing.parked.values() if not one.dead and one.due_at != float("inf")]
            dues += waits
            if len(log) > standing.position or any(due <= now for due in waits):
                found.append(tenant_id)
        return Pending(found[:most], min(dues) - now if dues else None)

    async def claim(self, group: str, tenant_id: UUID) -> bool:
        """See `BusLog`."""
        free = (group, tenant_id) not in self._claims
        self._claims.add((group, tenant_id))
        return free

    async def release(self, group: str, tenant_id: UUID) -> None:
        """See `BusLog`."""
        self._claims.discard((group, tenant_id))

    async def is_behind(self, group: str, tenant_id: UUID) -> bool:
        """See `BusLog`."""
        return self._standing(group, tenant_id).position < len(self._logs.get(tenant_id, []))

    async def read(self, group: str, tenant_id: UUID, types: Collection[str], most: int) -> Delivery:
        """See `BusLog`."""
        log, standing = self._logs.get(tenant_id, []), self._standing(group, tenant_id)
        events = [event for event in log[standing.position :] if event.type in types][:most]
        upto = events[-1].position if len(events) == most else len(log)
        live = {waiting.event.key for waiting in standing.parked.values() if not waiting.dead}
        blocked = frozenset(live & {event.key for event in events})
        return Delivery(standing.position, upto, events, blocked, standing.deliveries, standing.careful_until)

    async def begin(self, group: str, tenant_id: UUID, delivery: Delivery) -> None:
        """See `BusLog`."""
        standing = self._standing(group, tenant_id)
        if standing.position == delivery.position:
            standing.deliveries, standing.careful_until = delivery.deliveries, delivery.careful_until

    async def commit(self, group: str, tenant_id: UUID, delivery: Delivery, parked: Sequence[Parked]) -> bool:
        """See `BusLog`."""
        standing = self._standing(group, tenant_id)
        if standing.position != delivery.position:
            return False
        standing.position, standing.deliveries = delivery.upto, 0
        for one in parked:
            due_at = float("inf") if one.delay_seconds is None else time.monotonic() + one.delay_seconds
            event = self._logs[tenant_id][one.position - 1]
            standing.parked.setdefault(one.position, _Waiting(event, one.attempts, due_at, one.error))
        return True

    async def take_due(self, group: str, tenant_id: UUID, lease_seconds: float) -> Retry | None:
        """See `BusLog`."""
        now = time.monotonic()
        waiting = self._standing(group, tenant_id).parked.values()
        due = sorted((one for one in waiting if not one.dead and one.due_at <= now), key=lambda one: one.due_at)
        if not due:
            return None
        due[0].attempts += 1
        due[0].due_at = now + lease_seconds
        return Retry(due[0].event, due[0].attempts)

    async def settle(self, group: str, event: Event) -> None:
        """See `BusLog`."""
        standing = self._standing(group, event.tenant_id)
        standing.parked.pop(event.position, None)
        standing.free_next(event.key)

    async def park_again(self, group: str, event: Event, delay_seconds: float, error: str, *, refund: bool) -> None:
        """See `BusLog`."""
        if waiting := self._standing(group, event.tenant_id).parked.get(event.position):
            waiting.due_at, waiting.error = time.monotonic() + delay_seconds, error
            waiting.attempts -= int(refund)

    async def bury(self, group: str, event: Event, error: str) -> None:
        """See `BusLog`."""
        standing = self._standing(group, event.tenant_id)
        if waiting := standing.parked.get(event.position):
            waiting.dead, waiting.error = True, error
        standing.free_next(event.key)

    async def dead_letters(self, group: str | None = None, *, most: int = 100) -> Sequence[DeadLetter]:
        """See `BusAdmin`."""
        found = [
            DeadLetter(name, tenant_id, one.event.position, one.event.type, one.event.key, one.attempts, one.error)
            for (name, tenant_id), standing in self._standings.items()
            for one in standing.parked.values()
            if one.dead and group in {None, name}
        ]
        return sorted(found, key=lambda one: (one.group, one.tenant_id, one.position))[:most]

    async def requeue(self, group: str, tenant_id: UUID | None = None, position: int | None = None) -> int:
        """See `BusAdmin`."""
        chosen = [
            letter
            for letter in await self.dead_letters(group, most=len(self._standings) * 1_000_000)
            if tenant_id in {None, letter.tenant_id} and position in {None, letter.position}
        ]
        for letter in chosen:
            parked = self._standing(group, letter.tenant_id).parked
            fresh = replace(parked[letter.position], attempts=0, due_at=time.monotonic(), dead=False)
            parked[letter.position] = fresh
        self._wake()
        return len(chosen)

    async def replay(self, group: str, tenant_id: UUID | None = None, *, from_position: int = 1) -> int:
        """See `BusAdmin`."""
        back = 0
        for (name, tenant), standing in self._standings.items():
            if name == group and tenant_id in {None, tenant} and standing.position >= from_position:
                back += standing.position - from_position + 1
                standing.position, standing.deliveries, standing.careful_until = from_position - 1, 0, 0
                standing.parked = {p: one for p, one in standing.parked.items() if p < from_position}
        self._wake()
        return back

    async def lag(self, *, most: int = 1000) -> Sequence[Lag]:
        """See `BusAdmin`."""
        found = [
            Lag(
                group,
                tenant_id,
                len(self._logs.get(tenant_id, [])) - standing.position,
                sum(not one.dead for one in standing.parked.values()),
                sum(one.dead for one in standing.parked.values()),
            )
            for (group, tenant_id), standing in self._standings.items()
        ]
        return sorted(found, key=lambda one: (one.group, one.tenant_id))[:most]
