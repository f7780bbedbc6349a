"""The places where records carry their fields: bullets, bold lines, tables, sections, front matter."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice, takewhile

from cairn.decisions.formats.front_matter import FrontMatter, flatten
from cairn.decisions.formats.outline import Leaf, Outline
from cairn.decisions.formats.statuses import STATUS_TEXT_CHARS_MAX, find_status
from cairn.decisions.formats.words import FIELD_NAMES, OTHER_NAMES, STATUS_WORDS, fold

HEAD_LEAVES_MAX = 80
# A record has a dozen fields; a file with hundreds of lines that look like some is a data file.
PAIRS_MAX = 300
_LINES_MAX = 200
_SECTION_FIELDS = {
    "status": 0,
    "date": 1,
    "deciders": 2,
    "tags": 0,
    "supersedes": 0,
    "superseded_by": 0,
    "amended_by": 0,
    "review": 0,
}
_METADATA_SECTIONS = frozenset(
    [
        "metadata",
        "document control",
        "meta",
        "document information",
        "adr metadata",
        "metadaten",
        "metadonnees",
        "metadatos",
        "record",
        "header",
        "document info",
        "info",
        "details",
    ]
)
_METADATA_KEYS = _METADATA_SECTIONS | {"adr", "decision", "extra", "params"}
_HISTORY_SECTIONS = frozenset(
    ["change log", "changelog", "history", "status history", "decision history", "historique", "verlauf", "adr history"]
)
_EMPTY = frozenset(["", "n a", "na", "none", "tbd", "null", "nil", "keine", "aucun", "aucune", "ninguno", "nenhum"])

_SEPARATORS = re.compile(r"\s*[|·•]\s*|(?<=\S)\s+(?=\*\*[^*\n]{2,40}(?:\*\*\s?:|:\s?\*\*))")
_LEAD = re.compile(r"^[^\w\[({@#<]+")
_DASHED = re.compile(r"^(\w[\w ]{2,30}?)\s*(?:[-–—=]{1,2}>?)\s+(\S.*)$")  # noqa: RUF001 - dashes people type
_WHOLE_BOLD = re.compile(r"^(?:\*\*|__)([^*_\n]{2,40})(?:\*\*|__)\s*$")
_TAGS = re.compile(r"<[^<>]{1,300}>")
_HREF = re.compile(r"<a\s[^<>]{0,200}?href=[\"']([^\"'<>\s]{1,500})[\"'][^<>]{0,200}>([^<>]{0,300})</a>", re.IGNORECASE)
# What separates a name from its value, and one row from the next, in tables and lists of terms.
_HTML_CELL = re.compile(r":?\s*(?:</t[dh]>\s*<t[dh]\b[^<>]{0,200}>|</dt>\s*<dd\b[^<>]{0,200}>)", re.IGNORECASE)
_HTML_ROW = re.compile(r"</tr>|</dd>|<br\s*/?>", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME_CHARS_MAX = 60
_NAME_WORDS_MAX = 6


@dataclass(frozen=True, slots=True)
class Pair:
    """A field as a file carries it.

    `line` and `span` are 0-based. `span` is what to take out of the body when the field is fully understood, provided
    that `whole` says that nothing else stands in it; pairs of one span go together or not at all.
    """

    field: str
    rank: int
    name: str
    value: str
    line: int
    carrier: str
    span: tuple[int, int] = (0, 0)
    whole: bool = False


def pairs_of_front_matter(front: FrontMatter) -> list[Pair]:
    """Read the known keys of a front matter; the strings of a value stand one a line."""
    pairs: list[Pair] = []
    values = dict(front.values)
    for key, value in front.values.items():
        if isinstance(value, dict) and fold(key) in _METADATA_KEYS:
            values |= {inner: found for inner, found in value.items() if inner not in values}
    for key, value in values.items():
        target = FIELD_NAMES.get(fold(_CAMEL.sub(" ", key)))
        if target:
            text = "\n".join(flatten(value))
            pairs.append(Pair(*target, key, text, front.lines.get(key, 1) - 1, "front matter"))
    return pairs


def pairs_of_outline(outline: Outline, title: Leaf | None) -> list[Pair]:
    """Find the fields in the head of a record, in its metadata sections, and in sections named for a field."""
    leaves = [leaf for leaf in outline.leaves if leaf is not title]
    pairs: list[Pair] = []
    at = next((i for i, leaf in enumerate(leaves) if leaf.kind == "heading" and not _is_subtitle(leaf, i)), len(leaves))
    pairs.extend(_pairs_of_block(leaves[: min(at, HEAD_LEAVES_MAX)]))
    while at < len(leaves):
        end = next((i for i in range(at + 1, len(leaves)) if leaves[i].kind == "heading"), len(leaves))
        stop = leaves[end].start if end < len(leaves) else len(outline.lines)
        found = _pairs_of_section(leaves[at], leaves[at + 1 : min(end, at + 1 + HEAD_LEAVES_MAX)], stop)
        if end - at > HEAD_LEAVES_MAX:
            # Only its beginning was read, so it must stay where it is.
            found = [replace(pair, whole=False) for pair in found]
        pairs.extend(found)
        at = end
        if len(pairs) > PAIRS_MAX:
            break
    return pairs[:PAIRS_MAX]


def trailing_pairs(outline: Outline) -> list[Pair]:
    """Fields that stand anywhere in the text as a line of their own; for files that have them nowhere better."""
    found = (
        replace(pair, carrier="line in the text", whole=False)
        for leaf in outline.leaves
        if leaf.kind in {"text", "item"}
        for pair in _pairs_of_lines(leaf)
        if pair.field in {"status", "date", "deciders"} and pair.rank < 2  # noqa: PLR2004 - authors are weaker
    )
    return list(islice(found, PAIRS_MAX))


def _is_subtitle(leaf: Leaf, position: int) -> bool:
    """Tell an underlined "Status: accepted", or a version line right below the title, from the start of a section."""
    if leaf.header and _pair_of(leaf.text.rsplit("\n", 1)[-1]) is not None:
        return True
    return position == 0 and fold(leaf.text).startswith(("version ", "adr version"))


def _pairs_of_block(leaves: list[Leaf]) -> list[Pair]:
    pairs: list[Pair] = []
    for kind, run in groupby(leaves, key=lambda leaf: leaf.unit if leaf.kind == "row" else leaf.kind):
        group = list(run)
        if isinstance(kind, tuple):
            pairs.extend(_pairs_of_table(group))
        elif kind == "item":
            pairs.extend(_pairs_of_items(group))
        elif kind in {"text", "heading"}:
            for at, leaf in enumerate(group):
                found = list(_pairs_of_lines(leaf))
                pairs.extend(found or _pseudo_section(leaf, group[at + 1 : at + 2]))
        elif kind == "html":
            pairs.extend(pair for leaf in group for pair in _pairs_of_html(leaf))
    return _attach_lists(pairs, leaves)


def _pair_of(segment: str) -> tuple[tuple[str, int], str, str] | None:
    """Field with rank, name as written and value of a segment such as `**Status:** accepted`."""
    plain = _LEAD.sub("", segment.strip().rstrip("\\").strip())
    head = plain[:_NAME_CHARS_MAX]
    at = min((i for i in (head.find(":"), head.find("：")) if i > 0), default=-1)  # noqa: RUF001 - the wide colon
    if at > 0:
        name, value = plain[:at].strip("*_ `~\u00a0"), plain[at + 1 :].strip()
        target = FIELD_NAMES.get(fold(name))
        if target is None:
            return None
        value = value.removeprefix("**").removeprefix("__").strip()
        if value.count("**") % 2:
            value = value.removesuffix("**").rstrip()
        if value.count("__") % 2:
            value = value.removesuffix("__").rstrip()
        return target, name, value
    dashed = _DASHED.match(plain.replace("**", ""))
    if dashed and FIELD_NAMES.get(fold(dashed[1])) == ("status", 0) and find_status(dashed[2]):
        return ("status", 0), dashed[1], dashed[2]
    return None


def _pairs_of_lines(leaf: Leaf) -> Iterator[Pair]:
    lines = leaf.text.split("\n")[:_LINES_MAX]
    carrier = "heading" if leaf.kind == "heading" else "quote" if leaf.quoted else "line"
    for at, line in enumerate(lines):
        if not 3 < len(line) < 2000:  # noqa: PLR2004 - a line that can hold a field
            continue
        where = leaf.start + at
        row = _pairs_of_header_line(lines, at, where)
        if row:
            yield from row
            return
        segments = [segment for segment in _SEPARATORS.split(line) if segment.strip()]
        found = [pair for pair in map(_pair_of, segments) if pair is not None]
        if len(segments) > 1 and len(found) < 2:  # noqa: PLR2004 - a bar inside a value separates no fields
            segments = [line]
            found = [pair for pair in [_pair_of(line)] if pair is not None]
        whole = len(found) == len(segments) and not leaf.quoted
        for target, name, value in found:
            span = (where, where + 1)
            following = lines[at + 1].strip() if at + 1 < len(lines) else ""
            if not value and following and _pair_of(following) is None:
                yield Pair(*target, name, following, where, carrier, (where, where + 2), whole)
            else:
                yield Pair(*target, name, value, where, carrier, span, whole)


def _pairs_of_header_line(lines: list[str], at: int, where: int) -> list[Pair]:
    """`Status | Date | Review` with the values on the next line, written without a table's rule."""
    if at + 1 >= len(lines) or "|" not in lines[at]:
        return []
    names = [cell.strip() for cell in lines[at].strip("| ").split("|")]
    values = [cell.strip() for cell in lines[at + 1].strip("| ").split("|")]
    targets = [FIELD_NAMES.get(fold(name)) for name in names]
    if len(names) != len(values) or ("status", 0) not in targets or any(":" in name for name in names):
        return []
    whole = all(target or not value for target, value in zip(targets, values, strict=True))
    return [
        Pair(*target, name, value, where + 1, "line of columns", (where, where + 2), whole)
        for target, name, value in zip(targets, names, values, strict=True)
        if target
    ]


