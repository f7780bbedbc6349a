"""What the client commands say before they have called anybody."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cairn.entrypoints.cli import COMMANDS, cli

CLIENTS = ("import", "list", "show", "new", "search", "ask", "export")
RECORD = "# 3. Queue the mail\n\n## Status\n\nAccepted\n\n## Context\n\nMail is slow.\n"


@pytest.mark.parametrize("command", CLIENTS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    ran = CliRunner().invoke(cli, [command, "--help"])

    assert ran.exit_code == 0
    assert f"cairn {command} " in ran.output
    assert "--json" in ran.output


def _commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command that can be run, with the words that run it."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, (*path, name))


def test_every_command_has_help_and_prints_json() -> None:
    without: list[str] = []
    for path, command in _commands(cli, ()):
        ran = CliRunner().invoke(cli, [*path, "--help"])
        assert ran.exit_code == 0, path
        assert command.help, path
        if "--json" not in ran.output:
            without.append(" ".join(path))

    # It runs until it is told to stop, and `cairn up` starts it; there is nothing to print.
    assert without == ["server"]


def test_the_overview_names_every_command_without_importing_it() -> None:
    script = (
        "import sys; from cairn.entrypoints.cli import cli; cli.main(['--help'], standalone_mode=False); "
        "print([name for name in ('connectrpc', 'protobuf', 'asyncpg', 'rich', 'markdown_it') if name in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - our own script

    assert ran.stdout.endswith("[]\n")
    assert all(f"  {name} " in ran.stdout for name in COMMANDS if name != "server")


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["show", "1"], ["new", "A", "--body", "x"], ["search", "x"], ["ask", "x"], ["export", "a", "b"]],
    ids=lambda arguments: arguments[0],
)
def test_without_a_cairn_that_runs_every_command_says_how_to_start_one(arguments: list[str], tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, arguments, env={"CAIRN_HOME": str(tmp_path), "CAIRN_URL": ""})

    assert ran.exit_code == 4
    assert "cairn up --detach" in ran.output


def test_an_import_without_a_cairn_that_runs(tmp_path: Path) -> None:
    (tmp_path / "0001-a.md").write_text(RECORD)
    ran = CliRunner().invoke(cli, ["import", str(tmp_path)], env={"CAIRN_HOME": str(tmp_path / "x"), "CAIRN_URL": ""})

    assert ran.exit_code == 4


def test_a_folder_that_is_not_there_is_a_wrong_value(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["import", str(tmp_path / "nowhere")])

    assert ran.exit_code == 2
    assert "nowhere" in ran.output


def test_a_note_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.json").write_text("{")
    ran = CliRunner().invoke(cli, ["list"], env={"CAIRN_HOME": str(tmp_path), "CAIRN_URL": ""})

    assert ran.exit_code == 4
    assert "state.json cannot be read" in ran.output
