import http.client
import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cairns import RunningCairn
from support.processes import Watched

from cairn.platform.database import DatabaseUrls
from cairn.platform.postgres.embedded import EmbeddedPostgres


@pytest.fixture
def running(home: Path) -> Iterator[RunningCairn]:
    cairn = RunningCairn(home, "support.supervised")
    yield cairn
    if cairn.process is not None:
        cairn.end(signal.SIGKILL)


def test_it_starts_tells_about_itself_and_stops_in_order(running: RunningCairn) -> None:
    running.up()
    state = running.status()
    assert state["url"] == f"http://127.0.0.1:{running.port}"
    assert (state["healthy"], state["database"]) == (True, "embedded")
    assert set(state["pids"]) == {"supervisor", "server", "worker", "postgres"}
    assert set(state["versions"]) == {"cairn", "python", "postgres", "schema"}
    assert state["versions"]["postgres"].startswith("18.")
    assert running.process is not None
    assert state["pids"]["supervisor"] == running.process.pid
    assert "Cairn runs at http" in running.cairn("status").stdout
    assert running.end(signal.SIGINT) == 0
    told = running.cairn("status", "--json")
    assert (told.returncode, json.loads(told.stdout)["running"]) == (3, False)
    log = (running.home / "postgres" / "server.log").read_text(encoding="utf-8")
    assert "received fast shutdown request" in log


def test_a_part_that_is_killed_comes_back(running: RunningCairn) -> None:
    running.up()
    assert running.process is not None
    assert running.process.stdout is not None
    for part in ("server", "worker", "postgres"):
        before = running.state().pids
        gone = Watched(before[part])
        os.kill(before[part], signal.SIGKILL)
        gone.wait_until_dead()
        assert "starting it again" in running.process.stdout.readline()
        # The note is replaced when the new process is there.
        while (after := running.state().pids)[part] == before[part]:
            assert running.process.poll() is None
        others = before.keys() - {part}
        assert {name: after[name] for name in others} == {name: before[name] for name in others}


def test_a_second_one_on_the_same_data_says_so_and_stops(running: RunningCairn) -> None:
    pid = running.up().pids["supervisor"]
    second = running.cairn("up")
    assert second.returncode == 1
    assert second.stderr.strip() == (
        f"cairn: Cairn is already running on {running.home} (process {pid}). `cairn status` tells more."
    )
    assert running.request("GET", "/healthz")[0] == http.client.OK


def test_a_port_in_use_is_named(running: RunningCairn) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.port))
        taken.listen()
        told = running.cairn("up")
    assert told.returncode == 1
    assert f"Port {running.port} cannot be used (Address already in use)" in told.stderr
    assert "CAIRN_PORT" in told.stderr


def test_a_data_folder_that_cannot_be_used_is_named(home: Path) -> None:
    (home / "file").touch()
    told = RunningCairn(home / "file").cairn("up")
    assert told.returncode == 2
    assert f"The data folder {home / 'file'} cannot be used" in told.stderr
    assert "CAIRN_HOME" in told.stderr


def test_a_server_that_does_not_come_up_is_told_with_its_last_words(running: RunningCairn) -> None:
    running.environment["CAIRN_BUS_DATABASE_URL"] = "overwritten by cairn up"
    running.environment["PYTHONPATH"] += f":{running.home}"
    (running.home / "psycopg.py").write_text("raise SystemExit('no driver today')\n", encoding="utf-8")
    told = running.cairn("up")
    # The test's server imports psycopg; Cairn migrates with it first, and says what it met.
    assert told.returncode != 0
    assert "no driver today" in told.stderr


def test_an_outside_database_is_used_and_left_running(
    running: RunningCairn, database_urls: DatabaseUrls, postgres: EmbeddedPostgres
) -> None:
    running.environment["CAIRN_DATABASE_URL"] = postgres.superuser_url(database_urls.owner.rsplit("/", 1)[1])
    state = running.up()
    assert state.database == "outside"
    assert "postgres" not in state.pids
    environment = Path(f"/proc/{state.pids['server']}/environ").read_bytes()
    assert b"CAIRN_DATABASE_URL" not in environment
    assert running.end(signal.SIGTERM) == 0
    assert postgres.pid is not None
    assert not (running.home / "postgres").exists()


def test_an_outside_database_that_is_down_is_said_clearly(running: RunningCairn) -> None:
    running.environment["CAIRN_DATABASE_URL"] = "postgresql://a:hidden-word@127.0.0.1:1/nothing"
    told = running.cairn("up")
    assert told.returncode == 1
    assert "cannot be reached" in told.stderr
    assert "hidden-word" not in told.stderr
