"""Tables of reStructuredText as rows of cells: grid tables, simple tables, `list-table` and `csv-table`.

Source: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html#tables.
Cells that span others are not joined.
"""

import re
from dataclasses import dataclass

from cairn.decisions.formats.converted import split_csv

_GRID_RULE = re.compile(r"^\s*\+(?:[-=]+\+)+\s*$")
_SIMPLE_RULE = re.compile(r"^\s*=+(?:\s+=+)+\s*$")
_SIMPLE_SPAN = re.compile(r"=+")
_ITEM = re.compile(r"^(\s*)\*\s+-(?:\s+(.*))?$")
_CELL = re.compile(r"^(\s*)-(?:\s+(.*))?$")
_OPTION = re.compile(r"^\s*:[\w-]{1,40}:")


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of a row as written, and the 0-based line it starts on."""

    cells: tuple[str, ...]
    line: int


def drawn_table(lines: list[str], at: int) -> tuple[list[Row], int]:
    """Read the grid or simple table that starts on line `at`: its rows and the line after it; no rows: no table."""
    if _GRID_RULE.match(lines[at]):
        return _grid(lines, at)
    if _SIMPLE_RULE.match(lines[at]):
        return _simple(lines, at)
    return [], at


def _grid(lines: list[str], at: int) -> tuple[list[Row], int]:
    rows: list[Row] = []
    cells: list[str] = []
    first, end = at + 1, at + 1
    while end < len(lines) and lines[end].lstrip().startswith(("|", "+")):
        if _GRID_RULE.match(lines[end]):
            if cells:
                rows.append(Row(tuple(cells), first))
            cells, first = [], end + 1
        else:
            parts = [part.strip() for part in lines[end].strip().strip("|").split("|")]
            cells = [" ".join(pair).strip() for pair in zip(cells or [""] * len(parts), parts, strict=False)]
        end += 1
    return rows, end


def _simple(lines: list[str], at: int) -> tuple[list[Row], int]:
    starts = [match.start() for match in _SIMPLE_SPAN.finditer(lines[at])]
    rows: list[Row] = []
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if _SIMPLE_RULE.match(line):
            if not "".join(lines[end + 1 : end + 2]).strip():
                return rows, end + 1
        elif line.strip():
            cells = [line[a:b].strip() for a, b in zip(starts, [*starts[1:], len(line)], strict=True)]
            if cells[0] or not rows:
                rows.append(Row(tuple(cells), end))
            else:
                joined = (f"{old} {new}".strip() for old, new in zip(rows[-1].cells, cells, strict=True))
                rows[-1] = Row(tuple(joined), rows[-1].line)
        end += 1
    return [], at


def directive_table(name: str, lines: list[str], first: int, end: int) -> list[Row]:
    """Read the rows of a `list-table` or `csv-table` whose content stands on lines `first` up to `end`."""
    body = [at for at in range(first, end) if not _OPTION.match(lines[at])]
    return _list_rows(lines, body) if name == "list-table" else _csv_rows(lines, body, first, end)


def _list_rows(lines: list[str], body: list[int]) -> list[Row]:
    rows: list[Row] = []
    for at in body:
        line = lines[at]
        item, cell = _ITEM.match(line), _CELL.match(line)
        if item:
            rows.append(Row(((item[2] or "").strip(),), at))
        elif cell and rows:
            rows[-1] = Row((*rows[-1].cells, (cell[2] or "").strip()), rows[-1].line)
        elif line.strip() and rows:
            joined = f"{rows[-1].cells[-1]} {line.strip()}".strip()
            rows[-1] = Row((*rows[-1].cells[:-1], joined), rows[-1].line)
    return rows


def _csv_rows(lines: list[str], body: list[int], first: int, end: int) -> list[Row]:
    header = next((at for at in range(first, end) if lines[at].strip().startswith(":header:")), None)
    written = [(at, lines[at].strip()) for at in body if lines[at].strip()]
    if header is not None:
        written.insert(0, (header, lines[header].strip().removeprefix(":header:").strip()))
    return [Row(tuple(split_csv(text)), at) for at, text in written]
