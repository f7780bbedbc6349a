"""Gives memory back to the machine while a process rests, and looks for garbage between requests."""

import asyncio
import ctypes
import gc
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

_LOOK_SECONDS = 15.0
_TIDY_SECONDS = 0.5
# So many new objects are looked through in a tenth of a millisecond or two; fewer can wait.
_FEW = 500
# Python's own look, in the middle of whatever makes the next object, is for times in which more than this come at once.
_MANY = 10_000
# As Python has it: after so many looks at the young, the older ones are looked at too.
_LOOKS = 10
# Less of a core than this between two such looks is quiet enough to look at everything.
_QUIET_SHARE = 0.1
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

    async with _while_running(look_again_and_again()):
        yield


def tidy(*, rests: bool) -> None:
    """Look for garbage among what is new, now and then among what is older, and among all there is only in a rest.

    With a thousand streams that takes a tenth of a second, in which none of them gets its token.
    """
    young, middle, old = gc.get_count()
    if old > _LOOKS and rests:
        gc.collect()
    elif middle > _LOOKS:
        gc.collect(1)
    elif young > _FEW:
        gc.collect(0)


@asynccontextmanager
async def tidied(look_seconds: float = _TIDY_SECONDS) -> AsyncGenerator[None]:
    """Look for garbage between requests, as long as the block runs, and not in the middle of one.

    What is loaded by now stays: looking through it again and again takes 4 % of a request.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_MANY, *thresholds[1:])

    async def tidy_again_and_again() -> None:
        before = time.process_time()
        while True:
            await asyncio.sleep(look_seconds)
            now = time.process_time()
            tidy(rests=now - before < look_seconds * _QUIET_SHARE)
            before = now

    try:
        async with _while_running(tidy_again_and_again()):
            yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@asynccontextmanager
async def _while_running(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    running = asyncio.create_task(work)
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
