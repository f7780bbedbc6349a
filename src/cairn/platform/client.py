"""What every client command shares: where Cairn answers, how to call it, and what to say when it does not."""

import json
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
import msgspec
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import Headers
from protobuf import Message, message_to_json_value
from rich.console import Console

from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import ListLogsRequest
from cairn.platform.settings import Settings

CALL_TIMEOUT_MS = 120_000

_NOT_RUNNING = "Cairn is not running. Start it with `cairn up --detach`, or name one that runs in CAIRN_URL."
_UNREACHABLE = frozenset([Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED])


class CommandFailed(click.ClickException):
    """A command could not do its work; the message tells the next step."""

    exit_code = 1


class Misused(CommandFailed):
    """The command was called in a way that cannot work."""

    exit_code = 2


class NothingFound(CommandFailed):
    """There was nothing to work on."""

    exit_code = 3


class NotRunning(CommandFailed):
    """Cairn does not answer."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Cairn answers, and the token that says who asks; without one the caller is the local owner."""

    url: str
    token: str = ""

    @property
    def headers(self) -> Headers:
        """The headers of a call."""
        return Headers({"authorization": f"Bearer {self.token}"} if self.token else {})


class _State(msgspec.Struct):
    url: str


def find_connection(environment: Mapping[str, str] = os.environ) -> Connection:
    """Find Cairn by CAIRN_URL, or by the note that `cairn up` leaves in its home. Raises `CommandFailed`."""
    token = environment.get("CAIRN_TOKEN", "")
    url = environment.get("CAIRN_URL", "")
    if url:
        if not url.startswith(("http://", "https://")):
            raise Misused(f"CAIRN_URL is {url!r}; it must start with http:// or https://.")
        return Connection(url.rstrip("/"), token)
    note = Settings.from_environment(environment).home / "run" / "state.json"
    try:
        state = msgspec.json.decode(note.read_bytes(), type=_State)
    except FileNotFoundError:
        raise NotRunning(_NOT_RUNNING) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise NotRunning(f"{note} cannot be read: {error}") from error
    return Connection(state.url.rstrip("/"), token)


def is_away(error: Exception) -> bool:
    """Tell whether Cairn is not there just now, so that another try may find it."""
    return isinstance(error, OSError) or (isinstance(error, ConnectError) and error.code in _UNREACHABLE)


@contextmanager
def calling() -> Generator[None]:
    """Turn what goes wrong in a call into one line for the person and an exit code."""
    try:
        yield
    except ConnectError as error:
        if is_away(error):
            raise NotRunning(f"{_NOT_RUNNING} ({error.message})") from error
        if error.code is Code.UNAUTHENTICATED:
            message = f"{error.message} Set CAIRN_TOKEN to a token of yours."
            raise CommandFailed(message) from error
        if error.code is Code.UNIMPLEMENTED:
            raise CommandFailed(
                "The Cairn that answers does not know this call. Is it as new as this command?"
            ) from error
        raise CommandFailed(error.message or str(error.code)) from error
    except OSError as error:
        raise NotRunning(f"{_NOT_RUNNING} ({error})") from error


def find_log_ids(connection: Connection, slugs: Sequence[str]) -> list[str]:
    """Give the ids of logs by their slugs. Raises `CommandFailed` naming those that there are."""
    if not slugs:
        return []
    with DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        known = {log.slug: log.id for log in client.list_logs(ListLogsRequest(), headers=connection.headers).logs}
    for slug in slugs:
        if slug not in known:
            there = ", ".join(known) or "none yet; `cairn import DIR` makes one"
            raise CommandFailed(f"There is no log {slug!r}. The logs are: {there}.")
    return [known[slug] for slug in slugs]


def to_jsonable(message: Message[Any]) -> Any:  # noqa: ANN401 - JSON is any of its types
    """Give a message as JSON values, empty fields included, so that scripts find every key."""
    return message_to_json_value(message, always_emit_implicit=True)


def print_json(value: Any) -> None:  # noqa: ANN401 - as above
    """Write one JSON document to standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def output() -> Console:
    """Give the console for results: standard output, unstyled and unwrapped when it is not a terminal."""
    console = Console(file=sys.stdout, highlight=False)
    return console if console.is_terminal else Console(file=sys.stdout, highlight=False, width=200)


def progress_console() -> Console:
    """Give the console for progress: standard error, so that results can be piped."""
    return Console(stderr=True, highlight=False)


def status_label(name: str) -> str:
    """Turn an enum member's name such as `IN_FORCE` into words."""
    return name.lower().replace("_", " ")
