"""`cairn up`: Postgres, server and worker, started in order, kept running, stopped in order."""

import asyncio
import logging
import os
import platform
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from cairn import __version__
from cairn.entrypoints.children import Child, keep_running
from cairn.entrypoints.state import RunFolder, RunState, is_healthy, make_home
from cairn.kernel.errors import FailedPrecondition, Unavailable
from cairn.platform.database import DatabaseUrls
from cairn.platform.migrations import known_migrations, migrate, open_connection
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.platform.postgres.outside import prepare_outside
from cairn.platform.settings import ProcessSettings, Settings

_log = logging.getLogger(__name__)

_HEALTHY_SECONDS_MOST = 60
_STOP_SECONDS_MOST = 15
_SAMPLE_SECONDS_MOST = 60
SAMPLE_MODULE = "cairn.entrypoints.sample"
MODULES = {"server": "cairn.entrypoints.server", "worker": "cairn.entrypoints.worker"}


class Supervisor:
    """One running Cairn. `announce` is called once, when the page answers."""

    def __init__(
        self,
        settings: Settings,
        *,
        announce: Callable[[RunState], None],
        environment: Mapping[str, str] = os.environ,
        modules: Mapping[str, str] = MODULES,
    ) -> None:
        self._settings = settings
        self._announce = announce
        self._environment = environment
        self._modules = modules
        self._folder = RunFolder(settings.home)
        self._postgres: EmbeddedPostgres | None = None
        self._children: list[Child] = []
        self._state: RunState | None = None
        self._stop_wishes = 0
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP.

        Raises `FailedPrecondition` when Cairn runs on this home already or the port is taken, `Unavailable` when
        the database or a process does not come up.
        """
        loop = asyncio.get_running_loop()
        # Under nohup a hang-up is to be ignored, and it is already.
        hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
        for number in (signal.SIGTERM, signal.SIGINT, *hang_up):
            loop.add_signal_handler(number, self._wish_to_stop)
        make_home(self._settings.home)
        if not self._folder.lock.acquire():
            holder = self._folder.lock.holder()
            message = (
                f"Cairn is already running on {self._settings.home} (process {holder}). `cairn status` tells more."
            )
            raise FailedPrecondition(message)
        async with AsyncExitStack() as stack:
            stack.callback(self._folder.lock.release)
            stack.callback(self._folder.clear)
            stack.push_async_callback(self._stop_everything)
            _require_free_port(self._settings.port)
            urls = await self._start_database()
            await self._start_children(urls)
            await self._until_healthy()
            if self._stop_wishes == 0:
                await self._import_sample(urls)
                self._state = await self._describe(urls)
                self._folder.write(self._state)
                self._announce(self._state)
                await self._watch()

    def _wish_to_stop(self) -> None:
        self._stop_wishes += 1
        self._stop.set()
        if self._stop_wishes > 1:
            for child in self._children:
                child.send(signal.SIGKILL)

    async def _start_database(self) -> DatabaseUrls:
        if self._settings.database_url is not None:
            return await prepare_outside(self._settings.database_url)
        self._postgres = EmbeddedPostgres(self._settings.home)
        self._postgres.start()
        urls = await self._postgres.provision()
        await migrate(urls.owner)
        return urls

    def _child_environment(self, urls: DatabaseUrls) -> dict[str, str]:
        process = ProcessSettings(
            home=self._settings.home,
            port=self._settings.port,
            app_database_url=urls.app,
            bus_database_url=urls.bus,
            embedding_model=self._settings.embedding_model,
            reranker=self._settings.reranker,
        )
        # The owner's address is not for them.
        kept = {name: value for name, value in self._environment.items() if name != "CAIRN_DATABASE_URL"}
        return {**kept, **process.to_environment(), "PYTHONUNBUFFERED": "1"}

    async def _import_sample(self, urls: DatabaseUrls) -> None:
        """Once in a home's life, so that a newcomer finds something to read and who deletes it is rid of it."""
        offered = self._settings.home / "sample-offered"
        if offered.exists():
            return
        child = Child("sample", SAMPLE_MODULE, self._child_environment(urls), self._settings.home / "logs")
        self._children.append(child)
        await child.start()
        try:
            failed = await asyncio.wait_for(child.wait(), _SAMPLE_SECONDS_MOST) != 0
        except TimeoutError:
            child.send(signal.SIGKILL)
            failed = await child.wait() != 0
        if failed:
            # Cairn is of use without the sample, and the next start offers it again.
            _log.warning("The sample log was not imported. %s tells why:\n%s", child.log.path, child.log.tail())
        else:
            offered.touch(mode=0o600)
        self._children.remove(child)
        child.log.close()

    async def _start_children(self, urls: DatabaseUrls) -> None:
        environment = self._child_environment(urls)
        for name, module in self._modules.items():
            child = Child(name, module, environment, self._settings.home / "logs")
            self._children.append(child)
            await child.start()

    async def _until_healthy(self) -> None:
        server = self._children[0]
        ended = asyncio.create_task(server.wait())
        stopped = asyncio.create_task(self._stop.wait())
        healthy = asyncio.create_task(_poll_health(self._settings.port))
        tasks = (ended, stopped, healthy)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if stopped.done() or (healthy.done() and healthy.result()):
                return
            what = f"ended with exit code {ended.result()}" if ended.done() else "did not answer in a minute"
            raise Unavailable(f"The server process {what}. Its log, {server.log.path}, ends:\n{server.log.tail()}")
        finally:
            for task in tasks:
                task.cancel()

    async def _describe(self, urls: DatabaseUrls) -> RunState:
        pids = {"supervisor": os.getpid(), **{child.name: child.pid for child in self._children}}
        if self._postgres is not None and self._postgres.pid is not None:
            pids["postgres"] = self._postgres.pid
        connection = await open_connection(urls.app)
        try:
            postgres_version = str(await connection.fetchval("show server_version")).split()[0]
        finally:
            await connection.close()
        return RunState(
            url=f"http://127.0.0.1:{self._settings.port}",
            home=str(self._settings.home),
            database="outside" if self._postgres is None else "embedded",
            pids=pids,
            versions={
                "cairn": __version__,
                "python": platform.python_version(),
                "postgres": postgres_version,
                "schema": known_migrations()[-1],
            },
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    async def _watch(self) -> None:
        """Keep every process running until we shall stop."""
        keepers = [asyncio.create_task(self._keep_child(child)) for child in self._children]
        if self._postgres is not None:
            keepers.append(asyncio.create_task(self._keep_postgres(self._postgres)))
        stopped = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait((stopped, *keepers), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (stopped, *keepers):
                task.cancel()
            await asyncio.gather(stopped, *keepers, return_exceptions=True)

    async def _keep_child(self, child: Child) -> None:
        async def start() -> None:
            await child.start()
            self._note_pid(child.name, child.pid)

        await keep_running(
            child.name,
            wait=child.wait,
            start=start,
            log=child.log.path,
        )

    async def _keep_postgres(self, postgres: EmbeddedPostgres) -> None:
        async def start() -> None:
            # Forked here, on the main thread, since the server dies with the thread that forked it.
            postgres.launch()
            await asyncio.to_thread(postgres.wait_until_ready)
            if postgres.pid is not None:
                self._note_pid("postgres", postgres.pid)

        await keep_running(
            "Postgres",
            wait=lambda: asyncio.to_thread(postgres.wait),
            start=start,
            log=postgres.log_path,
        )

    def _note_pid(self, name: str, pid: int) -> None:
        if self._state is not None:
            self._state = self._state.with_pid(name, pid)
            self._folder.write(self._state)

    async def _stop_everything(self) -> None:
        for number, seconds in ((signal.SIGTERM, _STOP_SECONDS_MOST), (signal.SIGKILL, 10)):
            for child in self._children:
                child.send(number)
            waits = [asyncio.create_task(child.wait()) for child in self._children]
            if not waits or not (await asyncio.wait(waits, timeout=seconds))[1]:
                break
        for child in self._children:
            child.log.close()
        if self._postgres is not None:
            self._postgres.stop()


def _require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            message = f"Port {port} cannot be used ({reason}). Choose another with CAIRN_PORT or `cairn up --port`."
            raise FailedPrecondition(message) from error


async def _poll_health(port: int) -> bool:
    """Return whether the server came to say that it is well, in the most time that we wait."""
    deadline = time.monotonic() + _HEALTHY_SECONDS_MOST
    while time.monotonic() < deadline:
        if await asyncio.to_thread(is_healthy, port):
            return True
        await asyncio.sleep(0.02)
    return False
