from dataclasses import dataclass, field
from uuid import UUID

import pytest

from cairn.chat.domain.events import Citation, Delta, Finished, FinishReason
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.sources import Findings, Source


@dataclass(frozen=True)
class ARecord:
    id: UUID
    ref: str
    title: str
    status: str = "accepted"
    successor: "ARecord | None" = None


@dataclass(frozen=True)
class APassage:
    text: str
    id: UUID = field(default=UUID(int=9))
    version: int = 1
    anchor: str = ""
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True)
class AWord:
    base: str


def words(text: str) -> list[AWord]:
    return [AWord(word.strip(".,:#>*").lower()) for word in text.split()]


NEW = ARecord(UUID(int=2), "ADR-2", "Relay in Python")
OLD = ARecord(UUID(int=1), "ADR-1", "Relay in Rust", "superseded", NEW)
TEXT_OF_NEW = """## Considered options

- Rust for the relay of tokens
- Python for the relay

## Decision outcome

The relay of tokens is Python. We measured it first.
"""


def ask(*sources: Source) -> tuple[str, list[Citation], FinishReason]:
    asked = dict.fromkeys(("relay", "tokens", "rust"), 1.0)
    text, cited, reason = "", [], None
    for event in answer_with_extracts(Findings("Relay?", sources, asked, words)):
        match event:
            case Delta():
                text += event.text
            case Citation():
                cited.append(event)
            case Finished():
                reason = event.reason
    assert reason is not None
    return text, cited, reason


def test_an_option_that_was_weighed_is_not_quoted_as_the_decision() -> None:
    text, cited, reason = ask(Source(NEW, APassage(TEXT_OF_NEW), 1.0))
    assert "> The relay of tokens is Python." in text
    assert "Rust for" not in text
    assert (len(cited), reason) == (1, FinishReason.COMPLETE)


def test_the_quote_is_the_passage_word_for_word() -> None:
    source = Source(NEW, APassage(TEXT_OF_NEW), 1.0)
    text, [citation], _ = ask(source)
    [span] = citation.spans
    assert TEXT_OF_NEW[span.start : span.end] in text


def test_the_successor_comes_before_what_it_superseded_and_both_say_where_they_stand() -> None:
    old = Source(OLD, APassage("The relay of tokens is Rust.", heading_path=("Decision",)), 2.0)
    text, cited, _ = ask(old, Source(NEW, APassage(TEXT_OF_NEW), 1.0))
    assert [citation.source.record.ref for citation in cited] == ["ADR-2", "ADR-1"]
    assert "superseded by ADR-2" in text


@pytest.mark.parametrize("sources", [[], [Source(NEW, APassage("Lunch is at noon."), 1.0)]])
def test_when_no_record_says_it_neither_does_the_answer(sources: list[Source]) -> None:
    other = [Source(ARecord(UUID(int=3), "ADR-3", "Lunch"), source.passage, 1.0) for source in sources]
    text, _, reason = ask(*other)
    assert text.startswith("The logs do not say.")
    assert reason is FinishReason.NOTHING_FOUND
