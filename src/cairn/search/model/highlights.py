"""Which words of a passage a query matched, and where."""

from collections.abc import Sequence

from cairn.search.domain import Highlight
from cairn.search.model.words import DEFAULT_LANGUAGE, STOP_WORDS, StemFinder, iterate_words, stem

_HIGHLIGHTS_MAX = 200


class Highlighter:
    """Finds the words of one query in passages."""

    def __init__(self, query: str) -> None:
        self._words = list(dict.fromkeys(word.text for word in iterate_words(query)))
        self._finders: dict[str, StemFinder] = {}

    def find(self, text: str, language: str) -> tuple[tuple[Highlight, ...], tuple[str, ...]]:
        """Return where the query's words stand in a text of `language`, and those words of the text, folded.

        Stop words are left out.
        """
        spans: list[tuple[int, int]] = []
        matched: dict[str, None] = {}
        for word, start, end in self._finder(language).find(text):
            matched[word] = None
            # A whole name after its parts covers them.
            while spans and spans[-1][0] >= start:
                spans.pop()
            spans.append((start, end))
            if len(spans) >= _HIGHLIGHTS_MAX:
                break
        return _to_utf16(text, spans), tuple(matched)

    def _finder(self, language: str) -> StemFinder:
        """Return what finds the query's stems in texts of `language`, whose foreign words are most often English."""
        if language not in self._finders:
            stems = frozenset(
                stem(word, of)
                for of in {language, DEFAULT_LANGUAGE}
                for word in self._words
                if word not in STOP_WORDS[of]
            )
            self._finders[language] = StemFinder(stems, language)
        return self._finders[language]


def _to_utf16(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Highlight, ...]:
    if text.isascii():
        return tuple(Highlight(start, end) for start, end in spans)
    highlights: list[Highlight] = []
    at, units = 0, 0
    for start, end in spans:
        units += len(text[at:start].encode("utf-16-le", "surrogatepass")) // 2
        first = units
        units += len(text[start:end].encode("utf-16-le", "surrogatepass")) // 2
        at = end
        highlights.append(Highlight(first, units))
    return tuple(highlights)
