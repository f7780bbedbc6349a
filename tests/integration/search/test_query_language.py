"""The query language, names, successors, mended words, facets, suggestions and related records, on Postgres."""

from typing import Any
from uuid import UUID

from cairn.search.api import FacetCount, Mode, Search

from .conftest import Organisation, Record, WordEmbedder
from .test_searching import BUS, CACHE


async def set_field(organisation: Organisation, record: Record, **values: Any) -> None:
    for name, value in values.items():
        async with organisation.database.transaction(organisation.caller) as connection:
            await connection.execute(f"update decision set {name} = $1 where id = $2", value, record.id)  # noqa: S608


async def link(organisation: Organisation, source: Record, kind: str, target: Record) -> None:
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute(
            "insert into decision_link (tenant_id, decision_id, position, kind, target, target_id) "
            "values (app_tenant(), $1, 0, $2, 'x', $3)",
            source.id,
            kind,
            target.id,
        )


async def fill(organisation: Organisation) -> tuple[Record, Record, Record]:
    bus = await organisation.write("Use Kafka as the bus", BUS)
    cache = await organisation.write("Cache pages", CACHE)
    nats = await organisation.write(
        "Move to NATS", "## Decision\n\nA lighter broker carries events to kafka clients.\n"
    )
    await organisation.index(bus, cache, nats)
    await organisation.embed(bus, cache, nats)
    return bus, cache, nats


async def ids(organisation: Organisation, query: str, mode: Mode = Mode.LEXICAL) -> list[UUID]:
    return [found.decision_id for found in (await organisation.search(query, mode=mode)).records]


async def test_phrases_and_exclusions(organisation: Organisation) -> None:
    bus, cache, nats = await fill(organisation)
    assert set(await ids(organisation, "kafka")) == {bus.id, nats.id}
    assert await ids(organisation, '"outbox to kafka"') == [bus.id]
    assert await ids(organisation, '"kafka to outbox"') == []
    assert await ids(organisation, "kafka -outbox") == [nats.id]
    assert await ids(organisation, 'kafka -"lighter broker"') == [bus.id]
    assert bus.id not in await ids(organisation, "pages -outbox", Mode.HYBRID)
    assert cache.id in await ids(organisation, "pages -outbox", Mode.HYBRID)


async def test_quotes_in_a_longer_text_bind_when_some_record_holds_them(organisation: Organisation) -> None:
    bus, _, nats = await fill(organisation)
    assert await ids(organisation, 'kafka "lighter broker"') == [nats.id]
    page = await organisation.search('note "outbox kafka" events', mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records] == [bus.id, nats.id]
    assert "word for word" in page.notice
    page = await organisation.search('note "outbox kafka" events -outbox', mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records] == [nats.id]
    assert await ids(organisation, '"outbox kafka"') == []


async def test_fields(organisation: Organisation) -> None:
    bus, cache, nats = await fill(organisation)
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute(
            "update decision set decided_on = '2024-05-06', deciders = '{Ada Lovelace}', tags = '{events}' "
            "where id = $1",
            bus.id,
        )
    await set_field(organisation, nats, status="rejected")
    assert await ids(organisation, "status:rejected") == [nats.id]
    assert await ids(organisation, "-status:rejected -status:draft cache pages") == [cache.id]
    for query in ("tag:events", "author:lovelace", "date:2024-05", "after:2023 before:2025", "log:log date:2024-05-06"):
        assert await ids(organisation, query) == [bus.id]
    for query in ("tag:other", "author:%", "after:2024", "before:2024", "log:other", "supersedes:12"):
        assert await ids(organisation, query) == []
    await link(organisation, nats, "supersedes", bus)
    assert await ids(organisation, f"supersedes:{bus.slug}") == [nats.id]


async def test_what_governs_a_path_or_a_component(organisation: Organisation) -> None:
    bus, cache, nats = await fill(organisation)
    await set_field(organisation, bus, applies_to=["src/billing/**"])
    await set_field(organisation, cache, components=["web"])
    assert await ids(organisation, "governs:src/billing/charge.py") == [bus.id]
    assert await ids(organisation, "governs:web") == [cache.id]
    assert await ids(organisation, "governs:src/other.py") == []
    assert set(await ids(organisation, "governs:web governs:src/billing/x.py")) == {bus.id, cache.id}
    assert nats.id not in await ids(organisation, "kafka governs:src/billing/charge.py")


async def test_what_people_relate_counts_as_what_records_say(organisation: Organisation) -> None:
    bus, _, nats = await fill(organisation)
    await set_field(organisation, bus, status="superseded")
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute(
            "insert into decision_relation "
            "(tenant_id, id, source_id, kind, target_id, person_id, person_name, created_at) "
            "values (app_tenant(), gen_random_uuid(), $1, 'supersedes', $2, $3, 'Ada', now())",
            nats.id,
            bus.id,
            organisation.caller.person_id,
        )
    page = await organisation.search("outbox", mode=Mode.LEXICAL)
    assert [(found.decision_id, found.successor_of) for found in page.records] == [(bus.id, None), (nats.id, bus.id)]
    assert await ids(organisation, f"supersedes:{bus.slug}") == [nats.id]


