"""An answer that one process began and another ends is what one alone would have written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from support.fakes.sources import APassage, ARecord, findings, source

from cairn.chat.domain.citations import CitationChecker, Tally
from cairn.chat.domain.events import Begun, ChatEvent, Citation, Delta, Mark, MarkKind
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.sources import Source
from cairn.chat.usecases.answers import AnswerChanged, finish_extracts, put_cited_first

TEXTS = ("In short: the sea rises in spring.", "All dry docks are kept.", "Nothing.")
SOURCES = [
    Source(ARecord(UUID(int=number), f"ADR-{number}"), APassage(text, UUID(int=number)), 1.0)
    for number, text in enumerate(TEXTS, start=1)
]
TOLD = (
    "So [1]: “the sea rises in spring” [1]. We keep it, “dry docks are kept”, and more.\n\nIt is the law [77]; \n\n"
    "```\nx[9]\n```\nThen “nobody has ever said these words” and 4711 boats of Zanzibar [2]. `code [3]` <b> and [3]; "
    "1 < 2, “the sea rises in spring” [3].\n\nThe end [2]."
)


@dataclass
class Read:
    """What a reader has of an answer."""

    text: str = ""
    citations: dict[int, Citation] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    pieces: int = 0

    def take(self, events: Iterable[ChatEvent]) -> "Read":
        for event in events:
            if isinstance(event, Delta):
                self.text += event.text
                self.tally.removed += event.removed
                self.tally.repaired += event.repaired
                self.tally.unquoted += event.unquoted
            elif isinstance(event, Citation):
                self.citations[event.number] = event
            elif isinstance(event, Mark):
                self.marks.append(event)
            self.pieces += isinstance(event, Delta | Citation)
        return self

    @property
    def begun(self) -> Begun:
        quotes = frozenset(mark.text for mark in self.marks if mark.kind is MarkKind.QUOTE)
        tally = self.tally
        citations = tuple(self.citations.values())
        return Begun(self.text, citations, self.pieces, quotes, tally.removed, tally.repaired, tally.unquoted)


def feed(checker: CitationChecker, text: str, read: Read) -> None:
    for at in range(0, len(text), 5):
        read.take(checker.feed(text[at : at + 5]))


@pytest.mark.parametrize("cut", range(len(TOLD) + 1))
def test_a_checker_goes_on_from_any_place_as_if_there_had_been_no_cut(cut: int) -> None:
    alone, whole = CitationChecker(SOURCES), Read()
    feed(alone, TOLD, whole)
    whole.take(alone.finish())

    first, read = CitationChecker(SOURCES), Read()
    feed(first, TOLD[:cut], read)
    # What it held back was shown to nobody; the model that goes on says it again.
    held = len(first._held)
    second = CitationChecker.resume(SOURCES, read.begun)
    feed(second, TOLD[cut - held :], read)
    read.take(second.finish())
    assert read.text == whole.text
    assert read.citations == whole.citations
    assert read.marks == whole.marks
    assert (second.tally.removed, second.tally.repaired, second.tally.unquoted) == (1, 1, 1)


def test_what_is_cited_comes_first_as_its_log_has_it() -> None:
    found = findings("docks", *SOURCES)
    changed = APassage("All dry docks were sold.", UUID(int=2))
    kept = Source(SOURCES[1].record, changed, 0.0)
    begun = Begun("[1] [2]", (Citation(1, SOURCES[2]), Citation(2, kept)), 3)
    assert put_cited_first(found, begun).sources == (SOURCES[2], kept, SOURCES[0])


QUOTED = findings(
    "Why one manifest?",
    source(1, "One manifest takes every seat", "Every seat is taken from one manifest, for lists were merged late."),
)


def test_quotes_go_on_after_any_piece() -> None:
    whole = list(answer_with_extracts(QUOTED))
    for pieces in range(1, len(whole)):
        begun = Read().take(whole[:pieces]).begun
        assert [*whole[:pieces], *finish_extracts(QUOTED, begun)] == whole


def test_quotes_do_not_go_on_with_other_words() -> None:
    begun = Read().take(list(answer_with_extracts(QUOTED))[:4]).begun
    other = findings(
        "Why one manifest?",
        source(1, "One manifest takes every seat", "Each quay has its own manifest for seats."),
    )
    with pytest.raises(AnswerChanged):
        list(finish_extracts(other, begun))
