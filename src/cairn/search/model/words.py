"""From text to terms: folding, words with identifiers split, stems by language, and 64-bit term hashes.

A term is a stem in the language of its record. Terms are stored as hashes, so no dictionary is shared between tenants.
"""

import itertools
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import snowballstemmer

from cairn.search.model.stopwords import STOP_WORDS

DEFAULT_LANGUAGE = "en"
LANGUAGES = tuple(STOP_WORDS)
_SNOWBALL = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "pt": "portuguese"}
# Longer runs are encoded data, not words.
_WORD_LENGTH_MAX = 64
_LANGUAGE_SAMPLE_CHARACTERS = 20_000

# `a.b.c`, `snake_case` and `camelCase` are one name each.
_NAME = re.compile(r"\w+(?:\.\w+)*")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_A-Za-z0-9]+")

_stemmers = {language: snowballstemmer.stemmer(name) for language, name in _SNOWBALL.items()}
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
        name, start = match.group(), match.start()
        if len(name) > _WORD_LENGTH_MAX:
            continue
        parts = [name] if name.isalpha() and (name.islower() or name.istitle()) else None
        if parts is not None:
            yield Word(fold(name), start, match.end())
            continue
        spans = [(part.start(), part.end()) for part in _PARTS.finditer(unicodedata.normalize("NFC", name))]
        if len(spans) == 1 or not name.isascii():
            # Offsets into a normalised or non-Latin name may lie, so it is not taken apart.
            yield from (Word(fold(part), start, match.end()) for part in re.split(r"[._]+", name) if part)
            continue
        for first, last in spans:
            yield Word(fold(name[first:last]), start + first, start + last)
        if len(spans) > 1:
            yield Word(fold(name), start, match.end(), whole=True)


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
    for match in re.finditer(r"[^\W\d_]+", text[:_LANGUAGE_SAMPLE_CHARACTERS]):
        word = fold(match.group())
        for language, stop_words in STOP_WORDS.items():
            if word in stop_words:
                counts[language] += 1
    best = max(counts, key=lambda language: (counts[language], language == DEFAULT_LANGUAGE))
    # A loan word or a name must not turn an English note into a French one.
    return best if counts[best] > 1.5 * counts[DEFAULT_LANGUAGE] else DEFAULT_LANGUAGE


@lru_cache(maxsize=262_144)
def term_hash(language: str, *stems: str) -> int:
    """Return the unsigned 64-bit hash of a term (one stem) or of neighbours (two stems) in a language."""
    return int.from_bytes(blake2b("\0".join((language, *stems)).encode(), digest_size=8).digest(), "little")


def is_stop_word(word: str, language: str) -> bool:
    """Return whether a folded word is too common in its language to search by."""
    return word in STOP_WORDS[language]


def all_terms(text: str, language: str) -> list[int]:
    """Return the terms of `text` in order, stop words included, names whole and in parts."""
    return [term_hash(language, stem(word.text, language)) for word in iterate_words(text)]


def content_terms(text: str, language: str) -> list[int]:
    """Return the terms of `text` in order without stop words, names whole and in parts."""
    return [
        term_hash(language, stem(word.text, language))
        for word in iterate_words(text)
        if word.text not in STOP_WORDS[language]
    ]


def neighbour_terms(text: str, language: str) -> list[int]:
    """Return the pairs of neighbouring stems of `text`, stop words left out."""
    stems = [
        stem(word.text, language)
        for word in iterate_words(text)
        if not word.whole and word.text not in STOP_WORDS[language]
    ]
    return [term_hash(language, first, second) for first, second in itertools.pairwise(stems)]
