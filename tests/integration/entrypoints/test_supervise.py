import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.processes import Watched
from support.snapshots import REPOSITORY

from cairn.platform.database import DatabaseUrls
from cairn.platform.postgres.embedded import EmbeddedPostgres

KILLS = 4


class Running:
    """One `cairn up` of its own, with the processes of tests/support."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.port = _free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY / "tests"),
            "CAIRN_HOME": str(home),
            "CAIRN_PORT": str(self.port),
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None

    def cairn(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "support.supervised", *arguments]
        return subprocess.run(  # noqa: S603 - this very program.
            command, check=False, capture_output=True, text=True, env=self.environment, timeout=60
        )

    def up(self) -> dict[str, Any]:
        """Start, wait until it says that it is ready, and return what it is made of."""
        command = [sys.executable, "-m", "support.supervised", "up"]
        self.process = subprocess.Popen(  # noqa: S603 - this very program.
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        said = []
        while line := self.process.stdout.readline():
            said.append(line)
            if "stops it" in line:
                self.process.stdout.readline()
                return self.status()
        raise AssertionError("".join(said))

    def status(self) -> dict[str, Any]:
        told = self.cairn("status", "--json")
        assert told.returncode == 0, told.stdout
        return dict(json.loads(told.stdout))

    def post(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def end(self, signal_number: signal.Signals) -> int:
        """Signal the supervisor, wait until it and all that it started are gone, and return its exit code."""
        assert self.process is not None
        pids = [pid for name, pid in self.status()["pids"].items() if name != "supervisor"]
        others = [Watched(pid) for pid in pids]
        self.process.send_signal(signal_number)
        code = self.process.wait(timeout=30)
        for other in others:
            other.wait_until_dead()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cairn-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def running(home: Path) -> Iterator[Running]:
    cairn = Running(home)
    yield cairn
    if cairn.process is not None:
        cairn.end(signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def _as_owner(home: Path, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(EmbeddedPostgres.running_urls(home).owner)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


MAKE_TABLE = "create table written (word text unique)"
GRANT_TABLE = "grant insert on written to cairn_app"


def test_it_starts_tells_about_itself_and_stops_in_order(running: Running) -> None:
    state = running.up()
    assert state["url"] == f"http://127.0.0.1:{running.port}"
    assert (state["healthy"], state["database"]) == (True, "embedded")
    assert set(state["pids"]) == {"supervisor", "server", "worker", "postgres"}
    assert set(state["versions"]) == {"cairn", "python", "postgres", "schema"}
    assert state["versions"]["postgres"].startswith("18.")
    assert running.process is not None
    assert state["pids"]["supervisor"] == running.process.pid
    assert "Cairn runs at http" in running.cairn("status").stdout
    assert running.end(signal.SIGTERM) == 0
    told = running.cairn("status", "--json")
    assert (told.returncode, json.loads(told.stdout)["running"]) == (3, False)
    log = (running.home / "postgres" / "server.log").read_text(encoding="utf-8")
    assert "received fast shutdown request" in log


def test_ctrl_c_stops_it(running: Running) -> None:
    running.up()
    assert running.end(signal.SIGINT) == 0


def test_down_stops_it_and_waits(running: Running) -> None:
    running.up()
    assert running.process is not None
    told = running.cairn("down", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, {"stopped": True})
    assert running.process.wait(timeout=5) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()
    running.process = None
    assert json.loads(running.cairn("down", "--json").stdout) == {"stopped": False}


def test_killing_it_leaves_no_process_and_loses_no_committed_write(running: Running) -> None:
    acknowledged: set[str] = set()
    for round_number in range(KILLS):
        running.up()
        if round_number == 0:
            asyncio.run(_as_owner(running.home, MAKE_TABLE))
            asyncio.run(_as_owner(running.home, GRANT_TABLE))
        enough = threading.Event()

        def write(number: int = round_number, enough: threading.Event = enough) -> None:
            for count in range(100_000):
                path = f"/{number}-{count}"
                try:
                    if running.post(path) != http.client.CREATED:
                        return
                except (OSError, http.client.HTTPException):
                    return
                acknowledged.add(path)
                if count == 20 + 7 * number:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(30)
        running.end(signal.SIGKILL)
        writer.join(30)
        assert not writer.is_alive()
    running.up()
    kept = {row["word"] for row in asyncio.run(_as_owner(running.home, "select word from written"))}
    assert acknowledged <= kept
    assert len(acknowledged) > 20 * KILLS


@pytest.mark.parametrize("part", ["server", "worker", "postgres"])
def test_a_part_that_is_killed_comes_back(running: Running, part: str) -> None:
    before = running.up()["pids"]
    gone = Watched(before[part])
    os.kill(before[part], signal.SIGKILL)
    gone.wait_until_dead()
    assert running.process is not None
    assert running.process.stdout is not None
    assert "starting it again" in running.process.stdout.readline()
    # The note is replaced when the new process is there.
    while (after := running.status()["pids"])[part] == before[part]:
        assert running.process.poll() is None
    assert {name: pid for name, pid in after.items() if name != part} == {
        name: pid for name, pid in before.items() if name != part
    }


def test_a_second_one_on_the_same_data_says_so_and_stops(running: Running) -> None:
    pid = running.up()["pids"]["supervisor"]
    second = running.cairn("up")
    assert second.returncode == 1
    assert second.stderr.strip() == (
        f"cairn: Cairn is already running on {running.home} (process {pid}). `cairn status` tells more."
    )
    assert running.status()["healthy"]


def test_a_port_in_use_is_named(running: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.port))
        taken.listen()
        told = running.cairn("up")
    assert told.returncode == 1
    assert f"Port {running.port} cannot be used (Address already in use)" in told.stderr
    assert "CAIRN_PORT" in told.stderr


def test_a_server_that_does_not_come_up_is_told_with_its_last_words(running: Running) -> None:
    running.environment["CAIRN_BUS_DATABASE_URL"] = "overwritten by cairn up"
    running.environment["PYTHONPATH"] += f":{running.home}"
    (running.home / "psycopg.py").write_text("raise SystemExit('no driver today')\n", encoding="utf-8")
    told = running.cairn("up")
    # The test's server imports psycopg; Cairn migrates with it first, and says what it met.
    assert told.returncode != 0
    assert "no driver today" in told.stderr


def test_an_outside_database_is_used_and_left_running(
    running: Running, database_urls: DatabaseUrls, postgres: EmbeddedPostgres
) -> None:
    running.environment["CAIRN_DATABASE_URL"] = postgres.superuser_url(database_urls.owner.rsplit("/", 1)[1])
    state = running.up()
    assert state["database"] == "outside"
    assert "postgres" not in state["pids"]
    environment = Path(f"/proc/{state['pids']['server']}/environ").read_bytes()
    assert b"CAIRN_DATABASE_URL" not in environment
    assert running.end(signal.SIGTERM) == 0
    assert postgres.pid is not None
    assert not (running.home / "postgres").exists()


def test_an_outside_database_that_is_down_is_said_clearly(running: Running) -> None:
    running.environment["CAIRN_DATABASE_URL"] = "postgresql://a:hidden-word@127.0.0.1:1/nothing"
    told = running.cairn("up")
    assert told.returncode == 1
    assert "cannot be reached" in told.stderr
    assert "hidden-word" not in told.stderr
