"""Tables that hold a log: one decision a row, with its number or date, its rationale and its status."""

import re
from itertools import groupby

from cairn.decisions.formats.dates import find_date
from cairn.decisions.formats.outline import Leaf, Outline
from cairn.decisions.formats.titles import plain_title, slugify
from cairn.decisions.formats.whole_log import PARTS_MAX, Part, is_log_name
from cairn.decisions.formats.words import FIELD_NAMES, fold

_NUMBERS = frozenset(["", "id", "no", "nr", "n", "num", "number", "numero", "nummer", "adr", "ref", "key"])
_DECISIONS = frozenset(
    ["decision", "decisions", "entscheidung", "decisao", "decision taken", "decision made", "choice", "choix", "what"]
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BOLD = re.compile(r"^\W{0,3}\*\*([^*\n]{3,160})\*\*")
_SENTENCE = re.compile(r"(?<=[.!?])\s|\s[–—]\s|<br", re.IGNORECASE)  # noqa: RUF001 - dashes people type
_DIGITS = re.compile(r"0*(\d{1,6})(?!\d)")
_TITLE_CHARS_MAX = 120
_COLUMNS_MIN = 3


def find_rows(outline: Outline, name: str) -> list[Part]:
    """Find the decisions that the tables of a file hold, a row each; none unless the file is named as a log."""
    if not is_log_name(name):
        return []
    rows = [leaf for leaf in outline.leaves if leaf.kind == "row"]
    parts: list[Part] = []
    for _, group in groupby(rows, key=lambda leaf: leaf.unit):
        header, *body = group
        if _holds_decisions([fold(cell) for cell in header.cells], body):
            parts.extend(_part(header, row) for row in body if any(row.cells))
    return parts[:PARTS_MAX] if len(parts) > 1 else []


def _holds_decisions(names: list[str], body: list[Leaf]) -> bool:
    numbered = names[0] in _NUMBERS or any(FIELD_NAMES.get(name, ("", 0))[0] == "date" for name in names)
    linked = any("](" in cell and ".md" in cell for row in body for cell in row.cells[:_COLUMNS_MIN])
    return len(names) >= _COLUMNS_MIN and numbered and not _DECISIONS.isdisjoint(names) and not linked


def _part(header: Leaf, row: Leaf) -> Part:
    cells = [_BREAK.sub("\n", cell).strip() for cell in row.cells]
    names = [fold(cell) for cell in header.cells]
    decision = next(cell for name, cell in zip(names, row.cells, strict=False) if name in _DECISIONS)
    title = _title(decision) or f"Row {row.start + 1}"
    number, day = None, None
    facts: list[str] = []
    sections: list[str] = []
    for at, (name, cell) in enumerate(zip(names, cells, strict=False)):
        target = FIELD_NAMES.get(name, ("", 0))[0]
        if at == 0 and name in _NUMBERS:
            match = _DIGITS.search(cell)
            number = int(match[1]) if match else None
        elif target in {"status", "deciders", "tags"} and name not in _DECISIONS:
            facts.append(f"- {header.cells[at]}: {' '.join(cell.split())}")
        elif target == "date":
            found = find_date(cell)
            day = found.day if found else None
        elif cell:
            sections.append(f"## {plain_title(header.cells[at]) or 'Notes'}\n\n{cell}")
    text = "\n\n".join([f"# {title}", "\n".join(facts), *sections])
    anchor = f"{slugify(row.cells[0]) or row.start + 1}-{slugify(title)}"[:80]
    return Part(row.start, row.end, anchor, title, number, day, text)


def _title(decision: str) -> str:
    """Take the bold words that a cell starts with, or else its first sentence."""
    bold = _BOLD.match(decision)
    title = plain_title(bold[1] if bold else _SENTENCE.split(decision)[0]).rstrip(".")
    return title if len(title) <= _TITLE_CHARS_MAX else title[:_TITLE_CHARS_MAX].rsplit(" ", 1)[0] + "…"
