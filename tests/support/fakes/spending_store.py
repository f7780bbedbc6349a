"""`SpendingStore` in memory, for one organisation."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from cairn.gateway.domain.spending import Kind, Meter, Rule, Spending
from cairn.gateway.ports import CallRow, SpendingEvent, UsageSum
from cairn.kernel.ids import uuid7


@dataclass
class MemorySpendingStore:
    tenant_id: UUID
    joined: dict[UUID, datetime] = field(default_factory=dict)
    rules: dict[UUID, Rule] = field(default_factory=dict)
    spent: dict[Meter, int] = field(default_factory=dict)
    leases: dict[tuple[Meter, UUID], tuple[int, datetime]] = field(default_factory=dict)
    rows: dict[UUID, CallRow] = field(default_factory=dict)
    events: list[SpendingEvent] = field(default_factory=list)
    alerts: set[tuple[UUID, datetime, int]] = field(default_factory=set)
    stopped_at: datetime | None = None
    override_until: datetime | None = None

    async def lease(self, meter: Meter, holder: UUID, limit: int, need: int, seconds: int) -> int:
        now = datetime.now(UTC)
        for key, (amount, expires_at) in list(self.leases.items()):
            if key[0] == meter and key[1] != holder and expires_at < now:
                del self.leases[key]
                self._bury(meter, amount)
        leased = sum(amount for (of, _), (amount, _) in self.leases.items() if of == meter)
        left = limit - self.spent.setdefault(meter, 0) - leased
        if left < need:
            return 0
        granted = max(need, min(left // 16, need * 16))
        held = self.leases.get((meter, holder), (0, now))[0]
        self.leases[meter, holder] = (held + granted, now + timedelta(seconds=seconds))
        return granted

    def _bury(self, meter: Meter, amount: int) -> None:
        if meter.kind is Kind.STREAMS:
            return
        self.spent[meter] += amount
        if meter.kind is Kind.MONEY and meter.subject == self.tenant_id and amount:
            empty = dict.fromkeys(("endpoint", "asked_model", "provider", "model", "failure"), "")
            counts = dict.fromkeys(("input_tokens", "output_tokens", "cached_input_tokens", "duration_ms"), 0)
            lost = CallRow(
                id=uuid7(),
                call_id=uuid7(),
                attempt=1,
                person_id=UUID(int=0),
                started_at=datetime.now(UTC),
                outcome="lost",
                estimated=True,
                cost_micros=amount,
                first_token_ms=None,
                **empty,
                **counts,
            )
            self.rows[lost.id] = lost

    async def settle(self, meter: Meter, holder: UUID, spent: int, unleased: int) -> int:
        held = self.leases.get((meter, holder))
        if held is None:
            spent = max(0, spent - unleased)
        else:
            self.leases[meter, holder] = (held[0] - min(unleased, held[0]), held[1])
        self.spent[meter] = self.spent.get(meter, 0) + spent
        return self.spent[meter]

    async def renew(self, holder: UUID, seconds: int) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        for key, (amount, _) in self.leases.items():
            if key[1] == holder:
                self.leases[key] = (amount, until)

    async def add_calls(self, rows: Sequence[CallRow]) -> None:
        for row in rows:
            self.rows.setdefault(row.id, row)

    async def fetch_spending(self) -> Spending:
        return Spending(self.rules, self.stopped_at, self.override_until)

    async def fetch_joined_at(self, person_id: UUID) -> datetime | None:
        return self.joined.get(person_id)

    async def save_rule(self, subject: UUID, rule: Rule) -> None:
        self.rules[subject] = rule

    async def add_alert(self, subject: UUID, window_start: datetime, level: int, detail: str) -> None:
        if (subject, window_start, level) not in self.alerts:
            self.alerts.add((subject, window_start, level))
            self.events.append(SpendingEvent(datetime.now(UTC), "alert", subject, level, None, detail))

    async def stop(self) -> bool:
        now = datetime.now(UTC)
        if self.stopped_at is not None or (self.override_until is not None and now < self.override_until):
            return False
        self.stopped_at = now
        return True

    async def resume(self, override_until: datetime) -> None:
        self.stopped_at, self.override_until = None, override_until

    async def add_event(self, kind: str, subject: UUID, person_id: UUID | None, detail: str) -> None:
        self.events.append(SpendingEvent(datetime.now(UTC), kind, subject, None, person_id, detail))

    async def list_events(self, limit: int) -> list[SpendingEvent]:
        return self.events[::-1][:limit]

    async def fetch_spent(self, meter: Meter) -> int:
        return self.spent.get(meter, 0)

    async def sum_calls(self, since: datetime, by: str) -> list[UsageSum]:
        def name(row: CallRow) -> str:
            named = {"day": row.started_at.strftime("%Y-%m-%d"), "model": f"{row.provider}/{row.model}"}
            return named.get(by, row.outcome)

        rows = sorted((row for row in self.rows.values() if row.started_at >= since), key=name)
        return [_add_up(key, list(group)) for key, group in groupby(rows, key=name)]

    @asynccontextmanager
    async def opened(self, _: UUID) -> AsyncGenerator["MemorySpendingStore"]:
        yield self


def _add_up(name: str, rows: list[CallRow]) -> UsageSum:
    return UsageSum(
        name,
        len(rows),
        sum(row.estimated for row in rows),
        sum(row.input_tokens for row in rows),
        sum(row.output_tokens for row in rows),
        sum(row.cached_input_tokens for row in rows),
        sum(row.cost_micros for row in rows),
    )
