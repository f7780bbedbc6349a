"""Database sessions: one pool, and transactions that carry who is asking into row-level security."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import aiosql
import asyncpg

from cairn.kernel.errors import Unavailable
from cairn.kernel.identity import Caller

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """How to reach one database as each of its three roles.

    `owner` runs migrations, `app` serves requests and jobs under row-level security, and `bus` reads the
    event log of every tenant and nothing else.
    """

    owner: str
    app: str
    bus: str


def load_queries(slice_package: str) -> Any:  # noqa: ANN401 - aiosql makes one method per named query at run time.
    """Return the named queries of `queries.sql` in a slice, as asyncpg coroutines."""
    path = Path(__file__).parent.parent / slice_package / "queries.sql"
    # A query's parameters are those it uses; a list of them beside its name would say it twice.
    return aiosql.from_path(path, "asyncpg", mandatory_parameters=False)  # pyright: ignore[reportUnknownMemberType]


class Database:
    """A pool of connections under the application role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    async def connect(cls, url: str, *, most: int = 10) -> Self:
        """Open a pool of up to `most` connections. Raises `Unavailable` when the database cannot be reached."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=most,
                command_timeout=30,
                server_settings={
                    "statement_timeout": "30s",
                    "idle_in_transaction_session_timeout": "60s",
                    "jit": "off",
                },
            )
        except (OSError, asyncpg.PostgresError) as error:
            reason = f"The database cannot be reached ({type(error).__name__})."
            raise Unavailable(f"{reason} Is it running, and is CAIRN_DATABASE_URL right?") from error
        return cls(pool)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(
        self,
        caller: Caller,
        *,
        isolation: Literal["read_committed", "repeatable_read"] = "read_committed",
    ) -> AsyncGenerator[Connection]:
        """Open a transaction in which row-level security sees `caller`. Commits at the end, rolls back on error."""
        async with self._pool.acquire() as connection, connection.transaction(isolation=isolation):
            await connection.execute(
                "select set_config('app.tenant', $1, true), set_config('app.person', $2, true),"
                " set_config('app.role', $3, true)",
                str(caller.tenant_id),
                str(caller.person_id),
                caller.role.value,
            )
            yield connection

    @asynccontextmanager
    async def unauthenticated(self) -> AsyncGenerator[Connection]:
        """Open a transaction that belongs to no tenant, and so sees no tenant's rows. For authentication only."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection
