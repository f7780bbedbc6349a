"""Which words of a passage a query matched, and where."""

from cairn.search.domain import Highlight
from cairn.search.model.words import DEFAULT_LANGUAGE, STOP_WORDS, guess_language, iterate_words, stem

_HIGHLIGHTS_MAX = 200


def find_highlights(text: str, query: str) -> tuple[tuple[Highlight, ...], tuple[str, ...]]:
    """Return where words of `query` stand in `text` (stop words left out), and those words of the text, folded."""
    language = guess_language(text)
    wanted: set[str] = set()
    for word in iterate_words(query):
        for of in {language, DEFAULT_LANGUAGE}:
            if word.text not in STOP_WORDS[of]:
                wanted.add(stem(word.text, of))
    spans: list[tuple[int, int]] = []
    matched: dict[str, None] = {}
    for word in iterate_words(text):
        if word.text in STOP_WORDS[language] or stem(word.text, language) not in wanted:
            continue
        matched[word.text] = None
        if spans and word.start < spans[-1][1]:
            # A whole name after its parts covers them.
            while spans and spans[-1][0] >= word.start:
                spans.pop()
        spans.append((word.start, word.end))
        if len(spans) >= _HIGHLIGHTS_MAX:
            break
    return _to_utf16(text, spans), tuple(matched)


def _to_utf16(text: str, spans: list[tuple[int, int]]) -> tuple[Highlight, ...]:
    highlights: list[Highlight] = []
    at, units = 0, 0
    for start, end in spans:
        units += len(text[at:start].encode("utf-16-le", "surrogatepass")) // 2
        first = units
        units += len(text[start:end].encode("utf-16-le", "surrogatepass")) // 2
        at = end
        highlights.append(Highlight(first, units))
    return tuple(highlights)
