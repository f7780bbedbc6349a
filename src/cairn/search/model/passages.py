"""From a record's Markdown to passages: split at headings, small neighbours merged, exact text kept."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cairn.search.domain import PassageDraft

# Neighbouring sections are merged up to this many words; MiniLM reads 256 word pieces, about 180 words.
_WORDS_AIM = 180
_PASSAGES_MAX = 2_000
_NEWLINE = re.compile(r"\r\n?|\n")
_WORD = re.compile(r"\w+")

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,400})\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]{0,200}\")?\)")
_URL = re.compile(r"\b(?:https?|ftp|data|mailto):\S+")
_BLOB_LENGTH_MIN = 200
_BLOB = re.compile(rf"\S{{{_BLOB_LENGTH_MIN},}}")

_blocks = MarkdownIt("commonmark").enable("table")
_blocks.core.ruler.disable("inline")
_inline = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 to 6), its text without markup, its anchor, and its first line (0-based)."""

    level: int
    text: str
    anchor: str
    line: int
    outermost: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of whole lines `[first, last)` under one heading path."""

    path: tuple[str, ...]
    anchor: str
    first: int
    last: int
    words: int


def anchor_slug(text: str, taken: set[str]) -> str:
    """Return the anchor of a heading, and add it to `taken`.

    The rule is GitHub's, and the record's page makes the same: lower-case, drop every character that is neither a
    letter, a number, `_`, `-` nor a space, then turn each space into `-`. A second heading with the same anchor
    gets `-1`, a third `-2`.
    """
    base = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
    anchor, count = base, 0
    while anchor in taken:
        count += 1
        anchor = f"{base}-{count}"
    taken.add(anchor)
    return anchor


def read_headings(body: str) -> list[Heading]:
    """Return the headings of a Markdown text in order, those inside quotes and lists included."""
    return _headings(_blocks.parse(body))


def make_passages(body: str) -> list[PassageDraft]:
    """Cut a record's body into passages, in order.

    Sections end at headings. A section of more than about 180 words is cut between its blocks, or inside them where a
    block is too long itself; neighbours that fit together are merged. Blank stretches make no passage,
    but a text without any gives one empty passage.
    """
    tokens = _blocks.parse(body)
    starts = [0, *(match.end() for match in _NEWLINE.finditer(body))]
    lines = [body[first:last] for first, last in zip(starts, [*starts[1:], len(body)], strict=True)]
    passages: list[PassageDraft] = []
    for group in _merge(_pieces(tokens, lines)):
        text_start, text_end = starts[group[0].first], _end_of(starts, group[-1].last, len(body))
        raw = body[text_start:text_end]
        start = text_start + len(raw) - len(raw.lstrip())
        end = text_start + len(raw.rstrip())
        if start < end:
            draft = PassageDraft(group[0].path, group[0].anchor, start, end, body[start:end])
            passages.extend(_cut_long(draft) if sum(piece.words for piece in group) > 2 * _WORDS_AIM else [draft])
    # A record that is only a title is found by it.
    return passages[:_PASSAGES_MAX] or [PassageDraft((), "", 0, 0, "")]


def index_text(text: str) -> str:
    """Return what of a Markdown text is indexed: no comments, URLs or encoded data; link texts and code stay."""
    # Most texts have none of these, and looking for a few characters is far cheaper than an expression.
    if "<!--" in text:
        text = _COMMENT.sub(" ", text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if ":" in text:
        text = _URL.sub(" ", text)
    return _BLOB.sub(" ", text) if max(map(len, text.split()), default=0) >= _BLOB_LENGTH_MIN else text


def context_line(title: str, heading_path: Iterable[str]) -> str:
    """Return the line put before a passage when it is indexed: `title - heading - sub-heading`."""
    return " - ".join([title, *heading_path])


def _end_of(starts: list[int], line: int, length: int) -> int:
    return starts[line] if line < len(starts) else length


def _headings(tokens: list[Token]) -> list[Heading]:
    taken: set[str] = set()
    headings: list[Heading] = []
    for opening, content in itertools.pairwise(tokens):
        if opening.type == "heading_open" and opening.map:
            text = _plain(content.content)
            level = int(opening.tag[1:])
            headings.append(Heading(level, text, anchor_slug(text, taken), opening.map[0], opening.level == 0))
    return headings


def _plain(markdown: str) -> str:
    """Return the text that a reader of an inline Markdown stretch sees."""
    parts: list[str] = []
    for token in _inline.parseInline(markdown)[0].children or []:
        if token.type in {"text", "code_inline", "text_special"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return "".join(parts).strip()


def _pieces(tokens: list[Token], lines: list[str]) -> Iterator[_Piece]:
    """Yield the sections, cut between blocks where they are long."""
    headings = [heading for heading in _headings(tokens) if heading.outermost]
    bounds = [heading.line for heading in headings]
    block_lines = sorted(_cut_lines(tokens))
    path: list[tuple[int, str]] = []
    sections: list[tuple[tuple[str, ...], str, int, int]] = [((), "", 0, bounds[0] if bounds else len(lines))]
    for heading, end in zip(headings, [*bounds, len(lines)][1:], strict=True):
        path = [*((level, text) for level, text in path if level < heading.level), (heading.level, heading.text)]
        sections.append((tuple(text for _, text in path if text), heading.anchor, heading.line, end))
    for names, anchor, first, last in sections:
        cuts = [line for line in block_lines if first < line < last]
        # A heading stays with the block below it.
        cuts = cuts[1:] if anchor and cuts else cuts
        yield from _cut_section(names, anchor, [first, *cuts, last], lines)


def _cut_lines(tokens: list[Token]) -> set[int]:
    """Return the lines where a passage may begin: at blocks of the outermost level and at items of their lists."""
    return {
        token.map[0]
        for token in tokens
        if token.map and (token.level == 0 or (token.type == "list_item_open" and token.level == 1))
    }


def _cut_section(names: tuple[str, ...], anchor: str, bounds: list[int], lines: list[str]) -> Iterator[_Piece]:
    first, words = bounds[0], 0
    for begin, end in itertools.pairwise(bounds):
        more = sum(len(_WORD.findall(line)) for line in lines[begin:end])
        if words and words + more > _WORDS_AIM:
            yield _Piece(names, anchor, first, begin, words)
            first, words = begin, 0
        words += more
    if bounds[-1] > first:
        yield _Piece(names, anchor, first, bounds[-1], words)


def _merge(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    words = 0
    for piece in pieces:
        if group and words and words + piece.words > _WORDS_AIM:
            yield group
            group, words = [], 0
        # A stretch without a word, such as a title line that was cut off, must not lend its empty path to what follows.
        if group and not words:
            piece = _Piece(piece.path, piece.anchor, group[0].first, piece.last, piece.words)  # noqa: PLW2901
            group = []
        group.append(piece)
        words += piece.words
    if group:
        yield group


def _cut_long(draft: PassageDraft) -> Iterator[PassageDraft]:
    """Cut a passage of more than twice the aim, whose single block is a code block say, after a line or a word."""
    ends = [match.end() for match in _WORD.finditer(draft.text)]
    first = 0
    for index in range(_WORDS_AIM, len(ends) + _WORDS_AIM, _WORDS_AIM):
        last = len(draft.text) if index >= len(ends) else ends[index - 1]
        if last < len(draft.text):
            line_end = draft.text.rfind("\n", first + (last - first) // 2, last)
            last = line_end + 1 if line_end > 0 else last
        piece = draft.text[first:last]
        start = draft.start + first + len(piece) - len(piece.lstrip())
        end = draft.start + first + len(piece.rstrip())
        if start < end:
            text = draft.text[start - draft.start : end - draft.start]
            yield PassageDraft(draft.heading_path, draft.anchor, start, end, text)
        first = last
