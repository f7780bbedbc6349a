"""What the gateway's measures run beside each other: scripts, another server process, and cores to hold them to."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from instance import Instance, free_port
from paced import MODELS
from processes import family

NAMES = [f"m{number}" for number in range(MODELS)]
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """Where something listens, the process whose CPU it is, and what goes before its models' names."""

    port: int
    pid: int
    prefix: str = ""

    @property
    def models(self) -> list[str]:
        """Its models: a model takes 50 calls at once, so that many streams need several."""
        return [f"{self.prefix}{name}" for name in NAMES]


@asynccontextmanager
async def script(*arguments: str) -> AsyncGenerator[Place]:
    """Run a script beside this one until the block ends."""
    command = [sys.executable, str(_HERE / arguments[0]), *arguments[1:]]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Place(int(await process.stdout.readline()), process.pid)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def second_server(instance: Instance, first: Place) -> AsyncGenerator[Place]:
    """Run another server process on the same database, as a deployment with a core more would."""
    environment = psutil.Process(first.pid).environ() | {"CAIRN_PORT": str(free_port())}
    with (instance.home / "second.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cairn.entrypoints.server", env=environment, stdout=log, stderr=log
        )
    port = int(environment["CAIRN_PORT"])
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                writer.close()
                break
        yield Place(port, process.pid, first.prefix)
    finally:
        process.terminate()
        await process.wait()


@contextmanager
def pinned(servers: Iterable[Place], provider: Place, beside: Sequence[int] = ()) -> Generator[None]:
    """Hold servers to one core and everything else, this process and those `beside` too, to the others."""
    cores = sorted(os.sched_getaffinity(0))
    asked = [one.pid for one in servers]
    others = [os.getpid(), provider.pid, *beside]
    hold(asked, {cores[-1]})
    hold(others, set(cores[:-1]) or set(cores))
    try:
        yield
    finally:
        hold([*others, *asked], set(cores))


def hold(pids: Iterable[int], cores: set[int]) -> None:
    """Hold processes, with their children and every thread there is, to some cores."""
    for pid in pids:
        for process in family(pid):
            for thread in Path(f"/proc/{process.pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), cores)
