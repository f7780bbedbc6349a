from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from support.fakes.sources import ARecord, findings, source

from cairn.chat.domain.events import Citation, Delta, Finished, FinishReason
from cairn.chat.domain.phrases import ENGLISH, phrases_in
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.relevance import is_near
from cairn.chat.domain.sources import Findings

KAFKA = source(
    1,
    "Use Kafka as the event bus",
    "Some words first. We use Kafka because a consumer can read the log again. It is a broker. Unrelated end.",
)
NEW = ARecord(UUID(int=3), "ADR-3", "Relay the outbox")
OLD = source(2, "Poll the outbox", "We poll the outbox every second.", "superseded", NEW)
RELAY = source(3, "Relay the outbox", "The outbox is relayed by logical decoding.")


def answer(found: Findings) -> tuple[str, list[Citation], FinishReason]:
    text, cited, reason = "", [], FinishReason.STOPPED
    for event in answer_with_extracts(found):
        if isinstance(event, Delta):
            text += event.text
        elif isinstance(event, Citation):
            assert f"[{event.number}]" not in text
            cited.append(event)
        elif isinstance(event, Finished):
            reason = event.reason
    return text, cited, reason


def test_the_sentence_that_answers_is_quoted_with_the_one_after_it() -> None:
    text, cited, reason = answer(findings("Kafka consumer log", KAFKA))
    assert reason is FinishReason.COMPLETE
    assert text.startswith("What the record says:\n\n**ADR-1 Use Kafka as the event bus** (accepted):\n\n> ")
    (span,) = cited[0].spans
    quoted = KAFKA.passage.text[span.start : span.end]
    assert "We use Kafka because a consumer can read the log again." in quoted
    assert f"> {quoted} [1]" in text


def test_a_successor_comes_first_though_it_was_found_last_and_matches_less() -> None:
    text, cited, _ = answer(findings("poll the outbox every second", OLD, RELAY))
    assert [citation.source.record.ref for citation in cited] == ["ADR-3", "ADR-2"]
    assert "**ADR-2 Poll the outbox** (superseded by ADR-3)" in text


def test_a_superseded_record_without_its_successor_at_hand_still_names_it() -> None:
    text, _, _ = answer(findings("poll the outbox every second", OLD))
    assert "(superseded by ADR-3)" in text


def test_what_stands_around_the_quotations_is_in_the_language_of_who_asks() -> None:
    german = phrases_in("de-CH")
    found = replace(findings("poll the outbox every second", OLD, RELAY), phrases=german, as_of=date(2025, 3, 1))
    text, _, _ = answer(found)
    assert text.startswith("Stand 01.03.2025. Das sagen 2 Einträge:\n\n**ADR-3 Relay the outbox** (angenommen):")
    assert "**ADR-2 Poll the outbox** (abgelöst durch ADR-3):\n\n> We poll the outbox every second. [2]" in text
    text, _, reason = answer(replace(findings("zebra giraffe kafka lion", KAFKA), phrases=german))
    assert reason is FinishReason.NOTHING_FOUND
    assert text.startswith("Die Protokolle sagen es nicht.")
    assert "**ADR-1 Use Kafka as the event bus** (angenommen) [1]" in text


@pytest.mark.parametrize("language", ["", "en", "en-US", "fr", "deutsch", "-"])
def test_a_language_that_cairn_does_not_speak_is_english(language: str) -> None:
    assert phrases_in(language) is ENGLISH


def test_one_stretch_a_record_and_three_records_at_most() -> None:
    many = [source(number, f"Kafka {number}", "Kafka is used here. And here.") for number in range(10, 15)]
    _, cited, _ = answer(findings("Kafka used", *many, many[0]))
    assert len(cited) == 3
    assert len({citation.source.record.id for citation in cited}) == 3


@pytest.mark.parametrize(
    "found",
    [
        findings("zebra giraffe"),
        findings("zebra giraffe", KAFKA),
        findings("zebra giraffe lion", source(1, "Zebra", "x")),
        findings(""),
    ],
)
def test_nothing_found_is_said(found: Findings) -> None:
    text, _, reason = answer(found)
    assert reason is FinishReason.NOTHING_FOUND
    assert text.startswith("The logs do not say.")


def test_the_nearest_records_are_named_but_not_quoted() -> None:
    text, cited, _ = answer(findings("zebra giraffe kafka lion", KAFKA))
    assert "**ADR-1 Use Kafka as the event bus** (accepted) [1]" in text
    assert cited[0].spans == ()


def test_a_title_cannot_write_markdown() -> None:
    text, _, _ = answer(findings("evil zebra", source(1, "[evil](http://x) **zebra** `", "An evil zebra lives here.")))
    assert r"\[evil\](http://x) \*\*zebra\*\* \`" in text


def test_a_passage_without_a_quotable_sentence_is_not_quoted() -> None:
    text, _, reason = answer(findings("evil zebra", source(1, "Evil zebra", "![evil zebra](http://x)")))
    assert reason is FinishReason.NOTHING_FOUND
    assert "http" not in text


def test_what_a_language_model_is_asked_about() -> None:
    assert is_near(findings("kafka zebra", KAFKA))
    assert not is_near(findings("lion zebra", KAFKA))
    assert not is_near(findings("kafka"))
