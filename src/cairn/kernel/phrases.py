"""Sentences that can be said in other languages: English words that know their name and what was filled in."""

from collections.abc import Mapping
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
