"""Import of ten real logs: until they can be read, found by words, found by meaning."""

import asyncio
import json
import time
from pathlib import Path

from instance import Instance
from load import Client
from processes import CpuMeter
from report import Report

_WATCH = "cairn.search.v1.SearchService/WatchIndexState"


def measure(report: Report, instance: Instance, corpora: Path) -> None:
    """Import every log of `corpora` from the command line, one after the other."""
    report.title(f"Import of {corpora}")
    logs = sorted(path for path in corpora.iterdir() if path.is_dir())
    meter = CpuMeter({process: instance.pids[process] for process in ("server", "worker", "postgres")})
    started = time.perf_counter()
    summaries = [json.loads(instance.cairn("import", str(log), "--json")) for log in logs]
    readable = time.perf_counter() - started
    records, words, meaning = asyncio.run(until_indexed(instance.port, started))
    how = f"{len(logs)} logs, {records} records, `cairn import` of one after the other, counted from the first"
    cpu = meter.spent_seconds()
    report.add("import_readable_s", readable, how, below=10)
    report.add("import_words_s", max(words, readable), f"{how}, until every record is found by words", below=15)
    report.add("import_meaning_s", meaning, f"{how}, until every record is found by meaning", below=120)
    spent = ", ".join(f"{process} {seconds:.1f} s" for process, seconds in cpu.items())
    report.add("import_cpu_s", sum(cpu.values()), f"CPU time of all of it, which other work hardly changes: {spent}")
    report.add("import_records", records, f"of {sum(_files(one) for one in summaries)} files")


def _files(summary: dict[str, object]) -> int:
    files = summary.get("files")
    return len(files) if isinstance(files, list) else 0


async def until_indexed(port: int, started: float) -> tuple[int, float, float]:
    """Wait for the worker; return how many records there are and when all were found by words and by meaning (s)."""
    words = 0.0
    while True:
        client = await Client.connect(port)
        async for message in client.stream(_WATCH, {}):
            totals = message.get("totals", {})
            records = totals.get("decisions", 0)
            if not words and totals.get("wordsCurrent", 0) == records:
                words = time.perf_counter() - started
            if records and totals.get("meaningCurrent", 0) == records:
                client.close()
                return records, words, time.perf_counter() - started
        client.close()
