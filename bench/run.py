"""`make bench`: every speed that docs/performance.md names, measured on this machine, now.

Each part can be run alone: `bench/run.py start parse import answers gateway events requests scale search web`, and
`lighthouse`.
CAIRN_CORPORA names a folder with `corpora/`.
"""

import os
import signal
import sys
import time
from pathlib import Path

import answers
import browser
import events
import gateway
import importing
import lighthouse_scores
import memory
import parsing
import retrieval
import rpcs
import scale
import startup
from instance import Instance
from report import REPORT, Report, machine

PARTS = ("start", "parse", "import", "answers", "gateway", "events", "requests", "scale", "search", "web", "lighthouse")


def main(parts: list[str]) -> int:
    """Run the parts. Return 1 when a target was missed."""
    if unknown := set(parts) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}. There are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    # So that a run that is told to stop still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    report.figures["machine"] = machine()
    report.figures["measured_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(f"Measured on {report.figures['machine']}.")
    if "start" in parts:
        startup.measure(report)
    if "parse" in parts:
        _measure_parsing(report)
    if set(parts) - {"start", "parse", "search"}:
        with Instance() as instance:
            instance.up()
            _measure_running(report, instance, parts)
    if "search" in parts:
        retrieval.measure(report)
    report.write()
    print(f"\nFigures: {REPORT}")
    for name in report.missed:
        wanted = report.figures.get(f"{name}.target_below", report.figures.get(f"{name}.target_at_least"))
        print(f"MISSED: {name} is {report.figures[name]}; the target is {wanted}")
    return 1 if report.missed else 0


def _measure_parsing(report: Report) -> None:
    corpora = Path(os.environ.get("CAIRN_CORPORA", "")) / "corpora"
    if os.environ.get("CAIRN_CORPORA") and corpora.is_dir():
        parsing.measure(report, corpora)
    else:
        report.title("Parsing")
        report.say("CAIRN_CORPORA names no folder with corpora/: the parsing figures are left out.")


def _measure_running(report: Report, instance: Instance, parts: list[str]) -> None:
    memory.measure(report, instance, "just started, nothing asked", "memory_started_mb")
    corpora = os.environ.get("CAIRN_CORPORA")
    if "import" in parts:
        if corpora and (Path(corpora) / "corpora").is_dir():
            importing.measure(report, instance, Path(corpora) / "corpora")
        else:
            report.title("Import")
            report.say("CAIRN_CORPORA names no folder with corpora/: the import figures are left out.")
    if "answers" in parts:
        answers.measure(report, instance)
    if "gateway" in parts:
        gateway.measure(report, instance)
    if "events" in parts:
        events.measure(report, instance)
    if "requests" in parts:
        rpcs.measure(report, instance)
    report.title("Memory")
    memory.measure(report, instance, "right after all of the above, the worker still at it", "memory_used_mb")
    memory.await_rest(instance)
    memory.measure(report, instance, "after that, once the worker had nothing left to do", "memory_at_rest_mb")
    if {"web", "lighthouse"} & set(parts):
        _measure_pages(report, instance, parts)
    if "scale" in parts:
        scale.measure(report, instance)


def _measure_pages(report: Report, instance: Instance, parts: list[str]) -> None:
    browser.load(instance)
    if "web" in parts:
        browser.measure(report, instance)
    if "lighthouse" in parts:
        lighthouse_scores.measure(report, instance)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(PARTS)))
