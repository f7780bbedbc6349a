"""Searching what the logs said on a day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from cairn.kernel.ids import uuid7
from cairn.search.api import FacetCount, Filters, Mode, Page, Search
from cairn.search.usecases import as_of

from .conftest import Organisation, Record, WordEmbedder

SECOND_OF_MAY = date(2023, 5, 2)


async def keep_version(
    organisation: Organisation,
    record: Record,
    day: date,
    status: str = "accepted",
    *,
    decided_on: date | None = None,
    tags: Sequence[str] = (),
) -> None:
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute(
            "insert into decision_version (tenant_id, id, decision_id, version, title, status, body, content_hash, "
            "author_id, author_name, created_at, decided_on, tags) "
            "values (app_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, 'Ada', $9, $10, $11)",
            uuid7(),
            record.id,
            record.version,
            record.title,
            status,
            record.body,
            bytes(32),
            organisation.caller.person_id,
            datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            decided_on,
            list(tags),
        )


async def write(organisation: Organisation) -> tuple[Record, Record]:
    """Write a record that chose Kafka in January and NATS in June, and one that came in July."""
    body = "## Context\n\nServices exchange messages.\n\n## Decision\n\n{} carries them.\n"
    first = await organisation.write("Choose a broker", body.format("Kafka"))
    await keep_version(organisation, first, date(2023, 1, 10), "proposed")
    second = await organisation.write("Choose a broker", body.format("NATS"), id_=first.id, version=2)
    await keep_version(organisation, second, date(2023, 6, 10))
    later = await organisation.write("Store events", "Kafka keeps them for a week.")
    await keep_version(organisation, later, date(2023, 7, 1))
    await organisation.index(second, later)
    await organisation.embed(second, later)
    return second, later


def found(page: Page) -> list[UUID]:
    return [record.decision_id for record in page.records]


async def test_words_of_then_are_found_and_words_of_now_are_not(organisation: Organisation) -> None:
    broker, later = await write(organisation)
    assert found(await organisation.search("kafka", mode=Mode.LEXICAL)) == [later.id]
    page = await organisation.search("kafka", mode=Mode.LEXICAL, filters=Filters(as_of=SECOND_OF_MAY))
    assert found(page) == [broker.id]
    assert page.records[0].passages[0].version == 1
    assert "Kafka carries them." in page.records[0].passages[0].text
    assert "2023-05-02" in page.notice
    assert [(notice.code, notice.values) for notice in page.notices] == [("as_of", ("2023-05-02",))]
    assert found(await organisation.search("nats asof:2023-05", mode=Mode.LEXICAL)) == []
    assert found(await organisation.search("nats asof:2023-06", mode=Mode.LEXICAL)) == [broker.id]
    assert set(found(await organisation.search("kafka asof:2023-07", mode=Mode.LEXICAL))) == {later.id}
    assert found(await organisation.search("kafka asof:2022", mode=Mode.LEXICAL)) == []


async def test_a_day_has_the_statuses_of_the_day(organisation: Organisation) -> None:
    broker, _ = await write(organisation)
    assert found(await organisation.search("kafka status:proposed asof:2023-05", mode=Mode.LEXICAL)) == [broker.id]
    assert found(await organisation.search("kafka status:accepted asof:2023-05", mode=Mode.LEXICAL)) == []
    assert found(await organisation.search("broker status:accepted asof:2023-06", mode=Mode.LEXICAL)) == [broker.id]


async def test_facets_and_results_say_what_was_so_on_the_day(organisation: Organisation) -> None:
    old = await organisation.write("Choose a broker", "Kafka carries them.")
    day = date(2022, 3, 4)
    await keep_version(organisation, old, day, "proposed", decided_on=day, tags=["then", "old"])
    new = await organisation.write("Choose a broker", "NATS carries them.", id_=old.id, version=2)
    await keep_version(organisation, new, date(2023, 6, 10), "rejected", tags=["now"])
    await organisation.index(new)
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute("update decision set status = 'rejected', tags = '{now}'")
        search = Search(WordEmbedder())
        page = await search.search(
            connection, "kafka", mode=Mode.LEXICAL, filters=Filters(as_of=SECOND_OF_MAY), facets=True
        )
    assert page.facets == (
        FacetCount("log", "log", 1),
        FacetCount("status", "proposed", 1),
        FacetCount("tag", "old", 1),
        FacetCount("tag", "then", 1),
        FacetCount("year", "2022", 1),
    )
    then = page.records[0].then
    assert then is not None
    assert (then.version, then.status, set(then.tags)) == (1, "proposed", {"then", "old"})


async def test_what_has_not_changed_is_found_by_meaning(organisation: Organisation) -> None:
    text = "## Context\n\n" + "Services exchange messages about orders. " * 40
    first = await organisation.write("Choose a broker", f"{text}\n\n## Decision\n\n{'Kafka carries them. ' * 60}")
    await keep_version(organisation, first, date(2023, 1, 10))
    second = await organisation.write(
        "Choose a broker", f"{text}\n\n## Decision\n\n{'NATS carries them. ' * 60}", id_=first.id, version=2
    )
    await keep_version(organisation, second, date(2023, 6, 10))
    await organisation.index(second)
    await organisation.embed(second)
    page = await organisation.search("messages about orders asof:2023-02", mode=Mode.SEMANTIC)
    assert found(page) == [first.id]
    assert page.records[0].passages[0].cosine is not None
    assert page.records[0].passages[0].version == 1


async def test_a_record_is_there_from_the_day_it_was_decided(organisation: Organisation) -> None:
    """An import writes everything today, whenever it was decided."""
    record = await organisation.write("Use tabs", "Tabs indent code.")
    await keep_version(organisation, record, date(2026, 1, 1), decided_on=date(2021, 3, 4))
    await organisation.index(record)
    assert found(await organisation.search("tabs asof:2021", mode=Mode.LEXICAL)) == [record.id]
    assert found(await organisation.search("tabs asof:2021-02", mode=Mode.LEXICAL)) == []


async def test_too_many_changes_are_told(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_of, "OLD_VERSIONS_MAX", 1)
    for number in range(3):
        old = await organisation.write(f"Record {number}", "kafka")
        await keep_version(organisation, old, date(2023, 1, 1))
        new = await organisation.write(f"Record {number}", "nats", id_=old.id, version=2)
        await keep_version(organisation, new, date(2023, 6, 1))
        await organisation.index(new)
    page = await organisation.search("kafka asof:2023-02", mode=Mode.LEXICAL)
    assert len(page.records) == 1
    assert "3 records have changed since; 1 of these were searched" in page.notice
    assert (page.notices[1].code, page.notices[1].values) == ("as_of_limited", ("3", "1"))
