"""Adds a person to the Cairn of a test and prints a token of theirs: `python people.py NAME ROLE`."""

import asyncio
import sys

from cairn.entrypoints.lifecycle import process_settings
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database
from cairn.tenancy.api import create_token
from cairn.tenancy.domain import LOCAL_ORGANISATION
from cairn.tenancy.postgres import PostgresTenancyStore


async def add_person(name: str, role: str) -> str:
    """Add a person to the organisation of this machine, and return a token that acts as them."""
    database = await Database.connect(process_settings().app_database_url, most=1)
    person = Caller(LOCAL_ORGANISATION.id, uuid7(), name, Role(role))
    try:
        async with database.transaction(person) as connection:
            await PostgresTenancyStore(connection).add_person(person)
        return await create_token(database, person, "test")
    finally:
        await database.close()


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(add_person(sys.argv[1], sys.argv[2])))
