"""Memory while nothing is asked."""

from instance import Instance
from processes import memory_mb
from report import Report

# Two looks of `cairn.platform.memory`, and what is left over to be done.
REST_SECONDS = 45
_NAMES = ("supervisor", "server", "worker")


def measure(report: Report, instance: Instance, when: str, name: str) -> None:
    """Add up the memory of every process but Postgres."""
    each = {process: memory_mb(instance.pids[process]) for process in _NAMES}
    parts = ", ".join(f"{process} {value:.0f}" for process, value in each.items())
    report.add(name, sum(each.values()), f"{when}; own pages and shares of common ones (PSS), MB: {parts}", below=500)
