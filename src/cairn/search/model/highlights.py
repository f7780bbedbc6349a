"""Which words of a passage a query matched, and where."""

from cairn.search.domain import Highlight
from cairn.search.model.words import DEFAULT_LANGUAGE, STOP_WORDS, guess_language, iterate_words, locate_stems, stem

_HIGHLIGHTS_MAX = 200


class Highlighter:
    """Finds the words of one query in passages."""

    def __init__(self, query: str) -> None:
        self._words = list(dict.fromkeys(word.text for word in iterate_words(query)))
        self._stems: dict[str, frozenset[str]] = {}

    def find(self, text: str) -> tuple[tuple[Highlight, ...], tuple[str, ...]]:
        """Return where the query's words stand in `text` (stop words left out), and those words of the text, folded."""
        language = guess_language(text)
        wanted = self._wanted(language)
        spans: list[tuple[int, int]] = []
        matched: dict[str, None] = {}
        for found, word, start, end in locate_stems(text, language):
            if found not in wanted:
                continue
            matched[word] = None
            # A whole name after its parts covers them.
            while spans and spans[-1][0] >= start:
                spans.pop()
            spans.append((start, end))
            if len(spans) >= _HIGHLIGHTS_MAX:
                break
        return _to_utf16(text, spans), tuple(matched)

    def _wanted(self, language: str) -> frozenset[str]:
        """Return the query's stems in a text of `language`, whose foreign words are most often English."""
        if language not in self._stems:
            self._stems[language] = frozenset(
                stem(word, of)
                for of in {language, DEFAULT_LANGUAGE}
                for word in self._words
                if word not in STOP_WORDS[of]
            )
        return self._stems[language]


def _to_utf16(text: str, spans: list[tuple[int, int]]) -> tuple[Highlight, ...]:
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
