"""`cairn search`, `cairn related` and `cairn reindex`."""

import click
from rich.progress import Progress

from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import DecisionSummary, GetDecisionRequest, Status
from cairn.gen.cairn.search.v1.search_connect import SearchServiceClientSync
from cairn.gen.cairn.search.v1.search_pb import (
    CheckIndexRequest,
    CheckIndexResponse,
    ListRelatedRequest,
    Mode,
    Passage,
    ReindexRequest,
    Result,
    SearchRequest,
    WatchIndexStateRequest,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    calling,
    find_connection,
    find_log_ids,
    output,
    print_json,
    progress_console,
    status_label,
    to_jsonable,
)

_MODES = {"hybrid": Mode.HYBRID, "words": Mode.LEXICAL, "meaning": Mode.SEMANTIC}
_STATUSES = [status.name.lower() for status in Status if status is not Status.UNSPECIFIED]
_PASSAGES_SHOWN = 2
_REINDEX_TIMEOUT_MS = 3_600_000
_PASSAGE_CHARS = 300


@click.command("search")
@click.argument("query")
@click.option("--mode", type=click.Choice(list(_MODES)), default="hybrid", show_default=True)
@click.option("--log", "logs", multiple=True, help="Only this log; may be given several times.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only this status.")
@click.option("--tag", "tags", multiple=True, help="Only records with one of these tags.")
@click.option("--governs", multiple=True, help="Only what governs this path or component.")
@click.option("--as-of", default="", help="What the logs said at the end of this day: 2024, 2024-05 or 2024-05-31.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(
    query: str,
    *,
    mode: str,
    logs: tuple[str, ...],
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    governs: tuple[str, ...],
    as_of: str,
    limit: int,
    as_json: bool,
) -> None:
    """Search all decisions for QUERY, by words and by meaning.

    \b
    Examples:
      cairn search "why do we use a message bus"
      cairn search kafka --mode words --status accepted --json
      cairn search '"message bus" -kafka status:accepted after:2024'
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    with calling(), SearchServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = SearchRequest(
            query=query,
            mode=_MODES[mode],
            log_ids=find_log_ids(connection, logs),
            statuses=[Status[name.upper()] for name in statuses],
            tags=list(tags),
            governs=list(governs),
            as_of=as_of,
            page_size=limit,
        )
        answer = client.search(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(answer))
        return
    console = output()
    if answer.notice:
        console.print(answer.notice, style="yellow", markup=False, soft_wrap=True)
    if answer.did_you_mean:
        console.print(f"Also searched for: {answer.did_you_mean}", style="yellow", markup=False, soft_wrap=True)
    if not answer.results:
        console.print("Nothing was found.")
    for result in answer.results:
        _print_result(result)


@click.command("related")
@click.argument("ref")
@click.option("--log", "log_slug", default="", help="The log to look REF up in.")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def related(ref: str, *, log_slug: str, limit: int, as_json: bool) -> None:
    """List the decisions most like REF, for example ADR-0012."""
    connection = find_connection()
    with calling():
        with DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as decisions:
            wanted = GetDecisionRequest(ref=ref, log_slug=log_slug)
            decision = decisions.get_decision(wanted, headers=connection.headers).decision
        if decision is None or decision.summary is None:
            raise CommandFailed(f"There is no decision {ref!r}.")
        with SearchServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
            request = ListRelatedRequest(decision_id=decision.summary.id, limit=limit)
            answer = client.list_related(request, headers=connection.headers)
    if as_json:
        print_json(to_jsonable(answer))
        return
    console = output()
    for one in answer.related:
        summary = one.decision or DecisionSummary()
        notes = [name for name, holds in (("linked", one.linked), ("near duplicate", one.near_duplicate)) if holds]
        told = f"  ({', '.join(notes)})" if notes else ""
        console.print(f"{summary.log_slug}/{summary.ref}  {summary.title}{told}", markup=False, soft_wrap=True)
    if not answer.related:
        console.print("Nothing is like it, or it is not indexed yet.")


@click.command("reindex")
@click.option("--check", is_flag=True, help="Only compare the index with the decisions. Exit code 1 when they differ.")
@click.option("--embed-anew", is_flag=True, help="Also embed every passage anew, not only those that changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reindex(*, check: bool, embed_anew: bool, as_json: bool) -> None:
    """Have the search index of the organisation made anew, and wait until it is.

    What is indexed stays findable meanwhile. An interrupted command does not stop the worker.
    """
    connection = find_connection()
    with calling():
        if not check:
            _reindex(connection, embed_anew=embed_anew)
        with SearchServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
            report = client.check_index(CheckIndexRequest(), headers=connection.headers)
    if as_json:
        print_json(to_jsonable(report))
    else:
        _print_report(report)
    if report.problems:
        raise CommandFailed("The index differs from the decisions. `cairn reindex` makes it anew.")


def _reindex(connection: Connection, *, embed_anew: bool) -> None:
    with SearchServiceClientSync(connection.url, timeout_ms=_REINDEX_TIMEOUT_MS) as client:
        client.reindex(ReindexRequest(embed_anew=embed_anew), headers=connection.headers)
        with Progress(console=progress_console()) as progress:
            words = progress.add_task("by words", total=None)
            meaning = progress.add_task("by meaning", total=None)
            for answer in client.watch_index_state(WatchIndexStateRequest(), headers=connection.headers):
                if answer.event is not None and answer.event.field == "totals":
                    totals = answer.event.value
                    progress.update(words, total=totals.decisions, completed=totals.words_current)
                    progress.update(meaning, total=totals.decisions, completed=totals.meaning_current)


def _print_report(report: CheckIndexResponse) -> None:
    console = output()
    for problem in report.problems:
        console.print(f"{problem.decision_id} {problem.problem}", markup=False, soft_wrap=True)
    console.print(
        f"{report.decisions} decisions, {report.passages} passages, {report.segments} segments, "
        f"{report.words_bytes / 1e6:.1f} MB of words, {len(report.problems)} problems."
    )


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
    path = f"Discussion, {passage.source_title}" if passage.source == "comment" else " > ".join(passage.heading_path)
    return f"{path}: {short}" if path else short
