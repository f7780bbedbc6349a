"""What other slices attach to a decision is found with it: what people say about it, first of all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from support.tenants import create_person, create_tenant

from cairn.decisions.api import DECISION_DISCUSSED
from cairn.kernel.events import Event
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Connection
from cairn.search import jobs
from cairn.search.api import AttachedText, Filters, Mode, Page, Search

from .conftest import Organisation, Record, WordEmbedder
from .test_as_of import keep_version

BODY = "## Decision\n\nServices publish events to Kafka."


async def say(organisation: Organisation, record: Record, body: str, *, author: str = "Ada") -> UUID:
    id_ = uuid7()
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute(
            "insert into decision_comment "
            "(tenant_id, id, decision_id, version, body, author_id, author_name, created_at) "
            "values (app_tenant(), $1, $2, 1, $3, $4, $5, now())",
            id_,
            record.id,
            body,
            organisation.caller.person_id,
            author,
        )
    return id_


async def work(organisation: Organisation, *records: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what the worker does when something was said about records."""
    known = {record.id: record for record in records}

    async def read(_: Connection, ids: Sequence[UUID]) -> dict[UUID, Record]:
        return {id_: known[id_] for id_ in ids}

    monkeypatch.setattr(jobs, "read_for_indexing", read)
    tenant_id, now = organisation.caller.tenant_id, datetime.now(UTC)
    events = [
        Event(tenant_id, at, DECISION_DISCUSSED, str(id_), {"decision_id": str(id_)}, now)
        for at, id_ in enumerate(known, 1)
    ]
    for group in jobs.consumer_groups(organisation.database, WordEmbedder()):
        assert DECISION_DISCUSSED in group.types
        await group.handle(events)


