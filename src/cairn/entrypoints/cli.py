"""The `cairn` command. Commands are imported when they are used, so that each starts fast."""

import importlib
import sys
from collections.abc import Mapping

import click

from cairn import __version__
from cairn.kernel.errors import CairnError, Code

# Command -> where it is and what it does, in the order of the help. The words stand here so that `cairn --help` need
# not import every command.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": ("cairn.entrypoints.lifecycle:up", "Start Cairn: its database, server and worker."),
    "down": ("cairn.entrypoints.lifecycle:down", "Stop Cairn in order."),
    "status": ("cairn.entrypoints.lifecycle:status", "Tell whether Cairn runs, where, and with which processes."),
    "import": ("cairn.decisions.cli.transfer:import_", "Import the decision records of a folder."),
    "list": ("cairn.decisions.cli.records:list_", "List decisions."),
    "show": ("cairn.decisions.cli.showing:show", "Show a decision."),
    "new": ("cairn.decisions.cli.records:new", "Write a new decision."),
    "propose": ("cairn.decisions.cli.lifecycle:propose", "Put a draft up for decision, or reopen one."),
    "approve": ("cairn.decisions.cli.lifecycle:approve", "Approve the text of a proposal."),
    "accept": ("cairn.decisions.cli.lifecycle:accept", "Accept a proposal."),
    "reject": ("cairn.decisions.cli.lifecycle:reject", "Reject a proposal."),
    "deprecate": ("cairn.decisions.cli.lifecycle:deprecate", "Say that a decision no longer guides new work."),
    "supersede": ("cairn.decisions.cli.lifecycle:supersede", "Say that a decision is superseded by a newer one."),
    "reserve": ("cairn.decisions.cli.lifecycle:reserve", "Reserve the next number of a log."),
    "policy": (
        "cairn.decisions.cli.lifecycle:policy",
        "Show or change what a log calls the statuses and how many approvals it asks for.",
    ),
    "history": ("cairn.decisions.cli.lifecycle:history", "List the versions of a decision."),
    "diff": ("cairn.decisions.cli.versions:diff", "Compare two versions of a decision."),
    "blame": ("cairn.decisions.cli.versions:blame", "Tell which version brought each line."),
    "rollback": ("cairn.decisions.cli.versions:rollback", "Make an old version the current text again."),
    "due": ("cairn.decisions.cli.review:due", "List decisions to be reviewed."),
    "review": ("cairn.decisions.cli.review:review", "Set a review date, or confirm a review."),
    "inbox": ("cairn.decisions.cli.review:inbox", "List what awaits you."),
    "search": ("cairn.search.cli:search", "Search all decisions, by words and by meaning."),
    "related": ("cairn.search.cli:related", "List the decisions most like one."),
    "reindex": ("cairn.search.cli:reindex", "Check the search index, or have it made anew."),
    "ask": ("cairn.chat.cli:ask", "Ask a question, and read the answer with its sources."),
    "gateway": ("cairn.gateway.cli:gateway", "Connect model providers, see what they cost, set what may be spent."),
    "export": ("cairn.decisions.cli.export:export", "Write the records of a log into a folder, in many formats."),
    "publish": (
        "cairn.decisions.cli.publishing:publish",
        "Show a log or a record to readers without an account.",
    ),
    "unpublish": ("cairn.decisions.cli.publishing:unpublish", "Take a log or a record from its readers."),
    "sync": ("cairn.decisions.cli.sync:sync", "Keep a folder of Markdown and a log equal."),
    "governs": ("cairn.decisions.cli.governance:governs", "Print the decisions that govern paths."),
    "check": ("cairn.decisions.cli.governance:check", "Print the decisions that govern a change."),
    "doctor": ("cairn.decisions.cli.doctor:doctor", "Find what is out of order in the logs, and mend it."),
    "bulk": ("cairn.decisions.cli.curation:bulk", "Change many records at once, or take that back."),
    "filters": ("cairn.decisions.cli.filters:filters", "List, keep and remove saved filters."),
    "templates": ("cairn.decisions.cli.curation:templates", "List, choose and add the templates of a log."),
    "where": ("cairn.decisions.cli.curation:where", "Find a record by a name it has or had."),
    "worker": ("cairn.entrypoints.worker_commands:worker", "Run one more worker, or see and mend its events."),
    "server": ("cairn.entrypoints.lifecycle:server", "Run the server alone."),
}
_HIDDEN = frozenset(["server"])

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
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is not a command.")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above.
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items() if name not in _HIDDEN])


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
