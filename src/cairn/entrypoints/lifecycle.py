"""Starting and stopping Cairn: `up`, `down`, `status`, and the single process `server`."""

import asyncio
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace

import click
import msgspec

from cairn import __version__
from cairn.entrypoints.state import RunFolder, RunState, is_healthy, make_home
from cairn.kernel.errors import FailedPrecondition
from cairn.platform.settings import ProcessSettings, Settings

_DETACH_SECONDS_MOST = 300
_NOT_RUNNING_EXIT_CODE = 3


@click.command()
@click.option("--detach", is_flag=True, help="Return when the page answers, and leave Cairn running.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the page and the API (default: CAIRN_PORT or 7766)."
)
@click.option("--json", "as_json", is_flag=True, help="Print what `cairn status --json` prints.")
@click.option("--notify-descriptor", type=int, hidden=True)
def up(*, detach: bool, port: int | None, as_json: bool, notify_descriptor: int | None) -> None:
    """Start Cairn: its database, server and worker.

    Runs until Ctrl-C, and then stops in order. Everything is kept in CAIRN_HOME and there when you start again.
    """
    settings = Settings.from_environment()
    if port is not None:
        settings = replace(settings, port=port)
    if detach:
        _announce(_start_detached(settings), as_json=as_json, detached=True)
        return

    def announce(state: RunState) -> None:
        if notify_descriptor is not None:
            os.write(notify_descriptor, b"ready\n")
            os.close(notify_descriptor)
        else:
            _announce(state, as_json=as_json, detached=False)

    # `cairn status` should not pay for the database driver.
    from cairn.entrypoints.supervise import Supervisor  # noqa: PLC0415 - as said.

    asyncio.run(Supervisor(settings, announce=announce).run())


@click.command()
@click.option(
    "--timeout", "seconds", type=click.FloatRange(0.1, 3600), default=60, show_default=True, help="Seconds to wait."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def down(*, seconds: float, as_json: bool) -> None:
    """Stop Cairn in order, and wait until it has stopped."""
    settings = Settings.from_environment()
    folder = RunFolder(settings.home)
    pid = folder.supervisor_pid()
    if pid is not None:
        _stop(folder, pid, seconds)
    said = "Cairn has stopped." if pid is not None else f"Cairn was not running on {settings.home}."
    click.echo(json.dumps({"stopped": pid is not None}) if as_json else said)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def status(*, as_json: bool) -> None:
    """Tell whether Cairn runs, where, and with which processes and versions. Exit code 3 when it does not run."""
    settings = Settings.from_environment()
    state = RunFolder(settings.home).read()
    if state is None:
        pid = RunFolder(settings.home).supervisor_pid()
        said = "does not run" if pid is None else f"is starting or stopping (process {pid})"
        idle = {"running": False, "home": str(settings.home), "versions": {"cairn": __version__}}
        click.echo(json.dumps(idle, indent=2) if as_json else f"Cairn {said} on {settings.home}.")
        sys.exit(_NOT_RUNNING_EXIT_CODE)
    healthy = is_healthy(int(state.url.rsplit(":", 1)[1]))
    if as_json:
        click.echo(json.dumps({"running": True, "healthy": healthy, **_as_dict(state)}, indent=2))
        return
    click.echo(f"Cairn runs at {state.url}{'' if healthy else ', but its server does not answer'}.")
    click.echo(f"  data      {state.home} ({state.database} Postgres)")
    click.echo(f"  processes {', '.join(f'{name} {pid}' for name, pid in state.pids.items())}")
    click.echo(f"  versions  {', '.join(f'{name} {version}' for name, version in state.versions.items())}")


@click.command(hidden=True)
def server() -> None:
    """Run the server alone, on the database of the Cairn that runs here or of CAIRN_DATABASE_URL."""
    run_process("cairn.entrypoints.server")


def _as_dict(state: RunState) -> dict[str, object]:
    return msgspec.to_builtins(state)


def _announce(state: RunState, *, as_json: bool, detached: bool) -> None:
    if as_json:
        click.echo(json.dumps({"running": True, "healthy": True, **_as_dict(state)}, indent=2))
        return
    click.echo(f"\n  Cairn is ready: {click.style(state.url, bold=True, fg='cyan')}\n")
    click.echo(f"  Your data is in {state.home}. {'`cairn down` stops it.' if detached else 'Ctrl-C stops it.'}\n")


def _start_detached(settings: Settings) -> RunState:
    """Start `cairn up` as a process of its own and wait until it is ready. Raises with its own words when it fails."""
    make_home(settings.home)
    logs = settings.home / "logs"
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "cairn.entrypoints.cli", "up", "--port", str(settings.port)]
    with (logs / "cairn.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this very program.
            [*command, "--notify-descriptor", str(writer)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(writer,),
        )
    os.close(writer)
    try:
        readable, _, _ = select.select([reader], [], [], _DETACH_SECONDS_MOST)
        if readable and os.read(reader, 100):
            state = RunFolder(settings.home).read()
            if state is not None:
                return state
    finally:
        os.close(reader)
    if process.poll() is None and not readable:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    said = (logs / "cairn.log").read_text(encoding="utf-8", errors="replace").strip()
    raise FailedPrecondition(said.removeprefix("cairn: ") or f"Cairn did not start (exit code {process.returncode}).")


def _stop(folder: RunFolder, pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    # The lock is the last that it gives back.
    while folder.supervisor_pid() == pid:
        if time.monotonic() > deadline:
            message = f"Cairn (process {pid}) has not stopped in {seconds:g} s. Killing it is safe: `kill -9 {pid}`."
            raise FailedPrecondition(message)
        time.sleep(0.02)


def run_process(module: str) -> None:
    """Run a process of Cairn in this one, on the database of the Cairn that runs here or of CAIRN_DATABASE_URL."""
    os.environ.update(process_settings().to_environment())
    importlib.import_module(module).main()


def process_settings() -> ProcessSettings:
    """Return what `cairn up` would tell a process. Raises `CairnError` when no Cairn runs here."""
    if "CAIRN_APP_DATABASE_URL" in os.environ:
        return ProcessSettings.from_environment()
    settings = Settings.from_environment()
    from cairn.platform.postgres.embedded import EmbeddedPostgres  # noqa: PLC0415 - as in `up`.
    from cairn.platform.postgres.outside import outside_urls  # noqa: PLC0415 - as in `up`.

    if settings.database_url is None:
        urls = EmbeddedPostgres.running_urls(settings.home)
    else:
        urls = outside_urls(settings.database_url)
    return ProcessSettings(
        home=settings.home,
        port=settings.port,
        app_database_url=urls.app,
        bus_database_url=urls.bus,
        embedding_model=settings.embedding_model,
        reranker=settings.reranker,
    )
