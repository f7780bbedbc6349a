"""The server and worker processes of a running Cairn, kept running by their supervisor."""

import asyncio
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from cairn.platform.children import die_with_parent

_log = logging.getLogger(__name__)

_LOG_BYTES_MOST = 4 * 1024 * 1024
_PAUSE_FIRST_SECONDS = 0.2
_PAUSE_MOST_SECONDS = 30.0
_DOUBLINGS_MOST = 10
_STEADY_SECONDS = 60.0


class BoundedLog:
    """A log file that keeps its last four to eight megabytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        path.chmod(0o600)

    def write(self, data: bytes) -> None:
        """Append `data`, moving the file aside when it is full."""
        if self._file.tell() > _LOG_BYTES_MOST:
            self._file.close()
            self.path.replace(self.path.with_suffix(".log.1"))
            self._file = self.path.open("ab", buffering=0)
            self.path.chmod(0o600)
        self._file.write(data)

    def tail(self) -> str:
        """Return the last lines, for a message."""
        data = self.path.read_bytes()[-4000:]
        return "\n".join(data.decode("utf-8", "replace").splitlines()[-12:])

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Child:
    """One Python module run as a process that dies with us; what it prints goes to its log."""

    def __init__(self, name: str, module: str, environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.log = BoundedLog(logs / f"{name}.log")
        self._module = module
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._copying: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process id, of the last start."""
        return 0 if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process. Call it on the main thread: the process dies with the thread that starts it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            # A session of its own keeps the terminal's Ctrl-C from it: we stop it in order.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        self._copying = asyncio.create_task(self._copy_output(self._process))

    async def _copy_output(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for above.
        while data := await process.stdout.read(65536):
            self.log.write(data)

    async def wait(self) -> int:
        """Wait until the process has ended and its output is in the log. Returns its exit code."""
        if self._process is None or self._copying is None:
            return 0
        code = await self._process.wait()
        # Whoever stops waiting must not stop the copying.
        await asyncio.shield(self._copying)
        return code

    def send(self, signal_number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal_number)


async def keep_running(
    name: str,
    *,
    wait: Callable[[], Awaitable[int]],
    start: Callable[[], Awaitable[None]],
    log: Path,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Start a process again each time that it ends, after a pause that doubles up to half a minute.

    It never gives up: a database may be away for an hour, and the other processes still serve what they can.
    """
    crashes = 0
    while True:
        started = time.monotonic()
        code = await wait()
        crashes = 1 if time.monotonic() - started > _STEADY_SECONDS else crashes + 1
        pause = min(_PAUSE_FIRST_SECONDS * 2 ** min(crashes - 1, _DOUBLINGS_MOST), _PAUSE_MOST_SECONDS)
        message = "The %s process ended with exit code %d; starting it again in %.1f s. Its log is %s."
        _log.warning(message, name, code, pause, log)
        await sleep(pause)
        await start()
