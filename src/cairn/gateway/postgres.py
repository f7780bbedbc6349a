"""The stores of the gateway on Postgres. Keys are sealed before they reach it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.domain.spending import Meter, Rule, Spending
from cairn.gateway.ports import CallRow, ProviderNameTaken, SpendingEvent, SpendingStore, SpendingStores, UsageSum
from cairn.kernel.errors import NotFound
from cairn.platform.database import Connection, Database, load_queries
from cairn.platform.secrets import SecretBox, SecretUnreadable
from cairn.tenancy.api import system_caller

QUERIES: Any = load_queries("gateway")


class PostgresProviderStore:
    """`ports.ProviderStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection, box: SecretBox) -> None:
        self._connection = connection
        self._box = box

    async def fetch_all(self) -> list[ProviderConfig]:
        """See the port."""
        return [self._read(row) async for row in QUERIES.fetch_providers(self._connection)]

    async def fetch(self, provider_id: UUID) -> ProviderConfig | None:
        """See the port."""
        row = await QUERIES.fetch_provider(self._connection, id=provider_id)
        return self._read(row) if row else None

    async def save(self, provider: ProviderConfig) -> None:
        """See the port."""
        if await QUERIES.is_name_taken(self._connection, name=provider.name, id=provider.id):
            raise ProviderNameTaken(provider.name)
        sealed = self._box.seal(provider.key, context=_context(provider.id)) if provider.key else None
        try:
            await QUERIES.save_provider(
                self._connection,
                id=provider.id,
                kind=provider.kind.value,
                name=provider.name,
                base_url=provider.base_url,
                models=list(provider.models),
                sealed_key=sealed,
            )
        except asyncpg.UniqueViolationError as error:  # Somebody saved that name at the same moment.
            raise ProviderNameTaken(provider.name) from error

    async def delete(self, provider_id: UUID) -> bool:
        """See the port."""
        return bool(await QUERIES.delete_provider(self._connection, id=provider_id))

    def _read(self, row: asyncpg.Record) -> ProviderConfig:
        key, lost = "", False
        if row["sealed_key"]:
            try:
                key = self._box.unseal(row["sealed_key"], context=_context(row["id"]))
            except SecretUnreadable:
                # The page must still list this provider, or nobody could enter its key again.
                lost = True
        return ProviderConfig(
            id=row["id"],
            kind=ProviderKind(row["kind"]),
            name=row["name"],
            base_url=row["base_url"],
            models=tuple(row["models"]),
            key=key,
            key_lost=lost,
        )


def _context(provider_id: UUID) -> str:
    return f"provider {provider_id}"


class PostgresSpendingStore:
    """`ports.SpendingStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lease(self, meter: Meter, holder: UUID, limit: int, need: int, seconds: int) -> int:
        """See the port."""
        return await QUERIES.lease_allowance(
            self._connection, **_of(meter), holder=holder, limit=limit, need=need, seconds=seconds
        )

    async def settle(self, meter: Meter, holder: UUID, spent: int, unleased: int) -> int:
        """See the port."""
        return await QUERIES.settle_allowance(
            self._connection, **_of(meter), holder=holder, spent=spent, unleased=unleased
        )

    async def renew(self, holder: UUID, seconds: int) -> None:
        """See the port."""
        await QUERIES.renew_leases(self._connection, holder=holder, seconds=seconds)

    async def add_calls(self, rows: Sequence[CallRow]) -> None:
        """See the port."""
        try:
            await QUERIES.add_calls(self._connection, calls=msgspec.json.encode(rows).decode())
        except asyncpg.ForeignKeyViolationError as error:
            raise NotFound("This organisation is no longer there.") from error

    async def fetch_spending(self) -> Spending:
        """See the port."""
        rules = {row["subject"]: _read_rule(row) async for row in QUERIES.fetch_rules(self._connection)}
        stop = await QUERIES.fetch_stop(self._connection)
        return Spending(rules, stop["stopped_at"], stop["override_until"]) if stop else Spending(rules)

    async def fetch_joined_at(self, person_id: UUID) -> datetime | None:
        """See the port."""
        return await QUERIES.fetch_joined_at(self._connection, person_id=person_id)

    async def save_rule(self, subject: UUID, rule: Rule) -> None:
        """See the port."""
        await QUERIES.save_rule(self._connection, subject=subject, **asdict(rule))

    async def add_alert(self, subject: UUID, window_start: datetime, level: int, detail: str) -> None:
        """See the port."""
        await QUERIES.add_alert(
            self._connection, subject=subject, window_start=window_start, level=level, detail=detail
        )

    async def stop(self) -> bool:
        """See the port."""
        return bool(await QUERIES.stop_calls(self._connection))

    async def resume(self, override_until: datetime) -> None:
        """See the port."""
        await QUERIES.resume_calls(self._connection, override_until=override_until)

    async def add_event(self, kind: str, subject: UUID, person_id: UUID | None, detail: str) -> None:
        """See the port."""
        await QUERIES.add_spending_event(
            self._connection, kind=kind, subject=subject, person_id=person_id, detail=detail
        )

    async def list_events(self, limit: int) -> list[SpendingEvent]:
        """See the port."""
        return [SpendingEvent(**row) async for row in QUERIES.list_events(self._connection, limit=limit)]

    async def fetch_spent(self, meter: Meter) -> int:
        """See the port."""
        return await QUERIES.fetch_spent(self._connection, **_of(meter))

    async def sum_calls(self, since: datetime, by: str) -> list[UsageSum]:
        """See the port."""
        return [UsageSum(**row) async for row in QUERIES.sum_calls(self._connection, since=since, by=by)]


def _of(meter: Meter) -> dict[str, Any]:
    return {"kind": meter.kind.value, "subject": meter.subject, "window_start": meter.window_start}


def _read_rule(row: asyncpg.Record) -> Rule:
    return Rule(**{field.name: row[field.name] for field in fields(Rule)})


def open_spending(database: Database) -> SpendingStores:
    """Return what opens the store of an organisation, as Cairn itself."""

    @asynccontextmanager
    async def opened(tenant_id: UUID) -> AsyncGenerator[SpendingStore]:
        async with database.transaction(system_caller(tenant_id)) as connection:
            yield PostgresSpendingStore(connection)

    return opened
