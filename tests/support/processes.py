"""Waiting for processes that are not our children."""

import os
import select


class Watched:
    """A process to be waited for, even when it belongs to another."""

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)

    def wait_until_dead(self, seconds: float = 10) -> None:
        """Return once it has ended. A dead process that nobody has reaped yet counts as ended."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        ended = poll.poll(seconds * 1000)
        os.close(self._descriptor)
        assert ended, "The process still runs."
