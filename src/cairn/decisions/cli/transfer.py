"""`cairn import` and `cairn export`: logs in from folders and out to folders."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cairn.decisions.cli.folder import FILES_MAX, Folder, read_batches, read_document, scan
from cairn.decisions.cli.history import import_history
from cairn.decisions.formats.json_log import NotALog, is_json_log, read_json_log
from cairn.decisions.formats.reader import read_file
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import (
    FieldOutcome,
    FileOutcome,
    FileReport,
    FinishImportRequest,
    Import,
    ImportFilesRequest,
    SourceFile,
    StartImportRequest,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    Misused,
    NothingFound,
    calling,
    find_connection,
    output,
    print_json,
    progress_console,
    to_jsonable,
)

RECORD_OUTCOMES = frozenset([FileOutcome.CREATED, FileOutcome.UPDATED, FileOutcome.UNCHANGED])
FIELDS = ("title", "number", "status", "date", "deciders", "tags", "links", "body")
_SHOWN_MAX = 40


@dataclass(slots=True)
class ImportRun:
    """The result of one import: its totals, a report a file, and what this side could not read."""

    import_: Import
    reports: list[FileReport] = field(default_factory=list[FileReport])
    folder: Folder = field(default_factory=Folder)
    seconds: float = 0.0

    @property
    def records(self) -> list[FileReport]:
        """The reports of files that are records."""
        return [report for report in self.reports if report.outcome in RECORD_OUTCOMES]


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--log", "log_slug", default="", help="Slug of the log to import into; made from the folder's path.")
@click.option("--history", is_flag=True, help="Read every commit of the repository that FOLDER is in, as versions.")
@click.option("--json", "as_json", is_flag=True, help="Print the totals and the report of every file as JSON.")
@click.option("--verbose", "-v", is_flag=True, help="Name every field that was guessed or could not be read.")
def import_(folder: Path, *, log_slug: str, history: bool, as_json: bool, verbose: bool) -> None:
    """Import the decision records of FOLDER (or of one file; also what `cairn export --format json` wrote).

    Every common format is read: Nygard, MADR 2 to 4, tables, front matter, in five languages. Files that are no records
    (indexes, templates) are left out and named. Importing again changes only what changed.

    \b
    Examples:
      cairn import docs/adr
      cairn import ../other-repo/docs/decisions --log other --json
      cairn import docs/adr --history

    Exit code 0 with records, 3 when the folder has none, 4 when Cairn is not running, 1 on other errors.
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if history:
        _import_history(folder, log_slug, as_json=as_json)
        return
    found = scan(folder)
    _require_records(folder, found)
    run = _import_with_progress(find_connection(), folder, found, log_slug)
    if as_json:
        print_json(_run_as_json(run))
    else:
        _print_run(run, verbose=verbose)
    if not run.records:
        raise NothingFound(f"No file of {folder} could be imported as a record.")


