"""The embedded Postgres server: started, watched and stopped by us, and gone when we are."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from cairn.kernel.errors import FailedPrecondition, Unavailable
from cairn.platform.children import die_with_parent
from cairn.platform.database import DatabaseUrls
from cairn.platform.files import FileLock
from cairn.platform.postgres import cluster
from cairn.platform.postgres.accounts import postgres_account
from cairn.platform.postgres.programs import programs_for
from cairn.platform.postgres.provision import DATABASE, ROLES, ensure_database, ensure_roles, ensure_vector

_START_SECONDS_MOST = 120
_STOP_SECONDS_MOST = 20
_PORT_ATTEMPTS = 5
_LOG_BYTES_MOST = 8 * 1024 * 1024

# Row content must not reach the log: no statements, no "Key (email)=(...)" details.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "max_connections": "100",
    "jit": "off",
    # A log imported a moment ago must be planned for as what it is, not as the empty table it was.
    "autovacuum_naptime": "5s",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
_MEGABYTE = 1024 * 1024
_SHARED_LEAST, _SHARED_MOST = 128, 1024


def _shared_buffers() -> str:
    """Return how much Postgres keeps of its tables itself: an eighth of the memory, from 128 MB to 1 GB.

    What it has to ask the kernel for costs it a third more where a search reads thousands of rows.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEGABYTE
    return f"{min(max(memory // 8, _SHARED_LEAST), _SHARED_MOST)}MB"


class EmbeddedPostgres:
    """One Postgres server on loopback with its data below `home/postgres`.

    `durable=False` trades safety against power loss for speed; it is for tests. Start it from the main thread: the
    server dies with the thread that started it.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._folder = home / "postgres"
        self._durable = durable
        self._lock = FileLock(self._folder / "lock")
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._credentials: cluster.Credentials | None = None

    @classmethod
    def running_urls(cls, home: Path) -> DatabaseUrls:
        """Return the addresses of the database that another process runs on `home`. Raises when there is none."""
        server = cls(home)
        path = server._folder / "credentials.json"
        if server._lock.probe() or not path.exists():
            raise FailedPrecondition(f"No embedded Postgres runs on {home}. Start one with `cairn up`.")
        server._credentials = cluster.Credentials.load_or_create(path)
        return server.urls()

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def log_path(self) -> Path:
        """The file that the server writes what goes wrong to."""
        return self._folder / "server.log"

    def start(self) -> None:
        """Make the cluster if there is none, and run its server until it takes connections.

        Raises `FailedPrecondition` when another process runs this data, `Unavailable` when Postgres cannot run.
        """
        account = postgres_account()
        # The account walks through here to its data; the files in between stay closed to it.
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700 if account is None else 0o711)
        if not self._lock.acquire():
            holder = self._lock.holder()
            raise FailedPrecondition(f"Cairn is already running on {self._folder.parent} (process {holder}).")
        try:
            self._credentials = cluster.Credentials.load_or_create(self._folder / "credentials.json")
            self._data = cluster.data_folder(self._folder, account)
            self._programs = programs_for(account, self._data.parent)
            self._account = account
            if not self._data.exists():
                cluster.initialise(
                    self._programs, self._data, self._credentials.postgres, account, durable=self._durable
                )
            cluster.check_owner(self._data, account)
            cluster.check_version(self._data)
            cluster.clear_leftovers(self._data)
            self._run()
        except (OSError, subprocess.SubprocessError) as error:
            self.stop()
            raise Unavailable(f"The embedded Postgres cannot run on {self._folder}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def _run(self) -> None:
        for attempt in range(_PORT_ATTEMPTS):
            self.launch(another_port=attempt > 0)
            if self.wait_until_ready():
                return
            if "could not create any TCP/IP sockets" not in self._log_tail():
                break
        raise Unavailable(f"The embedded Postgres did not start. Its log, {self.log_path}, ends: {self._log_tail()}")

    def launch(self, *, another_port: bool = False) -> None:
        """Start the server process, without waiting for it."""
        credentials = self._known_credentials()
        if another_port or credentials.port == 0:
            credentials = replace(credentials, port=_free_port())
            credentials.save(self._folder / "credentials.json")
            self._credentials = credentials
        settings = {**_SETTINGS, "shared_buffers": _shared_buffers(), "port": str(credentials.port)}
        if not self._durable:
            settings |= _FORGETFUL
        command = [self._programs.path("postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_BYTES_MOST:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            self.log_path.chmod(0o600)
            self._log_start = log.tell()
            # SIGQUIT stops Postgres at once; the next start replays its log, so no commit is lost.
            # A session of its own keeps the terminal's Ctrl-C from it: we stop it last.
            self._process = subprocess.Popen(  # noqa: S603 - our own program and arguments, no shell.
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=cluster.plain_environment(),
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - it calls into the kernel only.
                **cluster.run_as(self._account),
            )

    def wait_until_ready(self) -> bool:
        """Wait until the server takes connections. Returns False when it ended instead, or took two minutes."""
        process = self._running()
        deadline = time.monotonic() + _START_SECONDS_MOST
        note = self._data / "postmaster.pid"
        while process.poll() is None and time.monotonic() < deadline:
            # Its last line tells the state (utils/pidfile.h).
            lines = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
            if lines and lines[0] == str(process.pid) and lines[-1].strip() == "ready":
                return True
            time.sleep(0.005)
        return False

    def wait(self) -> int:
        """Wait until the server process has ended, and return its exit code."""
        return self._running().wait()

    async def provision(self, database: str = DATABASE) -> DatabaseUrls:
        """Make the roles and `database` if need be; return its addresses."""
        credentials = self._known_credentials()
        passwords = {role: getattr(credentials, role) for role in ROLES}
        await ensure_roles(credentials.url(cluster.SUPERUSER, "postgres"), passwords)
        await ensure_database(credentials.url(cluster.SUPERUSER, "postgres"), database)
        await ensure_vector(credentials.url(cluster.SUPERUSER, database))
        return self.urls(database)

    def urls(self, database: str = DATABASE) -> DatabaseUrls:
        """Return the addresses of `database` for its three roles."""
        credentials = self._known_credentials()
        return DatabaseUrls(
            owner=credentials.url("cairn", database),
            app=credentials.url("cairn_app", database),
            bus=credentials.url("cairn_bus", database),
        )

    def superuser_url(self, database: str = "postgres") -> str:
        """Return the address of `database` for the server's superuser. Nothing that serves requests may have it."""
        return self._known_credentials().url(cluster.SUPERUSER, database)

    def stop(self) -> None:
        """Stop the server, gently first, and give the data's lock back."""
        if self._process is not None:
            for signal_number, seconds in (
                (signal.SIGINT, _STOP_SECONDS_MOST),
                (signal.SIGQUIT, 10),
                (signal.SIGKILL, 10),
            ):
                if self._process.poll() is not None:
                    break
                self._process.send_signal(signal_number)
                try:
                    self._process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
            self._process = None
        self._lock.release()

    def _known_credentials(self) -> cluster.Credentials:
        if self._credentials is None:
            raise FailedPrecondition("The embedded Postgres has not been started.")
        return self._credentials

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise FailedPrecondition("The embedded Postgres has not been started.")
        return self._process

    def _log_tail(self) -> str:
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", "replace")[-2000:].strip()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
