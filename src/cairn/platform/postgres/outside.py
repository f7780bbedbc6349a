"""A Postgres that somebody else runs, named by CAIRN_DATABASE_URL: the same migrations, the same three roles."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from cairn.kernel.errors import FailedPrecondition
from cairn.platform.database import DatabaseUrls
from cairn.platform.migrations import migrate, open_connection

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

OLDEST_SERVER = 16
_ROLES = ("cairn_app", "cairn_bus")


def url_as_role(url: str, role: str) -> str:
    """Return `url` with a start-up option that makes the session act as `role`. asyncpg and libpq both obey it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"{query.get('options', '')} -c role={role}".strip()
    # libpq does not read '+' as a space.
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def outside_urls(url: str) -> DatabaseUrls:
    """Return the addresses of the database at `url` for each role."""
    return DatabaseUrls(owner=url, app=url_as_role(url, "cairn_app"), bus=url_as_role(url, "cairn_bus"))


async def prepare_outside(url: str) -> DatabaseUrls:
    """Check the server at `url`, migrate its database and return its addresses.

    Raises `Unavailable` when it cannot be reached and `FailedPrecondition` when it lacks something, in words that
    its administrator can act on.
    """
    connection = await open_connection(url)
    try:
        await _check_server(connection)
        await _ensure_vector(connection)
        await _ensure_roles(connection)
    finally:
        await connection.close()
    await migrate(url)
    return outside_urls(url)


async def _check_server(connection: "Connection") -> None:
    found = connection.get_server_version().major
    if found < OLDEST_SERVER:
        message = f"The server of CAIRN_DATABASE_URL is Postgres {found}; Cairn needs {OLDEST_SERVER} or newer."
        raise FailedPrecondition(message)
    encoding = await connection.fetchval("show server_encoding")
    if encoding != "UTF8":
        raise FailedPrecondition(f"The database of CAIRN_DATABASE_URL is encoded in {encoding}; Cairn needs UTF8.")


async def _ensure_vector(connection: "Connection") -> None:
    there = await connection.fetchval(
        "select installed_version is not null from pg_available_extensions where name = 'vector'",
    )
    if there is None:
        message = (
            "The server of CAIRN_DATABASE_URL has no pgvector. Install it there "
            "(Debian and others call the package postgresql-18-pgvector)."
        )
        raise FailedPrecondition(message)
    if there:
        return
    try:
        await connection.execute("create extension if not exists vector")
    except asyncpg.InsufficientPrivilegeError as error:
        database = await connection.fetchval("select current_database()")
        message = (
            f"pgvector is not installed in the database {database}, and this user may not install it. "
            f"Let an administrator run there: create extension vector;"
        )
        raise FailedPrecondition(message) from error


async def _ensure_roles(connection: "Connection") -> None:
    """Make the roles if need be, and let this user act as them."""
    user = await connection.fetchval("select quote_ident(current_user)")
    try:
        for role in _ROLES:
            if not await connection.fetchval("select true from pg_roles where rolname = $1", role):
                await connection.execute(f"create role {role} nologin nosuperuser nobypassrls")
            if not await _may_act_as(connection, role):
                await connection.execute(f"grant {role} to {user}")
    except asyncpg.InsufficientPrivilegeError as error:
        commands = "; ".join(f"create role {role} nologin" for role in _ROLES)
        message = (
            f"The user {user} of CAIRN_DATABASE_URL may not make or take the roles Cairn works under. Let an "
            f"administrator run: {commands}; grant {', '.join(_ROLES)} to {user};"
        )
        raise FailedPrecondition(message) from error


async def _may_act_as(connection: "Connection", role: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(f"set local role {role}")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True
