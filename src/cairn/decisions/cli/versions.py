"""`cairn diff`, `cairn blame`, `cairn rollback`: the text of a decision over time."""

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cairn.decisions.cli.lifecycle import find_summary
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsServiceClientSync
from cairn.gen.cairn.decisions.v1.versions_pb import (
    BlameVersionRequest,
    DiffHunk,
    DiffSide,
    DiffVersionsRequest,
    DiffVersionsResponse,
    RollBackDecisionRequest,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    calling,
    find_connection,
    output,
    print_json,
    to_jsonable,
)


def _texts(connection: Connection) -> VersionsServiceClientSync:
    return VersionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


@click.command("diff")
@click.argument("ref")
@click.argument("old", type=click.IntRange(1), required=False)
@click.argument("new", type=click.IntRange(1), required=False)
@click.option("--side-by-side", is_flag=True, help="Old and new beside each other.")
@click.option("--context", type=click.IntRange(0, 100_000), default=3, show_default=True, help="Equal lines kept.")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(
    ref: str, old: int | None, new: int | None, *, side_by_side: bool, context: int, log_slug: str, as_json: bool
) -> None:
    """Compare two versions of a decision; without versions, the current one with the one before it.

    \b
    Examples:
      cairn diff ADR-0012
      cairn diff ADR-0012 2 5 --side-by-side
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _texts(connection) as client:
        summary = find_summary(connection, ref, log_slug)
        request = DiffVersionsRequest(
            decision_id=summary.id, old_version=old or 0, new_version=new or 0, context=context
        )
        found = client.diff_versions(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
        return
    console = output()
    console.print(f"--- {summary.ref} version {found.old_version}", style="bold", markup=False)
    console.print(f"+++ {summary.ref} version {found.new_version}", style="bold", markup=False)
    _print_fields(console, found)
    for hunk in found.hunks:
        _print_beside(console, hunk) if side_by_side else _print_unified(console, hunk)
    if not found.hunks and not found.fields:
        console.print("They are equal.")


def _print_fields(console: Console, found: DiffVersionsResponse) -> None:
    for change in found.fields:
        console.print(Text(f"-{change.field}: {change.old}", style="red"), soft_wrap=True)
        console.print(Text(f"+{change.field}: {change.new}", style="green"), soft_wrap=True)


def _marked(sign: str, side: DiffSide, style: str) -> Text:
    """Return a line with what changed in it marked, unless the whole of it changed."""
    whole = all(span.changed for span in side.spans)
    text = Text(sign, style=style)
    for span in side.spans:
        text.append(span.text, style="bold reverse" if span.changed and not whole else "")
    return text


def _print_unified(console: Console, hunk: DiffHunk) -> None:
    place = f"@@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@ {hunk.heading}".rstrip()
    console.print(Text(place, style="cyan"), soft_wrap=True)
    waiting: list[Text] = []
    for row in hunk.rows:
        if not row.changed:
            _flush(console, waiting)
            if row.new is not None:
                console.print(_marked(" ", row.new, ""), soft_wrap=True)
            continue
        if row.old is not None:
            console.print(_marked("-", row.old, "red"), soft_wrap=True)
        if row.new is not None:
            waiting.append(_marked("+", row.new, "green"))
    _flush(console, waiting)


def _flush(console: Console, waiting: list[Text]) -> None:
    for line in waiting:
        console.print(line, soft_wrap=True)
    waiting.clear()


def _print_beside(console: Console, hunk: DiffHunk) -> None:
    table = Table(box=None, pad_edge=False, expand=True, show_header=False, title=hunk.heading or None)
    for ratio in (None, 1, None, 1):
        table.add_column(ratio=ratio, overflow="fold", justify="right" if ratio is None else "left")
    for row in hunk.rows:
        cells: list[Text] = []
        for side, sign, style in ((row.old, "-", "red"), (row.new, "+", "green")):
            if side is None:
                cells += [Text(), Text()]
            else:
                cells += [
                    Text(str(side.line), style="dim"),
                    _marked(*((sign, side, style) if row.changed else (" ", side, ""))),
                ]
        table.add_row(*cells)
    console.print(table)


@click.command("blame")
@click.argument("ref")
@click.option("--version", type=click.IntRange(1), default=None, help="Of this version instead of the current one.")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def blame(ref: str, *, version: int | None, log_slug: str, as_json: bool) -> None:
    """Tell for each line of a decision which version brought it, when and by whom.

    \b
    Examples:
      cairn blame ADR-0012
      cairn blame ADR-0012 --version 3 --json
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _texts(connection) as client:
        summary = find_summary(connection, ref, log_slug)
        request = BlameVersionRequest(decision_id=summary.id, version=version or 0)
        found = client.blame_version(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
        return
    known = {entry.version: entry for entry in found.versions}
    table = Table(box=None, pad_edge=False, show_header=False)
    for at, line in enumerate(found.lines, start=1):
        entry = known[line.version]
        day = entry.created_at.to_datetime().strftime("%Y-%m-%d") if entry.created_at else ""
        table.add_row(f"v{line.version}", day, Text(entry.author_name), str(at), Text(line.text))
    output().print(table)


@click.command("rollback")
@click.argument("ref")
@click.argument("version", type=click.IntRange(1))
@click.option("--message", "-m", default="", help="Why, for the history.")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rollback(ref: str, version: int, *, message: str, log_slug: str, as_json: bool) -> None:
    """Make VERSION of a decision the current text again, as a new version. Nothing is lost.

    \b
    Examples:
      cairn rollback ADR-0012 3
      cairn rollback ADR-0012 3 -m "The measurement was wrong."
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _texts(connection) as client:
        summary = find_summary(connection, ref, log_slug)
        request = RollBackDecisionRequest(
            decision_id=summary.id, version=version, expected_version=summary.version, message=message
        )
        rolled = client.roll_back_decision(request, headers=connection.headers).decision
    if rolled is None or rolled.summary is None:
        raise CommandFailed("The server gave no decision back.")
    if as_json:
        print_json(to_jsonable(rolled))
    elif rolled.summary.version == summary.version:
        click.echo(f"{summary.ref} says what version {version} said already; nothing was changed.")
    else:
        click.echo(f"{summary.ref} says what version {version} said, as version {rolled.summary.version}.")