async def test_what_holds_no_longer_stands_back(organisation: Organisation) -> None:
    first, second = [await organisation.write("Queues", "Jobs wait in a queue.") for _ in range(2)]
    await organisation.index(first, second)
    assert await ids(organisation, "queue") == [first.id, second.id]
    for status in ("deprecated", "rejected"):
        await set_field(organisation, first, status=status)
        page = await organisation.search("queue", mode=Mode.LEXICAL)
        assert [found.decision_id for found in page.records] == [second.id, first.id]
        assert page.records[1].shares["standing"] < page.records[0].shares["standing"] == 0


async def test_a_name_goes_straight_there(organisation: Organisation) -> None:
    bus, cache, _ = await fill(organisation)
    await set_field(organisation, cache, number=12)
    for query in ("ADR-12", "0012", "12", "log/ADR-0012"):
        page = await organisation.search(query)
        assert page.records[0].decision_id == cache.id
        assert page.records[0].shares["name"] > 0
    assert bus.id not in await ids(organisation, "13")


async def test_the_successor_stands_right_behind(organisation: Organisation) -> None:
    bus, _, nats = await fill(organisation)
    await set_field(organisation, bus, status="superseded")
    await link(organisation, bus, "superseded_by", nats)
    page = await organisation.search("use kafka as the bus", mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records][:2] == [bus.id, nats.id]
    assert page.records[1].successor_of == bus.id
    assert page.records[0].successor_of is None
    page = await organisation.search("outbox", mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records] == [bus.id, nats.id]
    assert await ids(organisation, "outbox -lighter") == [bus.id]


async def test_a_misspelt_word_is_mended(organisation: Organisation) -> None:
    bus, *_ = await fill(organisation)
    page = await organisation.search("kafak bus", mode=Mode.LEXICAL)
    assert page.records[0].decision_id == bus.id
    assert page.did_you_mean == "kafka bus"
    assert (await organisation.search("kafka bus")).did_you_mean == ""
    assert (await organisation.search("zzzzzz")).did_you_mean == ""


async def test_facets_count_all_matches(organisation: Organisation) -> None:
    bus, cache, nats = await fill(organisation)
    await set_field(organisation, nats, status="rejected", tags=["events", "light"])
    await set_field(organisation, bus, tags=["events"])
    async with organisation.database.transaction(organisation.caller) as connection:
        search = Search(WordEmbedder())
        page = await search.search(connection, "kafka", mode=Mode.LEXICAL, page_size=1, facets=True)
    assert page.total == 2
    assert page.facets == (
        FacetCount("log", "log", 2),
        FacetCount("status", "accepted", 1),
        FacetCount("status", "rejected", 1),
        FacetCount("tag", "events", 2),
        FacetCount("tag", "light", 1),
    )
    assert cache.id


async def test_suggestions_complete_what_is_typed(organisation: Organisation) -> None:
    bus, cache, nats = await fill(organisation)
    await set_field(organisation, nats, tags=["pages"])
    async with organisation.database.transaction(organisation.caller) as connection:
        search = Search(WordEmbedder())
        assert await search.suggest(connection, "Kaf") == [bus.id]
        assert await search.suggest(connection, "bus us") == [bus.id]
        assert await search.suggest(connection, "pag") == [cache.id, nats.id]
        for nothing in ("", "afka", "(.*", "\\", "😀", "kaf zzz"):
            assert await search.suggest(connection, nothing) == []


async def test_suggestions_need_no_accents(organisation: Organisation) -> None:
    record = await organisation.write("Stratégie für größere Ärger", "x")
    async with organisation.database.transaction(organisation.caller) as connection:
        search = Search(WordEmbedder())
        for typed in ("strate", "Straté", "stratégie fur", "grosse", "größ", "arg", "ÄRG"):
            assert await search.suggest(connection, typed) == [record.id], typed


async def test_related_records(organisation: Organisation) -> None:
    bus, cache, nats = await fill(organisation)
    twin = await organisation.write("Use Kafka as a bus", BUS)
    await organisation.index(twin)
    await organisation.embed(twin)
    await link(organisation, nats, "relates_to", bus)
    async with organisation.database.transaction(organisation.caller) as connection:
        related = await Search(WordEmbedder()).list_related(connection, bus.id)
    assert related[0].decision_id == twin.id
    assert related[0].near_duplicate
    assert {one.decision_id: one.linked for one in related}[nats.id]
    assert bus.id not in {one.decision_id for one in related}
    assert not next((one.near_duplicate for one in related if one.decision_id == cache.id), False)
