"""`cairn publish` and `cairn unpublish`: pages for readers without an account."""

import click

from cairn.decisions.cli.lifecycle import find_summary
from cairn.gen.cairn.decisions.v1.publishing_connect import PublishingServiceClientSync
from cairn.gen.cairn.decisions.v1.publishing_pb import (
    Publication,
    PublishDecisionRequest,
    PublishLogRequest,
    WithdrawDecisionRequest,
    WithdrawLogRequest,
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


def _client(connection: Connection) -> PublishingServiceClientSync:
    return PublishingServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


@click.command("publish")
@click.argument("ref", default="")
@click.option("--log", "log_slug", default="", help="The log to publish, or the one that REF is in.")
@click.option("--version", default=0, type=click.IntRange(min=0), help="The version of REF to show; the current one.")
@click.option("--address", default="", help="Where the pages stand: /public/ADDRESS. The log's short name at first.")
@click.option("--chosen-only", is_flag=True, help="Show only records that are published one by one.")
@click.option("--noindex", is_flag=True, help="Ask search engines to leave the pages out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def publish(
    *, ref: str, log_slug: str, version: int, address: str, chosen_only: bool, noindex: bool, as_json: bool
) -> None:
    """Show a log, or the record REF, to readers without an account.

    A log shows every record in its last decided version; a record shows the version it was published in.

    \b
    Examples:
      cairn publish --log payments --address open-decisions
      cairn publish ADR-12 --log payments
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), _client(connection) as client:
        if ref:
            request = PublishDecisionRequest(decision_id=find_summary(connection, ref, log_slug).id, version=version)
            shown = client.publish_decision(request, headers=connection.headers).publication
        elif log_slug:
            request = PublishLogRequest(
                log_id=find_log_ids(connection, [log_slug])[0], address=address, whole=not chosen_only, noindex=noindex
            )
            shown = client.publish_log(request, headers=connection.headers).publication
        else:
            raise Misused("Name a record, or a log with --log.")
    _tell(connection, shown or Publication(), as_json=as_json)


@click.command("unpublish")
@click.argument("ref", default="")
@click.option("--log", "log_slug", default="", help="The log to take back, or the one that REF is in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def unpublish(*, ref: str, log_slug: str, as_json: bool) -> None:
    """Take a log, or the record REF, from its readers. Its pages are gone at once.

    \b
    Examples:
      cairn unpublish ADR-12 --log payments
      cairn unpublish --log payments
    """  # noqa: D301 - as above
    connection = find_connection()
    with calling(), _client(connection) as client:
        if ref:
            decision_id = find_summary(connection, ref, log_slug).id
            request = WithdrawDecisionRequest(decision_id=decision_id)
            left = client.withdraw_decision(request, headers=connection.headers).publication
        elif log_slug:
            request = WithdrawLogRequest(log_id=find_log_ids(connection, [log_slug])[0])
            left = client.withdraw_log(request, headers=connection.headers).publication
        else:
            raise Misused("Name a record, or a log with --log.")
    if as_json:
        print_json(to_jsonable(left or Publication()))
        return
    output().print(f"{ref or log_slug} is no longer public.", markup=False, soft_wrap=True)


def _tell(connection: Connection, shown: Publication, *, as_json: bool) -> None:
    if as_json:
        print_json(to_jsonable(shown))
        return
    if not shown.path:
        raise CommandFailed("The server did not say where the pages are.")
    out = output()
    out.print(f"{connection.url}{shown.record_path or shown.path}", markup=False, soft_wrap=True)
    if not shown.record_path:
        records = f"{shown.record_count} record{'s' * (shown.record_count != 1)}"
        out.print(f"Readers see {records}.", markup=False, soft_wrap=True)
