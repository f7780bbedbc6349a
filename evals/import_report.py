"""What the importer understands of real logs: `evals/import_report.py [FOLDER...]`, by default those of CAIRN_CORPORA.

Prints per log its files, records, files left out or failed, and for each field in how many records it was read, guessed
or missing; then the totals, the links, and the time on one core. `--wordings` lists every wording of a status with what
it became, `--doubts` every field that was guessed or not understood: both are short enough to check by hand.
"""

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.resolve import Known, LinkIndex

FIELDS = ("title", "number", "status", "date", "deciders", "tags", "links")
OUTCOMES = ("read", "guessed", "missing")


@dataclass
class LogReport:
    """One log as it was understood."""

    name: str
    records: list[ReadFile] = field(default_factory=list[ReadFile])
    left_out: list[ReadFile] = field(default_factory=list[ReadFile])
    failed: list[ReadFile] = field(default_factory=list[ReadFile])
    seconds: float = 0.0
    links: Counter[str] = field(default_factory=Counter[str])

    @property
    def files(self) -> int:
        """The number of files, whatever they held."""
        return len({record.path for record in self.records}) + len(self.left_out) + len(self.failed)

    def outcomes(self) -> dict[str, Counter[str]]:
        """Count, for each field, the surest outcome of each record."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for record in self.records:
            found: dict[str, str] = {}
            for entry in record.fields:
                if entry.outcome in OUTCOMES:
                    found[entry.field] = min(entry.outcome, found.get(entry.field, "missing"), key=OUTCOMES.index)
            for name, outcome in found.items():
                counts[name][outcome] += 1
        return counts


def read_log(root: Path) -> LogReport:
    """Read every file of a folder, and resolve the links between its records."""
    report = LogReport(root.name)
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    contents = [(path.relative_to(root).as_posix(), path.read_bytes()) for path in files]
    started = time.process_time()
    read = [read_file(path, content) for path, content in contents]
    report.seconds = time.process_time() - started
    for found in read:
        kept = {"record": report.records, "left_out": report.left_out, "failed": report.failed}[found.kind]
        kept.extend(found.parts or (found,))
    _resolve(report)
    return report


def _resolve(report: LogReport) -> None:
    known = [Known(at, r.path, r.number, r.slug, r.title) for at, r in enumerate(report.records) if not r.anchor]
    index = LinkIndex(known)
    for record in report.records:
        for link in record.links:
            found = index.match(link.target, record.path)
            report.links["unresolved" if found is None else "resolved"] += 1
            if found is not None and link.kind == "supersedes":
                report.links["supersessions"] += 1


def print_reports(reports: Iterable[LogReport]) -> dict[str, float]:
    """Print the table and return the totals by name."""
    print(f"{'log':<44}{'files':>6}{'records':>8}{'out':>5}{'failed':>7}{'CPU s':>7}   read/guessed/missing per field")
    totals: Counter[str] = Counter()
    seconds = 0.0
    for report in reports:
        outcomes = report.outcomes()
        told = "  ".join(f"{name} {'/'.join(str(outcomes[name][key]) for key in OUTCOMES)}" for name in FIELDS[:-1])
        print(
            f"{report.name:<44}{report.files:>6}{len(report.records):>8}{len(report.left_out):>5}"
            f"{len(report.failed):>7}{report.seconds:>7.2f}   {told}"
        )
        seconds += report.seconds
        totals.update(files=report.files, records=len(report.records), left_out=len(report.left_out))
        totals.update(failed=len(report.failed), **{f"links_{key}": count for key, count in report.links.items()})
        totals.update({f"{name}_{key}": outcomes[name][key] for name in FIELDS for key in OUTCOMES})
    figures: dict[str, float] = {f"import.{name}": count for name, count in sorted(totals.items())}
    figures["import.parse_seconds_one_core"] = round(seconds, 3)
    return figures


def print_wordings(reports: Iterable[LogReport]) -> None:
    """Print each wording of a status with what it became and how often."""
    wordings = Counter((record.status, record.status_text) for report in reports for record in report.records)
    for (status, text), count in sorted(wordings.items()):
        print(f"{count:>5}  {status:<11} {text or '(none stated)'}")


def print_doubts(reports: Iterable[LogReport]) -> None:
    """Print what was guessed or not understood, and each file left out."""
    for report in reports:
        for found in (*report.left_out, *report.failed):
            print(f"{report.name}/{found.path}: {found.kind}: {found.message}")
        for record in report.records:
            for entry in record.fields:
                if entry.outcome in {"guessed", "ignored"} and entry.field in FIELDS:
                    place = f"{report.name}/{record.path}:{entry.line}"
                    print(f"{place}: {entry.field} {entry.outcome} {entry.value!r}: {entry.reason}")


def main() -> int:
    """Report on the folders named, or on each log of CAIRN_CORPORA. Return the exit code."""
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if not folders:
        corpora = Path(os.environ.get("CAIRN_CORPORA", "")) / "corpora"
        if not corpora.is_dir():
            print("Name folders, or set CAIRN_CORPORA to a folder with corpora/.", file=sys.stderr)
            return 2
        folders = [path for path in sorted(corpora.iterdir()) if path.is_dir()]
    reports = [read_log(folder) for folder in folders]
    if "--wordings" in sys.argv:
        print_wordings(reports)
    elif "--doubts" in sys.argv:
        print_doubts(reports)
    else:
        for name, value in print_reports(reports).items():
            print(f"{name:<40}{value:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
