"""What every decision store does, checked on Postgres and on the one in memory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from support.fakes.decision_store import MemoryDecisionStore
from support.tenants import create_tenant

from cairn.decisions.domain import (
    Content,
    DecisionSummary,
    FieldReport,
    FileOutcome,
    FileReport,
    Import,
    LinkKind,
    Log,
    Ref,
    Status,
    Version,
    WrittenLink,
)
from cairn.decisions.domain.lifecycle import LogPolicy
from cairn.decisions.ports import DecisionStore
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.kernel.events import NewEvent
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture(params=["postgres", "memory"])
async def store(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[DecisionStore]:
    if request.param == "memory":
        yield MemoryDecisionStore()
        return
    async with database.transaction(await create_tenant(database)) as connection:
        yield PostgresDecisionStore(connection)


async def add_log(store: DecisionStore, slug: str = "billing") -> Log:
    log = Log(id=uuid7(), slug=slug, name=slug.title(), prefix="ADR")
    assert await store.add_log(log)
    return log


async def add(store: DecisionStore, log: Log, number: int | None, **fields: Any) -> DecisionSummary:
    content = Content(
        title=fields.get("title", f"Decision {number}"),
        status=fields.get("status", Status.ACCEPTED),
        body="Text.",
        decided_on=fields.get("decided_on"),
        deciders=("Ada", "Grace"),
        tags=fields.get("tags", ()),
    )
    at = NOW + timedelta(minutes=number or 0)
    summary = DecisionSummary(
        id=uuid7(),
        log_id=log.id,
        log_slug=log.slug,
        number=number,
        slug=fields.get("slug", f"decision-{number}"),
        ref=f"decision-{number}" if number is None else f"ADR-{number:04d}",
        title=content.title,
        status=content.status,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        version=1,
        source_path=fields.get("source_path", ""),
        created_at=at,
        updated_at=at,
    )
    await store.add_decision(summary, make_version(summary, content, source=fields.get("source")))
    return summary


def make_version(summary: DecisionSummary, content: Content, source: bytes | None = None) -> Version:
    return Version(
        id=uuid7(),
        decision_id=summary.id,
        version=summary.version,
        content=content,
        author_id=UUID(int=7),
        author_name="Ada",
        message="Why not",
        created_at=summary.updated_at,
        content_hash=content.hash(),
        source=source,
    )


async def test_logs_are_listed_by_slug_and_a_slug_is_taken_once(store: DecisionStore) -> None:
    zoo, ant = await add_log(store, "zoo"), await add_log(store, "ant")
    assert not await store.add_log(replace(zoo, id=uuid7()))
    await add(store, ant, 1)
    assert await store.get_log(ant.id) == ant
    assert await store.get_log(uuid7()) is None
    await store.set_policy(zoo.id, LogPolicy({Status.ACCEPTED: "in use"}))
    listed = [(log.slug, log.decision_count, log.status_names) for log in await store.list_logs()]
    assert listed == [("ant", 1, {}), ("zoo", 0, {Status.ACCEPTED: "in use"})]


async def test_numbers_go_up_and_past_what_was_imported(store: DecisionStore) -> None:
    log = await add_log(store)
    assert [await store.take_number(log.id), await store.take_number(log.id)] == [1, 2]
    await store.pass_number(log.id, 40)
    await store.pass_number(log.id, 12)
    assert await store.take_number(log.id) == 41


async def test_a_decision_reads_back_whole_and_by_every_name(store: DecisionStore) -> None:
    log = await add_log(store)
    added = await add(store, log, 12, tags=("a", "b"), decided_on=date(2026, 1, 2), source_path="12.md", source=b"\xff")
    for ref in (
        Ref("", id=added.id),
        Ref("", number=12),
        Ref("billing", prefix="adr", number=12),
        Ref("", slug="decision-12"),
    ):
        assert await store.find(ref) == [added]
    assert await store.find(Ref("other", number=12)) == []
    assert await store.find(Ref("", prefix="RFC", number=12)) == []
    assert await store.find_by_source(log.id, "12.md") == added
    assert await store.find_by_source(log.id, "13.md") is None
    version = await store.get_version(added.id, 1)
    assert version is not None
    assert (version.source, version.content.deciders, version.message) == (b"\xff", ("Ada", "Grace"), "Why not")
    assert await store.get_version(added.id, 2) is None


async def test_a_version_is_appended_and_becomes_current(store: DecisionStore) -> None:
    added = await add(store, await add_log(store), 1, source=b"old")
    content = Content(title="New", status=Status.DEPRECATED, body="Other", tags=("x",))
    later = replace(added, version=2, updated_at=NOW + timedelta(days=1))
    await store.append_version(make_version(later, content))
    locked = await store.lock(added.id)
    assert locked is not None
    assert (locked.version, locked.title, locked.status, locked.tags) == (2, "New", Status.DEPRECATED, ("x",))
    versions = await store.list_versions(added.id, 2**31 - 1, 10)
    assert [(v.version, v.content.body, v.source) for v in versions] == [(2, "", None), (1, "", None)]
    assert [v.version for v in await store.list_versions(added.id, 2, 10)] == [1]
    latest = await store.get_latest_source(added.id)
    assert latest is not None
    assert (latest.version, latest.source) == (1, b"old")
    assert await store.lock(uuid7()) is None


async def test_an_edit_is_appended_and_gives_the_links_around_it(store: DecisionStore) -> None:
    log = await add_log(store)
    old, new = await add(store, log, 1, status=Status.SUPERSEDED), await add(store, log, 2)
    links = [WrittenLink(LinkKind.SUPERSEDES, "ADR-1", old.id), WrittenLink(LinkKind.RELATES_TO, "ADR-9")]
    await store.replace_links(new.id, links)
    for before in (old, new, await add(store, log, 3)):
        content = Content(title="New", status=before.status, body="Other")
        version = make_version(replace(before, version=2), content)
        event = NewEvent("decision.changed", str(before.id), {"decision_id": str(before.id), "version": 2})
        assert await store.append_edit(version, event) == await store.list_links(before.id)
        held = await store.hold(before.id)
        assert held is not None
        assert (held.summary.version, held.summary.title, held.current.content) == (2, "New", content)


async def test_holding_gives_all_that_a_change_is_judged_by(store: DecisionStore) -> None:
    log = await add_log(store)
    added = await add(store, log, 1, tags=("x",), source=b"old")
    policy = LogPolicy({Status.ACCEPTED: "in use"}, required_approvals=2)
    await store.set_policy(log.id, policy)
    held = await store.hold(added.id)
    assert held is not None
    assert held.summary == await store.lock(added.id)
    assert held.current == await store.get_version(added.id, 1)
    assert held.people == await store.get_people(added.id)
    assert held.policy == policy
    assert await store.hold(added.id, status=Status.ACCEPTED) == held
    assert await store.hold(added.id, status=Status.REJECTED) is None
    assert await store.hold(uuid7()) is None


async def test_a_log_is_listed_by_number_without_its_deleted_records(store: DecisionStore) -> None:
    log, other = await add_log(store), await add_log(store, "other")
    for number in (None, 3, 1):
        await add(store, log, number)
    gone = await add(store, log, 2)
    await add(store, other, 1)
    await store.set_deleted(gone.id, NOW)
    assert [d.number for d in await store.list_log_decisions(log.id)] == [1, 3, None]
    await store.set_deleted(gone.id, None)
    assert [d.number for d in await store.list_log_decisions(log.id)] == [1, 2, 3, None]


async def test_links_are_seen_from_both_ends_and_give_the_successor(store: DecisionStore) -> None:
    log = await add_log(store)
    old, new = await add(store, log, 1, status=Status.SUPERSEDED), await add(store, log, 2)
    await store.replace_links(
        new.id, [WrittenLink(LinkKind.SUPERSEDES, "ADR-1"), WrittenLink(LinkKind.RELATES_TO, "ADR-9")]
    )
    assert await store.list_log_links(log.id) == [
        (new.id, 0, WrittenLink(LinkKind.SUPERSEDES, "ADR-1")),
        (new.id, 1, WrittenLink(LinkKind.RELATES_TO, "ADR-9")),
    ]
    await store.set_link_targets([(new.id, 0, old.id)])
    assert await store.list_written_links(new.id) == [
        WrittenLink(LinkKind.SUPERSEDES, "ADR-1", old.id),
        WrittenLink(LinkKind.RELATES_TO, "ADR-9"),
    ]
    links, _ = await store.list_links(new.id)
    assert [(k.kind, k.target, k.decision.id if k.decision else None) for k in links] == [
        (LinkKind.SUPERSEDES, "ADR-1", old.id),
        (LinkKind.RELATES_TO, "ADR-9", None),
    ]
    _, backlinks = await store.list_links(old.id)
    assert [(k.kind, k.decision.id if k.decision else None) for k in backlinks] == [(LinkKind.SUPERSEDES, new.id)]
    [shown] = await store.find(Ref("", id=old.id))
    assert shown.successor is not None
    assert (shown.successor.id, shown.successor.ref) == (new.id, "ADR-0002")
    await store.set_deleted(new.id, NOW)
    assert (await store.find(Ref("", id=old.id)))[0].successor is None
    assert (await store.list_links(old.id))[1] == []


async def test_an_import_keeps_its_reports_and_totals(store: DecisionStore) -> None:
    log = await add_log(store)
    added = await add(store, log, 1)
    import_ = Import(uuid7(), log.id, log.slug, "docs/adr", NOW, None, dict.fromkeys(FileOutcome, 0))
    await store.add_import(import_, uuid7())
    assert await store.get_import(import_.id) == import_
    assert await store.get_import(uuid7()) is None
    fields = (FieldReport("status", "guessed", "accepted", "no status line", 3),)
    made = FileReport("b.md", FileOutcome.CREATED, "nygard", "", fields, added.id, added.ref, added.title)
    left = FileReport("a.md", FileOutcome.LEFT_OUT, "unknown", "an index", ())
    for report, source in ((made, None), (left, b"# Index")):
        await store.add_file_report(import_.id, report, source)
    assert await store.list_file_reports(import_.id) == [left, made]
    await store.finish_import(import_.id, NOW + timedelta(minutes=1), 3, 1)
    [listed] = await store.list_imports(10)
    assert (listed.totals[FileOutcome.CREATED], listed.totals[FileOutcome.LEFT_OUT]) == (1, 1)
    assert (listed.finished_at, listed.links_resolved, listed.links_unresolved) == (NOW + timedelta(minutes=1), 3, 1)
