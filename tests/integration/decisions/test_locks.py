"""Who waits for whom when several people change decisions at once."""

import asyncio
from datetime import UTC, datetime

from support.tenants import create_tenant

from cairn.decisions.domain import Content, DecisionSummary, LinkKind, Log, Status, WrittenLink
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.usecases.changes import make_version
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database


async def _two_decisions(database: Database, caller: Caller) -> list[DecisionSummary]:
    log = Log(id=uuid7(), slug="locks", name="Locks", prefix="ADR")
    async with database.transaction(caller) as connection:
        store = PostgresDecisionStore(connection)
        assert await store.add_log(log)
        made: list[DecisionSummary] = []
        for number in (1, 2):
            content = Content(title=f"Decision {number}", status=Status.ACCEPTED, body="Text.")
            at = datetime(2026, 3, 14, tzinfo=UTC)
            summary = DecisionSummary(
                id=uuid7(), log_id=log.id, log_slug=log.slug, number=number, slug=f"decision-{number}", ref="",
                title=content.title, status=content.status, decided_on=None, deciders=(), tags=(), version=1,
                source_path="", created_at=at, updated_at=at, deleted_at=None,
            )  # fmt: skip
            await store.add_decision(summary, make_version(summary, content, caller, "", at))
            made.append(summary)
    return made


async def test_two_edits_that_link_to_each_other_do_not_wait_for_each_other(database: Database) -> None:
    caller = await create_tenant(database)
    first, second = await _two_decisions(database, caller)
    async with (
        asyncio.timeout(10),
        database.transaction(caller) as mine,
        database.transaction(caller) as theirs,
    ):
        ours, others = PostgresDecisionStore(mine), PostgresDecisionStore(theirs)
        assert await ours.hold(first.id)
        assert await others.hold(second.id)
        # Each needs to know that the other's decision stays where it is, and no more.
        await ours.replace_links(first.id, [WrittenLink(LinkKind.RELATES_TO, "0002", second.id)])
        await others.replace_links(second.id, [WrittenLink(LinkKind.RELATES_TO, "0001", first.id)])
    async with database.transaction(caller) as connection:
        links, backlinks = await PostgresDecisionStore(connection).list_links(first.id)
    assert [link.target for link in links] == ["0002"]
    assert len(backlinks) == 1
