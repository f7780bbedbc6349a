"""reStructuredText records as Markdown: what decision records use of the language, line by line.

Titles, field lists, lists, tables, code, links and admonitions are turned; anything else stays as it is written.
Source: https://docutils.sourceforge.io/docs/user/rst/quickref.html.
"""

import re

from cairn.decisions.formats.converted import Converted
from cairn.decisions.formats.restructured_tables import Row, directive_table, drawn_table

_RULE = re.compile(r"^([=\-`:'\"~^_*+#<>.])\1{2,}\s*$")
_FIELD = re.compile(r"^:([A-Za-z][\w -]{0,60}):(?:\s+(.*))?$")
_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+([\w-]{1,60})::\s*(.*)$")
_TARGET = re.compile(r"^\.\.\s+_[^:]{1,200}:(.*)$")
_CODE = frozenset(
    ["code-block", "code", "sourcecode", "literalinclude", "parsed-literal", "mermaid", "uml", "graphviz"]
)
_NOTES = frozenset(["note", "warning", "tip", "important", "caution", "hint", "attention", "danger", "admonition"])
_TABLES = frozenset(["list-table", "csv-table"])
_LITERAL = re.compile(r"``([^`\n]{1,300})``")
_LINK = re.compile(r"`([^`<>\n]{1,300}?)\s*<([^<>`\n]{1,500})>`__?")
_ROLE_NAMED = re.compile(r":(?:doc|ref|any):`([^`<>\n]{1,300}?)\s*<([^<>`\n]{1,300})>`")
_ROLE = re.compile(r":(?:doc|any):`([^`\n]{1,300})`")
_OTHER_ROLE = re.compile(r":[\w-]{1,40}:`([^`\n]{1,300})`")
_AUTO = re.compile(r"^(\s*)#\.\s+")
_OPTION = re.compile(r"^\s+:[\w-]{1,40}:")


def restructured_to_markdown(text: str) -> Converted:
    """Turn a record; every line keeps its place."""
    return _Converter(text.split("\n")).convert()


class _Converter:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._out = Converted()
        self._styles: list[str] = []

    def convert(self) -> Converted:
        at = 0
        while at < len(self._lines):
            at = self._drawn_table(at) or self._title(at) or self._directive(at) or self._literal(at) or self._plain(at)
        return self._out

    def _line(self, at: int) -> str:
        return self._lines[at] if at < len(self._lines) else ""

    def _title(self, at: int) -> int:
        """Take a title, underlined or between two rules, and give the line after it; 0 when there is none."""
        over = bool(_RULE.match(self._line(at))) and bool(self._line(at + 1).strip())
        text_at = at + 1 if over else at
        text, rule = self._line(text_at).strip(), self._line(text_at + 1)
        long_enough = len(rule.rstrip()) >= min(len(text), 3)
        if not text or not _RULE.match(rule) or _RULE.match(text) or not long_enough:
            return 0
        if (over and self._line(at).strip()[0] != rule[0]) or text.startswith(("- ", "* ", "|", ":")):
            return 0
        style = ("over " if over else "") + rule[0]
        if style not in self._styles:
            self._styles.append(style)
        if over:
            self._out.add("", at)
        self._out.add("#" * min(6, self._styles.index(style) + 1) + " " + _inline(text), text_at)
        return text_at + 2

    def _directive(self, at: int) -> int:
        line = self._line(at)
        if not line.lstrip().startswith(".."):
            return 0
        match = _DIRECTIVE.match(line)
        end = self._end_of_block(at, len(line) - len(line.lstrip()))
        if match and match[2] in _CODE:
            self._code(at, end, match[3].strip())
        elif match and match[2] in _NOTES:
            title = match[2].title() if match[2] != "admonition" else match[3]
            rest = "" if match[2] == "admonition" else f" {_inline(match[3])}"
            self._out.add(f"> **{title}:**{rest}".rstrip(), at)
            for place in range(at + 1, end):
                inner = self._line(place).strip()
                self._out.add(f"> {_inline(inner)}" if inner else ">", place)
        elif match and match[2] in _TABLES and (rows := directive_table(match[2], self._lines, at + 1, end)):
            self._table(rows)
        elif match:
            for place in range(at, end):
                inner = self._line(place)
                self._out.add("" if place == at or _OPTION.match(inner) else _inline(inner.strip()), place)
        else:
            target = _TARGET.match(line)
            for place in range(at, end if target is None else at + 1):
                self._out.add("", place)
            return end if target is None else at + 1
        return end

    def _drawn_table(self, at: int) -> int:
        rows, end = drawn_table(self._lines, at)
        self._table(rows)
        return end if rows else 0

    def _table(self, rows: list[Row]) -> None:
        for at, row in enumerate(rows):
            if at == 0:
                self._out.add("", row.line)
            self._out.add("| " + " | ".join(_inline(cell) for cell in row.cells) + " |", row.line)
            if at == 0:
                self._out.add("|" + "---|" * len(row.cells), row.line)
        if rows:
            self._out.add("", rows[-1].line)

    def _end_of_block(self, at: int, indent: int) -> int:
        end = at + 1
        for place in range(at + 1, len(self._lines)):
            line = self._lines[place]
            if line.strip():
                if len(line) - len(line.lstrip()) <= indent:
                    break
                end = place + 1
        return end

    def _code(self, at: int, end: int, language: str) -> None:
        self._out.add(f"```{language}", at)
        body = [place for place in range(at + 1, end) if not _OPTION.match(self._line(place))]
        first = next((at for at, place in enumerate(body) if self._line(place).strip()), 0)
        lines = (self._line(place) for place in body)
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        for place in body[first:]:
            self._out.add(self._line(place)[indent:], place)
        self._out.add("```", max(at, end - 1))

    def _literal(self, at: int) -> int:
        """Take a paragraph that ends with `::` and the indented block after it; 0 when there is none."""
        line = self._line(at)
        following = next(
            (place for place in range(at + 1, min(at + 4, len(self._lines))) if self._line(place).strip()), 0
        )
        indent = len(line) - len(line.lstrip())
        if (
            not line.rstrip().endswith("::")
            or not following
            or not self._line(following).startswith(" " * (indent + 1))
        ):
            return 0
        told = line.rstrip().removesuffix("::").rstrip()
        self._out.add(_inline(told) + ":" if told else "", at)
        self._out.add("", at)
        self._code(at, self._end_of_block(at, indent), "")
        return self._end_of_block(at, indent)

    def _plain(self, at: int) -> int:
        line = self._line(at)
        field = _FIELD.match(line)
        if field:
            self._out.add(f"- {field[1]}: {_inline(field[2] or '')}".rstrip(), at)
        else:
            self._out.add(_inline(_AUTO.sub(r"\g<1>1. ", line)), at)
        return at + 1


def _inline(text: str) -> str:
    text = _ROLE_NAMED.sub(r"[\1](\2)", text)
    text = _LINK.sub(r"[\1](\2)", text)
    text = _ROLE.sub(r"[\1](\1.rst)", text)
    text = _OTHER_ROLE.sub(r"`\1`", text)
    return _LITERAL.sub(r"`\1`", text).rstrip()
