"""Sentences of a Markdown passage: exact stretches of its text that can stand alone in a quote."""

import re
from collections.abc import Iterator

from cairn.chat.domain.sources import Span

_MARKER = re.compile(r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|[ \t]*>[ \t]?)+")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}(?:[ \t]|$)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_RULE = re.compile(r"[ \t|:=*_-]*$")
_TABLE = re.compile(r"[ \t]*\|")
_END = re.compile(r"(?:[.!?][\"'\u201d\u2019)\]*_`]*)(?=\s+(?:[\"'\u201c\u2018(\[*_`]*[A-Z0-9À-Þ]|!\[|<))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|incl|no|fig|sec|dr|mr|st)|\b[A-Za-z])\.$", re.IGNORECASE
)
# Markup that would say something else, or load something, where the quote is shown.
_UNQUOTABLE = re.compile(r"!\[|\[\s*\d|<[a-zA-Z/!]|\]\s*\[|^\s*\[[^\]]+\]:")


def iterate_sentences(text: str) -> Iterator[Span]:
    """Yield the sentences of `text` in order: of paragraphs, and of list items without their marker.

    Headings, code blocks, tables and rules are left out, and so is what cannot be quoted safely: images, HTML,
    reference links, and numbers in brackets, which a reader would take for our citations.
    """
    for start, end in _blocks(text):
        at = start
        for match in _END.finditer(text, start, end):
            if _ABBREVIATION.search(text, at, match.end()):
                continue
            yield from _trimmed(text, at, match.end())
            at = match.end()
        yield from _trimmed(text, at, end)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of running text: paragraphs and list items, a hard-wrapped one as one stretch."""
    begun: int | None = None
    end = at = 0
    fence = ""
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        body = line.rstrip("\r\n")
        if fence:
            fence = "" if body.strip().startswith(fence) else fence
            continue
        opened = _FENCE.match(body)
        apart = bool(opened or _HEADING.match(body) or _TABLE.match(body) or _RULE.fullmatch(body))
        marker = _MARKER.match(body)
        if begun is not None and (apart or marker):
            yield begun, end
            begun = None
        if opened:
            fence = opened.group(1)
        if apart:
            continue
        if begun is None:
            begun = start + (marker.end() if marker else 0)
        end = start + len(body)
    if begun is not None:
        yield begun, end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end and not _UNQUOTABLE.search(text[start:end]):
        yield Span(start, end)
