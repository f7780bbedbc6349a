"""Fixtures for every test: a real Postgres, and no way out of this machine.

`database_urls` is a migrated database of its own for each test module (a copy of a template, ~30 ms); `database` is
a pool on it under the application role, for one test. `fresh_database_urls` is one for a single test. Make people and
organisations with `support.tenants.create_tenant`.
"""

import asyncio
import ipaddress
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from support import snapshots

from cairn.platform.database import Database, DatabaseUrls
from cairn.platform.migrations import migrate
from cairn.platform.postgres.embedded import EmbeddedPostgres

_TEMPLATE = "cairn_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-snapshots", action="store_true", help="Write the files that tests compare with.")


@pytest.fixture
def snapshot(pytestconfig: pytest.Config) -> snapshots.Snapshot:
    return snapshots.rewrite if pytestconfig.getoption("--rewrite-snapshots") else snapshots.compare


class NonLoopbackTraffic(AssertionError):
    """A test tried to reach another machine."""


def _is_loopback(host: object) -> bool:
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: Any) -> None:
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise NonLoopbackTraffic(f"A test tried to connect to {address[0]}.")

    def checked_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def checked_getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        if not _is_loopback(host.decode() if isinstance(host, bytes) else host):
            raise NonLoopbackTraffic(f"A test tried to look up {host}.")
        return getaddrinfo(host, *arguments, **named)

    patch.setattr(socket.socket, "connect", checked_connect)
    patch.setattr(socket.socket, "connect_ex", checked_connect_ex)
    patch.setattr(socket, "getaddrinfo", checked_getaddrinfo)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def home_for_postgres() -> Iterator[Path]:
    # pytest's own folders are closed to the account that runs Postgres for root.
    home = Path(tempfile.mkdtemp(prefix="cairn-test-"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres(home_for_postgres: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home_for_postgres, durable=False)
    server.start()
    try:
        urls = asyncio.run(server.provision(_TEMPLATE))
        asyncio.run(migrate(urls.owner))
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def database_urls(postgres: EmbeddedPostgres) -> Iterator[DatabaseUrls]:
    yield from _copy_of_template(postgres)


@pytest.fixture
def fresh_database_urls(postgres: EmbeddedPostgres) -> Iterator[DatabaseUrls]:
    yield from _copy_of_template(postgres)


@pytest.fixture
async def database(database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    opened = await Database.connect(database_urls.app, most=5)
    yield opened
    await opened.close()


def _copy_of_template(server: EmbeddedPostgres) -> Iterator[DatabaseUrls]:
    name = f"test_{uuid4().hex}"
    asyncio.run(
        _execute(server.superuser_url(), f"create database {name} owner cairn template {_TEMPLATE} strategy file_copy")
    )
    yield server.urls(name)
    asyncio.run(_execute(server.superuser_url(), f"drop database {name} with (force)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
