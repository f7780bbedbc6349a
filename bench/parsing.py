"""Reading files: the CPU time of one core for the ten logs, beside what the Markdown parser alone takes of it."""

import time
from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt
from report import Report

from cairn.decisions.formats.reader import read_file

ROUNDS = 3


def measure(report: Report, corpora: Path) -> None:
    """Read every file of `corpora`, already in memory, in this process. CPU time, so that other work hardly counts."""
    report.title(f"Parsing of {corpora}")
    files = [
        (file.relative_to(log).as_posix(), file.read_bytes())
        for log in sorted(path for path in corpora.iterdir() if path.is_dir())
        for file in sorted(log.rglob("*"))
        if file.is_file()
    ]
    size = sum(len(content) for _, content in files)
    how = f"{len(files)} files, {size / 1e6:.1f} MB in memory, one thread; least of {ROUNDS} rounds"
    report.add("parse_cpu_s", _least_cpu(lambda: [read_file(*file) for file in files]), how, below=2)
    blocks = MarkdownIt("commonmark").enable("table")
    blocks.core.ruler.enableOnly(["normalize", "block"])
    texts = [content.decode(errors="replace") for path, content in files if path.endswith(".md")]
    told = "the floor: markdown-it-py finds the blocks of the same texts, and nothing is done with them"
    report.add("parse_blocks_cpu_s", _least_cpu(lambda: [blocks.parse(text) for text in texts]), told)


def _least_cpu(work: Callable[[], object]) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        rounds.append(time.process_time() - started)
    return min(rounds)
