import asyncio
import os
import shutil
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from support.processes import Watched

from cairn.kernel.errors import FailedPrecondition, Unavailable
from cairn.platform.postgres import cluster
from cairn.platform.postgres.accounts import Account
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.platform.postgres.programs import programs_for

OWNER = """
import asyncio, pathlib, sys
from cairn.platform.postgres.embedded import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
server.start()
urls = asyncio.run(server.provision())
print(server.pid, urls.owner, flush=True)
sys.stdin.read()
"""


def _start_owner(home: Path) -> tuple[subprocess.Popen[str], int, str]:
    owner = subprocess.Popen(  # noqa: S603 - this very Python.
        [sys.executable, "-c", OWNER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pid, url = owner.stdout.readline().split()
    return owner, int(pid), url


def _kill(owner: subprocess.Popen[str], server_pid: int) -> None:
    server = Watched(server_pid)
    owner.kill()
    owner.wait()
    server.wait_until_dead()
    assert owner.stdin is not None
    assert owner.stdout is not None
    owner.stdin.close()
    owner.stdout.close()


async def _execute(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


def test_killing_the_owner_stops_the_server_and_keeps_what_was_committed(home: Path) -> None:
    total = 0
    for _ in range(3):
        owner, pid, url = _start_owner(home)
        asyncio.run(_execute(url, "create table if not exists kept (id int)"))
        total += 1
        asyncio.run(_execute(url, "insert into kept values (1)"))
        _kill(owner, pid)
        assert cluster.processes_using((home / "postgres" / "data").resolve()) == []
    owner, pid, url = _start_owner(home)
    assert asyncio.run(_execute(url, "select count(*) from kept"))[0][0] == total
    _kill(owner, pid)


def test_a_second_server_on_the_same_data_is_refused(home: Path) -> None:
    owner, pid, _ = _start_owner(home)
    try:
        with pytest.raises(FailedPrecondition, match=rf"already running on {home} \(process {owner.pid}\)"):
            EmbeddedPostgres(home).start()
    finally:
        _kill(owner, pid)


def test_a_server_that_outlived_its_owner_is_stopped_first(home: Path) -> None:
    first = EmbeddedPostgres(home, durable=False)
    first.start()
    assert first.pid is not None
    orphan, orphan_pid = Watched(first.pid), first.pid
    first._lock.release()  # As the kernel does for an owner that was killed.
    second = EmbeddedPostgres(home, durable=False)
    second.start()
    try:
        orphan.wait_until_dead(seconds=0)
        assert second.pid not in {None, orphan_pid}
    finally:
        first.stop()
        second.stop()


def test_a_stale_note_that_names_a_stranger_does_not_stop_us(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    note = (home / "postgres" / "data").resolve() / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{note.parent}\n", encoding="ascii")
    server.start()
    server.stop()
    assert not note.exists()


def test_a_port_that_was_taken_meanwhile_is_replaced(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    port = server._known_credentials().port
    server.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        server.start()
        urls = asyncio.run(server.provision())
        server.stop()
    assert f":{port}/" not in urls.owner


def test_only_its_passwords_open_it(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    try:
        urls = asyncio.run(server.provision())
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(_execute(urls.owner.replace("cairn:", "cairn:0", 1), "select 1"))
        found = asyncio.run(
            _execute(urls.app, "select datcollate, datlocprovider from pg_database where datname = 'cairn'")
        )
        assert tuple(found[0]) == ("C.UTF-8", b"b")
    finally:
        server.stop()
    assert stat.S_IMODE((home / "postgres" / "credentials.json").stat().st_mode) == 0o600


def test_data_of_another_version_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    version = (home / "postgres" / "data").resolve() / "PG_VERSION"
    version.write_text("17\n", encoding="ascii")
    with pytest.raises(Unavailable, match="of Postgres 17, and this Cairn brings Postgres 18"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can give files away.")
def test_data_of_another_user_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    os.chown((home / "postgres" / "data").resolve(), 65534, 65534)
    with pytest.raises(Unavailable, match=r"belong to another user \(number 65534\)"):
        server.start()


def test_a_home_with_a_strange_name_is_as_good_as_any(home: Path) -> None:
    server = EmbeddedPostgres(home / "ein 'schöner' Ort; $HOME %s", durable=False)
    server.start()
    try:
        assert asyncio.run(_execute(asyncio.run(server.provision()).app, "select 1"))[0][0] == 1
    finally:
        server.stop()


def test_an_account_that_cannot_be_taken_is_said_clearly(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(Unavailable, match=r"cannot run on .*Operation not permitted"):
        EmbeddedPostgres(home, durable=False).start()


def test_content_does_not_reach_the_log(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    try:
        url = asyncio.run(server.provision()).owner
        asyncio.run(_execute(url, "create table one (word text unique)"))
        asyncio.run(_execute(url, "insert into one values ('canary')"))
        with pytest.raises(asyncpg.UniqueViolationError):
            asyncio.run(_execute(url, "insert into one values ('canary')"))
    finally:
        server.stop()
    log = server.log_path.read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "canary" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root lends Postgres an account.")
def test_a_home_that_the_account_cannot_reach_is_not_opened_for_it(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "cairn", durable=False)
    server.start()
    data = (closed / "cairn" / "postgres" / "data").resolve()
    server.stop()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert data.parent.parent == Path("/var/lib/cairn")
    shutil.rmtree(data.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root lends Postgres an account.")
def test_programs_that_the_account_cannot_read_are_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(uid=65534, gid=65534)
    monkeypatch.setattr(Account, "reads", lambda *_: False)
    copied = programs_for(account, home)
    assert home in copied.folder.parents
    for name in ("postgres", "initdb"):
        said = subprocess.run(  # noqa: S603 - the bundled programs.
            [copied.path(name), "--version"], check=True, capture_output=True, text=True, **cluster.run_as(account)
        )
        assert "18." in said.stdout
    assert programs_for(account, home) == copied


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    data = (home / "postgres" / "data").resolve()
    (data / "postgresql.conf").write_text("shared_buffers = nonsense\n", encoding="ascii")
    with pytest.raises(Unavailable, match=r"(?s)did not start.*postgresql\.conf") as raised:
        server.start()
    assert "server.log" in str(raised.value)


def test_credentials_survive_a_change_of_port(home: Path) -> None:
    made = cluster.Credentials.load_or_create(home / "credentials.json")
    replace(made, port=5).save(home / "credentials.json")
    again = cluster.Credentials.load_or_create(home / "credentials.json")
    assert again == replace(made, port=5)
    assert len({again.postgres, again.cairn, again.cairn_app, again.cairn_bus}) == 4


def test_stopping_twice_is_harmless(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    assert server.pid is not None
    process = Watched(server.pid)
    server.stop()
    server.stop()
    process.wait_until_dead(seconds=0)
    assert server.pid is None