def _import_history(folder: Path, log_slug: str, *, as_json: bool) -> None:
    if not folder.is_dir():
        raise Misused("--history reads a folder of a repository, not one file.")
    columns = (SpinnerColumn(), TextColumn("Reading commits"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=progress_console(), transient=True) as progress:
        task = progress.add_task("history", total=None)
        run = import_history(
            find_connection(),
            folder,
            log_slug=log_slug,
            advance=lambda done, total: progress.update(task, completed=done, total=total),
        )
    totals = run.totals
    if as_json:
        seconds = round(run.seconds, 3)
        print_json({"log": run.import_.log_slug, "commits": run.commits, **to_jsonable(totals), "seconds": seconds})
        return
    output().print(
        f"[bold]{totals.versions} versions[/] of {totals.created} new records from {run.commits} commits in the log "
        f"[bold]{run.import_.log_slug}[/] ({run.seconds:.1f} s): {totals.renamed} renamed, {totals.deleted} deleted; "
        f"{totals.passed_over} files were no records, or were read before."
    )


def import_folder(
    connection: Connection,
    root: Path,
    found: Folder,
    *,
    log_slug: str = "",
    source: str = "",
    advance: Callable[[int], None] = lambda _count: None,
) -> ImportRun:
    """Send the documents of a scanned folder, batch after batch. `advance` hears how many more were read.

    Also used at the first start, to import Cairn's own decisions. Raises `CommandFailed`.
    """
    started = time.perf_counter()
    headers = connection.headers
    with calling(), DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = StartImportRequest(log_slug=log_slug, source=source or str(root.resolve()))
        opened = client.start_import(request, headers=headers).import_
        if opened is None:
            raise CommandFailed("The server opened no import.")
        run = ImportRun(opened, folder=found)
        for batch in read_batches(found):
            files = [SourceFile(path=path, content=content) for path, content in batch]
            answer = client.import_files(ImportFilesRequest(import_id=opened.id, files=files), headers=headers)
            run.reports.extend(answer.reports)
            advance(len(batch))
        finished = client.finish_import(FinishImportRequest(import_id=opened.id), headers=headers).import_
        run.import_ = finished or opened
    run.seconds = time.perf_counter() - started
    return run


def import_sample(connection: Connection, root: Path) -> ImportRun:
    """Import the records of `root` as the log `cairn`: the sample that a new Cairn shows. Raises `CommandFailed`."""
    return import_folder(connection, root, scan(root), log_slug="cairn", source="Cairn's own decisions")


def _require_records(root: Path, found: Folder) -> None:
    """Say so before anything is opened when a folder has no records: an empty log helps nobody."""
    reasons: list[str] = []
    for document in found.documents:
        try:
            files = [file for path, content in read_document(document) for file in _files_of(path, content)]
        except OSError as error:
            reasons.append(f"{document.path}: {error.strerror or error}")
            continue
        except NotALog as error:
            reasons.append(f"{document.path}: {error}")
            continue
        for path, content in files:
            read = read_file(path, content)
            if read.kind == "record":
                return
            reasons.append(f"{path}: {read.message}")
    reasons.extend(f"{path}: {reason}" for path, reason in found.unreadable.items())
    count = len(found.documents) + len(found.passed_over) + len(found.unreadable)
    lines = "".join(f"\n  {reason}" for reason in reasons[:_SHOWN_MAX])
    more = f"\n  and {len(reasons) - _SHOWN_MAX} more" if len(reasons) > _SHOWN_MAX else ""
    message = f"{root} has no decision records ({count} files were looked at). Nothing was imported.{lines}{more}"
    raise NothingFound(message)


def _files_of(path: str, content: bytes) -> list[tuple[str, bytes]]:
    if not is_json_log(path, content):
        return [(path, content)]
    return [(file.path, file.content) for file in read_json_log(content)]


def _import_with_progress(connection: Connection, root: Path, found: Folder, log_slug: str) -> ImportRun:
    columns = (SpinnerColumn(), TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=progress_console(), transient=True) as progress:
        task = progress.add_task("import", total=len(found.documents))
        return import_folder(
            connection, root, found, log_slug=log_slug, advance=lambda count: progress.advance(task, count)
        )


def count_fields(reports: list[FileReport]) -> dict[str, dict[str, int]]:
    """Count for each field how many records had it read, guessed or missing, and how many values were ignored."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        outcomes: dict[str, str] = {}
        for entry in report.fields:
            name = FieldOutcome(entry.outcome).name.lower()
            if name == "ignored":
                counts[entry.field]["ignored"] += 1
            else:
                # A record with several links counts once, by the surest of them.
                best = min([name, outcomes.get(entry.field, "missing")], key=("read", "guessed", "missing").index)
                outcomes[entry.field] = best
        for name, outcome in outcomes.items():
            counts[name][outcome] += 1
    return {name: {key: counts[name][key] for key in ("read", "guessed", "missing", "ignored")} for name in FIELDS}


def _run_as_json(run: ImportRun) -> dict[str, Any]:
    totals = {outcome.name.lower(): 0 for outcome in FileOutcome if outcome is not FileOutcome.UNSPECIFIED}
    totals.update(Counter(FileOutcome(report.outcome).name.lower() for report in run.reports))
    totals["failed"] += len(run.folder.unreadable)
    return {
        "log": run.import_.log_slug,
        "import": to_jsonable(run.import_),
        "records": len(run.records),
        "totals": totals,
        "fields": count_fields(run.records),
        "seconds": round(run.seconds, 3),
        "files": [to_jsonable(report) for report in run.reports],
        "unreadable": run.folder.unreadable,
        "not_sent": run.folder.passed_over,
    }


def _print_run(run: ImportRun, *, verbose: bool) -> None:
    console = output()
    counts = Counter(FileOutcome(report.outcome) for report in run.reports)
    failed = counts[FileOutcome.FAILED] + len(run.folder.unreadable)
    console.print(
        f"[bold]{len(run.records)} records[/] in the log [bold]{run.import_.log_slug}[/] ({run.seconds:.1f} s): "
        f"{counts[FileOutcome.CREATED]} new, {counts[FileOutcome.UPDATED]} changed, "
        f"{counts[FileOutcome.UNCHANGED]} unchanged; {counts[FileOutcome.LEFT_OUT]} left out, {failed} failed. "
        f"Links: {run.import_.links_resolved} resolved, {run.import_.links_unresolved} not."
    )
    table = Table("field", "read", "guessed", "missing", "ignored values", box=None, pad_edge=False)
    for name, outcomes in count_fields(run.records).items():
        table.add_row(name, *(str(outcomes[key]) for key in ("read", "guessed", "missing", "ignored")))
    console.print(table)
    _print_lines(
        "Left out",
        [(r.path, r.message) for r in run.reports if r.outcome == FileOutcome.LEFT_OUT],
    )
    _print_lines(
        "Failed",
        [(r.path, r.message) for r in run.reports if r.outcome == FileOutcome.FAILED]
        + list(run.folder.unreadable.items()),
    )
    if run.folder.passed_over:
        console.print(f"{len(run.folder.passed_over)} files of other kinds were not sent.")
    if run.folder.truncated:
        console.print(f"Only the first {FILES_MAX} files were looked at. Name a folder closer to the records.")
    if verbose:
        _print_lines("To look at", list(_doubts(run.records)), most=10_000)
    else:
        _print_lines("To look at", [(r.path, r.message) for r in run.records if r.message])


def _doubts(records: list[FileReport]) -> Iterator[tuple[str, str]]:
    for report in records:
        if report.message:
            yield report.path, report.message
        for entry in report.fields:
            doubtful = entry.outcome in {FieldOutcome.GUESSED, FieldOutcome.IGNORED}
            if doubtful or (entry.outcome == FieldOutcome.MISSING and entry.field in {"status", "title"}):
                place = f"{report.path}:{entry.line}" if entry.line else report.path
                outcome = FieldOutcome(entry.outcome).name.lower()
                yield place, f"{entry.field} {outcome} {entry.value!r}: {entry.reason}"


def _print_lines(title: str, lines: list[tuple[str, str]], *, most: int = _SHOWN_MAX) -> None:
    if not lines:
        return
    console = output()
    console.print(f"\n[bold]{title}[/]")
    for path, reason in lines[:most]:
        console.print(f"  {path}: {reason}", markup=False, soft_wrap=True)
    if len(lines) > most:
        console.print(f"  and {len(lines) - most} more; --json lists all")
