"""Child processes that cannot outlive their parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec so that the kernel sends it `signal_number` when its parent dies.

    The kernel counts the thread that forked as the parent (prctl(2)), so fork from the main thread. It forgets the
    wish when the child changes its user, so run this after that; `subprocess` does. Elsewhere than on Linux
    the next start finds and stops what was left.
    """
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        if libc.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(1)

    return arrange
