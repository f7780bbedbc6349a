"""`cairn governs` and `cairn check`: which decisions govern paths, or a change."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cairn import __version__
from cairn.decisions.cli.git import changed_paths, commit_messages, find_root, run_git, split_names, staged_paths
from cairn.decisions.cli.governing import Asked, Rule, ask_folder, ask_server, clean_paths
from cairn.decisions.domain.governing import PathMatch
from cairn.decisions.formats.sarif import Finding, Level, write_sarif
from cairn.platform.client import CommandFailed, Misused, output

_FORMATS = ("text", "json", "sarif")
_SHOWN_MAX = 10
_FROM = click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read the records of this folder instead of asking a running Cairn.",
)
_LOG = click.option(
    "--log", "logs", multiple=True, help="Only this log of a running Cairn; may be given several times."
)
_ALL = click.option("--all", "all_statuses", is_flag=True, help="Decisions that are not in force too.")
_FORMAT = click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
_JSON = click.option("--json", "format_", flag_value="json", help="As --format json.")
_OUTPUT = click.option(
    "--output", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write there instead of the screen."
)
_PREFIX = click.option("--prefix", default="ADR", show_default=True, help="What stands before numbers, with --from.")


@click.command("governs")
@click.argument("paths", nargs=-1)
@click.option("--component", "components", multiple=True, help="A component by its name; may be given several times.")
@_FROM
@_LOG
@_ALL
@_FORMAT
@_JSON
@_OUTPUT
@_PREFIX
def governs(
    *,
    paths: tuple[str, ...],
    components: tuple[str, ...],
    folder: Path | None,
    logs: tuple[str, ...],
    all_statuses: bool,
    format_: str,
    target: Path | None,
    prefix: str,
) -> None:
    """Print the decisions that govern PATHS.

    A record says what it governs in its front matter, with patterns as in a .gitignore:
    `applies-to: ["src/billing/**"]`, or `components: [billing]`. A folder stands for the files in it.

    \b
    Examples:
      cairn governs src/billing/charge.py
      cairn governs src/ --from docs/decisions --format json
      cairn governs --component billing
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if not paths and not components:
        raise Misused("Name a path, or a component with --component.")
    root = find_root(Path.cwd())
    asked = Asked(clean_paths(_from_root(root, paths)), components, logs, all_statuses)
    rules, free = _ask(folder, root or Path.cwd(), asked, prefix)
    _print(rules, free, level="note", format_=format_, target=target, base="")


@click.command("check")
@click.option("--diff", "base", default="", help="The branch or commit that the change starts from.")
@click.option("--staged", is_flag=True, help="The change that is about to be committed.")
@_FROM
@_LOG
@_ALL
@_FORMAT
@_JSON
@_OUTPUT
@_PREFIX
@click.option(
    "--fail-on",
    type=click.Choice(["none", "unmentioned", "governed"]),
    default="none",
    show_default=True,
    help="Exit with 1 when a decision governs the change (governed), or governs it and no commit message names it "
    "(unmentioned).",
)
def check(
    *,
    base: str,
    staged: bool,
    folder: Path | None,
    logs: tuple[str, ...],
    all_statuses: bool,
    format_: str,
    target: Path | None,
    prefix: str,
    fail_on: str,
) -> None:
    """Print the decisions that govern a change of this repository.

    \b
    Examples:
      cairn check --diff origin/main --from docs/decisions
      cairn check --diff origin/main --fail-on unmentioned --format sarif --output cairn.sarif
      cairn check --staged

    Exit code 0 when all is well, 1 when --fail-on says so, 2 when the command is wrong.
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if bool(base) == staged:
        raise Misused("Say what the change is: --diff BASE, for example --diff origin/main, or --staged.")
    if staged and fail_on == "unmentioned":
        raise Misused("--staged has no commit message yet. Use --fail-on unmentioned with --diff.")
    root = find_root(Path.cwd())
    if root is None:
        raise CommandFailed("This is no git repository, so there is no change to check.")
    paths = staged_paths(root) if staged else changed_paths(root, base)
    rules, free = _ask(folder, root, Asked(clean_paths(paths), (), logs, all_statuses), prefix)
    _mark_mentioned(rules, "" if staged else commit_messages(root, base), paths)
    failing = [rule for rule in rules if fail_on == "governed" or (fail_on == "unmentioned" and not rule.mentioned)]
    _print(
        rules, free, level="error" if failing else "note", format_=format_, target=target, base=base, failing=failing
    )
    if failing:
        names = ", ".join(rule.ref for rule in failing[:_SHOWN_MAX])
        told = "Name each in a commit message once the change agrees with it." if fail_on == "unmentioned" else ""
        raise CommandFailed(f"{len(failing)} decisions govern this change: {names}. {told}".strip())


def _ask(folder: Path | None, root: Path, asked: Asked, prefix: str) -> tuple[list[Rule], list[str]]:
    return ask_folder(folder, root, asked, prefix=prefix) if folder else ask_server(asked)


def _from_root(root: Path | None, paths: Sequence[str]) -> list[str]:
    """Turn paths as typed into paths from the repository's root; a folder stands for the files in it."""
    found: list[str] = []
    base = (root or Path.cwd()).resolve()
    for path in paths:
        place = Path(os.path.normpath(Path.cwd().resolve() / path))
        if not place.is_relative_to(base):
            message = f"{path} is outside of {base}."
            raise Misused(message)
        if root is not None and place.is_dir():
            listed = run_git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", str(place)])
            found.extend(split_names(listed))
        else:
            found.append(place.relative_to(base).as_posix())
    return found


