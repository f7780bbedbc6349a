"""What Postgres itself keeps apart, read from its catalogue and tried with the application role."""

import asyncpg
import pytest
from support.tenants import as_role, create_person, create_tenant

from cairn.kernel.identity import Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database, DatabaseUrls

# The migration runner's own tables hold no tenant's data.
NOT_TENANT_TABLES = frozenset({"_yoyo_log", "_yoyo_migration", "_yoyo_version", "yoyo_lock"})

TABLES = """
select c.relname, c.relrowsecurity, c.relforcerowsecurity,
  (select count(*) from pg_policy p where p.polrelid = c.oid and p.polpermissive) as policies,
  exists (
    select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull
  ) as has_tenant
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by c.relname
"""


async def test_every_table_is_a_tenant_table_under_forced_row_level_security(database_urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(database_urls.owner)
    try:
        tables = {row["relname"]: row for row in await connection.fetch(TABLES)}
        rights = await connection.fetch(
            "select distinct privilege_type from information_schema.role_table_grants"
            " where grantee in ('cairn_app', 'cairn_bus') and table_name = any($1)",
            list(NOT_TENANT_TABLES),
        )
    finally:
        await connection.close()
    assert {"tenant", "decision", "decision_version"} <= tables.keys()
    bare = [
        name
        for name, row in tables.items()
        if name not in NOT_TENANT_TABLES
        and not (row["relrowsecurity"] and row["relforcerowsecurity"] and row["policies"] and row["has_tenant"])
    ]
    assert not bare, f"tables without tenant_id, enabled and forced row-level security, or a policy: {bare}"
    # The server reads which migrations ran, to refuse a database of another age.
    assert {row["privilege_type"] for row in rights} <= {"SELECT"}


async def test_views_apply_the_readers_own_policies(database_urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(database_urls.owner)
    try:
        views = await connection.fetch(
            "select relname, reloptions from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
        )
    finally:
        await connection.close()
    assert views
    assert [view["relname"] for view in views if "security_invoker=true" not in (view["reloptions"] or [])] == []


async def test_the_application_role_owns_nothing_and_cannot_bypass(database_urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(database_urls.app)
    try:
        role = await connection.fetchrow("select * from pg_roles where rolname = current_user")
        owned = await connection.fetchval(
            "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
        )
        for statement in ("set role cairn", "alter table decision disable row level security"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update decision_version set body = ''")
    finally:
        await connection.close()
    assert role is not None
    assert (role["rolname"], role["rolsuper"], role["rolbypassrls"], owned) == ("cairn_app", False, False, 0)


async def test_without_a_tenant_there_are_no_rows_and_no_writes(database: Database) -> None:
    caller = await create_tenant(database)
    async with database.unauthenticated() as connection:
        assert await connection.fetchval("select count(*) from tenant") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.unauthenticated() as connection:
            await connection.execute(
                "insert into log (tenant_id, id, slug, name, prefix) values ($1, $2, 'x', 'x', 'ADR')",
                caller.tenant_id,
                uuid7(),
            )


async def test_a_row_cannot_be_written_into_another_tenant(database: Database) -> None:
    mine, theirs = await create_tenant(database), await create_tenant(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(mine) as connection:
            await connection.execute(
                "insert into log (tenant_id, id, slug, name, prefix) values ($1, $2, 'x', 'x', 'ADR')",
                theirs.tenant_id,
                uuid7(),
            )


async def test_a_draft_is_its_authors_and_the_reviewers(database: Database) -> None:
    author = await create_tenant(database, role=Role.AUTHOR)
    colleague = await create_person(database, author.tenant_id)
    log_id, decision_id = uuid7(), uuid7()
    async with database.transaction(author) as connection:
        await connection.execute(
            "insert into log (tenant_id, id, slug, name, prefix) values ($1, $2, 'x', 'x', 'ADR')",
            author.tenant_id,
            log_id,
        )
        await connection.execute(
            "insert into decision (tenant_id, id, log_id, slug, author_id, version, title, status)"
            " values ($1, $2, $3, 'x', $4, 1, 'x', 'draft')",
            author.tenant_id,
            decision_id,
            log_id,
            author.person_id,
        )
        await connection.execute(
            "insert into decision_version (tenant_id, id, decision_id, version, title, status, body, content_hash,"
            " author_id, author_name) values ($1, $2, $3, 1, 'x', 'draft', '', $4, $5, 'x')",
            author.tenant_id,
            uuid7(),
            decision_id,
            bytes(32),
            author.person_id,
        )
    seen = {}
    for name, reader in {
        "author": author,
        "colleague": colleague,
        "reviewer": as_role(colleague, Role.REVIEWER),
    }.items():
        async with database.transaction(reader) as connection:
            seen[name] = (
                await connection.fetchval("select count(*) from decision"),
                await connection.fetchval("select count(*) from decision_version"),
            )
    assert seen == {"author": (1, 1), "colleague": (0, 0), "reviewer": (1, 1)}
