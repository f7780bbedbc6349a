"""AsciiDoc records as Markdown: what decision records use of the language, line by line.

Titles, header attributes, lists, listings, tables, links, emphasis and admonitions are turned; anything else stays as
it is written. Source: https://docs.asciidoctor.org/asciidoc/latest/syntax-quick-reference/.
"""

import re

from cairn.decisions.formats.converted import Converted, split_csv

_TITLE = re.compile(r"^(={1,6})\s+(\S.*)$")
_ATTRIBUTE = re.compile(r"^:(!?[\w-]{1,60}!?):(?:\s+(.*))?$")
_FENCE = re.compile(r"^(-{4,}|\.{4,}|`{3,}|\+{4,})(\w*)\s*$")
_COMMENT_BLOCK = re.compile(r"^/{4,}\s*$")
_BLOCK = re.compile(r"^\[(?!\[)([^\[\]]{0,300})\]\s*$")
_ANCHOR = re.compile(r"\[\[[\w .-]{1,100}(?:,[^\]]{0,200})?\]\]|\[#[\w-]{1,100}\]")
_BULLET = re.compile(r"^\s*([*-]{1,5}|\.{1,5})\s+(\S.*)$")
_TERM = re.compile(r"^(\S[^:\n]{0,80}?)::(?:\s+(.*))?$")
_ADMONITION = re.compile(r"^(NOTE|TIP|WARNING|IMPORTANT|CAUTION):\s+(.*)$")
_XREF = re.compile(r"(?:link|xref):([^\[\]\s]{1,300})\[([^\]\n]{0,300})\]")
_INNER = re.compile(r"<<([^<>,\n]{1,300})(?:,\s*([^<>\n]{0,300}))?>>")
_URL = re.compile(r"(?<![(\w])(https?://[^\s\[\]<>]{1,500})\[([^\]\n]{0,300})\]")
_IMAGE = re.compile(r"image::?([^\[\]\s]{1,300})\[([^\]\n]{0,300})\]")
_BOLD = re.compile(r"(?<![\w*\\])\*(?![\s*])([^*\n]{1,300}?)(?<![\s*])\*(?![\w*])")
# Below the title of a document: its authors, and then its revision, as in "v1.2, 2024-05-06: why".
_AUTHORS = re.compile(
    r"^(?:[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){0,3}(?: <[^<>\s]{3,200}>)?(?:; |$)){1,20}", re.UNICODE
)
_EMAIL = re.compile(r" ?<[^<>]{3,200}>")
_REVISION = re.compile(
    r"^(?:v?\d[\w.]{0,20},\s*)?(\d{4}-\d{2}-\d{2}|\d{1,2} \w{3,9} \d{4}|\w{3,9} \d{1,2}, \d{4})(?::.*)?$"
)
_CELL = re.compile(r"(?<!\\)\|")
# Attributes of the processor, which say nothing about the decision.
_SETTINGS = frozenset(
    [
        "toc",
        "toclevels",
        "sectnums",
        "sectanchors",
        "icons",
        "imagesdir",
        "doctype",
        "source-highlighter",
        "experimental",
        "idprefix",
        "idseparator",
        "showtitle",
        "numbered",
        "jbake-type",
        "jbake-menu",
        "jbake-order",
        "navtitle",
        "page-layout",
    ]
)


def asciidoc_to_markdown(text: str) -> Converted:
    """Turn a record; every line keeps its place."""
    return _Converter().convert(text.split("\n"))


