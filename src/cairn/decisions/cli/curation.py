"""`cairn bulk`, `cairn templates` and `cairn where`: many records at once, forms, and old names."""

from datetime import datetime
from pathlib import Path

import click

from cairn.gen.cairn.decisions.v1.curation_connect import CurationServiceClientSync
from cairn.gen.cairn.decisions.v1.curation_pb import (
    BulkEditRequest,
    BulkResult,
    ListTemplatesRequest,
    ResolveNameRequest,
    ReviewPlan,
    SaveTemplateRequest,
    Template,
    UndoBulkEditRequest,
)
from cairn.gen.cairn.decisions.v1.decisions_pb import Scope, Status
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceClientSync
from cairn.gen.cairn.decisions.v1.review_pb import ListPeopleRequest
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

_STATUSES = [status.name.lower() for status in Status if status is not Status.UNSPECIFIED]


def _client(connection: Connection) -> CurationServiceClientSync:
    return CurationServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


@click.command("bulk")
@click.argument("refs", nargs=-1)
@click.option("--log", "log_slug", default="", help="The log that the numbers are of.")
@click.option("--add-tag", "add_tags", multiple=True)
@click.option("--remove-tag", "remove_tags", multiple=True)
@click.option("--add-path", "add_paths", multiple=True, help="A path pattern that the records govern.")
@click.option("--add-component", "add_components", multiple=True)
@click.option("--remove-component", "remove_components", multiple=True)
@click.option("--add-category", "add_categories", multiple=True)
@click.option("--remove-category", "remove_categories", multiple=True)
@click.option("--status", type=click.Choice(_STATUSES))
@click.option("--owner", default=None, help="The name of who looks after them from now on; '' for nobody.")
@click.option("--review-on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Look at them again on this day.")
@click.option("--every", "every_months", type=click.IntRange(0, 120), default=0, help="And again after so many months.")
@click.option("--message", "-m", default="", help="Why, kept with every new version.")
@click.option("--undo", default="", help="Take back the edit with this id instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bulk(
    *,
    refs: tuple[str, ...],
    log_slug: str,
    add_tags: tuple[str, ...],
    remove_tags: tuple[str, ...],
    add_paths: tuple[str, ...],
    add_components: tuple[str, ...],
    remove_components: tuple[str, ...],
    add_categories: tuple[str, ...],
    remove_categories: tuple[str, ...],
    status: str | None,
    owner: str | None,
    review_on: datetime | None,
    every_months: int,
    message: str,
    undo: str,
    as_json: bool,
) -> None:
    """Change the records REFS at once, each as a new version where its text changes.

    \b
    Examples:
      cairn bulk ADR-3 ADR-7 --log payments --add-tag mail --add-path "src/mail/**"
      cairn bulk ADR-3 ADR-7 --log payments --owner "Ada Lind" --review-on 2027-06-30 --every 12
      cairn bulk --undo 0198c0de-...

    Exit code 1 when a record could not be changed.
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if bool(refs) == bool(undo):
        raise Misused("Name the records, or an edit to take back with --undo.")
    if every_months and review_on is None:
        raise Misused("--every goes with --review-on, the day of the first review.")
    connection = find_connection()
    edit_id = undo
    with calling(), _client(connection) as client:
        if undo:
            results = list(client.undo_bulk_edit(UndoBulkEditRequest(id=undo), headers=connection.headers).results)
        else:
            request = BulkEditRequest(
                decision_ids=_find_ids(client, connection, refs, log_slug),
                add_tags=list(add_tags),
                remove_tags=list(remove_tags),
                add_scope=Scope(
                    paths=list(add_paths), components=list(add_components), categories=list(add_categories)
                ),
                remove_scope=Scope(components=list(remove_components), categories=list(remove_categories)),
                status=Status[status.upper()] if status else Status.UNSPECIFIED,
                message=message,
            )
            if owner is not None:
                request.owner_id = _find_person_id(connection, owner)
            if review_on is not None:
                request.review = ReviewPlan(review_on=review_on.date().isoformat(), every_months=every_months)
            answer = client.bulk_edit(request, headers=connection.headers)
            edit_id, results = answer.id, list(answer.results)
    _print_results(edit_id, results, undo=bool(undo), as_json=as_json)


def _find_ids(
    client: CurationServiceClientSync, connection: Connection, refs: tuple[str, ...], log_slug: str
) -> list[str]:
    ids: list[str] = []
    for ref in refs:
        request = ResolveNameRequest(name=ref, log_slug=log_slug)
        found = client.resolve_name(request, headers=connection.headers).decision
        if found is not None:
            ids.append(found.id)
    return ids


def _find_person_id(connection: Connection, name: str) -> str:
    if not name:
        return ""
    with ReviewServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        people = client.list_people(ListPeopleRequest(), headers=connection.headers).people
    found = [person.id for person in people if name in {person.name, person.id}]
    if len(found) != 1:
        remedy = "Give the id of one of them." if found else f"There are: {', '.join(one.name for one in people)}."
        raise Misused(f"{len(found)} people are called {name}. {remedy}")
    return found[0]


def _print_results(edit_id: str, results: list[BulkResult], *, undo: bool, as_json: bool) -> None:
    done = [result for result in results if result.done]
    if as_json:
        print_json({"id": edit_id, "results": [to_jsonable(result) for result in results]})
    else:
        console = output()
        for result in results:
            if not result.done:
                console.print(f"{result.ref}: {result.message}", markup=False, soft_wrap=True)
        told = "taken back" if undo else "changed"
        console.print(f"{len(done)} of {len(results)} records {told}.")
        if edit_id and done and not undo:
            console.print(f"To take it back: cairn bulk --undo {edit_id}")
    failed = [result for result in results if not result.done and result.message != "nothing to change"]
    if failed:
        raise CommandFailed(f"{len(failed)} records could not be changed.")


@click.command("templates")
@click.argument("log")
@click.option("--choose", default="", help="Let new records start from the template of this name.")
@click.option("--add", "name", default="", help="Add or change the template of this name, from --file.")
@click.option("--file", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--show", default="", help="Print the template of this name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def templates(log: str, *, choose: str, name: str, source: Path | None, show: str, as_json: bool) -> None:
    """List the templates of LOG, choose one, or add one.

    \b
    Examples:
      cairn templates payments
      cairn templates payments --choose nygard
      cairn templates payments --add ours --file template.md
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if bool(name) != (source is not None):
        raise Misused("--add NAME goes with --file FILE.")
    connection = find_connection()
    log_id = find_log_ids(connection, [log])[0]
    with calling(), _client(connection) as client:
        if name and source is not None:
            added = Template(name=name, body=source.read_text(encoding="utf-8", errors="replace"))
            client.save_template(SaveTemplateRequest(log_id=log_id, template=added), headers=connection.headers)
        if choose:
            chosen = Template(name=choose, chosen=True)
            client.save_template(SaveTemplateRequest(log_id=log_id, template=chosen), headers=connection.headers)
        found = client.list_templates(ListTemplatesRequest(log_id=log_id), headers=connection.headers).templates
    if show:
        body = next((template.body for template in found if template.name == show), None)
        if body is None:
            raise CommandFailed(f"There is no template {show!r}. There are: {', '.join(t.name for t in found)}.")
        found = [template for template in found if template.name == show]
        if not as_json:
            click.echo(body)
            return
    if as_json:
        print_json({"templates": [to_jsonable(template) for template in found]})
        return
    for template in found:
        mark = "*" if template.chosen else " "
        output().print(f"{mark} {template.name}  {template.description}", markup=False, soft_wrap=True)


