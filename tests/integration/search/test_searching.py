"""Searching by words, by meaning and both: who finds what, in which order, and what a bad query gets."""

from uuid import UUID

import pytest
from support.tenants import create_person, create_tenant

from cairn.kernel.errors import InvalidArgument
from cairn.kernel.identity import Role
from cairn.search.api import Filters, Mode, Position, Search

from .conftest import Organisation, Record, WordEmbedder

BUS = "## Context\n\nTeams need events.\n\n## Decision\n\nWe publish every event through an outbox to kafka.\n"
CACHE = "## Context\n\nPages are slow.\n\n## Decision\n\nAn in-memory cache with a short life.\n"


async def fill(organisation: Organisation) -> tuple[Record, Record, Record]:
    bus = await organisation.write("Use Kafka as the bus", BUS)
    cache = await organisation.write("Cache pages", CACHE)
    bare = await organisation.write("Adopt Terraform", "")
    await organisation.index(bus, cache, bare)
    return bus, cache, bare


@pytest.mark.parametrize("mode", list(Mode))
async def test_the_right_record_comes_first(organisation: Organisation, mode: Mode) -> None:
    records = await fill(organisation)
    await organisation.embed(*records)
    for record, query in zip(records, ("kafka outbox events", "cached pages", "terraform"), strict=True):
        page = await organisation.search(query, mode=mode)
        assert page.mode is mode
        assert page.notice == ""
        assert page.records[0].decision_id == record.id


async def test_passages_say_where_and_why(organisation: Organisation) -> None:
    bus, *_ = await fill(organisation)
    page = await organisation.search("KAFKA 😀 outboxes", mode=Mode.LEXICAL)
    [found] = page.records
    assert found.decision_id == bus.id
    assert found.matched_words
    assert not found.matched_meaning
    [passage] = found.passages
    assert passage.text in bus.body
    assert passage.anchor == "context"
    assert passage.version == 1
    assert set(passage.matched_words) == {"kafka", "outbox"}
    units = passage.text.encode("utf-16-le")
    marked = [units[2 * mark.start : 2 * mark.end].decode("utf-16-le") for mark in passage.highlights]
    assert marked == ["outbox", "kafka"]


async def test_shares_add_up_to_the_score(organisation: Organisation) -> None:
    records = await fill(organisation)
    await organisation.embed(*records)
    for found in (await organisation.search("kafka events")).records:
        assert sum(found.shares.values()) == pytest.approx(found.score)


async def test_a_log_that_speaks_of_it_lifts_its_other_records(organisation: Organisation) -> None:
    other = Organisation(organisation.database, organisation.caller, log="other")
    # Alike to the letter, and the other log's is older, so that it came first if logs did not count.
    theirs = await other.write("Send events", "By kafka.")
    ours = await organisation.write("Send events", "By kafka.")
    best = await organisation.write("Use Kafka as the bus of all events", BUS)
    await organisation.index(theirs, ours, best)
    page = await organisation.search("which bus takes the kafka events", mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records] == [best.id, ours.id, theirs.id]
    shares = [found.shares["log"] for found in page.records]
    assert shares[0] == shares[1] > 0 > shares[2]
    alone = await organisation.search("kafka events", mode=Mode.LEXICAL, filters=Filters(log_ids=(other.log_id,)))
    assert [found.shares.get("log", 0.0) for found in alone.records] == [0.0]


async def test_goes_by_words_until_something_is_embedded(organisation: Organisation) -> None:
    bus, *_ = await fill(organisation)
    page = await organisation.search("kafka")
    assert page.mode is Mode.LEXICAL
    assert "not ready" in page.notice
    assert [found.decision_id for found in page.records] == [bus.id]


async def test_pages_join_without_gap_or_repeat(organisation: Organisation) -> None:
    records = [await organisation.write(f"Kafka topic {number}", BUS) for number in range(7)]
    await organisation.index(*records)
    seen: list[UUID] = []
    after: Position | None = None
    while True:
        page = await organisation.search("kafka", mode=Mode.LEXICAL, page_size=3, after=after)
        assert page.total == 7
        seen += [found.decision_id for found in page.records]
        if page.next is None:
            break
        after = page.next
    whole = await organisation.search("kafka", mode=Mode.LEXICAL, page_size=100)
    assert seen == [found.decision_id for found in whole.records]
    assert len(seen) == 7


