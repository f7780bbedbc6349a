"""What other tools read of the files that `import_labels.py` holds Cairn against: `evals/other_tools.py`.

Installs those that PyPI and npm have, at the versions below, into `evals/.cache/other-tools`, which no lock file knows.
Each tool sees every folder of every log as `docs/adr` of a project of its own, with its default settings. Its words for
a status become Cairn's six by Cairn's own table, and a number before a title is taken off: no tool loses by wording.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from import_labels import FIELDS, Label, Score, digest, digest_person, read_labels

from cairn.decisions.formats.dates import find_date
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.statuses import find_status
from cairn.decisions.formats.titles import plain_title, split_number

HOME = Path(__file__).parent / ".cache" / "other-tools"
DRIVERS = Path(__file__).parent / "other_tools"
PYTHON = ("adr-viewer==1.4.0", "pyadr==0.19.0", "adr-tools-python==1.0.3")
NODE = ("@log4brains/core@1.1.0", "adr-log@2.2.0", "adr@1.5.2")
SECONDS_MOST = 300
# Statuses other than accepted: a tool that takes every record for accepted is right by chance most of the time.
OPEN = "other status"
# What a tool says of one file: any of title, status, date and deciders, as it says it.
Said = dict[str, str | list[str]]


@dataclass(frozen=True)
class Tool:
    """A tool, and how it is asked about a project's folder: the command gives JSON of `Said` by file name."""

    name: str
    command: Callable[[Path], list[str]]


def _python(driver: str) -> Callable[[Path], list[str]]:
    return lambda project: [str(HOME / "python/bin/python"), str(DRIVERS / driver), str(project)]


def _node(driver: str) -> Callable[[Path], list[str]]:
    return lambda project: ["node", str(DRIVERS / driver), str(HOME / "node"), str(project)]


TOOLS = (
    Tool("log4brains 1.1", _node("log4brains.cjs")),
    Tool("adr (npm) 1.5", _node("adr.cjs")),
    Tool("adr-log 2.2", _node("adr_log.cjs")),
    Tool("adr-viewer 1.4", _python("adr_viewer_driver.py")),
    Tool("pyadr 0.19", _python("pyadr_driver.py")),
    Tool("adr-tools-python 1.0", _python("adr_tools_driver.py")),
)


def install() -> None:
    """Install the tools once. Raises `CalledProcessError`."""
    if not (HOME / "python").exists():
        subprocess.run(["uv", "venv", "-q", str(HOME / "python")], check=True)
        command = ["uv", "pip", "install", "-q", "--python", str(HOME / "python/bin/python"), *PYTHON]
        subprocess.run(command, check=True)
    if not (HOME / "node/node_modules").exists():
        (HOME / "node").mkdir(parents=True, exist_ok=True)
        (HOME / "node/package.json").write_text("{}\n", encoding="utf-8")
        command = ["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", *NODE]
        subprocess.run(command, check=True, cwd=HOME / "node")


