"""The word index equals BM25 computed the plain way over the same text, whatever was edited, deleted and merged."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from uuid import UUID

import pytest

from cairn.kernel.ids import uuid7
from cairn.search.domain import AttachedText, Filters, Mode
from cairn.search.model import scoring
from cairn.search.model.passages import context_line, index_text, make_passages
from cairn.search.model.ranking import Rows, query_terms
from cairn.search.model.scoring import FIELD_BM25
from cairn.search.model.segments import Field
from cairn.search.model.words import text_terms
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases import indexing, lookup
from cairn.search.usecases.evaluation import plain_query
from cairn.search.usecases.lookup import WordIndex
from cairn.search.usecases.searching import search

from .conftest import Organisation, Record

WORDS = ["queue", "broker", "kafka", "postgres", "index", "tenant", "cache", "token", "stream", "shard", "lease"]


def random_body(random: Random) -> str:
    paragraphs = []
    for number in range(random.randrange(0, 5)):
        paragraphs.append(f"## {random.choice(WORDS)} {number}")
        paragraphs.append(" ".join(random.choices(WORDS, k=random.randrange(1, 250))))
    return "\n\n".join(paragraphs)


def plain_bm25(field: Field, documents: Sequence[Sequence[int]], query: Sequence[int]) -> list[float]:
    bm25 = FIELD_BM25[field]
    total = len(documents)
    average = sum(map(len, documents)) / max(total, 1)
    counted = [Counter(document) for document in documents]
    scores = [0.0] * total
    for term in query:
        frequency = sum(1 for counts in counted if term in counts)
        idf = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
        for place, counts in enumerate(counted):
            held_back = bm25.k1 * (1 - bm25.b + bm25.b * len(documents[place]) / max(average, 1e-9))
            scores[place] += idf * counts[term] * (bm25.k1 + 1) / (counts[term] + held_back)
    return scores


@dataclass
class Expected:
    records: dict[UUID, float]
    passages: dict[UUID, float]
    neighbours: dict[UUID, float]
    titles: dict[UUID, tuple[float, float]]


Texts = Sequence[tuple[UUID, Record | AttachedText]]


def brute_force(records: dict[UUID, Record], attached: Sequence[AttachedText], query: str) -> Expected:
    texts: Texts = [*records.items(), *((text.decision_id, text) for text in attached)]
    owners: list[UUID] = []
    words: list[list[int]] = []
    pairs: list[list[int]] = []
    for owner, text in texts:
        for passage in make_passages(text.body):
            head = f"{context_line(text.title, passage.heading_path)}\n{index_text(passage.text)}"
            owners.append(owner)
            words.append(text_terms(f"{' '.join(text.slug.split('-'))}\n{head}", "en").content.tolist())
            pairs.append(text_terms(head, "en").pairs.tolist())
    whole = [text_terms(f"{text.title}\n{index_text(text.body)}", "en").all.tolist() for _, text in texts]
    asked = text_terms(query, "en")
    titles = [
        sorted(set(text_terms(f"{' '.join(text.slug.split('-'))}\n{text.title}", "en").content.tolist()))
        if isinstance(text, Record)
        else []
        for _, text in texts
    ]
    shares = plain_title_shares(titles, set(asked.content.tolist()))
    return Expected(
        best_of([owner for owner, _ in texts], plain_bm25(Field.RECORD_WORDS, whole, asked.all.tolist())),
        best_of(owners, plain_bm25(Field.PASSAGE_WORDS, words, asked.content.tolist())),
        best_of(owners, plain_bm25(Field.PASSAGE_NEIGHBOURS, pairs, asked.pairs.tolist())),
        dict(zip(records, shares[: len(records)], strict=True)),
    )


def best_of(owners: Sequence[UUID], scores: Sequence[float]) -> dict[UUID, float]:
    best = dict.fromkeys(owners, 0.0)
    for owner, score in zip(owners, scores, strict=True):
        best[owner] = max(best[owner], score)
    return best


def plain_title_shares(titles: Sequence[Sequence[int]], query: set[int]) -> list[tuple[float, float]]:
    total = len(titles)
    idf: dict[int, float] = {}
    for term in query:
        frequency = sum(1 for title in titles if term in title)
        idf[term] = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
    whole = sum(idf.values()) or 1.0
    return [
        (sum(idf[term] for term in query & set(title)) / whole, len(query & set(title)) / max(len(title), 1))
        for title in titles
    ]


async def nothing_else() -> None:
    """Ask Postgres nothing beside the words."""


async def check_equal(
    organisation: Organisation, records: dict[UUID, Record], query: str, attached: Sequence[AttachedText] = ()
) -> None:
    expected = brute_force(records, attached, query)
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        reader = PostgresIndex(connection)
        rows = Rows(await reader.live_records(Filters()))
        index = await WordIndex.open(reader)
        index.see(rows)
        scores, _ = await index.score(query_terms(query, index.languages), nothing_else)
        ids = await reader.decision_ids(rows.record_nos.tolist())
    assert {ids[int(number)] for number in rows.record_nos} == set(records)
    for row, number in enumerate(rows.record_nos):
        decision_id = ids[int(number)]
        assert scores.record_words[row] == pytest.approx(expected.records[decision_id])
        assert scores.passage_words[row] == pytest.approx(expected.passages[decision_id])
        assert (scores.title_asked[row], scores.title_told[row]) == pytest.approx(expected.titles[decision_id])
        assert scores.neighbours[row] == pytest.approx(expected.neighbours[decision_id])


@pytest.mark.parametrize("seed", range(6))
async def test_equals_plain_bm25_after_any_edits(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a test's choice of edits.
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", random.choice([1, 3, 40]))
    # Of a long query Postgres reads the next field while one is added up.
    monkeypatch.setattr(lookup, "_TOGETHER_MAX", random.choice([0, 1_000]))
    monkeypatch.setattr(scoring, "_CHUNK", random.choice([1, 7, 100_000]))
    records: dict[UUID, Record] = {}
    attached: dict[UUID, list[AttachedText]] = {}
    for _ in range(25):
        batch: list[Record | UUID] = []
        for _ in range(random.randrange(1, 4)):
            if records and random.random() < 0.3:
                gone = random.choice(list(records))
                del records[gone]
                attached.pop(gone, None)
                batch = [entry for entry in batch if isinstance(entry, UUID) or entry.id != gone]
                batch.append(gone)
            else:
                old = records.get(random.choice([*records, uuid7()]))
                title = " ".join(random.choices(WORDS, k=3))
                record = await organisation.write(
                    title, random_body(random), id_=old.id if old else None, version=old.version + 1 if old else 1
                )
                batch = [entry for entry in batch if isinstance(entry, UUID) or entry.id != record.id]
                batch.append(record)
                records[record.id] = record
        await organisation.index(*batch)
        if records:
            owner = random.choice(list(records))
            attached[owner] = some_texts(random, owner, attached.get(owner, []))
            await organisation.attach("note", [owner], attached[owner])
    for _ in range(4):
        query = " ".join(random.choices([*WORDS, "the", "absent"], k=5))
        await check_equal(organisation, records, query, [text for texts in attached.values() for text in texts])


def some_texts(random: Random, owner: UUID, before: Sequence[AttachedText]) -> list[AttachedText]:
    """Return some of the texts there were, some of them written anew, and perhaps one more."""
    kept = [text for text in before if random.random() < 0.7]
    texts = [
        replace(text, version=text.version + 1, body=random_body(random)) if random.random() < 0.4 else text
        for text in kept
    ]
    if random.random() < 0.7:
        texts.append(AttachedText("note", uuid7(), owner, 1, random.choice(WORDS), random_body(random)))
    return texts


async def test_finds_nothing_in_an_empty_index(organisation: Organisation) -> None:
    async with organisation.database.transaction(organisation.caller) as connection:
        page = await search(
            PostgresIndex(connection), plain_query("kafka"), mode=Mode.LEXICAL, vector=None, page_size=10
        )
    assert page.records == ()
    assert page.total == 0


async def test_a_record_without_a_date_counts_under_a_filter_of_dates(organisation: Organisation) -> None:
    """A filter narrows what is returned, not what the frequencies and lengths of words are taken from."""
    texts = {"early": "kafka broker", "late": "kafka queue lease", "undated": "kafka " * 40}
    records = {name: await organisation.write(f"Record {name}", text) for name, text in texts.items()}
    async with organisation.database.transaction(organisation.caller) as connection:
        for name, day in (("early", date(2023, 5, 1)), ("late", date(2024, 5, 1))):
            await connection.execute("update decision set decided_on = $2 where id = $1", records[name].id, day)
    await organisation.index(*records.values())

    async def scores(filters: Filters) -> dict[UUID, tuple[float, float]]:
        async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
            reader = PostgresIndex(connection)
            rows = Rows(await reader.live_records(filters))
            index = await WordIndex.open(reader)
            index.see(rows)
            found, _ = await index.score(query_terms("kafka lease", index.languages), nothing_else)
            ids = await reader.decision_ids(rows.record_nos.tolist())
        return {
            ids[int(number)]: (float(found.record_words[row]), float(found.passage_words[row]))
            for row, number in enumerate(rows.record_nos)
        }

    everything = await scores(Filters())
    assert set(everything) == {record.id for record in records.values()}
    late = await scores(Filters(decided_from=date(2024, 1, 1)))
    assert late == {records["late"].id: everything[records["late"].id]}
    until = await scores(Filters(decided_to=date(2024, 12, 31)))
    assert until == {records[name].id: everything[records[name].id] for name in ("early", "late")}
    # Without the record that has no date the same word would be worth less, or more.
    async with organisation.database.transaction(organisation.caller) as connection:
        await connection.execute("update decision set deleted_at = now() where id = $1", records["undated"].id)
    assert (await scores(Filters()))[records["late"].id] != everything[records["late"].id]
