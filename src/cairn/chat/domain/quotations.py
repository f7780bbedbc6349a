"""Quotations in a model's words, compared with the passages they claim to be from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cairn.chat.domain.sources import Span

# Shorter ones are names and words held at arm's length, not claims of what a record says.
_WORDS_LEAST = 3
# What Markdown and typesetting add or change without changing what is said.
_DECORATION = "*_`\\"
_ALIKE = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u00a0": " "}
_BLOCK = re.compile(r"\n[ \t]*(?:\n|[-*+>|#]|\d{1,9}[.)][ \t])")


@dataclass(frozen=True, slots=True)
class Found:
    """A quotation found: `numbers` of the texts that hold it, from 1, and where in each it stands."""

    numbers: tuple[int, ...]
    spans: tuple[Span, ...]
    text: str


class Quotable:
    """The texts that a model may quote."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._plain = [_plain(text) for text in texts]

    def find(self, quoted: str) -> Found | None:
        """Return where a quotation stands, with the words as the record has them; None where none holds it.

        Case, spaces, emphasis and typographic signs may differ; the record's own are returned.
        """
        wanted, _ = _plain(quoted)
        wanted = wanted.strip().rstrip(".,;:")
        if not wanted:
            return None
        numbers: list[int] = []
        spans: list[Span] = []
        for number, (own, (plain, places)) in enumerate(zip(self._texts, self._plain, strict=True), start=1):
            at = plain.find(wanted)
            if at < 0:
                continue
            span = Span(places[at], places[at + len(wanted) - 1] + 1)
            if _BLOCK.search(own[span.start : span.end]):
                continue
            numbers.append(number)
            spans.append(span)
        if not numbers:
            return None
        first = spans[0]
        text = self._texts[numbers[0] - 1][first.start : first.end]
        return Found(tuple(numbers), tuple(spans), text)


def is_claim(quoted: str) -> bool:
    """Tell whether words in quotation marks are long enough to claim that a record says them."""
    return len(quoted.split()) >= _WORDS_LEAST


def _plain(text: str) -> tuple[str, list[int]]:
    """Return a text without what may differ in a quotation, and where each of its characters stands."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character in _DECORATION:
            continue
        shown = _ALIKE.get(character, " " if character.isspace() else character)
        lower = shown.lower()
        # A few capitals become two letters; their place would no longer be known.
        shown = lower if len(lower) == 1 else shown
        if shown == " " and (not characters or characters[-1] == " "):
            continue
        characters.append(shown)
        places.append(place)
    return "".join(characters), places