def lay_out(folder: Path, project: Path) -> None:
    """Copy the documents of one folder to where every tool looks for them."""
    (project / "docs/adr").mkdir(parents=True)
    for file in folder.iterdir():
        if file.suffix == ".md" and file.is_file():
            shutil.copyfile(file, project / "docs/adr" / file.name)
    config = "project:\n  name: eval\n  tz: Etc/UTC\n  adrFolder: ./docs/adr\n"
    (project / ".log4brains.yml").write_text(config, encoding="utf-8")
    (project / ".adr-dir").write_text("docs/adr/\n", encoding="utf-8")
    git = ["git", "-C", str(project), "-c", "user.name=eval", "-c", "user.email=eval@localhost"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All"]):
        subprocess.run([*git, *arguments], check=True)


def ask(tool: Tool, project: Path) -> dict[str, Said]:
    """Ask a tool about a project. What it fails on counts as not found, and is told."""
    try:
        done = subprocess.run(
            tool.command(project), capture_output=True, timeout=SECONDS_MOST, cwd=project, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{tool.name}: no answer in {SECONDS_MOST} s", file=sys.stderr)
        return {}
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    if done.returncode or not lines:
        print(f"{tool.name}: {done.stderr.decode(errors='replace').strip()[-300:]}", file=sys.stderr)
        return {}
    return json.loads(lines[-1])


def read_as_cairn(log: Path, path: str) -> Said | None:
    """Say what Cairn reads in a file, in the same form; nothing for one it leaves out."""
    found = read_file(path, (log / path).read_bytes())
    stated = {entry.field for entry in found.fields if entry.outcome in {"read", "guessed"}}
    if found.kind != "record":
        return None
    said: Said = {"title": found.title, "deciders": list(found.deciders)}
    if "status" in stated:
        said["status"] = found.status
    if found.decided_on:
        said["date"] = found.decided_on.isoformat()
    return said


def compare(label: Label, said: Said, scores: Mapping[str, Score]) -> None:
    """Count what a tool says of a file against its label."""
    status = find_status(str(said.get("status") or ""))
    day = find_date(str(said.get("date") or ""))
    title = split_number(plain_title(str(said.get("title") or "")))[0]
    values: dict[str, tuple[object, object]] = {
        "title": (label.title, digest(title) if title else ""),
        "status": (label.status, status.status if status else ""),
        "date": (label.date, day.day.isoformat() if day else ""),
        "deciders": (label.deciders, frozenset(map(digest_person, said.get("deciders") or ()))),
    }
    for name, (expected, value) in values.items():
        scores[name].stated += bool(expected)
        scores[name].recovered += bool(expected and value)
        scores[name].right += bool(expected) and value == expected
        scores[name].made_up += bool(not expected and value and name != "title")
    if label.status not in {"", "accepted"}:
        scores[OPEN].stated += 1
        scores[OPEN].right += values["status"][0] == values["status"][1]


def evaluate(corpora: Path) -> dict[str, tuple[int, int, dict[str, Score]]]:
    """Give for each tool the labelled records it found, the other files it took for records, and its fields."""
    labels = read_labels()
    folders = sorted({(label.log, Path(label.path).parent.as_posix()) for label in labels})
    said: dict[str, dict[tuple[str, str], Said]] = {"Cairn": {}}
    for label in labels:
        own = read_as_cairn(corpora / label.log, label.path)
        if own is not None:
            said["Cairn"][label.log, label.path] = own
    for tool in TOOLS:
        found = said.setdefault(tool.name, {})
        for log, inner in folders:
            with tempfile.TemporaryDirectory(prefix="cairn-eval-") as temporary:
                lay_out(corpora / log / inner, Path(temporary))
                answers = ask(tool, Path(temporary)).items()
                found.update(((log, (Path(inner) / name).as_posix()), one) for name, one in answers)
    results: dict[str, tuple[int, int, dict[str, Score]]] = {}
    for name, found in said.items():
        scores = {field: Score() for field in (*FIELDS, OPEN)}
        for label in labels:
            if label.kind == "record":
                compare(label, found.get((label.log, label.path), {}), scores)
        records = sum(label.kind != "left_out" and (label.log, label.path) in found for label in labels)
        others = sum(label.kind == "left_out" and (label.log, label.path) in found for label in labels)
        results[name] = (records, others, scores)
    return results


def main() -> int:
    """Install the tools, ask them, and print the table. Return the exit code."""
    corpora = Path(os.environ.get("CAIRN_CORPORA", "")) / "corpora"
    if not os.environ.get("CAIRN_CORPORA") or not corpora.is_dir():
        print("Set CAIRN_CORPORA to a folder with corpora/.", file=sys.stderr)
        return 2
    install()
    shown = ("title", "status", OPEN, "date", "deciders")
    print("| tool | records | taken for records | " + " | ".join(shown) + " | status made up |")
    print("|---|---|---|" + "---|" * len(shown) + "---|")
    for name, (records, others, scores) in evaluate(corpora).items():
        cells = " | ".join(f"{100 * scores[field].right / scores[field].stated:.1f} %" for field in shown)
        print(f"| {name} | {records} | {others} | {cells} | {scores['status'].made_up} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
