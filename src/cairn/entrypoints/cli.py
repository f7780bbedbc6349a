"""The `cairn` command. Commands are imported when they are used, so that each starts fast."""

import importlib
import sys
from collections.abc import Mapping

import click

from cairn import __version__
from cairn.kernel.errors import CairnError, Code

# Command -> where it is, in the order of the help.
COMMANDS: Mapping[str, str] = {
    "up": "cairn.entrypoints.lifecycle:up",
    "down": "cairn.entrypoints.lifecycle:down",
    "status": "cairn.entrypoints.lifecycle:status",
    "worker": "cairn.entrypoints.worker_commands:worker",
    "server": "cairn.entrypoints.lifecycle:server",
}

_EXIT_CODES = {Code.INVALID_ARGUMENT: 2}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's.
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above.
        """Return the command called `cmd_name`, or None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command.")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="cairn")
def cli() -> None:
    """Write, find, question and keep your team's architecture decisions.

    CAIRN_HOME names the data folder, CAIRN_PORT the port of the page, CAIRN_DATABASE_URL a Postgres of your own
    instead of the embedded one.
    """


def main() -> None:
    """Run the command line. An error that a person can act on is one line, and exit code 1 (2 for a wrong value)."""
    try:
        cli.main(prog_name="cairn")
    except CairnError as error:
        click.echo(f"cairn: {error.message}", err=True)
        sys.exit(_EXIT_CODES.get(error.code, 1))


if __name__ == "__main__":
    main()
