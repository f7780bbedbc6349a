"""The `cairn` command in a process of its own."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment_of(address: str, home: Path) -> dict[str, str]:
    """Return an environment in which the Cairn at `address`, or none when it is empty, answers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
    return {**kept, "CAIRN_HOME": str(home), "COLUMNS": "200", **({"CAIRN_URL": address} if address else {})}


async def run_cairn(
    address: str, home: Path, *arguments: str | Path, given: str | None = None, **variables: str
) -> Ran:
    """Run `cairn` with `arguments`; `given` is its standard input."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cairn.entrypoints.cli",
        *map(str, arguments),
        env={**environment_of(address, home), **variables},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            out, err = await process.communicate((given or "").encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())