def _pairs_of_items(items: list[Leaf]) -> Iterator[Pair]:
    for at, leaf in enumerate(items):
        lines = leaf.text.split("\n")
        found = _pair_of(lines[0])
        if found is None:
            continue
        target, name, value = found
        if any(_pair_of(line) for line in lines[1:]):
            yield from _pairs_of_lines(leaf)
            continue
        value = " ".join([value, *(line.strip() for line in lines[1:])]).strip()
        segments = _SEPARATORS.split(lines[0])
        if len(lines) == 1 and len(segments) > 1 and all(_pair_of(segment) for segment in segments):
            yield from _pairs_of_lines(leaf)
            continue
        within = takewhile(lambda other, end=leaf.unit[1]: other.unit[1] <= end, items[at + 1 : at + _LINES_MAX])
        inner = [] if value else [other.text for other in within if leaf.unit[0] < other.unit[0]]
        if inner:
            yield Pair(*target, name, "\n".join(inner), leaf.start, "bullet", leaf.unit, len(inner) + 1 < _LINES_MAX)
        else:
            yield Pair(*target, name, value, leaf.start, "bullet", leaf.unit, whole=leaf.alone)


def _pairs_of_table(rows: list[Leaf]) -> list[Pair]:
    header, body = rows[0], rows[1:]
    names = [FIELD_NAMES.get(fold(cell)) for cell in header.cells]
    across = sum(name is not None for name in names)
    named = bool(body) and _names_field(body[0]) and not _is_status(body[0], header)
    if ("status", 0) in names and body and across >= min(2, len(names)) and not named:
        values = body[-1]
        history = len(body) > 1
        whole = not history and all(name or _is_empty(cell) for name, cell in zip(names, values.cells, strict=False))
        carrier = "last row of the table" if history else "table"
        return [
            Pair(*name, title, cell, values.start, carrier, header.unit, whole)
            for name, title, cell in zip(names, header.cells, values.cells, strict=False)
            if name
        ]
    pairs: list[Pair] = []
    whole = True
    for row in rows:
        cells = list(row.cells) or [""]
        value = " ".join(cells[1:]).strip()
        target = FIELD_NAMES.get(fold(cells[0])) if len(cells) > 1 else None
        if target and not (row.header and fold(value) in {"value", "wert", "valeur", "valor"}):
            pairs.append(Pair(*target, cells[0], value, row.start, "table", row.unit))
        elif not row.header and not _is_empty(value):
            whole = False
    known = sum(bool(row.cells) and fold(row.cells[0]) in OTHER_NAMES for row in rows)
    if not any(pair.field == "status" for pair in pairs) and len(pairs) + known < max(2, len(rows) // 2):
        return []
    return [replace(pair, whole=whole) for pair in pairs]


def _names_field(row: Leaf) -> bool:
    return bool(row.cells) and fold(row.cells[0]) in FIELD_NAMES


def _is_status(row: Leaf, header: Leaf) -> bool:
    """Tell "Accepted" below "Status" from the name of a date below a status."""
    values = [fold(cell) for cell in header.cells]
    return bool(row.cells) and find_status(row.cells[0]) is not None and STATUS_WORDS.keys().isdisjoint(values)


def _is_empty(value: str) -> bool:
    return fold(value) in _EMPTY


def _pseudo_section(leaf: Leaf, following: list[Leaf]) -> list[Pair]:
    """Read a bold line used as a heading, its value in the next paragraph."""
    match = _WHOLE_BOLD.match(leaf.text.strip())
    target = FIELD_NAMES.get(fold(match[1])) if match else None
    if (
        match
        and target
        and target[0] in _SECTION_FIELDS
        and following
        and len(following[0].text) <= STATUS_TEXT_CHARS_MAX
    ):
        span = (leaf.start, following[0].end)
        return [Pair(*target, match[1], following[0].text, following[0].start, "section", span, whole=True)]
    return []


def _pairs_of_html(leaf: Leaf) -> Iterator[Pair]:
    if leaf.text.lstrip().startswith("<!--"):
        return
    for at, line in enumerate(leaf.text.split("\n")[:200]):
        for row in _HTML_ROW.split(line)[:_LINES_MAX]:
            cells = _HTML_CELL.sub(": ", _HREF.sub(r"[\2](\1)", row))
            found = _pair_of(" ".join(_TAGS.sub(" ", cells).split()).replace(":: ", ": ").lstrip(": "))
            if found:
                yield Pair(*found[0], found[1], found[2], leaf.start + at, "html")


def _attach_lists(pairs: list[Pair], leaves: list[Leaf]) -> list[Pair]:
    """Give a name with nothing after it the list that follows: "Deciders:" and then bullets."""
    attached: list[Pair] = []
    for pair in pairs:
        if pair.value or pair.carrier != "line":
            attached.append(pair)
            continue
        after = [leaf for leaf in leaves if leaf.start >= pair.span[1]]
        items: list[Leaf] = []
        for leaf in after:
            if leaf.kind != "item" or _pair_of(leaf.text):
                break
            items.append(leaf)
        if items:
            value = "\n".join(item.text for item in items)
            attached.append(replace(pair, value=value, span=(pair.span[0], items[-1].end)))
        else:
            attached.append(pair)
    return attached


def _pairs_of_section(heading: Leaf, content: list[Leaf], stop: int) -> list[Pair]:  # noqa: PLR0911 - one a shape
    name = fold(heading.text)
    if name in _METADATA_SECTIONS:
        return [replace(pair, whole=False) for pair in _pairs_of_block(content[:HEAD_LEAVES_MAX])]
    if name in _HISTORY_SECTIONS:
        return _pair_of_history(heading, content)
    target = FIELD_NAMES.get(name)
    if target is None:
        return _pair_of_heading(heading, content)
    if target[1] > _SECTION_FIELDS.get(target[0], -1):
        return []
    rows = [leaf for leaf in content if leaf.kind == "row"]
    if rows:
        return [replace(pair, whole=False) for pair in _pairs_of_block(content[:HEAD_LEAVES_MAX])] or [
            Pair(*target, heading.text, " ".join(rows[-1].cells), rows[-1].start, "section")
        ]
    inner = [pair for pair in _pairs_of_block(content) if pair.field == target[0] or target[0] == "status"]
    if inner and any(pair.field == target[0] for pair in inner):
        return [replace(pair, whole=False) for pair in inner]
    texts = [leaf for leaf in content if leaf.kind in {"text", "item"}]
    return _pairs_of_texts(heading, content, texts, target, stop) if texts else []


def _pairs_of_texts(
    heading: Leaf, content: list[Leaf], texts: list[Leaf], target: tuple[str, int], stop: int
) -> list[Pair]:
    """Read a section whose text is the value of a field."""
    whole = all(leaf.kind in {"text", "item"} or leaf.text.lstrip().startswith("<!--") for leaf in content)
    value = _join(texts)
    if target[0] in {"tags", "deciders"} and not _is_list(value):
        return []
    if target[0] != "status":
        return [Pair(*target, heading.text, value, texts[0].start, "section", (heading.start, stop), whole)]
    if len(value) > STATUS_TEXT_CHARS_MAX:
        value, whole = texts[0].text.split("\n", 1)[0][:STATUS_TEXT_CHARS_MAX], False
    found = Pair(*target, heading.text, value, texts[0].start, "section", (heading.start, stop), whole)
    inner = [pair for leaf in texts for pair in _pairs_of_lines(leaf) if pair.field in {"date", "deciders"}]
    return [found, *(replace(pair, whole=False) for pair in inner)]


def _is_list(value: str) -> bool:
    """Whether a section holds names only. Prose below a heading such as "Labels" or "People" is not a field."""
    entries = [entry.strip() for entry in re.split(r"[\n,;]", value)]
    return all(len(entry) <= _NAME_CHARS_MAX and len(entry.split()) <= _NAME_WORDS_MAX for entry in entries)


def _join(leaves: list[Leaf]) -> str:
    """Join texts so that each stays on the line where it stands."""
    text = ""
    for leaf in leaves:
        gap = leaf.start - leaves[0].start - text.count("\n")
        text += "\n" * max(gap, 1 if text else 0) + leaf.text
    return text


def _pair_of_heading(heading: Leaf, content: list[Leaf]) -> list[Pair]:
    """Read a heading that holds name and value: `## Status: accepted`."""
    found = _pair_of(heading.text)
    if found is None or found[0][0] not in {"status", "date"} or not found[2]:
        return []
    span = (heading.start, heading.end)
    return [Pair(*found[0], found[1], found[2], heading.start, "heading", span, whole=not content)]


def _pair_of_history(heading: Leaf, content: list[Leaf]) -> list[Pair]:
    """Read the last entry of a change log that starts with a status: `- [approved](...) (2022-03-01)`."""
    for leaf in reversed(content):
        if leaf.kind in {"item", "text"} and len(leaf.text) <= STATUS_TEXT_CHARS_MAX:
            found = find_status(leaf.text)
            if found and not found.rule:
                status = Pair("status", 1, heading.text, leaf.text, leaf.start, "change log")
                return [status, Pair("date", 2, heading.text, leaf.text, leaf.start, "change log")]
    return []
