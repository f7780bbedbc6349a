"""`cairn list`, `cairn new`: records on the command line."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import click
from rich.table import Table

from cairn.decisions.cli.curation import find_template
from cairn.decisions.cli.filters import find_filter
from cairn.gen.cairn.decisions.v1.curation_pb import SavedFilter
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import (
    Content,
    CreateDecisionRequest,
    CreateLogRequest,
    DecisionSummary,
    ListDecisionsRequest,
    ListLogsRequest,
    Log,
    Order,
    Status,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    Misused,
    calling,
    find_connection,
    find_log_ids,
    output,
    print_json,
    status_label,
    to_jsonable,
)

_STATUSES = [status.name.lower() for status in Status if status is not Status.UNSPECIFIED]
_ORDERS = {"number": Order.NUMBER, "newest": Order.NUMBER_DESC, "updated": Order.UPDATED_DESC, "title": Order.TITLE}
_PAGE_SIZE = 500


def _client(connection: Connection) -> DecisionsServiceClientSync:
    return DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


def _logs(client: DecisionsServiceClientSync, connection: Connection) -> list[Log]:
    return list(client.list_logs(ListLogsRequest(), headers=connection.headers).logs)


@click.command("list")
@click.option("--log", "logs", multiple=True, help="Only this log; may be given several times.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only this status.")
@click.option("--tag", "tags", multiple=True, help="Only records with one of these tags.")
@click.option("--text", default="", help="Only records whose title or reference contains these words.")
@click.option("--governs", is_flag=True, help="Only records that govern paths or components.")
@click.option("--filter", "saved", default="", help="A saved filter; the options given here take its parts' places.")
@click.option("--sort", type=click.Choice(list(_ORDERS)), default="number", show_default=True)
@click.option("--deleted", is_flag=True, help="The deleted records instead.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(
    *,
    logs: tuple[str, ...],
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    text: str,
    governs: bool,
    saved: str,
    sort: str,
    deleted: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List decisions.

    \b
    Examples:
      cairn list --status accepted --text kafka
      cairn list --log payments --json
      cairn list --filter "open questions"
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    found: list[DecisionSummary] = []
    total = 0
    with calling(), _client(connection) as client:
        kept = find_filter(connection, saved) if saved else SavedFilter()
        request = ListDecisionsRequest(
            log_ids=find_log_ids(connection, logs or tuple(kept.log_slugs)),
            statuses=[Status[name.upper()] for name in statuses] or list(kept.statuses),
            tags=list(tags or kept.tags),
            text=text or kept.text,
            deleted=deleted,
            owner_ids=list(kept.owner_ids),
            governs=governs or kept.governs,
            order=_ORDERS[sort],
            page_size=min(limit, _PAGE_SIZE),
        )
        while True:
            page = client.list_decisions(request, headers=connection.headers)
            found.extend(page.decisions)
            total = page.total
            if not page.next_cursor or len(found) >= limit:
                break
            request.cursor = page.next_cursor
    found = found[:limit]
    if as_json:
        print_json({"total": total, "decisions": [to_jsonable(summary) for summary in found]})
        return
    _print_list(found, total)


def _print_list(found: list[DecisionSummary], total: int) -> None:
    console = output()
    if not found:
        console.print("No decision matches. `cairn import DIR` brings some in." if total == 0 else "No decision.")
        return
    table = Table("ref", "title", "status", "decided", "log", box=None, pad_edge=False)
    for summary in found:
        status = status_label(Status(summary.status).name)
        if summary.successor is not None:
            status += f" by {summary.successor.ref}"
        table.add_row(summary.ref, summary.title, status, summary.decided_on, summary.log_slug)
    console.print(table)
    if total > len(found):
        console.print(f"{len(found)} of {total}; --limit shows more.")


@click.command("new")
@click.argument("title")
@click.option("--log", "log_slug", default="", help="The log; needed when there are several.")
@click.option("--create-log", is_flag=True, help="Make the log named by --log if it is not there.")
@click.option("--status", type=click.Choice(_STATUSES), default="proposed", show_default=True)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the decision.")
@click.option("--decider", "deciders", multiple=True, help="Who decides; may be given several times.")
@click.option("--tag", "tags", multiple=True)
@click.option("--body", help="The text, Markdown.")
@click.option("--template", default="", help="Start from the log's template of this name instead of the chosen one.")
@click.option("--body-file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
              help="Read the text from this file; - is standard input.")  # fmt: skip
@click.option("--message", default="", help="Why, for the history.")
@click.option("--json", "as_json", is_flag=True, help="Print the new decision as JSON.")
def new(
    title: str,
    *,
    log_slug: str,
    create_log: bool,
    status: str,
    day: datetime | None,
    deciders: tuple[str, ...],
    tags: tuple[str, ...],
    body: str | None,
    template: str,
    body_file: Path | None,
    message: str,
    as_json: bool,
) -> None:
    """Write a new decision called TITLE.

    The text comes from --body, --body-file, standard input, or else your editor ($VISUAL, $EDITOR) opens with the
    template that the log chose (see `cairn templates`).

    \b
    Examples:
      cairn new "Keep sessions in Postgres"
      cairn new "Use one queue" --log payments --body-file notes.md --decider "Ada" --tag queue
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _client(connection) as client:
        log = _choose_log(client, connection, log_slug, create=create_log)
        content = Content(
            title=title,
            status=Status[status.upper()],
            decided_on=_iso(day),
            deciders=list(deciders),
            tags=list(tags),
            body=_read_body(title, body, body_file, lambda: find_template(connection, log.id, template)),
        )
        request = CreateDecisionRequest(log_id=log.id, content=content, message=message)
        decision = client.create_decision(request, headers=connection.headers).decision
    if decision is None or decision.summary is None:
        raise CommandFailed("The server gave no decision back.")
    if as_json:
        print_json(to_jsonable(decision))
    else:
        summary = decision.summary
        output().print(f"{summary.ref} {summary.title} ({summary.log_slug})", markup=False, soft_wrap=True)


def _iso(day: datetime | None) -> str:
    return date(day.year, day.month, day.day).isoformat() if day else ""


def _choose_log(client: DecisionsServiceClientSync, connection: Connection, slug: str, *, create: bool) -> Log:
    logs = _logs(client, connection)
    if not slug and len(logs) == 1:
        return logs[0]
    names = ", ".join(log.slug for log in logs)
    if not slug:
        told = f"Name one with --log: {names}." if logs else "There is no log yet. Make one: --log NAME --create-log."
        raise Misused(told)
    for log in logs:
        if log.slug == slug:
            return log
    if not create:
        told = f"There is no log {slug!r}. The logs are: {names or 'none'}. --create-log makes it."
        raise CommandFailed(told)
    made = client.create_log(CreateLogRequest(slug=slug, name=slug), headers=connection.headers).log
    if made is None:
        raise CommandFailed("The server made no log.")
    return made


def _read_body(title: str, body: str | None, body_file: Path | None, form: Callable[[], str]) -> str:
    if body is not None:
        return body
    if body_file is not None and str(body_file) != "-":
        return body_file.read_text(encoding="utf-8", errors="replace")
    if body_file is not None or not sys.stdin.isatty():
        return sys.stdin.read()
    written = click.edit(f"<!-- {title} -->\n\n{form()}", extension=".md")
    if written is None:
        raise CommandFailed("The editor saved nothing, so nothing was made.")
    return written.removeprefix(f"<!-- {title} -->").strip()
