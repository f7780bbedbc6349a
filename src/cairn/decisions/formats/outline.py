"""The outline of a Markdown text: headings, lines of text, list items, table rows and code, each with its lines."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

LeafKind = Literal["heading", "text", "item", "row", "code", "html", "rule"]

# Beyond these a text is kept but no longer looked into for structure: it is data, not a decision.
STRUCTURE_CHARS_MAX = 400_000
STRUCTURE_LINES_MAX = 20_000

# Only blocks: inline parsing would double the time and nothing here needs it.
_BLOCKS = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
# Link definitions may hold images of megabytes; as paragraphs they are just as well.
_BLOCKS.block.ruler.disable("reference")


_TAKEN = frozenset(
    [
        "blockquote_open",
        "blockquote_close",
        "list_item_open",
        "list_item_close",
        "heading_open",
        "inline",
        "table_open",
        "thead_open",
        "thead_close",
        "tr_open",
        "tr_close",
        "fence",
        "code_block",
        "html_block",
        "hr",
    ]
)


# "##Status" was a heading once, and in many records still is; so was "#46. Keep it" on the first line.
_TIGHT_HEADING = re.compile(r"^(#{2,6})(?=[A-Z\u00c0-\u00dd])", re.MULTILINE)
_TIGHT_TITLE = re.compile(r"\A(\s*#)(?=(?:\d{1,5}[.:)] |[A-Z\u00c0-\u00dd][^\s#]{0,40} )[^\n#]*\n)")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A smallest block. Lines are 0-based, `end` is exclusive.

    `unit` is the line range of what must go if the leaf goes: the list item, the table, or the leaf itself.
    `alone` is true when the unit holds nothing but this leaf (or, for a row, this table).
    `header` marks the first row of a table, and a heading written by underlining.
    """

    kind: LeafKind
    start: int
    end: int
    text: str = ""
    level: int = 0
    cells: tuple[str, ...] = ()
    unit: tuple[int, int] = (0, 0)
    alone: bool = True
    quoted: bool = False
    header: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """The lines of a text and its leaves in order."""

    lines: tuple[str, ...]
    leaves: tuple[Leaf, ...]

    def code_lines(self) -> set[int]:
        """0-based lines inside code blocks and HTML blocks, where nothing is said in prose."""
        return {line for leaf in self.leaves if leaf.kind in {"code", "html"} for line in range(leaf.start, leaf.end)}


def outline_markdown(text: str, *, skip_lines: int = 0) -> Outline:
    """Outline `text`; its first `skip_lines` lines (front matter) keep their place but are not looked into."""
    lines = tuple(text.split("\n"))
    visible = "\n" * skip_lines + "\n".join(lines[skip_lines:STRUCTURE_LINES_MAX])
    if len(visible) > STRUCTURE_CHARS_MAX:
        visible = visible[: visible.rfind("\n", 0, STRUCTURE_CHARS_MAX) + 1] or visible[:STRUCTURE_CHARS_MAX]
    if _TIGHT_HEADING.search(visible):
        visible = _TIGHT_HEADING.sub(r"\1 ", visible)
    if _TIGHT_TITLE.match(visible):
        visible = _TIGHT_TITLE.sub(r"\1 ", visible)
    leaves: list[Leaf] = []
    walker = _Walker(leaves)
    for token in _BLOCKS.parse(visible):
        if token.type in _TAKEN:
            walker.take(token)
    return Outline(lines, tuple(leaves))


class _Walker:
    """Turns the flat token stream into leaves, remembering the containers that are open."""

    def __init__(self, leaves: list[Leaf]) -> None:
        self._leaves = leaves
        self._items: list[tuple[int, int, int]] = []  # start, end, number of leaves at its opening
        self._quotes = 0
        self._heading: Token | None = None
        self._table: tuple[int, int] = (0, 0)
        self._row: tuple[int, int] | None = None
        self._cells: list[str] = []
        self._header = False

    def take(self, token: Token) -> None:  # noqa: C901, PLR0912 - one arm a token type
        span = (token.map[0], token.map[1]) if token.map else (0, 0)
        match token.type:
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "list_item_open":
                self._items.append((span[0], span[1], len(self._leaves)))
            case "list_item_close":
                self._close_item()
            case "heading_open":
                self._heading = token
            case "inline":
                self._take_inline(token, span)
            case "table_open":
                self._table = span
            case "thead_open" | "thead_close":
                self._header = token.type == "thead_open"
            case "tr_open":
                self._row, self._cells = span, []
            case "tr_close":
                self._close_row()
            case "fence" | "code_block":
                self._add("code", span)
            case "html_block":
                self._add("html", span, token.content)
            case "hr":
                self._add("rule", span)
            case _:
                pass

    def _add(self, kind: LeafKind, span: tuple[int, int], text: str = "") -> None:
        unit = self._items[-1][:2] if self._items else span
        if kind == "text" and self._items:
            kind = "item"
        self._leaves.append(Leaf(kind, *span, text, unit=unit, quoted=self._quotes > 0))

    def _close_item(self) -> None:
        start, end, before = self._items.pop()
        if len(self._leaves) - before > 1:
            for at in range(before, len(self._leaves)):
                if self._leaves[at].unit == (start, end):
                    self._leaves[at] = replace(self._leaves[at], alone=False)

    def _take_inline(self, token: Token, span: tuple[int, int]) -> None:
        if self._heading is not None:
            heading, self._heading = self._heading, None
            if heading.map:
                span = (heading.map[0], heading.map[1])
            underlined = not heading.markup.startswith("#")
            level = int(heading.tag[1])
            self._leaves.append(
                Leaf("heading", *span, token.content, level, unit=span, quoted=self._quotes > 0, header=underlined)
            )
        elif self._row is not None:
            self._cells.append(token.content)
        else:
            self._add("text", span, token.content)

    def _close_row(self) -> None:
        span, self._row = self._row or self._table, None
        self._leaves.append(Leaf("row", *span, cells=tuple(self._cells), unit=self._table, header=self._header))
