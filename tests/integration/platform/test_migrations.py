import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from cairn.kernel.errors import FailedPrecondition, Unavailable
from cairn.platform.database import DatabaseUrls
from cairn.platform.migrations import known_migrations, migrate, migrations_folder, require_current_schema
from cairn.platform.postgres.embedded import EmbeddedPostgres

MIGRATE = """
import asyncio, pathlib, sys
from cairn.platform.migrations import migrate
asyncio.run(migrate(sys.argv[1], folder=pathlib.Path(sys.argv[2])))
"""


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[DatabaseUrls]:
    name = f"test_{uuid4().hex}"
    yield await postgres.provision(name)
    connection = await asyncpg.connect(postgres.superuser_url())
    await connection.execute(f"drop database {name} with (force)")
    await connection.close()


async def _tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        return {row["tablename"] for row in rows}
    finally:
        await connection.close()


def _write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.sql").write_text(text, encoding="utf-8")


async def test_migrating_runs_each_migration_once_in_order(empty: DatabaseUrls) -> None:
    assert await migrate(empty.owner) == known_migrations()
    assert await migrate(empty.owner) == []
    await require_current_schema(empty.app)


async def test_processes_that_migrate_at_once_wait_for_each_other(empty: DatabaseUrls) -> None:
    ran = await asyncio.gather(*(asyncio.to_thread(asyncio.run, migrate(empty.owner)) for _ in range(3)))
    assert sorted(ran, key=len) == [[], [], known_migrations()]


async def test_a_migration_that_fails_leaves_nothing_and_can_be_tried_again(
    empty: DatabaseUrls, tmp_path: Path
) -> None:
    _write(tmp_path, "0001_pre_make_one", "create table one (id int);")
    _write(tmp_path, "0002_pre_make_two", "create table two (id int); select 1 / 0;")
    with pytest.raises(FailedPrecondition, match="0002_pre_make_two failed and left nothing behind: division by zero"):
        await migrate(empty.owner, folder=tmp_path)
    assert {"one", "two"} & await _tables(empty.owner) == {"one"}
    _write(tmp_path, "0002_pre_make_two", "create table two (id int);")
    assert await migrate(empty.owner, folder=tmp_path) == ["0002_pre_make_two"]


async def test_killing_a_migration_loses_nothing_and_blocks_nobody(empty: DatabaseUrls, tmp_path: Path) -> None:
    _write(tmp_path, "0001_pre_wait", "create table one (id int); notify migrating; select pg_sleep(60);")
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, empty.owner, str(tmp_path))
    connection = await asyncpg.connect(empty.owner)
    try:
        query = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
        async with asyncio.timeout(20):
            while await connection.fetchval(query) == 0:
                assert victim.returncode is None
    finally:
        victim.kill()
        await victim.wait()
    # The server would notice at the end of the statement; a restart of Cairn restarts the embedded one at once.
    others = "datname = current_database() and pid <> pg_backend_pid()"
    await connection.execute(f"select pg_terminate_backend(pid, 10000) from pg_stat_activity where {others}")  # noqa: S608 - constants.
    await connection.close()
    _write(tmp_path, "0001_pre_wait", "create table one (id int);")
    assert await migrate(empty.owner, folder=tmp_path) == ["0001_pre_wait"]


async def test_a_database_newer_than_the_code_is_refused(empty: DatabaseUrls, tmp_path: Path) -> None:
    _write(tmp_path, "9999_pre_come_from_the_future", "create table later (id int);")
    await migrate(empty.owner, folder=tmp_path)
    for attempt in (migrate(empty.owner), require_current_schema(empty.app)):
        with pytest.raises(FailedPrecondition, match=r"newer than this Cairn: it has 9999_pre_come_from_the_future"):
            await attempt


async def test_a_database_older_than_the_code_is_refused_by_its_users(empty: DatabaseUrls) -> None:
    with pytest.raises(FailedPrecondition, match=r"older than this Cairn: it lacks 0001_.*`cairn up` migrates it"):
        await require_current_schema(empty.app)


async def test_a_database_that_is_down_is_named_without_its_password() -> None:
    with pytest.raises(Unavailable, match="CAIRN_DATABASE_URL") as raised:
        await migrate("postgresql://someone:hidden-word@127.0.0.1:1/nothing")
    assert "hidden-word" not in str(raised.value)


def test_migrations_are_named_for_their_time_and_bound_their_locks() -> None:
    names = known_migrations()
    assert len({name[:4] for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"\d{4}_(pre|post)(_[a-z0-9]+){2,}", name)
        text = (migrations_folder() / f"{name}.sql").read_text(encoding="utf-8")
        assert "set local lock_timeout" in text
        assert "set local statement_timeout" in text
