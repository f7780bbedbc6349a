"""Records as Nygard Markdown, JSON, CSV and zip. MADR 4 is `writer.py`, the site `site.py`."""

import csv
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cairn.decisions.formats.json_log import FORMAT, VERSION
from cairn.decisions.formats.model import WritableRecord
from cairn.decisions.formats.words import fold

CSV_COLUMNS = (
    "ref", "number", "title", "status", "status_text", "date", "deciders", "tags", "applies_to", "components",
    "categories", "version", "successor", "path", "updated_at", "id",
)  # fmt: skip
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NYGARD_HEADINGS = {
    "context and problem statement": "Context",
    "context": "Context",
    "decision outcome": "Decision",
    "decision": "Decision",
    "consequences": "Consequences",
}
# The earliest time a zip can hold: entries must not differ by when they were written.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ExportedLink:
    """A link of a record: its kind, what was written, and the record it means, if one is known."""

    kind: str
    target: str
    decision_id: UUID | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class ExportedRecord:
    """A decision with all that an export may tell. `source` is None unless its bytes are still those of a file."""

    id: UUID
    ref: str
    record: WritableRecord
    path: str
    version: int
    content_hash: str
    author: str
    created_at: datetime
    updated_at: datetime
    successor: str = ""
    links: tuple[ExportedLink, ...] = ()
    former_names: tuple[str, ...] = ()
    review_on: date | None = None
    source: bytes | None = None


def write_nygard(record: WritableRecord) -> bytes:
    """Render a record as Michael Nygard laid it out: number and title, date, status, context, decision, consequences.

    What the form has no place for stands in lines below the title, where tools that know only the form pass over it.
    """
    number = "" if record.number is None else f"{record.number}. "
    lines = [f"# {number}{' '.join(record.title.split())}", ""]
    if record.decided_on is not None:
        lines += [f"Date: {record.decided_on.isoformat()}", ""]
    if record.deciders:
        lines += [f"Deciders: {', '.join(record.deciders)}", ""]
    if record.tags:
        lines += [f"Tags: {', '.join(record.tags)}", ""]
    lines += ["## Status", "", record.status_text or record.status.capitalize(), "", _nygard_body(record.body)]
    return ("\n".join(lines).rstrip() + "\n").encode(errors="replace")


def _nygard_body(body: str) -> str:
    """Give the known sections Nygard's names at level 2; everything else stays as it is."""
    lines = body.split("\n")
    fenced = False
    for at, line in enumerate(lines):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if fenced or not line.startswith("#"):
            continue
        name = _NYGARD_HEADINGS.get(fold(line.lstrip("#").strip()))
        if name:
            lines[at] = f"## {name}"
    return "\n".join(lines)


def write_csv(records: Iterable[ExportedRecord]) -> bytes:
    """Render one line a record, without texts, as UTF-8 with the mark that spreadsheets look for.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for exported in records:
        record = exported.record
        values: tuple[object, ...] = (
            exported.ref, "" if record.number is None else record.number, record.title, record.status,
            record.status_text, record.decided_on.isoformat() if record.decided_on else "",
            "; ".join(record.deciders), "; ".join(record.tags), "; ".join(record.scope.paths),
            "; ".join(record.scope.components), "; ".join(record.scope.categories), exported.version,
            exported.successor, exported.path, exported.updated_at.isoformat(), str(exported.id),
        )  # fmt: skip
        writer.writerow([_cell(value) for value in values])
    return b"\xef\xbb\xbf" + text.getvalue().encode(errors="replace")


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def write_json(log_slug: str, records: Iterable[ExportedRecord]) -> bytes:
    """Render everything, texts included, as one JSON document."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "log": log_slug,
        "records": [to_json(r) for r in records],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n"


def to_json(exported: ExportedRecord) -> dict[str, Any]:
    """Return one record as JSON values."""
    record = exported.record
    return {
        "id": str(exported.id),
        "ref": exported.ref,
        "number": record.number,
        "prefix": record.prefix,
        "slug": record.slug,
        "title": record.title,
        "status": record.status,
        "status_text": record.status_text,
        "date": record.decided_on.isoformat() if record.decided_on else None,
        "review_on": exported.review_on.isoformat() if exported.review_on else None,
        "deciders": list(record.deciders),
        "tags": list(record.tags),
        "applies_to": list(record.scope.paths),
        "components": list(record.scope.components),
        "categories": list(record.scope.categories),
        "body": record.body,
        "links": [{"kind": link.kind, "target": link.target, "ref": link.ref or None} for link in exported.links],
        # Those that people stated: the text does not write them.
        "stated_links": [{"kind": link.kind, "target": link.target, "reverse": link.reverse} for link in record.links],
        "successor": exported.successor or None,
        "path": exported.path,
        "former_names": list(exported.former_names),
        "version": exported.version,
        "content_hash": exported.content_hash,
        "author": exported.author,
        "created_at": exported.created_at.isoformat(),
        "updated_at": exported.updated_at.isoformat(),
        "source": _source(exported.source),
    }


def _source(source: bytes | None) -> dict[str, str] | None:
    """Keep bytes as text where they are text."""
    if source is None:
        return None
    try:
        return {"encoding": "utf-8", "content": source.decode()}
    except UnicodeDecodeError:
        return {"encoding": "base64", "content": b64encode(source).decode()}


class _Pieces(io.RawIOBase):
    """A file that can only be written to, and hands over what was written since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = bytearray()

    def writable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - io's own signature takes any buffer.
        """See `io.RawIOBase`."""
        self._kept += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def write_zip(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Pack files, piece by piece, so that a large log is never in memory whole. Equal files give equal bytes."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in files:
            entry = zipfile.ZipInfo(path, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
            yield pieces.take()
    yield pieces.take()
