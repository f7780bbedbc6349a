"""The provider store on Postgres. Keys are sealed before they reach it."""

from typing import Any
from uuid import UUID

import asyncpg

from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.ports import ProviderNameTaken
from cairn.platform.database import Connection, load_queries
from cairn.platform.secrets import SecretBox, SecretUnreadable

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
