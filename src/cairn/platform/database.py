"""Database sessions: one pool, and transactions that carry who is asking into row-level security."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import aiosql
import asyncpg
from aiosql.adapters.asyncpg import AsyncPGAdapter

from cairn.kernel.errors import Unavailable
from cairn.kernel.identity import Caller

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_ISOLATION = {"read_committed": "read committed", "repeatable_read": "repeatable read"}
# What the driver raises for a connection that is gone. Between the server's last words and the end of the connection it
# calls a statement an internal error of its own.
DRIVER_LOST = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
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


def load_queries(slice_package: str, file: str = "queries.sql") -> Any:  # noqa: ANN401 - aiosql makes one method per named query at run time.
    """Return the named queries of a slice's SQL file, as asyncpg coroutines."""
    path = Path(__file__).parent.parent / slice_package / file
    # A query's parameters are those it uses; a list of them beside its name would say it twice.
    return aiosql.from_path(path, _QueryAdapter, mandatory_parameters=False)  # pyright: ignore[reportUnknownMemberType]


_AiosqlAdapter: Any = AsyncPGAdapter  # It has no types.


class _QueryAdapter(_AiosqlAdapter):
    """aiosql's adapter for connections only: the original looks each time whether it was given a pool (26 us)."""

    async def select(self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None) -> Any:  # noqa: ANN401 - aiosql has no types.
        del record_class
        for row in await conn.fetch(sql, *self.maybe_order_params(query_name, parameters)):
            yield row

    async def select_one(self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None) -> Any:  # noqa: ANN401 - as above.
        del record_class
        return await conn.fetchrow(sql, *self.maybe_order_params(query_name, parameters))

    async def select_value(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:  # noqa: ANN401 - as above.
        return await conn.fetchval(sql, *self.maybe_order_params(query_name, parameters))

    async def insert_update_delete(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:  # noqa: ANN401 - as above.
        return await conn.execute(sql, *self.maybe_order_params(query_name, parameters))


if TYPE_CHECKING:
    _AnyConnection = asyncpg.Connection[asyncpg.Record]
else:
    _AnyConnection = asyncpg.Connection


class _Session(_AnyConnection):
    """A connection with nothing to reset between two users: what a transaction sets ends with it.

    That saves each request a round trip.
    """

    def get_reset_query(self) -> str:
        """Return no statement."""
        return ""


class Database:
    """A pool of connections under the application role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        # The pool's own way of lending takes a task each time that a connection comes back, and a timer while it is not
        # used: 7 % of an edit. Those that come back at rest stay with us.
        self._turns = asyncio.Semaphore(pool.get_max_size())
        self._at_rest: list[PoolConnectionProxy[asyncpg.Record]] = []

    @classmethod
    async def connect(cls, url: str, *, most: int = 10) -> Self:
        """Open a pool of up to `most` connections. Raises `Unavailable` when the database cannot be reached."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=most,
                command_timeout=30,
                connection_class=_Session,
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
        while self._at_rest:
            await self._pool.release(self._at_rest.pop())
        await self._pool.close()

    @asynccontextmanager
    async def transaction(
        self,
        caller: Caller,
        *,
        isolation: Literal["read_committed", "repeatable_read"] = "read_committed",
    ) -> AsyncGenerator[Connection]:
        """Open a transaction in which row-level security sees `caller`. Commits at the end, rolls back on error."""
        # One round trip instead of two; the values are two UUIDs and a member of an enumeration.
        begin = (
            f"begin isolation level {_ISOLATION[isolation]}; set local app.tenant = '{caller.tenant_id}';"
            f" set local app.person = '{caller.person_id}'; set local app.role = '{caller.role.value}'"
        )
        async with self._begin(begin) as connection:
            yield connection

    @asynccontextmanager
    async def unauthenticated(self) -> AsyncGenerator[Connection]:
        """Open a transaction that belongs to no tenant, and so sees no tenant's rows. For authentication only."""
        async with self._begin("begin") as connection:
            yield connection

    @asynccontextmanager
    async def _begin(self, begin: str) -> AsyncGenerator[Connection]:
        """Commit or roll back what `begin` begins. The driver's own would need a round trip for BEGIN alone."""
        async with self._turns:
            connection = await self._take()
            at_rest = False
            try:
                await connection.execute(begin)
                try:
                    yield connection
                except BaseException:
                    # What went wrong first says more than a rollback that fails: a lost connection has rolled back by
                    # itself, and the pool resets or ends one that is in doubt.
                    with suppress(*DRIVER_LOST, asyncpg.PostgresError):
                        await connection.execute("rollback")
                        at_rest = True
                    raise
                ended = await connection.execute("commit")
                at_rest = True
                if ended != "COMMIT":
                    raise RuntimeError("A statement of this transaction had failed, so it was rolled back.")
            finally:
                if at_rest and not self._pool.is_closing():
                    self._at_rest.append(connection)
                else:
                    await self._pool.release(connection)

    async def _take(self) -> "PoolConnectionProxy[asyncpg.Record]":
        while self._at_rest:
            connection = self._at_rest.pop()
            try:
                if not connection.is_closed():
                    return connection
            except asyncpg.InterfaceError:
                continue  # It was lost, and the pool has taken it back by itself.
            await self._pool.release(connection)
        return await self._pool.acquire()


@asynccontextmanager
async def savepoint(connection: Connection) -> AsyncGenerator[None]:
    """Undo what the block did when it raises, and nothing before it. Savepoints may stand inside each other."""
    await connection.execute("savepoint cairn")
    try:
        yield
    except BaseException:
        await connection.execute("rollback to savepoint cairn; release savepoint cairn")
        raise
    await connection.execute("release savepoint cairn")