async def test_filters_narrow(organisation: Organisation) -> None:
    bus, cache, _ = await fill(organisation)
    await organisation.embed(bus, cache)
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute("update decision set status = 'rejected', tags = '{speed}' where id = $1", cache.id)
    for filters, expected in (
        (Filters(statuses=("rejected",)), {cache.id}),
        (Filters(tags=("speed", "other")), {cache.id}),
        (Filters(log_ids=(organisation.log_id,), statuses=("accepted",)), {bus.id}),
        (Filters(log_ids=(bus.id,)), set()),
    ):
        page = await organisation.search("kafka cache events pages", filters=filters)
        assert {found.decision_id for found in page.records} == expected


async def test_a_deleted_record_is_gone_at_once(organisation: Organisation) -> None:
    bus, cache, _ = await fill(organisation)
    await organisation.embed(bus, cache)
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute("update decision set deleted_at = now() where id = $1", bus.id)
    for mode in Mode:
        page = await organisation.search("kafka outbox events", mode=mode)
        assert bus.id not in {found.decision_id for found in page.records}


async def test_a_draft_is_found_by_those_who_may_read_it(organisation: Organisation) -> None:
    draft = await organisation.write("Leave Kafka", BUS, status="draft")
    await organisation.index(draft)
    await organisation.embed(draft)
    tenant_id = organisation.caller.tenant_id
    other = await create_person(organisation.database, tenant_id, name="Other")
    reviewer = await create_person(organisation.database, tenant_id, name="Reviewer", role=Role.REVIEWER)
    for mode in Mode:
        assert not (await organisation.search("leave kafka", mode=mode, caller=other)).records
        for caller in (reviewer, organisation.caller):
            assert (await organisation.search("leave kafka", mode=mode, caller=caller)).records
    async with organisation.database.transaction(other) as connection:
        assert await connection.fetchval("select count(*) from search_passage") == 0


async def test_organisations_share_nothing(organisation: Organisation) -> None:
    records = await fill(organisation)
    await organisation.embed(*records)
    other = Organisation(organisation.database, await create_tenant(organisation.database, name="Other"))
    before = [(found.decision_id, found.score) for found in (await organisation.search("kafka events")).records]
    theirs = [await other.write(f"Kafka events {number}", BUS) for number in range(5)]
    await other.index(*theirs)
    await other.embed(*theirs)
    after = [(found.decision_id, found.score) for found in (await organisation.search("kafka events")).records]
    assert after == before
    assert {found.decision_id for found in (await other.search("kafka events")).records} == {one.id for one in theirs}


async def test_unchanged_passages_keep_number_id_and_vector(organisation: Organisation) -> None:
    long = "word " * 150
    body = f"## One\n\n{long}kafka\n\n## Two\n\n{long}cache\n"
    record = await organisation.write("Two parts", body)
    await organisation.index(record)
    await organisation.embed(record)
    select = "select anchor, passage_no, id from search_passage order by position"
    async with organisation.database.transaction(organisation.caller) as connection:
        before = {row["anchor"]: tuple(row) for row in await connection.fetch(select)}
    edited = await organisation.write("Two parts", body.replace("cache", "queue"), id_=record.id, version=2)
    assert await organisation.index(edited) == 1
    assert await organisation.index(edited) == 0
    async with organisation.database.transaction(organisation.caller) as connection:
        after = {row["anchor"]: tuple(row) for row in await connection.fetch(select)}
        left = await connection.fetchval("select count(*) from search_vector")
    assert after["one"] == before["one"]
    assert after["two"] != before["two"]
    assert left == 1


@pytest.mark.parametrize("query", ["", "  \n", "\x00", "x" * 20_001, "word " * 20_000])
async def test_a_query_that_cannot_be_searched_is_told(organisation: Organisation, query: str) -> None:
    with pytest.raises(InvalidArgument, match="search"):
        await organisation.search(query)


@pytest.mark.parametrize(
    "query",
    [
        "the of and",
        "😀",
        "kafka\x00outbox",
        "مرحبا بالعالم",
        "'; drop table decision; --",
        '"kafka',
        "(a+)+$",
        "a" * 20_000,
    ],
)
async def test_an_odd_query_gets_an_answer(organisation: Organisation, query: str) -> None:
    records = await fill(organisation)
    await organisation.embed(*records)
    for mode in Mode:
        page = await organisation.search(query, mode=mode)
        assert page.total >= len(page.records)


async def test_passages_for_a_question(organisation: Organisation) -> None:
    records = await fill(organisation)
    await organisation.embed(*records)
    async with organisation.database.transaction(organisation.caller) as connection:
        search = Search(WordEmbedder())
        found = await search.find_passages(connection, "how do we publish an event to kafka?", limit=5)
        assert await search.find_passages(connection, "zebra", mode=Mode.LEXICAL) == []
    assert found[0].decision_id == records[0].id
    assert found[0].text in BUS
    assert all(passage.text for passage in found)
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
