"""The bus on Postgres: one connection that claims, reads and commits for every group of a process.

Claims are advisory locks of that connection's session: the server frees them when the process is killed.
"""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Any, Self
from uuid import UUID

import asyncpg

from cairn.kernel.errors import Unavailable
from cairn.kernel.events import Event
from cairn.platform.bus import DeadLetter, Delivery, Lag, Parked, Pending, Retry
from cairn.platform.database import DRIVER_LOST, load_queries

_queries = load_queries("platform/bus")
RELAY_BATCH = 500
_COMPACT_BATCH = 2000
# A group that wants few of the types passes over the others this many at a time.
_MOST_SCANNED = 1000
_LOST = (*DRIVER_LOST, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)


class PostgresBus:
    """The bus's view of one database, through one connection under the bus role. Fills `BusLog` and `BusAdmin`."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        self._outbox_wakeups: list[asyncio.Event] = []
        self._event_wakeups: list[asyncio.Event] = []

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Open the connection and listen. Raises `Unavailable` when the database cannot be reached."""
        try:
            connection = await asyncpg.connect(
                url,
                timeout=10,
                command_timeout=30,
                server_settings={"application_name": "cairn bus", "statement_timeout": "30s", "jit": "off"},
            )
        except (*_LOST, asyncpg.PostgresError, TimeoutError) as error:
            raise Unavailable(f"The database cannot be reached ({type(error).__name__}).") from error
        bus = cls(connection)
        async with bus._statement():
            await connection.add_listener("cairn_outbox", bus._wake_relay)
            await connection.add_listener("cairn_events", bus._wake_consumers)
        connection.add_termination_listener(bus._wake_all)
        return bus

    async def close(self) -> None:
        """Close the connection, and with it every claim."""
        async with self._turn:
            await self._connection.close(timeout=5)

    @contextlib.asynccontextmanager
    async def _statement(self) -> AsyncGenerator[Any]:
        async with self._turn:
            try:
                yield self._connection
            except (*_LOST, TimeoutError) as error:
                # A connection in doubt is worth less than none: closing it frees its claims.
                self._connection.terminate()
                raise Unavailable(f"The connection of the bus was lost ({type(error).__name__}).") from error

    def _wake_relay(self, *_: object) -> None:
        for wakeup in self._outbox_wakeups:
            wakeup.set()

    def _wake_consumers(self, *_: object) -> None:
        for wakeup in self._event_wakeups:
            wakeup.set()

    def _wake_all(self, *_: object) -> None:
        self._wake_relay()
        self._wake_consumers()

    # The relay: from the outbox to the log.

    def relay_wakeup(self) -> asyncio.Event:
        """Return a thing to wait on that a writer sets while the relay sleeps."""
        wakeup = asyncio.Event()
        self._outbox_wakeups.append(wakeup)
        return wakeup

    async def relay(self) -> int:
        """Give one batch of committed facts their positions and tell the consumers; return how many facts."""
        async with self._statement() as connection, connection.transaction():
            # The lock is a statement of its own, so that the next one sees what the last relay committed.
            if not await _queries.may_relay(connection):
                return 0
            moved = int(await _queries.relay_events(connection, most=RELAY_BATCH))
            if moved:
                await _queries.tell_consumers(connection)
            return moved

    async def may_sleep(self) -> bool:
        """Make writers give notice from now on. False while one that gave none is still at work."""
        async with self._statement() as connection:
            return bool(await _queries.may_sleep(connection))

    async def wake_up(self) -> None:
        """Free writers of giving notice."""
        async with self._statement() as connection:
            await _queries.wake_up(connection)

    async def compact(self, age_seconds: float) -> int:
        """Remove one batch of events older than this that later ones of their key stand for; return how many."""
        async with self._statement() as connection, connection.transaction():
            if not await _queries.may_compact(connection):
                return 0
            return int(await _queries.compact_log(connection, age=age_seconds, most=_COMPACT_BATCH))

    # For the consumer: BusLog.

    def wakeup(self) -> asyncio.Event:
        """See `BusLog`."""
        wakeup = asyncio.Event()
        self._event_wakeups.append(wakeup)
        return wakeup

    async def pending(self, group: str, most: int) -> Pending:
        """See `BusLog`."""
        async with self._statement() as connection:
            found = _queries.fetch_pending(connection, group_name=group, most=most)
            tenant_ids = [row["tenant_id"] async for row in found]
            due = await _queries.fetch_next_due(connection, group_name=group)
        return Pending(tenant_ids, due)

    async def claim(self, group: str, tenant_id: UUID) -> bool:
        """See `BusLog`."""
        async with self._statement() as connection:
            return bool(await _queries.claim(connection, claim=_claim_number(group, tenant_id)))

    async def release(self, group: str, tenant_id: UUID) -> None:
        """See `BusLog`."""
        async with self._statement() as connection:
            await _queries.release(connection, claim=_claim_number(group, tenant_id))

    async def is_behind(self, group: str, tenant_id: UUID) -> bool:
        """See `BusLog`."""
        async with self._statement() as connection:
            offset = await _queries.fetch_offset(connection, tenant_id=tenant_id, group_name=group)
        return offset is not None and offset["position"] < offset["head"]

    async def read(self, group: str, tenant_id: UUID, types: Collection[str], most: int) -> Delivery:
        """See `BusLog`."""
        async with self._statement() as connection:
            offset = await _queries.fetch_offset(connection, tenant_id=tenant_id, group_name=group)
            if offset is None:
                return Delivery(position=0, upto=0, events=())
            position, upto = offset["position"], min(offset["head"], offset["position"] + _MOST_SCANNED)
            found = _queries.fetch_events(
                connection, tenant_id=tenant_id, position=position, upto=upto, types=list(types), most=most
            )
            events = [_event(row) async for row in found]
            if len(events) == most:
                upto = events[-1].position
            keys = list({event.key for event in events})
            found = _queries.fetch_blocked_keys(connection, tenant_id=tenant_id, group_name=group, keys=keys)
            blocked = frozenset([row["key"] async for row in found]) if keys else frozenset[str]()
        return Delivery(position, upto, events, blocked, offset["deliveries"], offset["careful_until"])

    async def begin(self, group: str, tenant_id: UUID, delivery: Delivery) -> None:
        """See `BusLog`."""
        async with self._statement() as connection:
            await _queries.begin_delivery(
                connection,
                tenant_id=tenant_id,
                group_name=group,
                position=delivery.position,
                deliveries=delivery.deliveries,
                careful_until=delivery.careful_until,
            )

    async def commit(self, group: str, tenant_id: UUID, delivery: Delivery, parked: Sequence[Parked]) -> bool:
        """See `BusLog`."""
        async with self._statement() as connection:
            moved = await _queries.commit_delivery(
                connection,
                tenant_id=tenant_id,
                group_name=group,
                position=delivery.position,
                upto=delivery.upto,
                positions=[one.position for one in parked],
                keys=[one.key for one in parked],
                attempts=[one.attempts for one in parked],
                delays=[one.delay_seconds for one in parked],
                errors=[one.error for one in parked],
            )
        return bool(moved)

    async def take_due(self, group: str, tenant_id: UUID, lease_seconds: float) -> Retry | None:
        """See `BusLog`."""
        async with self._statement() as connection:
            row = await _queries.take_due(connection, tenant_id=tenant_id, group_name=group, lease=lease_seconds)
        return Retry(_event(row), row["attempts"]) if row is not None else None

    async def settle(self, group: str, event: Event) -> None:
        """See `BusLog`."""
        async with self._statement() as connection:
            await _queries.settle_parked(connection, **_named(group, event), key=event.key)

    async def park_again(self, group: str, event: Event, delay_seconds: float, error: str, *, refund: bool) -> None:
        """See `BusLog`."""
        async with self._statement() as connection:
            await _queries.park_again(
                connection, **_named(group, event), delay=delay_seconds, error=error, refund=int(refund)
            )

    async def bury(self, group: str, event: Event, error: str) -> None:
        """See `BusLog`."""
        async with self._statement() as connection:
            await _queries.bury_parked(connection, **_named(group, event), key=event.key, error=error)

    # For people: BusAdmin.

    async def dead_letters(self, group: str | None = None, *, most: int = 100) -> Sequence[DeadLetter]:
        """See `BusAdmin`."""
        async with self._statement() as connection:
            found = _queries.fetch_dead_letters(connection, group_name=group, most=most)
            return [
                DeadLetter(
                    row["group_name"],
                    row["tenant_id"],
                    row["position"],
                    row["type"],
                    row["key"],
                    row["attempts"],
                    row["error"],
                )
                async for row in found
            ]

    async def requeue(self, group: str, tenant_id: UUID | None = None, position: int | None = None) -> int:
        """See `BusAdmin`."""
        async with self._statement() as connection:
            requeued = await _queries.requeue_dead_letters(
                connection, group_name=group, tenant_id=tenant_id, position=position
            )
            await _queries.tell_consumers(connection)
        return int(requeued)

    async def replay(self, group: str, tenant_id: UUID | None = None, *, from_position: int = 1) -> int:
        """See `BusAdmin`."""
        async with self._statement() as connection:
            back = await _queries.replay(
                connection, group_name=group, tenant_id=tenant_id, position=max(1, from_position)
            )
            await _queries.tell_consumers(connection)
        return int(back)

    async def lag(self, *, most: int = 1000) -> Sequence[Lag]:
        """See `BusAdmin`."""
        async with self._statement() as connection:
            found = _queries.fetch_lag(connection, most=most)
            return [
                Lag(row["group_name"], row["tenant_id"], row["behind"], row["parked"], row["dead"])
                async for row in found
            ]


def _claim_number(group: str, tenant_id: UUID) -> int:
    digest = hashlib.blake2b(group.encode() + b"\0" + tenant_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _named(group: str, event: Event) -> dict[str, Any]:
    return {"tenant_id": event.tenant_id, "group_name": group, "position": event.position}


def _event(row: asyncpg.Record) -> Event:
    return Event(
        tenant_id=row["tenant_id"],
        position=row["position"],
        type=row["type"],
        key=row["key"],
        payload=json.loads(row["payload"]),
        created_at=row["created_at"],
    )
