"""Gives memory back to the machine while a process rests."""

import asyncio
import ctypes
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

_LOOK_SECONDS = 15.0
# Less of a core than this between two looks is rest: what a server and a worker take when nobody asks anything.
_REST_SHARE = 0.05


def _find_trim() -> Callable[[], object] | None:
    """Return what hands freed pages back, or None where the C library has no such thing (musl, macOS)."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    return lambda: trim(0)


class Thrift:
    """Hands freed memory back once in each rest of this process.

    glibc keeps what was freed in the middle of its heaps: after an import, tens of MB of a worker's 280. Handing it
    back takes milliseconds in which nobody allocates, so it waits until nobody does.

    `cpu_seconds` tells the CPU time of this process so far, `trim` hands back.
    """

    def __init__(self, trim: Callable[[], object], cpu_seconds: Callable[[], float] = time.process_time) -> None:
        self._trim = trim
        self._cpu_seconds = cpu_seconds
        self._before = cpu_seconds()
        self._worked = True

    def look(self, passed_seconds: float) -> None:
        """Hand back when little was done in the time that passed since the last look, and much before it."""
        now = self._cpu_seconds()
        rests = now - self._before < passed_seconds * _REST_SHARE
        self._before = now
        if not rests:
            self._worked = True
        elif self._worked:
            self._worked = False
            self._trim()


@asynccontextmanager
async def thrifty(look_seconds: float = _LOOK_SECONDS) -> AsyncGenerator[None]:
    """Look every quarter of a minute, as long as the block runs, whether this process rests."""
    trim = _find_trim()
    if trim is None:
        yield
        return

    async def look_again_and_again() -> None:
        thrift = Thrift(trim)
        while True:
            await asyncio.sleep(look_seconds)
            await asyncio.to_thread(thrift.look, look_seconds)

    looking = asyncio.create_task(look_again_and_again())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
