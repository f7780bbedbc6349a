"""`cairn filters`: lists of records that are kept under a name, for `cairn list --filter` and the page."""

import click

from cairn.gen.cairn.decisions.v1.curation_connect import CurationServiceClientSync
from cairn.gen.cairn.decisions.v1.curation_pb import (
    DeleteFilterRequest,
    ListFiltersRequest,
    SavedFilter,
    SaveFilterRequest,
)
from cairn.gen.cairn.decisions.v1.decisions_pb import Status
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    Misused,
    calling,
    find_connection,
    output,
    print_json,
    to_jsonable,
)

_STATUSES = [status.name.lower() for status in Status if status is not Status.UNSPECIFIED]


def _client(connection: Connection) -> CurationServiceClientSync:
    return CurationServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS)


@click.command("filters")
@click.option("--save", default="", help="Keep the filter that the options below describe under this name.")
@click.option("--delete", default="", help="Remove your filter of this name.")
@click.option("--shared", is_flag=True, help="Everybody of the organisation sees it.")
@click.option("--log", "logs", multiple=True, help="Only this log; may be given several times.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only this status.")
@click.option("--tag", "tags", multiple=True, help="Only records with one of these tags.")
@click.option("--text", default="", help="Only records whose title or reference contains these words.")
@click.option("--governs", is_flag=True, help="Only records that govern paths or components.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def filters(
    *,
    save: str,
    delete: str,
    shared: bool,
    logs: tuple[str, ...],
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    text: str,
    governs: bool,
    as_json: bool,
) -> None:
    """List the saved filters, or keep or remove one.

    \b
    Examples:
      cairn filters --save "open questions" --log payments --status draft --status proposed
      cairn list --filter "open questions"
      cairn filters --delete "open questions"
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if save and delete:
        raise Misused("Either --save or --delete a filter.")
    if (logs or statuses or tags or text or governs or shared) and not save:
        raise Misused("Name the filter to keep with --save. To list records, use cairn list.")
    connection = find_connection()
    with calling(), _client(connection) as client:
        if save:
            kept = SavedFilter(name=save, shared=shared, log_slugs=list(logs), tags=list(tags), text=text)
            kept.governs = governs
            kept.statuses = [Status[name.upper()] for name in statuses]
            client.save_filter(SaveFilterRequest(filter=kept), headers=connection.headers)
        if delete:
            own = next((one for one in _list(client, connection) if one.own and one.name == delete), None)
            if own is None:
                raise CommandFailed(f"You have no filter {delete!r}. `cairn filters` lists yours.")
            client.delete_filter(DeleteFilterRequest(id=own.id), headers=connection.headers)
        found = _list(client, connection)
    if as_json:
        print_json([to_jsonable(one) for one in found])
        return
    for one in found:
        output().print(_line(one), markup=False, soft_wrap=True)
    if not found:
        output().print("No filter is saved. `cairn filters --save NAME --status ...` keeps one.", markup=False)


def find_filter(connection: Connection, name: str) -> SavedFilter:
    """Return a saved filter, the caller's own before one that others share. Raises `CommandFailed`."""
    with _client(connection) as client:
        found = sorted(_list(client, connection), key=lambda one: not one.own)
    for one in found:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in found) or "none yet"
    raise CommandFailed(f"There is no saved filter {name!r}. There are: {known}.")


def _list(client: CurationServiceClientSync, connection: Connection) -> list[SavedFilter]:
    return list(client.list_filters(ListFiltersRequest(), headers=connection.headers).filters)


def _line(one: SavedFilter) -> str:
    parts = [f"--log {slug}" for slug in one.log_slugs]
    parts += [f"--status {Status(status).name.lower()}" for status in one.statuses]
    parts += [f"--tag {tag}" for tag in one.tags]
    parts += [f'--text "{one.text}"'] if one.text else []
    parts += ["--governs"] if one.governs else []
    parts += [f"owners: {len(one.owner_ids)}"] if one.owner_ids else []
    sharing = "  (shared)" if one.own and one.shared else "" if one.own else "  (shared by somebody else)"
    return f"{one.name}{sharing}:  {' '.join(parts) or 'every record'}"
