"""What an answer may rest on: passages of records, with where each record stands today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from cairn.chat.domain.phrases import ENGLISH, Phrases


class SuccessorRef(Protocol):
    """The record that superseded another."""

    @property
    def id(self) -> UUID:
        """The decision's id."""
        ...

    @property
    def ref(self) -> str:
        """What people call it."""
        ...

    @property
    def title(self) -> str:
        """Its title."""
        ...


class Record(Protocol):
    """A decision as its list shows it; the decisions slice has the class."""

    @property
    def id(self) -> UUID:
        """The decision's id."""
        ...

    @property
    def ref(self) -> str:
        """What people call it: ADR-0012."""
        ...

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def status(self) -> str:
        """draft, proposed, accepted, rejected, deprecated or superseded."""
        ...

    @property
    def successor(self) -> SuccessorRef | None:
        """The record that superseded it, when that is known."""
        ...


class PassageText(Protocol):
    """A passage; the search slice has the class."""

    @property
    def id(self) -> UUID:
        """The passage's id."""
        ...

    @property
    def version(self) -> int:
        """The version of the record that the text is from."""
        ...

    @property
    def anchor(self) -> str:
        """Fragment of its heading on the record's page."""
        ...

    @property
    def heading_path(self) -> tuple[str, ...]:
        """Headings above it, outermost first."""
        ...

    @property
    def text(self) -> str:
        """The passage as written."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a passage's text, in characters from its start; `end` is not in it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """A passage with its record, as it stood when the question was asked.

    `closeness` is the cosine of its meaning to the question's; None when only words were searched.
    """

    record: Record
    passage: PassageText
    score: float
    closeness: float | None = None

    @property
    def in_force(self) -> bool:
        """True when the record says what holds today."""
        return self.record.status == "accepted"

    @property
    def standing(self) -> str:
        """Where the record stands, in words: 'superseded by ADR-0027'."""
        return self.stand(ENGLISH)

    def stand(self, phrases: Phrases) -> str:
        """Say in the words of a language where the record stands."""
        successor = self.record.successor
        return phrases.stand(self.record.status, successor.ref if successor else None)


class Word(Protocol):
    """A word of a text in its base form; the search slice has the class."""

    @property
    def base(self) -> str:
        """Its base form, by which words are compared."""
        ...


class Words(Protocol):
    """Takes a text apart into words, as the search does."""

    def __call__(self, text: str) -> Sequence[Word]:
        """Return the words in order."""
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What the search found for a question, best first.

    `weights` gives each meaningful word of the question, in the base form that `words` makes, how much it tells, from
    how rare it is in the logs.
    """

    question: str
    sources: tuple[Source, ...]
    weights: Mapping[str, float]
    words: Words
    as_of: date | None = None
    # How an answer from it speaks.
    phrases: Phrases = ENGLISH
