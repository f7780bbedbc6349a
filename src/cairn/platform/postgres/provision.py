"""Roles, database and extension of the embedded server, made by its superuser.

The owner of the tables is an ordinary role, so that forced row-level security binds it as on any managed Postgres.
"""

from collections.abc import Mapping

import asyncpg

DATABASE = "cairn"
ROLES = ("cairn", "cairn_app", "cairn_bus")


async def ensure_roles(url: str, passwords: Mapping[str, str]) -> None:
    """Let each role log in with its password, making those that are not there. Passwords must be hexadecimal."""
    connection = await asyncpg.connect(url)
    try:
        there = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        for role in ROLES:
            verb = "alter" if role in there else "create"
            password = int(passwords[role], 16).to_bytes(len(passwords[role]) // 2).hex()
            await connection.execute(f"{verb} role {role} login nosuperuser nobypassrls password '{password}'")
    finally:
        await connection.close()


async def ensure_database(url: str, database: str, *, template: str = "template0") -> None:
    """Make `database`, owned by the role cairn, when it is not there."""
    connection = await asyncpg.connect(url)
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", database):
            await connection.execute(f'create database "{database}" owner cairn template "{template}"')
    finally:
        await connection.close()


async def ensure_vector(url: str) -> None:
    """Install pgvector, which only a superuser may."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("create extension if not exists vector")
    finally:
        await connection.close()
