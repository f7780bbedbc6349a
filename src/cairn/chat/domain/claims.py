"""Figures and names in an answer that no cited passage holds: a model may have them from elsewhere, or from nowhere."""

import re
from collections.abc import Iterator, Sequence

from cairn.chat.domain.events import Mark, MarkKind
from cairn.chat.domain.sources import Source

_MARKS_MOST = 40
_FIGURE = re.compile(
    r"(?<![\w.,])\d+(?:[.,:]\d+)*(?:[ \u00a0]?%)?(?![\w])|(?<![\w.,])\d+(?:\.\d+)*(?=[a-zA-Zµ]{1,3}\b)"
)
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_LIST_MARKER = re.compile(r"^[ \t]*(?:\d{1,3}[.)]|[-*+]|>|#{1,6})[ \t]+", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t].*$", re.MULTILINE)
_WORD = re.compile(r"[^\W_](?:[\w./+#-]*[\w+#])?")
# A name by its shape wherever it stands: a capital or a digit within, or all capitals.
_SHAPED = re.compile(r"^(?:.*[a-z].*[A-Z].*|[A-Z][A-Z0-9]+s?|.*[A-Za-z].*\d.*|.*\w[._/]\w.*)$")
_CAPITAL = re.compile(r"^[A-ZÀ-Þ][\w-]+$")
_SENTENCE_END = re.compile(r"[.!?:…][\"'\u201d\u2019)\]*_]*\s*$|^\s*$|[\n(\u201c\"*_][ \t*_]*$")
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
_SPELLED = {word: str(number) for number, word in enumerate(_NUMBERS.split())}
_DAYS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday utc adr adrs rfc
"""
_DATES = frozenset(_DAYS.split())
# Languages that write every noun with a capital: there only the shape of a word tells a name.
_CAPITALISED = re.compile(r"\b(?:der|die|das|und|nicht|wird|eine?)\b")
_CAPITALISED_LEAST = 3


class Evidence:
    """Everything that the cited passages say, with the names of their records."""

    def __init__(self, sources: Sequence[Source]) -> None:
        texts: list[str] = []
        for source in sources:
            record = source.record
            successor = record.successor
            texts += [record.ref, record.title, source.standing, *source.passage.heading_path, source.passage.text]
            texts += [successor.ref, successor.title] if successor else []
        text = "\n".join(texts)
        self._words = {_base(part) for word in _WORD.findall(text) for part in (word, *_parts(word))}
        self._figures = {_figure(one) for one in _DIGITS.findall(text)}
        self._figures |= {part.lstrip("0") or "0" for one in self._figures for part in re.split(r"\D", one)}
        self._figures |= {_SPELLED[word] for word in self._words if word in _SPELLED}

    def holds_figure(self, figure: str) -> bool:
        """Tell whether a passage has the figure, however it is written."""
        number = _DIGITS.search(figure)
        return number is None or _figure(number.group()) in self._figures

    def holds_name(self, name: str) -> bool:
        """Tell whether a passage has the name, in any case or number."""
        base = _base(name)
        return base in self._words or all(_base(part) in self._words for part in _parts(name) or [name])


def find_unsupported(answer: str, sources: Sequence[Source]) -> list[Mark]:
    """Return the figures and names of a model's words that occur in none of the sources it cites."""
    evidence = Evidence(sources)
    plain = _LIST_MARKER.sub(lambda match: " " * len(match.group()), _HEADING.sub(_blank, answer))
    marks: dict[str, Mark] = {}
    for figure in _FIGURE.finditer(plain):
        if not evidence.holds_figure(figure.group()):
            marks.setdefault(figure.group().lower(), Mark(figure.group(), MarkKind.FIGURE))
    for name in _names(plain):
        if not evidence.holds_name(name):
            marks.setdefault(name.lower(), Mark(name, MarkKind.NAME))
    return list(marks.values())[:_MARKS_MOST]


def _names(text: str) -> Iterator[str]:
    by_capital = len(_CAPITALISED.findall(text)) < _CAPITALISED_LEAST
    for match in _WORD.finditer(text):
        word = match.group()
        if word.lower() in _DATES or _DIGITS.match(word):
            continue
        begins = _SENTENCE_END.search(text[max(0, match.start() - 8) : match.start()])
        if _SHAPED.match(word) or (by_capital and _CAPITAL.match(word) and not begins):
            yield word


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _figure(written: str) -> str:
    """Return a figure without the separators of thousands, which countries write differently."""
    written = re.sub(r"(?<=\d)[,.](?=\d{3}(?:\D|$))", "", written.strip(" \u00a0%"))
    return written.replace(",", ".").lstrip("0") or "0"


def _parts(word: str) -> list[str]:
    parts = [part for part in re.split(r"[./_+#-]|(?<=[a-z])(?=[A-Z])", word) if part]
    return parts if len(parts) > 1 else []


def _base(word: str) -> str:
    lower = word.lower()
    return lower[:-1] if len(lower) > 3 and lower.endswith("s") else lower  # noqa: PLR2004 - "is" is no plural.