def _mark_mentioned(rules: list[Rule], messages: str, paths: Sequence[str]) -> None:
    changed = set(paths)
    for rule in rules:
        number = re.fullmatch(r"([A-Za-z]+)-0*(\d+)", rule.ref)
        pattern = rf"{number[1]}[-_ #]?0*{number[2]}" if number else re.escape(rule.ref)
        said = re.search(rf"(?<![\w-]){pattern}(?![\w])", messages, re.IGNORECASE) is not None
        rule.mentioned = said or rule.record in changed


def _print(
    rules: list[Rule],
    free: list[str],
    *,
    level: Level,
    format_: str,
    target: Path | None,
    base: str,
    failing: Sequence[Rule] = (),
) -> None:
    if format_ == "text" and target is None:
        _print_text(rules, free)
        return
    if format_ == "json":
        text = json.dumps(_as_json(rules, free, base), ensure_ascii=False, indent=2)
    elif format_ == "sarif":
        failed = {id(rule) for rule in failing}
        findings = [
            _finding(rule, match, level if id(rule) in failed else "note") for rule in rules for match in rule.matches
        ]
        text = json.dumps(write_sarif(findings, version=__version__), ensure_ascii=False, indent=2)
    else:
        text = "\n".join(_lines(rules, free))
    if target is None:
        click.echo(text)
        return
    target.write_text(text + "\n", encoding="utf-8")
    output().print(f"{len(rules)} decisions; written to {target}.", markup=False)


def _as_json(rules: list[Rule], free: list[str], base: str) -> dict[str, Any]:
    return {
        "base": base,
        "decisions": [
            {
                "ref": rule.ref,
                "log": rule.log,
                "title": rule.title,
                "status": rule.status,
                "gist": rule.gist,
                "record": rule.record,
                "mentioned": rule.mentioned,
                "matches": [
                    {"path": match.path, "pattern": match.pattern, "component": match.component}
                    for match in rule.matches
                ],
            }
            for rule in rules
        ],
        "free_paths": free,
    }


def _finding(rule: Rule, match: PathMatch, level: Level) -> Finding:
    named = f"{rule.log}/{rule.ref}"
    return Finding(named, rule.title, rule.gist, match.path, f"({_why(match)})", level, rule.record)


def _why(match: PathMatch) -> str:
    if not match.path:
        return f"component {match.component}"
    return f"component {match.component}: {match.pattern}" if match.component else f"applies to {match.pattern}"


def _print_text(rules: list[Rule], free: list[str]) -> None:
    console = output()
    for line in _lines(rules, free):
        console.print(line, markup=False, soft_wrap=True)


def _lines(rules: list[Rule], free: list[str]) -> list[str]:
    lines: list[str] = []
    for rule in rules:
        state = "" if rule.status == "accepted" else f" ({rule.status})"
        lines.append(f"{rule.ref}  {rule.title}{state}")
        if rule.gist:
            lines.append(f"    {rule.gist}")
        lines += [f"    {match.path or '-'}  ({_why(match)})" for match in rule.matches[:_SHOWN_MAX]]
        if len(rule.matches) > _SHOWN_MAX:
            lines.append(f"    and {len(rule.matches) - _SHOWN_MAX} more paths")
    if not rules:
        lines.append("No decision governs this.")
    elif free:
        lines.append(f"{len(free)} paths are governed by no decision.")
    return lines
