"""A Cairn of its own for a benchmark: a home in a temporary folder, a free port, and nothing from the environment."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from report import REPOSITORY

_MOST_SECONDS = 120
_OURS = ("CAIRN_", "PG", "PYTHON")


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without anything that would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | more


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Instance:
    """Cairn's processes on a fresh home. Use it in a `with` statement; it ends what it started."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="cairn-bench-"))
        self.home.chmod(0o711)
        self.port = free_port()
        self.environment = clean_environment(CAIRN_HOME=str(self.home / "home"), CAIRN_PORT=str(self.port))
        self.state: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cairn("down")
        shutil.rmtree(self.home)

    def cairn(self, *arguments: str, stdin: str = "") -> str:
        """Run a command of Cairn's and return what it printed. Raises RuntimeError when it fails."""
        command = [sys.executable, "-m", "cairn.entrypoints.cli", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=self.environment, input=stdin)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"cairn {' '.join(arguments)} failed: {done.stderr[-2000:]}")
        return done.stdout

    def up(self) -> float:
        """Start Cairn and return the seconds until its page answered."""
        started = time.perf_counter()
        self.cairn("up", "--detach")
        self.wait_for_page(started)
        self.state = json.loads(self.cairn("status", "--json"))
        return self.page_seconds

    def make_up(self) -> float:
        """Start Cairn with `make up`, and return the seconds until its page answered. It is stopped again."""
        started = time.perf_counter()
        with subprocess.Popen(
            ["/usr/bin/make", "up"],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            self.wait_for_page(started)
            self.cairn("down")
            process.wait(timeout=_MOST_SECONDS)
        return self.page_seconds

    def wait_for_page(self, started: float) -> None:
        """Return once the page is served."""
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                    if b"<html" in answer.read().lower():
                        break
            except (URLError, OSError):
                if time.perf_counter() - started > _MOST_SECONDS:
                    raise
                time.sleep(0.01)
        self.page_seconds = time.perf_counter() - started

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name."""
        return self.state["pids"]
