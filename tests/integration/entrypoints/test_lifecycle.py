"""`cairn` with its real server and worker, as a person uses it."""

import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cairns import RunningCairn
from support.processes import Watched
from support.snapshots import REPOSITORY

KILLS = 3
DECISIONS = "decisions.v1.DecisionsService"


@pytest.fixture
def running(home: Path) -> Iterator[RunningCairn]:
    cairn = RunningCairn(home)
    yield cairn
    if cairn.process is not None:
        cairn.end(signal.SIGKILL)


def _write_until_it_dies(
    cairn: RunningCairn, log_id: str, number: int, written: set[str], enough: threading.Event
) -> None:
    for count in range(100_000):
        title = f"Write {number} of round {count}"
        content = {"title": title, "status": "STATUS_ACCEPTED", "body": "Because."}
        try:
            code, _ = cairn.request("POST", f"/cairn.{DECISIONS}/CreateDecision", {"logId": log_id, "content": content})
        except (OSError, http.client.HTTPException):
            return
        if code != http.client.OK:
            return
        written.add(title)
        if count == 20 + 7 * number:
            enough.set()


def _titles(cairn: RunningCairn, log_id: str) -> set[str]:
    titles: set[str] = set()
    cursor = ""
    while True:
        page = cairn.call(f"{DECISIONS}/ListDecisions", {"logIds": [log_id], "pageSize": 500, "cursor": cursor})
        titles |= {decision["title"] for decision in page.get("decisions", [])}
        cursor = page.get("nextCursor", "")
        if not cursor:
            return titles


@pytest.mark.timeout(300)
def test_killing_it_leaves_no_process_and_loses_no_committed_write(running: RunningCairn) -> None:
    written: set[str] = set()
    log_id = ""
    for number in range(KILLS):
        running.up()
        if not log_id:
            log_id = running.call(f"{DECISIONS}/CreateLog", {"slug": "kept", "name": "Kept"})["log"]["id"]
        enough = threading.Event()
        arguments = (running, log_id, number, written, enough)
        writer = threading.Thread(target=_write_until_it_dies, args=arguments)
        writer.start()
        assert enough.wait(60)
        running.end(signal.SIGKILL)
        writer.join(30)
        assert not writer.is_alive()
    running.up()
    assert written <= _titles(running, log_id)
    assert len(written) > 20 * KILLS


def test_a_new_cairn_shows_its_own_decisions_once(running: RunningCairn) -> None:
    running.up()
    expected = len(list((REPOSITORY / "docs" / "decisions").glob("[0-9]*.md")))
    logs = running.call(f"{DECISIONS}/ListLogs", {})["logs"]
    assert [(log["slug"], log["decisionCount"]) for log in logs] == [("cairn", expected)]
    assert running.end(signal.SIGTERM) == 0
    running.up()
    assert len(running.call(f"{DECISIONS}/ListLogs", {})["logs"]) == 1


def test_a_database_that_dies_is_said_and_comes_back(running: RunningCairn) -> None:
    before = running.up()
    gone = Watched(before.pids["postgres"])
    os.kill(before.pids["postgres"], signal.SIGKILL)
    gone.wait_until_dead()
    answers: list[int] = []
    while http.client.OK not in answers:
        code, answer = running.request("POST", f"/cairn.{DECISIONS}/ListLogs", {})
        answers.append(code)
        if code != http.client.OK:
            assert json.loads(answer)["code"] == "unavailable"
    assert len(json.loads(answer)["logs"]) == 1
    assert running.state().pids["server"] == before.pids["server"]


def test_it_can_be_left_running_and_stopped_later(running: RunningCairn) -> None:
    up = running.cairn("up", "--detach", "--json")
    assert up.returncode == 0, up.stderr
    state = json.loads(up.stdout)
    try:
        assert (state["running"], state["url"]) == (True, f"http://127.0.0.1:{running.port}")
        assert running.request("GET", "/healthz")[0] == http.client.OK
        again = running.cairn("up", "--detach")
        assert again.returncode == 1
        assert f"already running on {running.home} (process {state['pids']['supervisor']})" in again.stderr
    finally:
        processes = [Watched(pid) for pid in state["pids"].values()]
        down = running.cairn("down")
    assert (down.returncode, down.stdout) == (0, "Cairn has stopped.\n")
    assert json.loads(running.cairn("down", "--json").stdout) == {"stopped": False}
    for process in processes:
        process.wait_until_dead()


def test_a_detached_start_that_fails_says_why(running: RunningCairn) -> None:
    running.environment["CAIRN_DATABASE_URL"] = "postgresql://someone@127.0.0.1:1/nothing"
    told = running.cairn("up", "--detach")
    assert told.returncode == 1
    assert "The database cannot be reached" in told.stderr
    assert told.stderr.startswith("cairn: ")


def test_a_server_without_a_database_says_what_to_start(running: RunningCairn) -> None:
    told = running.cairn("server")
    assert told.returncode == 1
    assert "No embedded Postgres runs" in told.stderr
    assert "cairn up" in told.stderr