def find_template(connection: Connection, log_id: str, name: str) -> str:
    """Return the body of a log's template, the chosen one without a name. Raises `CommandFailed`."""
    with _client(connection) as client:
        found = client.list_templates(ListTemplatesRequest(log_id=log_id), headers=connection.headers).templates
    for template in found:
        if template.name == name or (not name and template.chosen):
            return template.body
    told = f"There is no template {name!r}. There are: {', '.join(template.name for template in found)}."
    raise CommandFailed(told)


@click.command("where")
@click.argument("name")
@click.option("--log", "log_slug", default="", help="The log to look in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def where(name: str, *, log_slug: str, as_json: bool) -> None:
    """Find the record that NAME means: a number, a path or a slug, as it is or was; `#anchor` names a section.

    \b
    Example:
      cairn where docs/adr/0012-old-name.md#context --log payments
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    asked, _, anchor = name.partition("#")
    with calling(), _client(connection) as client:
        request = ResolveNameRequest(name=asked, log_slug=log_slug, anchor=anchor)
        found = client.resolve_name(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(found))
        return
    if found.decision is None:
        raise CommandFailed(f"There is no record {asked!r}.")
    former = f" (was {asked})" if found.former else ""
    section = f", section “{found.section}” (#{found.page_anchor})" if found.section else ""
    output().print(f"{found.decision.ref}  {found.decision.title}{former}{section}", markup=False, soft_wrap=True)
