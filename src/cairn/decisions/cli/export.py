"""`cairn export`: a log or a record, in the format another tool wants."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cairn.decisions.cli.placing import place_of, write_file
from cairn.gen.cairn.decisions.v1.exchange_connect import ExchangeServiceClientSync
from cairn.gen.cairn.decisions.v1.exchange_pb import ExportFormat, ExportRequest, ExportResponse
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    calling,
    find_connection,
    output,
    print_json,
    progress_console,
)

FORMATS = {format_.name.lower(): format_ for format_ in ExportFormat if format_ is not ExportFormat.UNSPECIFIED}
_SHOWN_MAX = 40


@click.command("export")
@click.argument("log")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="source", show_default=True)
@click.option("--ref", default="", help="Only this record, by number, id or slug.")
@click.option("--force", is_flag=True, help="Replace files that are there and differ.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def export(log: str, folder: Path, *, format_: str, ref: str, force: bool, as_json: bool) -> None:
    """Write the records of LOG into FOLDER.

    source gives a record that was imported and not changed since the bytes it came with, under the same path, and
    every other as MADR 4. madr and nygard write every record so; json, csv and zip write one file; site writes pages
    of HTML that need no script. A file that is there and differs is kept, and named, unless --force is given.

    \b
    Examples:
      cairn export payments exported/
      cairn export payments public/ --format site
      cairn export payments . --ref ADR-0012 --format nygard
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    connection = find_connection()
    request = ExportRequest(log_slug=log, ref=ref, format=FORMATS[format_])
    written: list[str] = []
    kept: list[str] = []
    columns = (SpinnerColumn(), TextColumn("Exporting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        calling(),
        ExchangeServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client,
        Progress(*columns, console=progress_console(), transient=True) as progress,
    ):
        task = progress.add_task("export", total=None)
        for path, content, total in _join(client.export(request, headers=connection.headers)):
            done = _write(folder, path, content, force=force)
            (written if done else kept).append(path)
            progress.update(task, total=total, advance=1)
    if as_json:
        print_json({"log": log, "folder": str(folder), "format": format_, "written": written, "kept": kept})
    else:
        output().print(f"{len(written)} file{'s' * (len(written) != 1)} of {log} written to {folder}.")
        _print_kept(kept)
    if kept:
        raise CommandFailed(f"{len(kept)} files were there and differ; they were kept.")


def _join(answers: Iterator[ExportResponse]) -> Iterator[tuple[str, bytes, int]]:
    """Put the pieces of each file together."""
    path, content, total = "", bytearray(), 0
    for answer in answers:
        if answer.file is None:
            continue
        total = answer.total
        if not answer.append and path:
            yield path, bytes(content), total
            content.clear()
        path = answer.file.path
        content += answer.file.content
    if path:
        yield path, bytes(content), total


def _write(folder: Path, path: str, content: bytes, *, force: bool) -> bool:
    """Write one file; False when another one is in its place."""
    place = place_of(folder, path)
    if place.is_file() and not force and place.read_bytes() != content:
        return False
    write_file(folder, path, content)
    return True


def _print_kept(kept: list[str]) -> None:
    if not kept:
        return
    console = output()
    console.print("\n[bold]Kept because they are there and differ (--force replaces them)[/]")
    for path in kept[:_SHOWN_MAX]:
        console.print(f"  {path}", markup=False, soft_wrap=True)
    if len(kept) > _SHOWN_MAX:
        console.print(f"  and {len(kept) - _SHOWN_MAX} more; --json lists all")
