import socket

import asyncpg
import pytest
from support.tenants import create_person, create_tenant

from cairn.platform.database import Database, DatabaseUrls


async def test_a_tenant_sees_its_own_people_only(database: Database) -> None:
    ada = await create_tenant(database, name="A")
    ben = await create_tenant(database, name="B")
    await create_person(database, ada.tenant_id)
    async with database.transaction(ben) as connection:
        assert [row["id"] for row in await connection.fetch("select id from person")] == [ben.person_id]
    async with database.unauthenticated() as connection:
        assert await connection.fetch("select id from person") == []


async def test_the_application_role_cannot_bypass_row_level_security(database_urls: DatabaseUrls) -> None:
    for url in (database_urls.owner, database_urls.app, database_urls.bus):
        connection = await asyncpg.connect(url)
        try:
            role = await connection.fetchrow("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
            assert role is not None
            assert not role["rolsuper"]
            assert not role["rolbypassrls"]
        finally:
            await connection.close()


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as client, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))
    with pytest.raises(AssertionError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)
