"""Memory while nothing is asked."""

import time

import psutil
from instance import Instance
from processes import memory_mb
from report import Report

_NAMES = ("supervisor", "server", "worker")


def measure(report: Report, instance: Instance, when: str, name: str) -> None:
    """Add up the memory of every process but Postgres."""
    each = {process: memory_mb(instance.pids[process]) for process in _NAMES}
    parts = ", ".join(f"{process} {value:.0f}" for process, value in each.items())
    report.add(name, sum(each.values()), f"{when}; own pages and shares of common ones (PSS), MB: {parts}", below=500)


def await_rest(instance: Instance) -> None:
    """Wait, ten minutes at most, until the worker has taken next to no CPU time for two looks of `platform.memory`."""
    worker = psutil.Process(instance.pids["worker"])
    for _ in range(15):
        before = worker.cpu_times()
        time.sleep(40)
        after = worker.cpu_times()
        if after.user + after.system - before.user - before.system < 1:
            return
    raise TimeoutError("The worker was still at work ten minutes after the last request.")