async def fill(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> tuple[Record, Record, UUID]:
    """Write two records, of which the first is discussed."""
    bus = await organisation.write("Use Kafka", BODY)
    cache = await organisation.write("Cache pages", "## Decision\n\nPages live for a minute.")
    said = await say(organisation, bus, "Its brokers overheat in summer, says the vendor.")
    await say(organisation, bus, "Agreed.", author="Bob")
    await work(organisation, bus, cache, monkeypatch=monkeypatch)
    return bus, cache, said


def found(page: Page) -> list[UUID]:
    return [one.decision_id for one in page.records]


@pytest.mark.parametrize("mode", list(Mode))
async def test_what_is_said_is_found_with_its_record(
    organisation: Organisation, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus, _, _ = await fill(organisation, monkeypatch)
    page = await organisation.search("brokers overheat in summer", mode=mode)
    assert (page.mode, found(page)[0]) == (mode, bus.id)
    [passage, *_] = page.records[0].passages
    assert (passage.source, passage.source_title, passage.anchor) == ("comment", "Ada", "discussion")
    assert passage.text == "Its brokers overheat in summer, says the vendor."
    assert not any(
        one.source for one in (await organisation.search("publish events", mode=mode)).records[0].passages[:1]
    )


async def test_doing_it_twice_changes_nothing(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    bus, cache, _ = await fill(organisation, monkeypatch)
    select = "select passage_no, id, version from search_passage order by passage_no"
    async with organisation.database.transaction(organisation.caller) as connection:
        before = [tuple(row) for row in await connection.fetch(select)]
    await work(organisation, bus, cache, monkeypatch=monkeypatch)
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        assert [tuple(row) for row in await connection.fetch(select)] == before
        assert (await Search(WordEmbedder()).check_index(connection)).problems == ()


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_deleted_comment_is_gone_at_once(
    organisation: Organisation, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus, _, said = await fill(organisation, monkeypatch)
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute("delete from decision_comment where id = $1", said)
        left = await connection.fetchval("select count(*) from search_passage where content like '%overheat%'")
        assert left == 0
        page = await Search(WordEmbedder()).search(connection, "brokers overheat", mode=mode)
    texts = [passage.text for one in page.records for passage in one.passages]
    assert not any("overheat" in text for text in texts)
    assert bus.id not in found(await organisation.search("overheat", mode=Mode.LEXICAL))
    assert found(await organisation.search("agreed", mode=Mode.LEXICAL)) == [bus.id]


async def test_a_deleted_or_narrowed_record_takes_its_discussion_along(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus, _, _ = await fill(organisation, monkeypatch)
    assert found(await organisation.search("overheat", filters=Filters(statuses=("rejected",)))) == []
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute("update decision set deleted_at = now() where id = $1", bus.id)
    for mode in Mode:
        assert bus.id not in found(await organisation.search("brokers overheat", mode=mode))


async def test_the_discussion_of_a_draft_is_for_those_who_may_read_it(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await organisation.write("Leave Kafka", BODY, status="draft")
    await say(organisation, draft, "Its brokers overheat.")
    await work(organisation, draft, monkeypatch=monkeypatch)
    tenant_id = organisation.caller.tenant_id
    other = await create_person(organisation.database, tenant_id, name="Other")
    reviewer = await create_person(organisation.database, tenant_id, name="Reviewer", role=Role.REVIEWER)
    for mode in Mode:
        assert not (await organisation.search("brokers overheat", mode=mode, caller=other)).records
        for caller in (reviewer, organisation.caller):
            assert found(await organisation.search("brokers overheat", mode=mode, caller=caller)) == [draft.id]
    async with organisation.database.transaction(other) as connection:
        assert await connection.fetchval("select count(*) from search_passage") == 0


async def test_organisations_share_no_discussion(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    bus, _, said = await fill(organisation, monkeypatch)
    before = [(one.decision_id, one.score) for one in (await organisation.search("overheat kafka")).records]
    other = Organisation(organisation.database, await create_tenant(organisation.database, name="Other"))
    theirs = await other.write("Their record", "Nothing of note.")
    await other.index(theirs)
    # Neither by the ids of ours, nor by taking them away, does a stranger change what we find.
    await other.attach("comment", [theirs.id], [AttachedText("comment", said, theirs.id, 9, "Eve", "overheat " * 9)])
    await other.attach("comment", [theirs.id, bus.id], [])
    async with other.database.transaction(other.caller) as connection:
        await connection.execute("delete from decision_comment where id = $1", said)
    assert [(one.decision_id, one.score) for one in (await organisation.search("overheat kafka")).records] == before
    for mode in Mode:
        page = await other.search("brokers overheat", mode=mode)
        assert all(passage.source == "" for one in page.records for passage in one.passages)
        assert set(found(page)) <= {theirs.id}


async def test_an_answer_quotes_records_only(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    bus, _, _ = await fill(organisation, monkeypatch)
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        passages = await Search(WordEmbedder()).find_passages(connection, "do brokers publish events in summer")
    assert [passage.decision_id for passage in passages][:1] == [bus.id]
    assert {passage.source for passage in passages} == {""}


async def test_phrases_and_exclusions_read_the_discussion_too(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus, cache, _ = await fill(organisation, monkeypatch)
    assert found(await organisation.search('"brokers overheat"', mode=Mode.LEXICAL)) == [bus.id]
    assert found(await organisation.search('"overheat brokers"', mode=Mode.LEXICAL)) == []
    assert found(await organisation.search("decision -overheat", mode=Mode.LEXICAL)) == [cache.id]


async def test_a_past_day_has_no_discussion(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    bus, _, _ = await fill(organisation, monkeypatch)
    await keep_version(organisation, bus, date(2023, 1, 1))
    assert found(await organisation.search("kafka asof:2024", mode=Mode.LEXICAL)) == [bus.id]
    assert found(await organisation.search("overheat asof:2024", mode=Mode.LEXICAL)) == []


async def test_another_slice_brings_its_texts_and_takes_them_away(organisation: Organisation) -> None:
    bus = await organisation.write("Use Kafka", BODY)
    await organisation.index(bus)
    await organisation.embed(bus)
    paper = AttachedText(
        "document", uuid7(), bus.id, 1, "Load test", "## Results\n\nThroughput saturates.", link="/documents/1"
    )
    await organisation.attach("document", [bus.id], [paper])
    await organisation.embed(bus)
    page = await organisation.search("throughput saturates", mode=Mode.HYBRID)
    passage = page.records[0].passages[0]
    assert (passage.source, passage.source_title, passage.link) == ("document", "Load test", "/documents/1")
    assert passage.heading_path == ("Results",)
    # Its title is not the decision's: who asks for it does not ask for the decision.
    assert page.records[0].shares["title_words"] == 0
    await organisation.attach("document", [bus.id], [replace(paper, version=2, body="Latency doubles.")])
    assert found(await organisation.search("throughput", mode=Mode.LEXICAL)) == []
    assert found(await organisation.search("latency", mode=Mode.LEXICAL)) == [bus.id]
    await organisation.attach("comment", [bus.id], [])
    assert found(await organisation.search("latency", mode=Mode.LEXICAL)) == [bus.id]
    await organisation.attach("document", [bus.id], [])
    assert found(await organisation.search("latency", mode=Mode.LEXICAL)) == []
    async with organisation.database.transaction(organisation.caller) as connection:
        assert await connection.fetchval("select count(*) from search_record") == 1


async def test_a_person_without_a_tenant_sees_no_attached_text(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(organisation, monkeypatch)
    nobody = Caller(uuid7(), uuid7(), "Nobody", Role.ADMIN)
    async with organisation.database.transaction(nobody) as connection:
        for table in ("search_record", "search_passage", "search_vector"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
