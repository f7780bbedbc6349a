"""A `cairn up` of a test's own: real processes on a folder of their own."""

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from cairn.entrypoints.state import RunFolder, RunState
from support.ports import free_port
from support.processes import Watched
from support.snapshots import REPOSITORY


class RunningCairn:
    """Started with the real server and worker, or as `support.supervised` with those of this folder."""

    def __init__(self, home: Path, module: str = "cairn.entrypoints.cli") -> None:
        self.home = home
        self.port = free_port()
        self.module = module
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE")},
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY / "tests"),
            "CAIRN_HOME": str(home),
            "CAIRN_PORT": str(self.port),
        }
        self.process: subprocess.Popen[str] | None = None

    def cairn(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", self.module, *arguments]
        return subprocess.run(  # noqa: S603 - this very program.
            command, check=False, capture_output=True, text=True, env=self.environment, timeout=100
        )

    def up(self) -> RunState:
        """Start, wait until it says that it is ready, and return what it is made of."""
        command = [sys.executable, "-m", self.module, "up"]
        self.process = subprocess.Popen(  # noqa: S603 - this very program.
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        said = []
        while line := self.process.stdout.readline():
            said.append(line)
            if "stops it" in line:
                self.process.stdout.readline()
                return self.state()
        self.process.stdout.close()
        self.process.wait(timeout=30)
        self.process = None
        raise AssertionError("".join(said))

    def state(self) -> RunState:
        """Return what `cairn up` notes of itself, without the cost of a command."""
        state = RunFolder(self.home).read()
        assert state is not None
        return state

    def status(self) -> dict[str, Any]:
        told = self.cairn("status", "--json")
        assert told.returncode == 0, told.stdout
        return dict(json.loads(told.stdout))

    def request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Ask the server; raises OSError or HTTPException when it is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {} if body is None else {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def call(self, method: str, body: object) -> dict[str, Any]:
        """Call a method such as `decisions.v1.DecisionsService/ListLogs` with JSON."""
        code, answer = self.request("POST", f"/cairn.{method}", body)
        assert code == http.client.OK, answer
        return dict(json.loads(answer))

    def end(self, signal_number: signal.Signals) -> int:
        """Signal the supervisor, wait until it and all that it started are gone, and return its exit code."""
        assert self.process is not None
        others = [Watched(pid) for name, pid in self.state().pids.items() if name != "supervisor"]
        self.process.send_signal(signal_number)
        code = self.process.wait(timeout=30)
        for other in others:
            other.wait_until_dead()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code