class _Converter:
    def __init__(self) -> None:
        self._out = Converted()
        self._fence = ""
        self._comment = False
        self._language = ""
        self._header = True
        self._since_title = 0
        self._rows: list[tuple[str, int]] | None = None
        self._columns = 0

    def convert(self, lines: list[str]) -> Converted:
        for place, line in enumerate(lines):
            if self._fence:
                self._in_fence(line, place)
            elif self._rows is not None:
                self._in_table(line, place)
            elif _COMMENT_BLOCK.match(line):
                self._comment = not self._comment
                self._out.add("", place)
            elif self._comment or (line.startswith("//") and not line.startswith("///")):
                self._out.add("", place)
            else:
                self._plain(line, place)
        self._end_table()
        if self._fence:
            self._out.add("```", len(lines) - 1)
        return self._out

    def _in_fence(self, line: str, place: int) -> None:
        if line.rstrip() == self._fence:
            self._fence = ""
            self._out.add("```", place)
        else:
            self._out.add(line, place)

    def _in_table(self, line: str, place: int) -> None:
        if self._rows is None:
            return
        if line.startswith("|==="):
            self._end_table()
            self._out.add("", place)
        else:
            self._rows.append((line, place))

    def _plain(self, line: str, place: int) -> None:
        fence = _FENCE.match(line)
        title = _TITLE.match(line)
        attribute = _ATTRIBUTE.match(line)
        if fence:
            self._fence = fence[1]
            self._out.add("```" + (fence[2] or self._language), place)
            self._language = ""
        elif line.startswith("|==="):
            self._rows = []
            self._out.add("", place)
        elif title:
            self._header = len(title[1]) == 1
            self._since_title = place if self._header else -1
            self._out.add("#" * len(title[1]) + " " + _inline(title[2]), place)
        elif attribute and self._header:
            known = attribute[1] not in _SETTINGS and attribute[2]
            self._out.add(f"- {attribute[1]}: {attribute[2]}" if known else "", place)
        elif self._header and self._take_header_line(line, place):
            pass
        elif block := _BLOCK.match(_ANCHOR.sub("", line)):
            self._take_block(block[1])
            self._out.add("", place)
        else:
            self._prose(line, place)

    def _take_header_line(self, line: str, place: int) -> bool:
        """Write the line of the authors, right below a document's title, and that of the revision, below it."""
        if not line.strip():
            self._since_title = -1
        if self._since_title < 0 or place > self._since_title + 2:
            return False
        if revision := _REVISION.match(line.strip()):
            self._out.add(f"- date: {revision[1]}", place)
            return True
        if place == self._since_title + 1 and _AUTHORS.fullmatch(line.strip()):
            self._out.add(f"- authors: {_EMAIL.sub('', line.strip())}", place)
            return True
        return False

    def _take_block(self, attributes: str) -> None:
        parts = [part.strip(" \"'") for part in attributes.split(",")]
        if parts[0] == "source" and len(parts) > 1 and "=" not in parts[1]:
            self._language = parts[1]
        columns = re.search(r"cols=[\"']?([^\"'\]]{1,100})", attributes)
        if columns:
            repeated = re.match(r"(\d{1,2})\*", columns[1])
            self._columns = int(repeated[1]) if repeated else columns[1].count(",") + 1

    def _prose(self, line: str, place: int) -> None:
        bullet, term, admonition = _BULLET.match(line), _TERM.match(line), _ADMONITION.match(line)
        if bullet:
            mark = "1." if bullet[1].startswith(".") else "-"
            self._out.add("  " * (len(bullet[1]) - 1) + f"{mark} {_inline(bullet[2])}", place)
        elif term:
            self._out.add(f"**{_inline(term[1])}:** {_inline(term[2] or '')}".rstrip() + "  ", place)
        elif admonition:
            self._out.add(f"> **{admonition[1].title()}:** {_inline(admonition[2])}", place)
        else:
            self._out.add("" if line.strip() == "+" else _inline(line), place)

    def _end_table(self) -> None:
        """Write the rows of a table. Cells may stand on one line or one below the other."""
        if self._rows is None:
            return
        cells: list[tuple[str, int]] = []
        first = 0
        for line, place in self._rows:
            parts = _CELL.split(line)
            if len(parts) > 1:
                cells.extend((_inline(part.strip()), place) for part in parts[1:])
                first = first or len(parts) - 1
            elif line.strip() and cells:
                cells[-1] = (f"{cells[-1][0]} {_inline(line.strip())}", cells[-1][1])
        width = self._columns or first or 1
        if not cells:
            # [format="csv"]: the bars of other tables are commas.
            rows = [([_inline(cell) for cell in split_csv(line)], place) for line, place in self._rows if line.strip()]
            width = max((len(row) for row, _ in rows), default=1)
            cells = [(cell, place) for row, place in rows for cell in [*row, *[""] * (width - len(row))]]
        for at in range(0, len(cells), width):
            row = cells[at : at + width]
            self._out.add("| " + " | ".join(text for text, _ in row) + " |", row[0][1])
            if at == 0:
                self._out.add("|" + "---|" * width, row[0][1])
        self._rows, self._columns = None, 0


def _inline(text: str) -> str:
    text = _ANCHOR.sub("", text)
    text = _IMAGE.sub(r"![\2](\1)", text)
    text = _XREF.sub(lambda match: f"[{match[2] or match[1]}]({match[1]})", text)
    text = _INNER.sub(lambda match: f"[{match[2] or match[1]}]({match[1]})", text)
    text = _URL.sub(lambda match: f"[{match[2] or match[1]}]({match[1]})", text)
    return _BOLD.sub(r"**\1**", text).rstrip()
