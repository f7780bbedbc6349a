"""A process that takes numbers of a log and prints them: `reserving_process URL TENANT LOG COUNT`."""

import asyncio
import sys
from uuid import UUID

from cairn.decisions.postgres import PostgresDecisionStore
from cairn.kernel.identity import Caller, Role
from cairn.platform.database import Database


async def main(url: str, tenant: str, log: str, count: str) -> None:
    database = await Database.connect(url, most=1)
    caller = Caller(UUID(tenant), UUID(int=1), "Branch", Role.AUTHOR)
    try:
        for _ in range(int(count)):
            async with database.transaction(caller) as connection:
                store = PostgresDecisionStore(connection)
                for prefix in ("", "SEC"):
                    sys.stdout.write(f"{prefix} {await store.take_number(UUID(log), prefix)}\n")
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
