"""Memory is handed back once in each rest, and really leaves the process."""

import asyncio
import gc
import subprocess
import sys
import weakref

import pytest

from cairn.platform.memory import Thrift, tidied, tidy

FREED = """
import asyncio, ctypes, psutil
from cairn.platform.memory import thrifty

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
blocks = [libc.malloc(4000) for _ in range(25_000)]
for block in blocks:
    ctypes.memset(block, 1, 4000)
for block in blocks[:-1]:
    libc.free(block)
kept = psutil.Process().memory_info().rss

async def rest():
    async with thrifty(look_seconds=0.5):
        async with asyncio.timeout(20):
            while psutil.Process().memory_info().rss > kept - 60e6:
                await asyncio.sleep(0.1)

asyncio.run(rest())
"""


def test_what_was_freed_is_handed_back_once_in_each_rest() -> None:
    given: list[float] = []
    cpu = 0.0

    def look(busy_seconds: float) -> int:
        nonlocal cpu
        cpu += busy_seconds
        thrift.look(10.0)
        return len(given)

    thrift = Thrift(lambda: given.append(cpu), lambda: cpu)
    assert look(8.0) == 0
    assert look(0.1) == 1
    assert look(0.1) == 1
    assert look(3.0) == 1
    assert look(0.0) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="Only glibc keeps freed pages and has a call that hands them back.")
def test_freed_pages_leave_a_process_that_rests() -> None:
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - this Python.
    assert done.returncode == 0, done.stderr


class _Ring:
    """Garbage that only a look can find."""

    def __init__(self) -> None:
        self.me = self


async def test_garbage_is_found_while_nobody_makes_anything() -> None:
    before = gc.get_threshold()
    found = asyncio.Event()
    async with tidied(look_seconds=0.01):
        assert gc.get_threshold()[0] > before[0]
        gc.collect()
        weakref.finalize(_Ring(), found.set)
        rings = [_Ring() for _ in range(1_000)]
        del rings
        async with asyncio.timeout(10):
            await found.wait()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_garbage_that_has_grown_old_is_found_in_a_rest() -> None:
    found: list[bool] = []
    gc.disable()
    try:
        old = _Ring()
        weakref.finalize(old, found.append, True)  # noqa: FBT003 - what is appended.
        # Two looks make it old; then it goes.
        gc.collect(0)
        gc.collect(1)
        del old

        def look(times: int, *, rests: bool) -> None:
            for _ in range(times):
                young = [_Ring() for _ in range(600)]
                del young
                tidy(rests=rests)

        look(300, rests=False)
        assert found == []
        look(300, rests=True)
        assert found == [True]
    finally:
        gc.enable()
