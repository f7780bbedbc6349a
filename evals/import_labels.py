"""How right the importer is: its reading against labels that people wrote by reading the raw files, without it.

`evals/labels/import_sample.jsonl` holds 200 files, drawn by `draw` from the ten logs of CAIRN_CORPORA: what each says,
as hashes where it would be the log's own words or people's names. `supersessions.jsonl` holds every pair that those
logs declare. Of the records that state a field, `recovered` is the share for which the importer has one, `right` the
share for which it has the one of the label; `made_up` counts fields that it has and the file does not state.
`evals/import_labels.py --wrong` lists what is not as labelled, `--draw` prints the sample.
"""

import hashlib
import json
import os
import random
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from import_report import LogReport, read_log

from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.resolve import Known, LinkIndex

LABELS = Path(__file__).parent / "labels"
FIELDS = ("title", "status", "wording", "date", "deciders")
SAMPLE = 200
LOG_LEAST = 12
_NO_RECORDS = frozenset(["LICENSE", "NOTICE", "SOURCE.json"])


@dataclass(frozen=True)
class Label:
    """What a file says. Empty values are not stated; `wording` is the number of words and the hash of the status."""

    log: str
    path: str
    kind: str
    title: str
    status: str
    wording: tuple[int, str]
    date: str
    deciders: frozenset[str]


@dataclass
class Score:
    """Counts for one field."""

    stated: int = 0
    recovered: int = 0
    right: int = 0
    made_up: int = 0


@dataclass
class Scores:
    """The counts of a set of labels, and what is not as labelled."""

    fields: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in FIELDS})
    records: int = 0
    lost: int = 0
    taken_for_records: int = 0
    pairs: int = 0
    pairs_found: int = 0
    wrong: list[str] = field(default_factory=list[str])


def draw(corpora: Path) -> list[tuple[str, str]]:
    """Draw the sample: at least 12 files of each log, the rest in proportion to size, by a fixed seed."""
    logs = {
        folder.name: sorted(
            file.relative_to(folder).as_posix()
            for file in folder.rglob("*")
            if file.is_file() and file.name not in _NO_RECORDS
        )
        for folder in sorted(corpora.iterdir())
        if folder.is_dir()
    }
    shares = {name: min(len(files), LOG_LEAST) for name, files in logs.items()}
    left = {name: len(files) - shares[name] for name, files in logs.items()}
    exact = {name: (SAMPLE - LOG_LEAST * len(logs)) * left[name] / sum(left.values()) for name in logs}
    for name in logs:
        shares[name] += int(exact[name])
    for name in sorted(logs, key=lambda name: -(exact[name] % 1))[: SAMPLE - sum(shares.values())]:
        shares[name] += 1
    chance = random.Random("import sample 1")  # noqa: S311 - a sample that anyone can draw again
    return [(name, path) for name, files in logs.items() for path in sorted(chance.sample(files, shares[name]))]


def plain(text: str) -> str:
    """Reduce a text to its words, by which titles, statuses and names are compared."""
    return " ".join(re.findall(r"\w+", text.replace("_", " ").casefold()))


def digest(text: str) -> str:
    """Hash the words of a text."""
    return hashlib.sha256(plain(text).encode()).hexdigest()[:16]


def digest_person(name: str) -> str:
    """Hash a name without what stands beside it in parentheses."""
    return digest(re.sub(r"\([^()]*\)", "", name))


