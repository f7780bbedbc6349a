import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from support.snapshots import REPOSITORY
from support.tenants import create_tenant

from cairn.kernel.errors import FailedPrecondition, Unavailable
from cairn.platform.database import Database
from cairn.platform.migrations import require_current_schema
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.platform.postgres.outside import prepare_outside, url_as_role

PASSWORD = "0123456789"


@pytest.fixture
async def superuser(postgres: EmbeddedPostgres) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(postgres.superuser_url())
    yield connection
    await connection.close()


@pytest.fixture
async def outside(postgres: EmbeddedPostgres, superuser: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[str]:
    """A database of an ordinary user, as a hosting company would give it."""
    await superuser.execute(f"create role hosted login createrole password '{PASSWORD}'")
    await superuser.execute("create database hosted owner hosted")
    port = postgres.superuser_url().rsplit(":", 1)[1].split("/")[0]
    yield f"postgresql://hosted:{PASSWORD}@127.0.0.1:{port}/hosted?application_name=host%20test"
    await superuser.execute("drop database hosted with (force)")
    await superuser.execute("drop role hosted")


async def _as_superuser(postgres: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.superuser_url("hosted"))
    await connection.execute(statement)
    await connection.close()


async def test_pgvector_that_may_not_be_installed_is_said_clearly(outside: str) -> None:
    with pytest.raises(FailedPrecondition, match=r"may not install it.*create extension vector"):
        await prepare_outside(outside)


async def test_roles_that_may_not_be_taken_are_said_clearly(outside: str, postgres: EmbeddedPostgres) -> None:
    await _as_superuser(postgres, "create extension vector")
    with pytest.raises(FailedPrecondition, match="grant cairn_app, cairn_bus to hosted"):
        await prepare_outside(outside)


async def test_an_outside_database_serves_under_the_application_role(outside: str, postgres: EmbeddedPostgres) -> None:
    await _as_superuser(postgres, "create extension vector; grant cairn_app, cairn_bus to hosted")
    urls = await prepare_outside(outside)
    assert await prepare_outside(outside) == urls
    await require_current_schema(urls.app)
    database = await Database.connect(urls.app)
    try:
        ada, ben = await create_tenant(database, name="A"), await create_tenant(database, name="B")
        for _ in range(2):
            # The second use of a pooled connection must act as the role still.
            async with database.transaction(ada) as connection:
                assert await connection.fetchval("select current_user") == "cairn_app"
                assert await connection.fetchval("show application_name") == "host test"
                assert [row["tenant_id"] for row in await connection.fetch("select * from person")] == [ada.tenant_id]
        assert ben.tenant_id != ada.tenant_id
    finally:
        await database.close()
    bus = await asyncpg.connect(urls.bus)
    assert await bus.fetchval("select current_user") == "cairn_bus"
    await bus.close()


async def test_the_preparation_in_the_how_to_is_all_that_is_needed(
    postgres: EmbeddedPostgres, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    text = (REPOSITORY / "docs" / "howto" / "use-your-own-postgres.md").read_text(encoding="utf-8")
    server, database = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    there = {row["rolname"] for row in await superuser.fetch("select rolname from pg_roles")}
    for statement in server.strip().splitlines():
        # The roles of the embedded server have the names of the example.
        if not statement.startswith("create role") or statement.split()[2] not in there:
            await superuser.execute(statement)
    try:
        inside = await asyncpg.connect(postgres.superuser_url("decisions"))
        await inside.execute(database)
        await inside.close()
        address = re.search(r"CAIRN_DATABASE_URL='(.*)'", text)
        assert address is not None
        port = urlsplit(postgres.superuser_url()).port
        url = address[1].replace("db.example.org:5432", f"127.0.0.1:{port}").replace("require", "disable")
        urls = await prepare_outside(url)
        await require_current_schema(urls.bus)
    finally:
        await superuser.execute("drop database decisions with (force)")
        await superuser.execute("drop role cairn_owner")


async def test_an_unreachable_database_is_said_clearly() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await prepare_outside("postgresql://someone@127.0.0.1:1/nothing")


def test_options_that_are_there_already_are_kept() -> None:
    url = url_as_role("postgresql://a@b/c?options=-c%20statement_timeout%3D5s&sslmode=require", "cairn_app")
    assert url == "postgresql://a@b/c?options=-c%20statement_timeout%3D5s%20-c%20role%3Dcairn_app&sslmode=require"
