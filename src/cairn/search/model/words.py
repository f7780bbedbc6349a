"""From text to terms: folding, words with identifiers split, stems by language, and 64-bit term hashes.

A term is a stem in the language of its record. Terms are stored as hashes, so no dictionary is shared between tenants.
"""

import itertools
import operator
import re
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import Stemmer
from numpy.typing import NDArray

from cairn.search.model.stopwords import STOP_WORDS

Terms = NDArray[np.uint64]

DEFAULT_LANGUAGE = "en"
LANGUAGES = tuple(STOP_WORDS)
_SNOWBALL = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "pt": "portuguese"}
# Longer runs are encoded data, not words.
_WORD_LENGTH_MAX = 64
_LANGUAGE_SAMPLE_CHARACTERS = 20_000

# `a.b.c`, `snake_case` and `camelCase` are one name each.
_NAME = re.compile(r"\w+(?:\.\w+)*")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLAIN_PARTS = re.compile(r"[^\W_]+")

_LETTERS = re.compile(r"[^\W\d_]+")
_LANGUAGES_OF_STOP_WORD = {
    word: tuple(language for language, words in STOP_WORDS.items() if word in words)
    for word in frozenset[str]().union(*STOP_WORDS.values())
}

# Without their own cache, which is slower than stemming; `stem` keeps what it has seen.
_stemmers = {language: Stemmer.Stemmer(name, 0) for language, name in _SNOWBALL.items()}
_stemmers_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and where it stands in the text, in Python string offsets.

    `whole` marks a name given besides its parts: `snake_case` besides `snake` and `case`.
    """

    text: str
    start: int
    end: int
    whole: bool = False


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return `text` in lower case and without accents: `Stratégie` gives `strategie`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def iterate_words(text: str) -> Iterator[Word]:
    """Yield the words of `text` in order; a name of several parts yields its parts, then itself as `whole`."""
    for match in _NAME.finditer(text):
        for part, first, last, whole in _split_name(match.group()):
            yield Word(part, match.start() + first, match.start() + last, whole)


@lru_cache(maxsize=65_536)
def _split_name(name: str) -> tuple[tuple[str, int, int, bool], ...]:
    """Return the words of a name: folded text, start, end, and whether it is the name as a whole."""
    if len(name) > _WORD_LENGTH_MAX:
        return ()
    if name.isalpha() and (name.islower() or name.istitle()):
        return ((fold(name), 0, len(name), False),)
    if not name.isascii():
        # Letters of other scripts have no camelCase.
        return tuple((fold(part.group()), part.start(), part.end(), False) for part in _PLAIN_PARTS.finditer(name))
    parts = tuple((fold(part.group()), part.start(), part.end(), False) for part in _PARTS.finditer(name))
    return (*parts, (fold(name), 0, len(name), True)) if len(parts) > 1 else parts


@lru_cache(maxsize=131_072)
def stem(word: str, language: str) -> str:
    """Return the Snowball stem of a folded word; words with digits stay as they are."""
    if not word.isalpha():
        return word
    with _stemmers_lock:  # A stemmer keeps its word in itself.
        return _stemmers[language].stemWord(word)


def guess_language(text: str) -> str:
    """Return the language whose stop words are most frequent in the beginning of `text`; English when in doubt."""
    counts = dict.fromkeys(LANGUAGES, 0)
    # Folded at once: the cache of `fold` is for words.
    words = Counter(_LETTERS.findall(fold.__wrapped__(text[:_LANGUAGE_SAMPLE_CHARACTERS])))
    for word in words.keys() & _LANGUAGES_OF_STOP_WORD.keys():
        for language in _LANGUAGES_OF_STOP_WORD[word]:
            counts[language] += words[word]
    best = max(counts, key=lambda language: (counts[language], language == DEFAULT_LANGUAGE))
    # A loan word or a name must not turn an English note into a French one.
    return best if counts[best] > 1.5 * counts[DEFAULT_LANGUAGE] else DEFAULT_LANGUAGE


@lru_cache(maxsize=65_536)
def term_hash(stem_: str, language: str) -> int:
    """Return the unsigned 64-bit hash of a stem in a language."""
    return int.from_bytes(
        blake2b(f"{language}\0{stem_}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


class Term(NamedTuple):
    """A stem of a language, by its hash."""

    language: str
    hash: int


def is_stop_word(word: str, language: str) -> bool:
    """Return whether a folded word is too common in its language to search by."""
    return word in STOP_WORDS[language]


def pair_hashes(terms: Terms) -> Terms:
    """Return a hash for each two neighbouring terms, in order; one fewer than there are terms."""
    with np.errstate(over="ignore"):
        # Both are evenly spread already; an odd factor and a turn keep `a b` apart from `b a`.
        return terms[:-1] * np.uint64(0x9E37_79B9_7F4A_7C15) ^ (terms[1:] << np.uint64(1) | terms[1:] >> np.uint64(63))


@dataclass(frozen=True, slots=True)
class TextTerms:
    """The terms of a text in order: all of them, those that are no stop words, and of these those that make pairs.

    Names count whole and in parts, in pairs by their parts only.
    """

    all: Terms
    content: Terms
    plain: Terms

    @property
    def pairs(self) -> Terms:
        """A hash for each two neighbours."""
        return pair_hashes(self.plain)


def text_terms(text: str, language: str) -> TextTerms:
    """Take a text apart into its terms."""
    names = list(map(_name_terms, _NAME.findall(text), itertools.repeat(language)))
    everything, content, plain = (
        np.frombuffer(b"".join(map(operator.itemgetter(part), names)), np.uint64) for part in range(3)
    )
    return TextTerms(everything, content, plain)


class StemFinder:
    """Finds words with given stems in texts of one language.

    A text is looked at by its distinct names, and only those that begin as a wanted stem does are stemmed: Snowball
    never changes the first letter.
    """

    def __init__(self, stems: frozenset[str], language: str) -> None:
        self._stems = stems
        self._language = language
        self._initials = frozenset(stem_[0] for stem_ in stems)
        self._known: dict[str, tuple[tuple[str, int, int], ...]] = {}

    def find(self, text: str) -> list[tuple[str, int, int]]:
        """Return the words of `text` with these stems in order: folded word, start and end. No stop words."""
        found = {name: words for name in set(_NAME.findall(text)) if (words := self._words_of(name))}
        if not found:
            return []
        return [
            (word, match.start() + first, match.start() + last)
            for match in _NAME.finditer(text)
            for word, first, last in found.get(match.group(), ())
        ]

    def _words_of(self, name: str) -> tuple[tuple[str, int, int], ...]:
        words = self._known.get(name)
        if words is None:
            words = tuple(
                (word, first, last)
                for word, first, last, _ in _split_name(name)
                if word[0] in self._initials
                and word not in STOP_WORDS[self._language]
                and stem(word, self._language) in self._stems
            )
            self._known[name] = words
        return words


@lru_cache(maxsize=131_072)
def _name_terms(name: str, language: str) -> tuple[bytes, bytes, bytes]:
    """Return the terms of a name: all of them, those that are no stop words, and of these the parts only.

    Each as the bytes of its terms, for joining those of a text takes a third of putting numbers into an array.
    """
    everything = content = plain = b""
    for word, _, _, whole in _split_name(name):
        term = term_hash(stem(word, language), language).to_bytes(8, sys.byteorder)
        everything += term
        if word not in STOP_WORDS[language]:
            content += term
            plain += b"" if whole else term
    return everything, content, plain
