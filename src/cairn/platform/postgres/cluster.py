"""The files of the embedded Postgres: where they are, how they are first made, and who is still using them."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

from cairn.kernel.errors import Unavailable
from cairn.platform.files import write_private
from cairn.platform.postgres.accounts import Account
from cairn.platform.postgres.programs import MAJOR_VERSION, Programs

SUPERUSER = "postgres"
_SYSTEM_DATA = Path("/var/lib/cairn")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The port of the embedded server and a random password for each of its roles."""

    port: int
    postgres: str
    cairn: str
    cairn_app: str
    cairn_bus: str

    @classmethod
    def load_or_create(cls, path: Path) -> "Credentials":
        """Return what `path` holds, or new ones, saved there before anything depends on them."""
        if path.exists():
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        made = cls(0, *(secrets.token_hex(24) for _ in range(4)))
        made.save(path)
        return made

    def save(self, path: Path) -> None:
        """Write them for this user's eyes only."""
        write_private(path, json.dumps(asdict(self), indent=2) + "\n")

    def url(self, role: str, database: str) -> str:
        """Return the address of `database` for `role`. All parts are plain letters, digits and underscores."""
        return f"postgresql://{role}:{getattr(self, role)}@127.0.0.1:{self.port}/{database}"


def data_folder(folder: Path, account: Account | None) -> Path:
    """Return where the cluster's files go: `folder/data`, or a link to a place that `account` can reach.

    Root's home is closed to others, and Postgres insists on walking to its data by name. We open nobody's home for it.
    """
    link = folder / "data"
    if not link.is_symlink() and account is not None and not account.walks_to(folder):
        link.symlink_to(_SYSTEM_DATA / secrets.token_hex(8) / "data")
    data = link.resolve()
    if data != link and not data.parent.is_dir():
        _SYSTEM_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
        data.parent.mkdir(mode=0o711)
        data.parent.chmod(0o711)
    return data


def initialise(programs: Programs, data: Path, password: str, account: Account | None, *, durable: bool) -> None:
    """Make the cluster's files at `data`, whole or not at all. Raises `Unavailable` with what initdb said."""
    staged = data.with_name(f".{data.name}.new")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    password_file = data.with_name(f".{data.name}.password")
    write_private(password_file, password + "\n")
    if account is not None:
        os.chown(staged, account.uid, account.gid)
        os.chown(password_file, account.uid, account.gid)
    command = [
        programs.path("initdb"),
        f"--pgdata={staged}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]
    try:
        made = subprocess.run(  # noqa: S603 - our own program and arguments, no shell.
            command if durable else [*command, "--no-sync"],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env=plain_environment(),
            cwd="/",
            **run_as(account),
        )
    finally:
        password_file.unlink()
    if made.returncode != 0:
        message = f"The embedded Postgres could not be set up in {data}: {made.stderr.strip() or made.stdout.strip()}"
        raise Unavailable(message)
    staged.rename(data)


def check_owner(data: Path, account: Account | None) -> None:
    """Raise `Unavailable` when the files are another user's: Postgres serves its own files only."""
    owner = data.stat().st_uid
    if owner != (os.geteuid() if account is None else account.uid):
        raise Unavailable(
            f"The data in {data} belong to another user (number {owner}). Run Cairn as the one who made it."
        )


def check_version(data: Path) -> None:
    """Raise `Unavailable` when another major version of Postgres made the files."""
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != MAJOR_VERSION:
        needed = f"this Cairn brings Postgres {MAJOR_VERSION}. Start the Cairn that made it."
        raise Unavailable(f"The data in {data} is of Postgres {found}, and {needed}")


class RunAs(TypedDict, total=False):
    """Arguments of `subprocess` that choose who runs a program."""

    user: int
    group: int
    extra_groups: list[int]


def run_as(account: Account | None) -> RunAs:
    """Return the arguments that make `subprocess` run a program as `account`."""
    return RunAs() if account is None else RunAs(user=account.uid, group=account.gid, extra_groups=[])


def plain_environment() -> dict[str, str]:
    """Return an environment for Postgres programs that holds nothing of ours, secrets least of all."""
    # glibc would give memory back after each statement and fetch it again, page by page, for the next.
    memory = {"MALLOC_TOP_PAD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "8388608", "MALLOC_MMAP_THRESHOLD_": "4194304"}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", **memory}


def processes_using(data: Path) -> list[int]:
    """Return the ids of live processes whose working folder is `data`: all those of its server (Linux only)."""
    return [pid for pid in _process_ids() if _working_folder(pid) == str(data)]


def _process_ids() -> Iterable[int]:
    proc = Path("/proc")
    return (int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()) if proc.is_dir() else ()


def _working_folder(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""  # It ended meanwhile, or is another user's and so not ours.


def clear_leftovers(data: Path, *, seconds: float = 15) -> None:
    """Stop a server that outlived its owner, and drop the note that it left. Call it with the data's lock held.

    Raises `Unavailable` when such a server does not stop in `seconds`.
    """
    note = data / "postmaster.pid"
    if not note.exists():
        return
    deadline = time.monotonic() + seconds
    main_pid = int(note.read_text(encoding="ascii").split("\n", 1)[0])
    while left := processes_using(data):
        if main_pid in left:
            _send(main_pid, signal.SIGQUIT)
        if time.monotonic() > deadline:
            raise Unavailable(f"An earlier Postgres (process {left[0]}) still uses {data}. Stop it and start again.")
        time.sleep(0.02)
    # The number may be another program's by now; Postgres would then refuse to start.
    if Path("/proc/self").exists():
        note.unlink(missing_ok=True)


def _send(pid: int, signal_number: signal.Signals) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return  # It ended meanwhile, as it should.
