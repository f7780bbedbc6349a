"""`cairn due`, `cairn inbox`, `cairn review`: what is to be looked at."""

from datetime import datetime

import click
from rich.table import Table

from cairn.decisions.cli.lifecycle import find_summary
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceClientSync
from cairn.gen.cairn.decisions.v1.review_pb import (
    Care,
    ConfirmReviewRequest,
    CreateCalendarFeedRequest,
    ListDueRequest,
    ListInboxRequest,
    SetReviewRequest,
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
    to_jsonable,
)


def _reviews(connection: Connection) -> ReviewServiceClientSync:
    return ReviewServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


@click.command("due")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Up to this day, not 30 days from now.")
@click.option("--log", "logs", multiple=True, help="Only this log; may be given several times.")
@click.option("--mine", is_flag=True, help="Only decisions you own, or wrote where nobody owns them.")
@click.option("--calendar", is_flag=True, help="Make a new address for your calendar, instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def due(*, until: datetime | None, logs: tuple[str, ...], mine: bool, calendar: bool, as_json: bool) -> None:
    """List decisions whose review date has come or comes soon, the longest overdue first.

    \b
    Examples:
      cairn due
      cairn due --until 2027-06-30 --mine --json
      cairn due --calendar
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    if calendar:
        _print_calendar(connection, as_json=as_json)
        return
    with calling(), _reviews(connection) as client:
        day = until.date().isoformat() if until else ""
        request = ListDueRequest(until=day, log_ids=find_log_ids(connection, logs), mine=mine)
        found = client.list_due(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
        return
    console = output()
    if not found.reviews:
        console.print("Nothing is due. `cairn review REF --on DATE` sets a date.")
        return
    table = Table("review", "", "ref", "title", "owner", "log", box=None, pad_edge=False)
    for entry in found.reviews:
        if entry.decision is None:
            continue
        late = entry.days_overdue
        when = f"{late} days overdue" if late > 0 else "today" if late == 0 else f"in {-late} days"
        table.add_row(
            entry.review_on, when, entry.decision.ref, entry.decision.title, entry.owner_name, entry.decision.log_slug
        )
    console.print(table)


def _print_calendar(connection: Connection, *, as_json: bool) -> None:
    with calling(), _reviews(connection) as client:
        path = client.create_calendar_feed(CreateCalendarFeedRequest(), headers=connection.headers).path
    address = f"{connection.url}{path}"
    if as_json:
        print_json({"address": address})
    else:
        click.echo(f"{address}\nSubscribe to it in your calendar. Who has the address sees your review dates.")


@click.command("inbox")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inbox(*, as_json: bool) -> None:
    """List what awaits you: reviews, approvals, open discussions, changes of what you watch.

    \b
    Examples:
      cairn inbox
      cairn inbox --json
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _reviews(connection) as client:
        found = client.list_inbox(ListInboxRequest(), headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
        return
    console = output()
    for item in found.items:
        title = f" ({item.decision.title})" if item.decision else ""
        console.print(f"{item.text}{title}", markup=False, soft_wrap=True)
    if not found.items:
        console.print("Nothing awaits you.")


@click.command("review")
@click.argument("ref")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Look at it again on this day.")
@click.option(
    "--every", "every_months", type=click.IntRange(0, 120), default=0, help="Then again after so many months."
)
@click.option("--confirm", is_flag=True, help="Say that you looked and it still holds.")
@click.option("--clear", is_flag=True, help="Set no date any more.")
@click.option("--log", "log_slug", default="", help="The log to look in when several have such a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def review(
    ref: str, *, day: datetime | None, every_months: int, confirm: bool, clear: bool, log_slug: str, as_json: bool
) -> None:
    """Set the date on which a decision is looked at again, or say that it was and still holds.

    \b
    Examples:
      cairn review ADR-0012 --on 2027-06-30 --every 12
      cairn review ADR-0012 --confirm
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if (day is not None) + confirm + clear != 1:
        raise Misused("Give one of --on DATE, --confirm and --clear.")
    connection = find_connection()
    with calling(), _reviews(connection) as client:
        summary = find_summary(connection, ref, log_slug)
        care: Care | None
        if confirm:
            request = ConfirmReviewRequest(decision_id=summary.id)
            care = client.confirm_review(request, headers=connection.headers).care
        else:
            on = day.date().isoformat() if day else ""
            setting = SetReviewRequest(decision_id=summary.id, review_on=on, every_months=every_months)
            care = client.set_review(setting, headers=connection.headers).care
    if care is None:
        raise CommandFailed("The server gave no review date back.")
    if as_json:
        print_json(to_jsonable(care))
    else:
        click.echo(
            f"{summary.ref} is due on {care.review_on}." if care.review_on else f"{summary.ref} has no review date."
        )
