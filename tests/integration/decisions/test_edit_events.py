"""An edit writes its event itself, in one statement with its version; the bus must see it as any other."""

from datetime import UTC, datetime
from typing import Any

from support.tenants import create_tenant

from cairn.decisions.domain import Content, Decision, Status
from cairn.decisions.postgres import OutboxEvents, PostgresDecisionStore
from cairn.decisions.usecases.records import create_decision, create_log, update_decision
from cairn.kernel.identity import Caller
from cairn.platform.bus.postgres import PostgresBus
from cairn.platform.database import Database, DatabaseUrls

_TYPES = {"decision.changed"}


async def _create(database: Database, caller: Caller) -> Decision:
    async with database.transaction(caller) as connection:
        store = PostgresDecisionStore(connection)
        log = await create_log(store, slug="", name="Log", prefix="ADR")
        content = Content(title="Push", status=Status.ACCEPTED, body="Text.")
        return await create_decision(store, **_more(connection, caller), log_id=log.id, content=content, message="")


async def _edit(database: Database, caller: Caller, decision: Decision, version: int) -> None:
    async with database.transaction(caller) as connection:
        content = Content(title=f"Push {version}", status=Status.ACCEPTED, body="Text.")
        await update_decision(
            PostgresDecisionStore(connection), **_more(connection, caller), decision_id=decision.summary.id,
            expected_version=version, content=content, message="",
        )  # fmt: skip


def _more(connection: Any, caller: Caller) -> dict[str, Any]:
    return {
        "events": OutboxEvents(connection, caller.tenant_id), "clock": lambda: datetime.now(UTC), "caller": caller
    }  # fmt: skip


async def test_an_edit_tells_the_bus_what_it_changed(database: Database, database_urls: DatabaseUrls) -> None:
    caller = await create_tenant(database)
    decision = await _create(database, caller)
    await _edit(database, caller, decision, 1)
    bus = await PostgresBus.connect(database_urls.bus)
    await bus.relay()
    delivery = await bus.read("group", caller.tenant_id, _TYPES, 10)
    id_ = str(decision.summary.id)
    assert [(event.key, event.payload) for event in delivery.events] == [
        (id_, {"decision_id": id_, "version": version}) for version in (1, 2)
    ]
    await bus.close()


async def test_an_edit_wakes_a_relay_that_sleeps_and_no_other(database: Database, database_urls: DatabaseUrls) -> None:
    caller = await create_tenant(database)
    decision = await _create(database, caller)
    bus = await PostgresBus.connect(database_urls.bus)
    wakeup = bus.relay_wakeup()
    await bus.relay()
    assert await bus.may_sleep()
    await _edit(database, caller, decision, 1)
    await wakeup.wait()
    await bus.wake_up()
    wakeup.clear()
    await _edit(database, caller, decision, 2)
    assert await bus.relay() == 2
    assert not wakeup.is_set()
    await bus.close()
