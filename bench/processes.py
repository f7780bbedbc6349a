"""What processes cost: CPU time and memory, over whole families."""

from collections.abc import Sequence
from dataclasses import dataclass

import psutil


def family(pid: int) -> Sequence[psutil.Process]:
    """Return a process and all below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, in seconds, that a family of living processes has used."""
    total = 0.0
    for process in family(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def memory_mb(pid: int) -> float:
    """Return the memory, in MB, of one process: its own pages and its share of those it has in common (PSS)."""
    return psutil.Process(pid).memory_full_info().pss / 1e6


@dataclass
class CpuMeter:
    """CPU time that named families use between two looks."""

    pids: dict[str, int]

    def __post_init__(self) -> None:
        self._before = {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def spent_seconds(self) -> dict[str, float]:
        """Return the CPU time of each since the meter was made."""
        return {name: cpu_seconds(pid) - self._before[name] for name, pid in self.pids.items()}
