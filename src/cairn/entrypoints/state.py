"""The note of a running Cairn: where it answers and which processes it is made of."""

import http.client
import os
from pathlib import Path
from typing import Literal

import msgspec

from cairn.kernel.errors import InvalidArgument
from cairn.platform.files import FileLock, write_private


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """What `cairn status` tells. `pids` names each process; `versions` each part that has one."""

    url: str
    home: str
    database: Literal["embedded", "outside"]
    pids: dict[str, int]
    versions: dict[str, str]
    started_at: str

    def with_pid(self, name: str, pid: int) -> "RunState":
        """Return the same with the process `name` replaced."""
        return msgspec.structs.replace(self, pids={**self.pids, name: pid})


class RunFolder:
    """The folder `home/run`: a lock that the supervisor holds while it lives, and its note."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "run"
        self._note = self._folder / "state.json"
        self.lock = FileLock(self._folder / "lock")

    def write(self, state: RunState) -> None:
        """Replace the note."""
        write_private(self._note, msgspec.json.format(msgspec.json.encode(state), indent=2).decode() + "\n")

    def clear(self) -> None:
        """Remove the note."""
        self._note.unlink(missing_ok=True)

    def supervisor_pid(self) -> int | None:
        """Return the process id of the Cairn that runs on this home, or None when none does."""
        return None if self.lock.probe() else self.lock.holder()

    def read(self) -> RunState | None:
        """Return the note of the Cairn that runs, or None when none does or it is still starting."""
        pid = self.supervisor_pid()
        if pid is None or not self._note.exists():
            return None
        state = msgspec.json.decode(self._note.read_bytes(), type=RunState)
        # A note of a Cairn that was killed stays until the next one has started.
        return state if state.pids.get("supervisor") == pid else None


def is_healthy(port: int, *, seconds: float = 2) -> bool:
    """Return whether the server on loopback `port` says that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def make_home(home: Path) -> None:
    """Make the data folder, for its owner only; root lets the account of Postgres walk through it.

    Raises `InvalidArgument` when it cannot be made or written to.
    """
    try:
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for part in ("run", "logs"):
            (home / part).mkdir(mode=0o700, exist_ok=True)
            (home / part / ".probe").touch()
            (home / part / ".probe").unlink()
    except OSError as error:
        message = f"The data folder {home} cannot be used ({error.strerror}). Choose another with CAIRN_HOME."
        raise InvalidArgument(message, field="CAIRN_HOME") from error
