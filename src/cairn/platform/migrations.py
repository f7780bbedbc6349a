"""Schema changes: which there are, which a database has, and running the rest, each whole or not at all."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import asyncpg

from cairn.kernel.errors import FailedPrecondition, Unavailable

_log = logging.getLogger(__name__)
_TABLE = "_yoyo_migration"
# Any number will do, as long as every Cairn uses the same.
_LOCK_KEY = 0x0CA1_2000
_LOCK_TIMEOUT = "60s"


def migrations_folder() -> Path:
    """Return the folder of migrations: beside the sources, or inside the installed package."""
    package = Path(str(resources.files("cairn")))
    checkout = package.parent.parent / "migrations"
    return checkout if checkout.is_dir() else package / "migrations"


def known_migrations(folder: Path | None = None) -> list[str]:
    """Return the names of all migrations of this Cairn, in order."""
    return sorted(path.stem for path in (folder or migrations_folder()).glob("[0-9]*.sql"))


@dataclass(frozen=True, slots=True)
class SchemaState:
    """What a database lacks of this Cairn's migrations, and what it has that this Cairn does not know."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


async def schema_state(connection: "asyncpg.Connection[asyncpg.Record]", known: Sequence[str]) -> SchemaState:
    """Compare a database with `known`."""
    there = await connection.fetchval("select to_regclass($1) is not null", _TABLE)
    rows = await connection.fetch(f"select migration_id from {_TABLE}") if there else []  # noqa: S608 - a constant.
    applied = {str(row["migration_id"]) for row in rows}
    missing = tuple(name for name in known if name not in applied)
    return SchemaState(missing=missing, unknown=tuple(sorted(applied - set(known))))


async def require_current_schema(url: str) -> None:
    """Raise `FailedPrecondition` when the database at `url` is older or newer than this Cairn, saying what to do."""
    connection = await open_connection(url)
    try:
        state = await schema_state(connection, known_migrations())
    finally:
        await connection.close()
    _refuse_newer(state)
    if state.missing:
        lacks = ", ".join(state.missing)
        raise FailedPrecondition(f"The database is older than this Cairn: it lacks {lacks}. `cairn up` migrates it.")


async def migrate(url: str, *, folder: Path | None = None) -> list[str]:
    """Bring the database at `url` (its owner's address) up to date; return the migrations that ran, in order.

    Each runs in one transaction together with the note that it ran. Two processes that migrate at once wait for each
    other. Raises `FailedPrecondition` when the database is newer than this Cairn, or when a migration fails.
    """
    source = folder or migrations_folder()
    connection = await open_connection(url)
    try:
        await _lock(connection)
        state = await schema_state(connection, known_migrations(source))
        _refuse_newer(state)
        if state.missing:
            _apply(url, source)
            await connection.execute(f"grant select on {_TABLE} to cairn_app, cairn_bus")
        return list(state.missing)
    finally:
        await connection.close()


async def open_connection(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect once. Raises `Unavailable` with the reason, and never with the password."""
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unavailable(
            f"The database cannot be reached ({reason}). Is it running, and is CAIRN_DATABASE_URL right?"
        ) from error


async def _lock(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Take a lock that goes with the connection, unlike a row of yoyo's own lock table."""
    await connection.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK_KEY)
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"Another Cairn has been migrating this database for {_LOCK_TIMEOUT}. Try again later."
        ) from error


def _refuse_newer(state: SchemaState) -> None:
    if state.unknown:
        message = f"The database is newer than this Cairn: it has {', '.join(state.unknown)}. Install the newer Cairn."
        raise FailedPrecondition(message)


def _apply(url: str, folder: Path) -> None:
    """Run what is missing with yoyo, which has no types."""
    # Imported late: a start that has nothing to migrate should not pay for these two.
    psycopg: Any = import_module("psycopg")
    yoyo: Any = import_module("yoyo")
    backend: Any = yoyo.get_backend(
        url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    )
    with backend:
        # A process that was killed leaves its lock row. We hold the real lock.
        backend.break_lock()
        backend.ensure_internal_schema_updated()
        for migration in backend.to_apply(_read(folder)):
            _log.info("Migrating the database: %s", migration.id)
            try:
                # yoyo itself commits a migration before it notes that; a kill between the two would wedge the database.
                with backend.transaction():
                    migration.process_steps(backend, "apply")
                    backend.mark_one(migration, log=False)
            except psycopg.Error as error:
                message = f"Migration {migration.id} failed and left nothing behind: {str(error).splitlines()[0]}"
                raise FailedPrecondition(message) from error


def _read(folder: Path) -> Any:  # noqa: ANN401 - yoyo has no types.
    yoyo: Any = import_module("yoyo.migrations")
    found = yoyo.read_migrations(str(folder))
    numbered = [migration for migration in found if migration.id[:1].isdigit()]
    for migration in numbered:
        migration.load()
        # The server splits a file into statements more reliably than yoyo does.
        migration.steps = [yoyo.MigrationStep(0, _run_text(migration.source), None)]
    return yoyo.MigrationList(numbered)


def _run_text(text: str) -> Any:  # noqa: ANN401 - yoyo calls it with its driver's connection.
    def run(connection: Any) -> None:  # noqa: ANN401 - as above.
        connection.execute(text)

    return run
