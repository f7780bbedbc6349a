"""The operating-system account that Postgres runs as.

Postgres refuses to run as root, so root lends it an account of its own, which owns the data and nothing else.
"""

import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cairn.kernel.errors import Unavailable

ACCOUNT_NAME = "cairn-postgres"
_CREATE_ATTEMPTS = 20
_CREATE_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group id for a child process."""

    uid: int
    gid: int

    def reads(self, path: Path) -> bool:
        """Return whether the account may read `path` and walk down to it, by the permission bits."""
        return self._may(path, stat.S_IROTH) and self.walks_to(path.resolve().parent)

    def walks_to(self, folder: Path) -> bool:
        """Return whether the account may walk down into `folder`, by the permission bits."""
        resolved = folder.resolve()
        return all(self._may(step, stat.S_IXOTH) for step in (resolved, *resolved.parents))

    def _may(self, path: Path, bit: int) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            bit <<= 6
        elif status.st_gid == self.gid:
            bit <<= 3
        return bool(status.st_mode & bit)


def postgres_account() -> Account | None:
    """Return the account to run Postgres as, made if need be, or None for the one we run as.

    Raises `Unavailable` when root has no such account and cannot make one.
    """
    if os.geteuid() != 0:
        return None
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    return _find() or _create([*command, "--shell", "/usr/sbin/nologin", ACCOUNT_NAME])


def _find() -> Account | None:
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _create(command: Sequence[str]) -> Account:
    """Run `command`, again while another process holds the lock on the account file."""
    problem = ""
    for _ in range(_CREATE_ATTEMPTS):
        try:
            made = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)  # noqa: S603 - fixed.
        except OSError as error:
            problem = str(error)
            break
        if account := _find():
            return account
        problem = made.stderr.strip()
        time.sleep(_CREATE_PAUSE_SECONDS)
    message = (
        f"Postgres does not run as root, and the account {ACCOUNT_NAME!r} could not be made ({problem}). "
        f"Run Cairn as an ordinary user, make that account, or set CAIRN_DATABASE_URL."
    )
    raise Unavailable(message)
