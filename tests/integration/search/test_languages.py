"""Records of several languages in one organisation: each is found by the word forms of its own, accents or not."""

import pytest

from cairn.search.api import Mode

from .conftest import Organisation, Record

TEXTS = {
    "en": (
        "Publish events",
        "We have decided that services are publishing their events to the broker, and not the tables.",
    ),
    "fr": (
        "Stratégie de réplication",
        "Nous avons décidé que les données sont répliquées dans les régions, parce que les équipes le demandaient.",
    ),
    "de": (
        "Größere Datenbanken",
        "Wir haben uns für die größeren Datenbanken entschieden, weil sie von allen Mannschaften gewünscht werden.",
    ),
    "es": (
        "Migraciones pequeñas",
        "Hemos decidido que las migraciones de los esquemas son pequeñas, porque así no se bloquean las tablas.",
    ),
    "pt": (
        "Decisões e revisões",
        "Decidimos que as revisões das decisões são feitas por duas pessoas, porque não há outra garantia.",
    ),
}


async def fill(organisation: Organisation) -> dict[str, Record]:
    records = {language: await organisation.write(title, text) for language, (title, text) in TEXTS.items()}
    await organisation.index(*records.values())
    return records


async def test_each_record_is_indexed_in_its_language(organisation: Organisation) -> None:
    records = await fill(organisation)
    async with organisation.database.transaction(organisation.caller) as connection:
        rows = await connection.fetch("select decision_id, language from search_record")
    assert {row["decision_id"]: row["language"] for row in rows} == {one.id: name for name, one in records.items()}


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("published event", "en"),
        ("équipe demandait", "fr"),
        ("STRATEGIES region donnee", "fr"),
        ("große Datenbank", "de"),
        ("grossere mannschaft", "de"),
        ("migración", "es"),
        ("migracion bloqueado", "es"),
        ("decisões", "pt"),
        ("revisoes garantias pessoa", "pt"),
    ],
)
async def test_other_forms_of_a_word_find_it(organisation: Organisation, query: str, language: str) -> None:
    records = await fill(organisation)
    page = await organisation.search(query, mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records][:1] == [records[language].id]
    assert page.did_you_mean == ""
    assert page.records[0].passages[0].highlights
    assert page.records[0].passages[0].language == language


async def test_common_words_of_a_language_find_nothing_of_another(organisation: Organisation) -> None:
    records = await fill(organisation)
    page = await organisation.search("die Datenbank", mode=Mode.LEXICAL)
    assert [found.decision_id for found in page.records] == [records["de"].id]
