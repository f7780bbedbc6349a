"""`cairn worker`: run a worker, and see and mend what workers do with events."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar
from uuid import UUID

import click

from cairn.entrypoints.lifecycle import process_settings, run_process
from cairn.platform.bus import BusAdmin
from cairn.platform.bus.postgres import PostgresBus

_MOST_SHOWN = 1000
_Answer = TypeVar("_Answer")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_tenant = click.option("--tenant", type=click.UUID, help="Only this organisation's events.")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the worker's process id as JSON before it begins.")
@click.pass_context
def worker(context: click.Context, *, as_json: bool) -> None:
    """Run one more worker, on the database of the Cairn that runs here or of CAIRN_DATABASE_URL.

    The commands show how far the groups of consumers are, and mend what failed.
    """
    if context.invoked_subcommand is None:
        if as_json:
            click.echo(json.dumps({"running": True, "pid": os.getpid()}))
        run_process("cairn.entrypoints.worker")


@worker.command()
@_as_json
def lag(*, as_json: bool) -> None:
    """Show how far each group is behind, and what it has parked or given up."""
    rows = _ask(lambda bus: bus.lag(most=_MOST_SHOWN))
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], default=str, indent=2))
        return
    for row in rows:
        click.echo(f"{row.group}  {row.tenant_id}  {row.behind} behind, {row.parked} parked, {row.dead} dead")
    if not rows:
        click.echo("No group has taken an event yet.")


@worker.command("dead-letters")
@click.argument("group", required=False)
@_as_json
def dead_letters(group: str | None, *, as_json: bool) -> None:
    """Show the events that GROUP, or any, gave up on. `cairn worker requeue` tries them again."""
    letters = _ask(lambda bus: bus.dead_letters(group, most=_MOST_SHOWN))
    if as_json:
        click.echo(json.dumps([asdict(letter) for letter in letters], default=str, indent=2))
        return
    for one in letters:
        click.echo(
            f"{one.group}  {one.tenant_id} {one.position}  {one.type} {one.key}  {one.attempts} times: {one.error}"
        )
    if not letters:
        click.echo("There are no dead letters.")


@worker.command()
@click.argument("group")
@_tenant
@click.option("--position", type=click.IntRange(min=1), help="Only the event at this position.")
@_as_json
def requeue(group: str, *, tenant: UUID | None, position: int | None, as_json: bool) -> None:
    """Let GROUP try its dead letters again."""
    count = _ask(lambda bus: bus.requeue(group, tenant, position))
    click.echo(json.dumps({"requeued": count}) if as_json else f"{count} dead letters will be tried again.")


@worker.command()
@click.argument("group")
@_tenant
@click.option("--from", "position", type=click.IntRange(min=1), default=1, help="The first event to take again.")
@_as_json
def replay(group: str, *, tenant: UUID | None, position: int, as_json: bool) -> None:
    """Let GROUP take events again that it has taken before: all of them, or those from a position on."""
    count = _ask(lambda bus: bus.replay(group, tenant, from_position=position))
    click.echo(json.dumps({"replayed": count}) if as_json else f"{count} events will be taken again.")


def _ask(question: Callable[[BusAdmin], Awaitable[_Answer]]) -> _Answer:
    url = process_settings().bus_database_url

    async def ask() -> _Answer:
        bus = await PostgresBus.connect(url)
        try:
            return await question(bus)
        finally:
            await bus.close()

    return asyncio.run(ask())
