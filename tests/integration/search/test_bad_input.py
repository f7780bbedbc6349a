"""Whatever is typed is answered or told, in bounded time; and nobody finds anything of another organisation."""

import re
import time
from datetime import date

import pytest
from support.tenants import create_tenant

from cairn.kernel.errors import InvalidArgument
from cairn.search.api import Filters, Mode

from .conftest import Organisation, WordEmbedder
from .test_as_of import keep_version

SECONDS_MAX = 5.0
BODY = "## Context\n\nServices publish events. שלום עולם 🚀 résumé naïve Größe.\n\n## Decision\n\nKafka carries them.\n"

ANSWERED = [
    '"',
    '"kafka',
    'kafka"',
    '""',
    '"" ""',
    '-"',
    "-",
    "--",
    "---",
    ":",
    "::",
    "a:",
    "-:",
    "unknown:kafka",
    "http://x/y?z=1",
    "the of and",
    "le la les",
    "der die das",
    "(a+)+$",
    "(" * 200,
    "*" * 200,
    "[[[[",
    "\\",
    "^.*$",
    "kafka\x00events",
    "\x00kafka",
    "'; drop table decision; --",
    "' or 1=1 --",
    "kafka%",
    "_",
    "%_%",
    "{}",
    "$1",
    "שלום עולם",
    "\u202ekafka\u202c",
    "🚀",
    "👩‍👩‍👧‍👦 kafka",
    "e\u0301ve\u0301nements",
    "Größe",
    "\ud800",
    "kafka \udfff",
    "a" * 5_000,
    "kafka " * 3_000,
    "-kafka " * 20,
    '"kafka events" ' * 8,
    "tag:\u202e",
    "author:%",
    "log:'",
    "supersedes:'",
    "governs:[!",
    "governs:**",
    "0",
    "-1",
    "99999999999",
    "ADR-",
    "x/1",
    "camelCaseEverywhere" * 50,
    "a.b.c." * 100,
    "_" * 300,
    "\t\v\f kafka",
    "ﬁle ﬂow",
    "\uff2b\uff21\uff26\uff2b\uff21",
    "İstanbul",
]
TOLD = [
    ("", "Type something"),
    (" \n\t ", "Type something"),
    ("\x00\x00", "Type something"),
    ("x" * 100_000, "at most 20000 are searched"),
    ("status:done", "`status:done` at character 1"),
    ("kafka after:yesterday", "`after:yesterday` at character 7"),
    ("kafka date:2024-13", "at character 7"),
    ("asof:0000", "at character 1"),
    ("-author:ada", "only status and tag can be left out"),
    ("governs:../../etc/passwd", "write a path inside the repository"),
]


@pytest.mark.parametrize("mode", list(Mode))
async def test_whatever_is_typed_is_answered(organisation: Organisation, mode: Mode) -> None:
    record = await organisation.write("Use Kafka", BODY)
    await organisation.index(record)
    await organisation.embed(record)
    for query in ANSWERED:
        began = time.perf_counter()
        page = await organisation.search(query, mode=mode)
        assert time.perf_counter() - began < SECONDS_MAX, query[:50]
        assert {found.decision_id for found in page.records} <= {record.id}, query[:50]
        assert page.total == len(page.records)


async def test_other_scripts_and_accents_are_found(organisation: Organisation) -> None:
    record = await organisation.write("Use Kafka", BODY)
    await organisation.index(record)
    for query in ("שלום", "resume", "RÉSUMÉ", "naive", "grosse", "größe", "\uff2b\uff21\uff26\uff2b\uff21"):
        page = await organisation.search(query, mode=Mode.LEXICAL)
        assert [found.decision_id for found in page.records] == [record.id], query


@pytest.mark.parametrize(("query", "told"), TOLD)
async def test_what_cannot_be_meant_is_told(organisation: Organisation, query: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=re.escape(told)):
        await organisation.search(query)


async def test_nobody_finds_anything_of_another_organisation(organisation: Organisation) -> None:
    other = Organisation(organisation.database, await create_tenant(organisation.database))
    for one, word in ((organisation, "kafka"), (other, "nats")):
        record = await one.write(f"Use {word}", f"Events go through {word}.")
        await keep_version(one, record, date(2023, 1, 1))
        await one.index(record)
        await one.embed(record)
        async with one.database.transaction(one.caller) as connection:
            await connection.execute("update decision set number = 7, tags = '{events}', components = '{web}'")
    for one, word, foreign in ((organisation, "kafka", "nats"), (other, "nats", "kafka")):
        for mode in Mode:
            for filters in (
                Filters(),
                Filters(tags=("events",)),
                Filters(governs=("web",)),
                Filters(as_of=date(2024, 1, 1)),
            ):
                for query in (word, foreign, f'"{foreign}"', "events", "7", f"-{word} events", "tag:events"):
                    page = await one.search(query, mode=mode, filters=filters)
                    texts = " ".join(passage.text for found in page.records for passage in found.passages)
                    assert foreign not in texts
                    assert len(page.records) <= 1
        # Frequencies are those of one's own records: the other's word is in none of them.
        page = await one.search("events", mode=Mode.LEXICAL)
        assert page.records[0].shares["record_words"] == 0
    async with organisation.database.transaction(other.caller) as connection:
        seen = await connection.fetch("select distinct model from search_vector_block")
        names = await connection.fetch("select name from search_model")
    assert [row["name"] for row in names] == [WordEmbedder.name]
    assert len(seen) == 1
