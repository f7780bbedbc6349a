"""Sentences that can be said in other languages: English words that know their name and what was filled in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self


class Phrase(str):
    """A sentence in English, for every place where one will do, with the code by which a page says it otherwise.

    `Phrase("no_such_log", "There is no log {name}.", name="payments")` is `There is no log payments.`
    """

    __slots__ = ("code", "values")

    code: str
    values: Mapping[str, str]

    def __new__(cls, code: str, sentence: str, **values: object) -> Self:
        """Fill the sentence in."""
        told = {name: str(value) for name, value in values.items()}
        said = super().__new__(cls, sentence.format(**told))
        said.code = code
        said.values = told
        return said

    @classmethod
    def again(cls, said: str, code: str, values: Mapping[str, str]) -> Self:
        """Return a phrase that was kept, with the English that it had then."""
        phrase = super().__new__(cls, said)
        phrase.code, phrase.values = code, values
        return phrase


class Sentences(str):
    """Several sentences in one text; empty ones are left out. Those that are `Phrase`s can be said one by one."""

    __slots__ = ("parts",)

    parts: Sequence[str]

    def __new__(cls, parts: Iterable[str], *, between: str) -> Self:
        """Join the sentences. Parts of parts are parts of the whole."""
        told = [part for part in parts if part]
        single = [one for part in told for one in (part.parts if isinstance(part, Sentences) else [part])]
        return cls.again(between.join(told), single)

    @classmethod
    def again(cls, said: str, parts: Sequence[str]) -> Self:
        """Return the text as it was kept, with its sentences."""
        whole = super().__new__(cls, said)
        whole.parts = parts
        return whole


def phrases_of(text: str) -> list[Phrase]:
    """Return the phrases that a text consists of; none where a part of it is known in English alone."""
    parts = text.parts if isinstance(text, Sentences) else [text]
    found = [part for part in parts if isinstance(part, Phrase)]
    return found if len(found) == len(parts) else []
