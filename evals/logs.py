"""Real decision logs and what their own authors judged relevant, read from CAIRN_CORPORA."""

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.resolve import Known, LinkIndex


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record of a log, as the index takes it, with the records it links."""

    id: UUID
    log: str
    path: str
    title: str
    slug: str
    body: str
    year: int | None
    version: int = 1
    linked_ids: frozenset[UUID] = frozenset()
    status: str = "accepted"
    successor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query, the records that answer it, and the one it was taken from."""

    id: str
    kind: str
    log: str
    text: str
    relevant: frozenset[UUID]
    exclude: UUID | None


@dataclass
class Judged:
    """All records and queries."""

    records: list[LogRecord] = field(default_factory=list[LogRecord])
    queries: list[Query] = field(default_factory=list[Query])
    left_out: int = 0


def log_id(log: str) -> UUID:
    """Return the id that stands for a log."""
    return uuid5(NAMESPACE_URL, f"log:{log}")


def _record_id(log: str, path: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"record:{log}/{path}")


def read_folder(root: Path, name: str) -> list[LogRecord]:
    """Return the records of a folder, as the log of that name."""
    read = [
        found
        for file in sorted(root.rglob("*"))
        if file.is_file()
        and (found := read_file(file.relative_to(root).as_posix(), file.read_bytes())).kind == "record"
    ]
    known: LinkIndex[UUID] = LinkIndex(
        Known(_record_id(name, one.path), one.path, one.number, one.slug, one.title) for one in read
    )
    successors = _successors(name, read, known)
    records: list[LogRecord] = []
    for one in read:
        id_ = _record_id(name, one.path)
        targets = {target for link in one.links if (target := known.match(link.target, one.path))}
        records.append(
            LogRecord(
                id=id_,
                log=name,
                path=one.path,
                title=one.title,
                slug=one.slug,
                body=one.body,
                year=_year(one),
                linked_ids=frozenset(targets - {id_}),
                status=one.status,
                successor_id=successors.get(id_) if one.status == "superseded" else None,
            )
        )
    return records


def _successors(name: str, read: list[ReadFile], known: LinkIndex[UUID]) -> dict[UUID, UUID]:
    """Return what superseded each record, as either of the two says."""
    successors: dict[UUID, UUID] = {}
    for one in read:
        for link in one.links:
            target = known.match(link.target, one.path)
            if link.kind == "supersedes" and target is not None and target != _record_id(name, one.path):
                old, new = (
                    (_record_id(name, one.path), target) if link.reverse else (target, _record_id(name, one.path))
                )
                successors[old] = new
    return successors


def _year(read: ReadFile) -> int | None:
    return read.decided_on.year if read.decided_on else None


@cache
def read_judged(shared: Path) -> Judged:
    """Read every log under `corpora/` and its queries under `qrels/`. A query whose answer is no record is left out."""
    judged = Judged()
    for file in sorted((shared / "qrels").glob("*.jsonl")):
        records = read_folder(shared / "corpora" / file.stem, file.stem)
        judged.records += records
        ids = {record.path: record.id for record in records}
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            relevant = frozenset(ids[path] for path in row["relevant"] if path in ids)
            if not relevant:
                judged.left_out += 1
                continue
            exclude = ids.get(row["exclude"]) if row["exclude"] else None
            judged.queries.append(Query(row["id"], row["kind"], file.stem, row["query"], relevant, exclude))
    return judged


def without_titles(records: list[LogRecord]) -> list[LogRecord]:
    """Return the records as the judgements on titles want them indexed: no title, slug or id."""
    return [replace(record, title="", slug="") for record in records]


def without_summaries(records: list[LogRecord], queries: list[Query]) -> list[LogRecord]:
    """Return the records as the judgements on summaries want them indexed: the summary block cut out."""
    summaries = {next(iter(query.relevant)): query.text for query in queries if query.kind == "summary"}
    return [
        replace(record, body=_cut(record.body, summaries[record.id])) if record.id in summaries else record
        for record in records
    ]


def _cut(body: str, summary: str) -> str:
    pattern = r"\s+".join(re.escape(word) for word in summary.split())
    cut, count = re.subn(pattern, "", body, count=1)
    if count:
        return cut
    # The judgement may have dropped markup inside; what is left begins with the same words.
    head = r"\s+".join(re.escape(word) for word in summary.split()[:8])
    return re.sub(rf"{head}[^\n]*(?:\n[^\n#]+)*", "", body, count=1)
