"""`cairn search`: find decisions by words and by meaning."""

import click

from cairn.gen.cairn.decisions.v1.decisions_pb import DecisionSummary, Status
from cairn.gen.cairn.search.v1.search_connect import SearchServiceClientSync
from cairn.gen.cairn.search.v1.search_pb import Mode, Passage, Result, SearchRequest
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    calling,
    find_connection,
    find_log_ids,
    output,
    print_json,
    status_label,
    to_jsonable,
)

_MODES = {"hybrid": Mode.HYBRID, "words": Mode.LEXICAL, "meaning": Mode.SEMANTIC}
_STATUSES = [status.name.lower() for status in Status if status is not Status.UNSPECIFIED]
_PASSAGES_SHOWN = 2
_PASSAGE_CHARS = 300


@click.command("search")
@click.argument("query")
@click.option("--mode", type=click.Choice(list(_MODES)), default="hybrid", show_default=True)
@click.option("--log", "logs", multiple=True, help="Only this log; may be given several times.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only this status.")
@click.option("--tag", "tags", multiple=True, help="Only records with one of these tags.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(
    query: str,
    *,
    mode: str,
    logs: tuple[str, ...],
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Search all decisions for QUERY, by words and by meaning.

    \b
    Examples:
      cairn search "why do we use a message bus"
      cairn search kafka --mode words --status accepted --json
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), SearchServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = SearchRequest(
            query=query,
            mode=_MODES[mode],
            log_ids=find_log_ids(connection, logs),
            statuses=[Status[name.upper()] for name in statuses],
            tags=list(tags),
            page_size=limit,
        )
        answer = client.search(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(answer))
        return
    console = output()
    if answer.notice:
        console.print(answer.notice, style="yellow", markup=False, soft_wrap=True)
    if not answer.results:
        console.print("Nothing was found.")
    for result in answer.results:
        _print_result(result)


def _print_result(result: Result) -> None:
    console = output()
    summary = result.decision or DecisionSummary()
    status = status_label(Status(summary.status).name)
    if summary.successor is not None:
        status += f" by {summary.successor.ref} {summary.successor.title}"
    console.print(f"{summary.ref}  {summary.title}", style="bold", markup=False, soft_wrap=True)
    console.print(f"  {summary.log_slug}, {status}", style="dim", markup=False, soft_wrap=True)
    for passage in result.passages[:_PASSAGES_SHOWN]:
        console.print(f"  {_excerpt(passage)}", markup=False, soft_wrap=True)
    console.print()


def _excerpt(passage: Passage) -> str:
    text = " ".join(passage.text.split())
    short = text if len(text) <= _PASSAGE_CHARS else text[:_PASSAGE_CHARS].rsplit(" ", 1)[0] + " …"
    path = " > ".join(passage.heading_path)
    return f"{path}: {short}" if path else short
