"""What every curation and history store does, checked on Postgres and on the one in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from support.fakes.curation_store import MemoryCurationStore
from support.fakes.decision_store import MemoryDecisionStore
from support.fakes.history_store import MemoryHistoryStore
from support.records import NOW, add_log, add_record
from support.tenants import create_tenant

from cairn.decisions.domain import Status
from cairn.decisions.domain.curation import BulkEdit, BulkItem, SavedFilter, Template, Upkeep
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.curation import CurationStore
from cairn.decisions.ports.history import HistoryStore
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.curation import PostgresCurationStore
from cairn.decisions.postgres.history import PostgresHistoryStore
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database


@dataclass
class Stores:
    decisions: DecisionStore
    curation: CurationStore
    history: HistoryStore
    caller: Caller


@pytest.fixture(params=["postgres", "memory"])
async def stores(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Stores]:
    if request.param == "memory":
        caller = Caller(uuid7(), uuid7(), "Ada", Role.ADMIN)
        yield Stores(MemoryDecisionStore(), MemoryCurationStore(caller.person_id), MemoryHistoryStore(), caller)
        return
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        curation, history = PostgresCurationStore(connection), PostgresHistoryStore(connection)
        yield Stores(PostgresDecisionStore(connection), curation, history, caller)


async def test_templates_are_kept_by_name_and_one_is_chosen(stores: Stores) -> None:
    log, curation = await add_log(stores.decisions), stores.curation
    assert await curation.get_chosen_template(log.id) == "madr"
    for template in (Template("b", "", "x"), Template("a", "d", "y"), Template("b", "", "z")):
        await curation.put_template(log.id, template, NOW)
    assert await curation.list_templates(log.id) == [Template("a", "d", "y"), Template("b", "", "z")]
    await curation.choose_template(log.id, "b")
    assert await curation.get_chosen_template(log.id) == "b"
    assert (await curation.delete_template(log.id, "b"), await curation.delete_template(log.id, "b")) == (True, False)


async def test_a_filter_is_replaced_by_name_and_removed_by_its_owner(stores: Stores) -> None:
    owner = stores.caller.person_id
    first = SavedFilter(uuid7(), owner, "mine", shared=False, text="a")
    second = replace(first, id=uuid7(), shared=True, log_slugs=("log",), statuses=(Status.DRAFT,), text="b")
    kept = await stores.curation.put_filter(first, NOW)
    assert await stores.curation.put_filter(second, NOW) == kept == first.id
    [found] = await stores.curation.list_filters()
    assert (found.id, found.shared, found.statuses, found.text) == (kept, True, (Status.DRAFT,), "b")
    assert not await stores.curation.delete_filter(kept, uuid7())
    assert await stores.curation.delete_filter(kept, owner)
    assert await stores.curation.list_filters() == []


async def test_a_bulk_edit_is_remembered(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    one, two = sorted([(await add_record(stores.decisions, log, number)).id for number in (1, 2)])
    caller = stores.caller
    upkeep = Upkeep(None, None, 0), Upkeep(caller.person_id, date(2027, 1, 31), 12)
    items = BulkItem(one, 1, 2), BulkItem(two, 1, 1, upkeep)
    edit = BulkEdit(uuid7(), caller.person_id, "Ada", "Sort", NOW, items)
    await stores.curation.add_bulk_edit(edit)
    assert await stores.curation.hold_bulk_edit(edit.id) == edit
    assert await stores.curation.hold_bulk_edit(uuid7()) is None
    await stores.curation.mark_undone(edit.id, NOW)
    held = await stores.curation.hold_bulk_edit(edit.id)
    assert held is not None
    assert held.undone_at == NOW


async def test_commits_are_remembered_by_path(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    one, two = await add_record(stores.decisions, log, 1), await add_record(stores.decisions, log, 2)
    for _ in range(2):
        await stores.history.add_commit(log.id, "a" * 40, "x.md", one.id)
    assert await stores.history.list_commits(log.id, ["a" * 40, "b" * 40]) == {("a" * 40, "x.md")}
    assert (await stores.history.has_history(one.id), await stores.history.has_history(two.id)) == (True, False)