def read_labels() -> list[Label]:
    """Read the labelled sample."""
    rows = (json.loads(line) for line in (LABELS / "import_sample.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        Label(**{**row, "wording": tuple(row["wording"]), "deciders": frozenset(row["deciders"])})  # type: ignore[arg-type]
        for row in rows
    ]


def read_pairs() -> list[tuple[str, str, str]]:
    """Read the declared supersessions: log, the old record's path, the new one's."""
    rows = (json.loads(line) for line in (LABELS / "supersessions.jsonl").read_text(encoding="utf-8").splitlines())
    return [(row["log"], row["old"], row["new"]) for row in rows]


def score(labels: Iterable[Label], pairs: Iterable[tuple[str, str, str]], logs: Mapping[str, LogReport]) -> Scores:
    """Compare what the importer read with the labels and with the declared supersessions."""
    scores = Scores()
    read = {
        (name, found.path): found for name, log in logs.items() for found in (*log.left_out, *log.failed, *log.records)
    }
    for label in labels:
        _score_file(scores, label, read[label.log, label.path])
    found = {name: set(_supersessions(log)) for name, log in logs.items()}
    for log, old, new in pairs:
        scores.pairs += 1
        scores.pairs_found += (old, new) in found[log]
        if (old, new) not in found[log]:
            scores.wrong.append(f"{log}/{old}: superseded by {new}, not found")
    return scores


def _score_file(scores: Scores, label: Label, found: ReadFile) -> None:
    is_record = found.kind == "record"
    place = f"{label.log}/{label.path}"
    if label.kind == "left_out":
        scores.taken_for_records += is_record
        if is_record:
            scores.wrong.append(f"{place}: no record, and taken for one")
        return
    scores.records += 1
    scores.lost += not is_record
    if not is_record:
        scores.wrong.append(f"{place}: lost: {found.message}")
        return
    if label.kind == "log":
        scores.lost += not found.anchor
        return
    stated = {entry.field for entry in found.fields if entry.outcome in {"read", "guessed"}}
    has_status = "status" in stated
    words = plain(found.status_text).split()[: label.wording[0]]
    values: dict[str, tuple[object, object]] = {
        "title": (label.title, digest(found.title)),
        "status": (label.status, found.status if has_status else ""),
        "wording": (label.wording[1], digest(" ".join(words)) if words else ""),
        "date": (label.date, found.decided_on.isoformat() if found.decided_on else ""),
        "deciders": (label.deciders, frozenset(map(digest_person, found.deciders))),
    }
    for name, (expected, value) in values.items():
        counts = scores.fields[name]
        if not expected:
            # A title is made from the file's name where none is written; that is told as a guess.
            counts.made_up += bool(value) and name not in {"title", "wording"}
        else:
            counts.stated += 1
            counts.recovered += bool(value)
            counts.right += value == expected
        if value != expected and (expected or name not in {"title", "wording"}):
            shown = {"title": found.title, "deciders": found.deciders, "wording": found.status_text}.get(name, value)
            scores.wrong.append(f"{place}: {name}: the importer has {shown!r}")


def _supersessions(log: LogReport) -> Iterator[tuple[str, str]]:
    """List old and new path of each supersession that either of the two records states."""
    records = [record for record in log.records if not record.anchor]
    index = LinkIndex(Known(r.path, r.path, r.number, r.slug, r.title) for r in records)
    for record in records:
        for link in record.links:
            target = index.match(link.target, record.path) if link.kind == "supersedes" else None
            if target is not None:
                yield (record.path, target) if link.reverse else (target, record.path)


def print_scores(scores: Scores) -> dict[str, float]:
    """Print the table and return the figures by name; shares in %."""
    print(f"{'field':<10}{'stated':>8}{'recovered':>11}{'right':>8}{'made up':>9}")
    figures: dict[str, float] = {}
    for name, counts in scores.fields.items():
        recovered, right = (100 * count / max(counts.stated, 1) for count in (counts.recovered, counts.right))
        print(f"{name:<10}{counts.stated:>8}{recovered:>10.1f}%{right:>7.1f}%{counts.made_up:>9}")
        figures[f"import.labels.{name}.recovered"] = round(recovered, 2)
        figures[f"import.labels.{name}.right"] = round(right, 2)
    print(
        f"{scores.records} records, {scores.lost} lost; {scores.taken_for_records} other files taken for records; "
        f"{scores.pairs_found} of {scores.pairs} declared supersessions found"
    )
    figures["import.labels.records_lost"] = scores.lost
    figures["import.labels.pairs_missed"] = scores.pairs - scores.pairs_found
    return figures


def evaluate_import(logs: Iterable[LogReport]) -> Scores:
    """Score the logs of CAIRN_CORPORA. Raises `KeyError` when a labelled file is not among them."""
    return score(read_labels(), read_pairs(), {log.name: log for log in logs})


def main() -> int:
    """Print the scores. Return the exit code."""
    corpora = Path(os.environ.get("CAIRN_CORPORA", "")) / "corpora"
    if not os.environ.get("CAIRN_CORPORA") or not corpora.is_dir():
        print("Set CAIRN_CORPORA to a folder with corpora/.", file=sys.stderr)
        return 2
    if "--draw" in sys.argv:
        for name, path in draw(corpora):
            print(f"{name}\t{path}")
        return 0
    scores = evaluate_import(read_log(folder) for folder in sorted(corpora.iterdir()) if folder.is_dir())
    print_scores(scores)
    if "--wrong" in sys.argv:
        print("\n".join(scores.wrong))
    return 0


if __name__ == "__main__":
    sys.exit(main())
