"""Numbers taken by twenty processes at once."""

import asyncio
import os
import sys
from collections import defaultdict
from pathlib import Path

from support import reserving_process
from support.tenants import create_tenant

from cairn.decisions.domain import Log
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database, DatabaseUrls

PROCESSES = 20
EACH = 5


async def test_twenty_processes_never_take_one_number_twice(database_urls: DatabaseUrls, database: Database) -> None:
    caller = await create_tenant(database)
    log = Log(id=uuid7(), slug="log", name="Log", prefix="ADR")
    async with database.transaction(caller) as connection:
        await PostgresDecisionStore(connection).add_log(log)
    script = Path(reserving_process.__file__)
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            str(script),
            database_urls.app,
            str(caller.tenant_id),
            str(log.id),
            str(EACH),
            stdout=asyncio.subprocess.PIPE,
            env=dict(os.environ),
        )
        for _ in range(PROCESSES)
    ]
    async with asyncio.timeout(100):
        outputs = [(await process.communicate())[0].decode() for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES
    taken: dict[str, list[int]] = defaultdict(list)
    for output in outputs:
        for line in output.splitlines():
            prefix, _, number = line.rpartition(" ")
            taken[prefix].append(int(number))
    every = list(range(1, PROCESSES * EACH + 1))
    assert {prefix: sorted(numbers) for prefix, numbers in taken.items()} == {"": every, "SEC": every}
