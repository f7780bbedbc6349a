"""Organisations and people for tests."""

from dataclasses import replace
from uuid import UUID

from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database


async def create_tenant(database: Database, *, name: str = "Test", role: Role = Role.ADMIN) -> Caller:
    """Make an organisation with one person in it, and return that person."""
    caller = Caller(tenant_id=uuid7(), person_id=uuid7(), person_name=f"{name}'s person", role=role)
    async with database.transaction(caller) as connection:
        await connection.execute("insert into tenant (tenant_id, name) values ($1, $2)", caller.tenant_id, name)
    return await create_person(database, caller.tenant_id, name=caller.person_name, role=role)


async def create_person(database: Database, tenant_id: UUID, *, name: str = "Ada", role: Role = Role.AUTHOR) -> Caller:
    """Make one more person in an organisation."""
    caller = Caller(tenant_id=tenant_id, person_id=uuid7(), person_name=name, role=role)
    async with database.transaction(caller) as connection:
        await connection.execute(
            "insert into person (tenant_id, id, name, role) values ($1, $2, $3, $4)",
            tenant_id,
            caller.person_id,
            name,
            role.value,
        )
    return caller


def as_role(caller: Caller, role: Role) -> Caller:
    """Return the same person with another role."""
    return replace(caller, role=role)
