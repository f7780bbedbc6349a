"""From the command to the first page."""

import shutil
import statistics

from instance import Instance
from report import Report

_RUNS = 3


def measure(report: Report) -> None:
    """Start Cairn on a new home, then again and again on the one that is there."""
    report.title("Start")
    if shutil.which("make") is None:
        report.say("make is not installed: nothing measured.")
        return
    with Instance() as instance:
        cold = instance.make_up()
        warm = [instance.make_up() for _ in range(_RUNS)]
    report.add("start_new_home_s", cold, "make up with everything installed, on a home that does not exist yet")
    report.add(
        "start_warm_s",
        statistics.median(warm),
        f"make up to the first page with everything installed and a database there, median of {_RUNS}",
        below=3,
    )
