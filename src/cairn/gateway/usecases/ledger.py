"""The ledger of one process: it takes allowances in advance, so that a call needs no query, and books what was used."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from cairn.gateway.domain.spending import ALERT_LEVELS, UNLIMITED, Kind, Meter, Spending, Want
from cairn.gateway.ports import CallRow, SpendingStore, SpendingStores
from cairn.kernel.errors import NotFound, Unavailable
from cairn.kernel.ids import uuid7

_log = logging.getLogger(__name__)
_FLUSH_S = 0.25
_LEASE_S = 30
_RENEW_S = 10.0
_ROWS_MOST = 50_000


@dataclass(slots=True)
class _Held:
    """What this process holds of one meter.

    `free` is leased and unused, `reserved` is leased for calls that run, `spent` is leased, used and not yet booked,
    and `over` was used beyond any lease, as an estimate was too low or nothing is limited.
    """

    limit: int
    free: int = 0
    reserved: int = 0
    spent: int = 0
    over: int = 0
    used: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Reservation:
    """What a call was granted. It is settled once, with what the call used."""

    tenant_id: UUID
    wants: list[Want]
    settled: bool = False


class NotGranted(Exception):
    """A limit leaves no room."""

    def __init__(self, want: Want) -> None:
        super().__init__(want.meter.kind)
        self.want = want


class Ledger:
    """Reserves before a call, settles after it. Use it in an `async with` statement."""

    def __init__(self, stores: SpendingStores, *, flush_s: float = _FLUSH_S) -> None:
        self._stores = stores
        self._flush_s = flush_s
        self._holder = uuid7()
        self._held: dict[UUID, dict[Meter, _Held]] = {}
        self._rows: dict[UUID, list[CallRow]] = {}
        self._row_count = 0
        self._rules: dict[UUID, Spending] = {}
        self._task: asyncio.Task[None] | None = None
        self._flushing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="ledger")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self.flush(release=True)

    async def reserve(self, tenant_id: UUID, wants: Sequence[Want], spending: Spending) -> Reservation:
        """Take all of the wants, or none. Raises `NotGranted`, and `Unavailable` when nothing can be written down."""
        if self._row_count >= _ROWS_MOST:
            raise Unavailable("The database does not answer, so that usage cannot be written down. Try again shortly.")
        self._rules[tenant_id] = spending
        reservation = Reservation(tenant_id, [])
        try:
            for want in wants:
                held = self._find(tenant_id, want.meter, want.limit)
                held.used = True
                if held.limit != want.limit or (held.free < want.amount and want.limit < UNLIMITED):
                    await self._lease_for(tenant_id, want, held)
                if want.limit < UNLIMITED:
                    held.free -= want.amount
                    held.reserved += want.amount
                reservation.wants.append(want)
        except BaseException:
            self.settle(reservation, {})
            raise
        return reservation

    async def extend(self, reservation: Reservation, wants: Sequence[Want], spending: Spending) -> None:
        """Take more for a call that runs. Raises as `reserve` does."""
        more = await self.reserve(reservation.tenant_id, wants, spending)
        reservation.wants.extend(more.wants)

    def settle(self, reservation: Reservation, used: dict[Meter, int]) -> None:
        """Book what a call used of each meter, and keep the rest of what it was granted for the next."""
        if reservation.settled:
            return
        reservation.settled = True
        granted: dict[Meter, int] = {}
        for want in reservation.wants:
            granted[want.meter] = granted.get(want.meter, 0) + want.amount
        # What is not limited is kept by nobody, and counted all the same.
        for meter, amount in granted.items():
            held = self._find(reservation.tenant_id, meter)
            actual = used.get(meter, 0)
            lease = min(held.reserved, amount)
            held.reserved -= lease
            covered = min(actual, lease)
            held.free += lease - covered
            beyond = actual - covered
            more = min(beyond, held.free)
            held.free -= more
            held.spent += covered + more
            held.over += beyond - more

    def _find(self, tenant_id: UUID, meter: Meter, limit: int = UNLIMITED) -> _Held:
        meters = self._held.setdefault(tenant_id, {})
        held = meters.get(meter)
        if held is None:
            held = meters[meter] = _Held(limit)
        return held

    def record(self, tenant_id: UUID, row: CallRow) -> None:
        """Have a call written down with the next flush."""
        self._rows.setdefault(tenant_id, []).append(row)
        self._row_count += 1

    async def _lease_for(self, tenant_id: UUID, want: Want, held: _Held) -> None:
        """Lease what is missing, which is free when this returns. Raises `NotGranted`."""
        if held.limit != want.limit:
            async with held.lock:
                if held.limit != want.limit:
                    # Granted under another limit: give it back, and ask anew under this one.
                    await asyncio.shield(self._give_back(tenant_id, want.meter, held))
                    held.limit = want.limit
        if want.limit >= UNLIMITED:
            return
        while held.free < want.amount:
            async with held.lock:
                if held.free < want.amount:
                    # Shielded, for what is granted must be known here also when the caller leaves meanwhile.
                    granted = await asyncio.shield(self._lease(tenant_id, want, held))
                    if not granted:
                        raise NotGranted(want)

    async def _lease(self, tenant_id: UUID, want: Want, held: _Held) -> int:
        async with self._stores(tenant_id) as store:
            need = want.amount - held.free
            granted = await store.lease(want.meter, self._holder, want.limit, need, _LEASE_S)
        held.free += granted
        return granted

    async def _give_back(self, tenant_id: UUID, meter: Meter, held: _Held) -> None:
        free, held.free = held.free, 0
        if free:
            async with self._stores(tenant_id) as store:
                await store.settle(meter, self._holder, 0, free)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        renewed_at = loop.time()
        while True:
            await asyncio.sleep(self._flush_s)
            renew = loop.time() - renewed_at >= _RENEW_S
            await asyncio.shield(self.flush(renew=renew))
            renewed_at = loop.time() if renew else renewed_at

    async def flush(self, *, release: bool = False, renew: bool = False) -> None:
        """Write down everything so far. `release` gives back all that no call holds, not only what lies idle."""
        async with self._flushing:
            for tenant_id in list(self._held.keys() | self._rows.keys()):
                try:
                    await self._flush_tenant(tenant_id, release=release, renew=renew)
                except NotFound:
                    # The organisation has been erased, and with it what it used.
                    self._row_count -= len(self._rows.pop(tenant_id, []))
                    self._held.pop(tenant_id, None)
                except Exception as error:  # noqa: BLE001 - one organisation's trouble must not keep the others' usage.
                    _log.warning("Usage is not written down yet (%s). It will be tried again.", type(error).__name__)

    async def _flush_tenant(self, tenant_id: UUID, *, release: bool, renew: bool) -> None:
        rows = self._rows.pop(tenant_id, [])
        meters = self._held.get(tenant_id, {})
        taken: list[tuple[Meter, _Held, int, int, int]] = []
        for meter, held in meters.items():
            idle = release or not held.used or meter.kind is Kind.STREAMS
            free = held.free if idle and not held.lock.locked() else 0
            held.used = False
            if held.spent or held.over or free:
                taken.append((meter, held, held.spent, held.over, free))
                held.spent, held.over, held.free = 0, 0, held.free - free
        try:
            if rows or taken or (renew and meters):
                async with self._stores(tenant_id) as store:
                    if rows:
                        await store.add_calls(rows)
                    # Always in one order, so that processes do not wait for each other in a circle.
                    for meter, _, spent, over, free in sorted(taken, key=lambda one: _order(one[0])):
                        total = await store.settle(meter, self._holder, spent + over, spent + free)
                        if meter.kind is Kind.MONEY:
                            await self._alert(store, tenant_id, meter, total)
                    if renew and meters:
                        await store.renew(self._holder, _LEASE_S)
        except BaseException:
            self._rows[tenant_id] = rows + self._rows.get(tenant_id, [])
            for _, held, spent, over, free in taken:
                held.spent, held.over, held.free = held.spent + spent, held.over + over, held.free + free
            raise
        self._row_count -= len(rows)
        self._forget(tenant_id, meters)

    def _forget(self, tenant_id: UUID, meters: dict[Meter, _Held]) -> None:
        for meter, held in list(meters.items()):
            if not (held.used or held.free or held.reserved or held.spent or held.over or held.lock.locked()):
                del meters[meter]
        if not meters:
            self._held.pop(tenant_id, None)

    async def _alert(self, store: SpendingStore, tenant_id: UUID, meter: Meter, total: int) -> None:
        spending = self._rules.get(tenant_id)
        rule = spending.rules.get(meter.subject) if spending else None
        if rule is None or not rule.budget_micros:
            return
        for level in ALERT_LEVELS:
            if total * 100 >= rule.budget_micros * level:
                detail = f"{level} % of ${rule.budget_micros / 1e6:.2f} are spent this month."
                await store.add_alert(meter.subject, meter.window_start, level, detail)


def _order(meter: Meter) -> tuple[str, str, str]:
    return meter.kind.value, meter.subject.hex, meter.window_start.isoformat()
