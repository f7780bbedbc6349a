"""Files that hold a whole log: where each of their decisions starts and ends."""

import posixpath
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date

from cairn.decisions.formats.dates import find_date
from cairn.decisions.formats.model import ReadFile, move_lines
from cairn.decisions.formats.outline import Leaf, Outline
from cairn.decisions.formats.titles import slugify
from cairn.decisions.formats.words import FIELD_NAMES, SECTION_NAMES, STRONG_SECTION_NAMES, fold

PARTS_MAX = 500
_NUMBERED = re.compile(
    r"^\W{0,3}(?:[A-Z]{1,8}[-_ ])?(?:ADR|AD|DR|Decision|Décision|Entscheidung|Decisión|Decisão)[-_ #]{0,2}(\d{1,5})\b",
    re.IGNORECASE,
)
_PLAIN_NUMBER = re.compile(r"^(\d{1,5})[.):]\s+\S")
# "D-077 Receipts", "D1: Realm", "KD-4. Keep".
_CODED = re.compile(r"^\W{0,3}[A-Z]{1,4}(?:-0*(\d{1,4})\b|0*(\d{1,4})(?=\]?\s*[:.–—]))[\]\s:.–—-]*(?=\S)")  # noqa: RUF001
_DATED = re.compile(r"^\W{0,3}(\d{4}-\d{2}-\d{2})[\]\s:–—|-]*(?=\S)")  # noqa: RUF001
# "9.1 Keep it" in chapter 9 of arc42.
_IN_CHAPTER = re.compile(r"^\d{1,2}\.(\d{1,3})\.?\s+(?=\S)")
_ANY = re.compile(r"(?=\S)")
_LOGS = (
    r"(?:decisions|decision (?:log|register|record|records|journal|history)|adrs|adr log|"
    r"\w*entscheidungen|decisiones|decisoes)"
)
_LOG_NAME = re.compile(rf"\b{_LOGS}\b")
_WHOLE_NAME = re.compile(
    r"(?:(?:the|our|all|key|main|important|architecture|architectural|design|technical|project|system|software) ){0,4}"
    rf"{_LOGS}(?: (?:table|list|log|register|d architecture|architecturales|de arquitectura|de arquitetura))?"
)
_ENTRIES_OF_LOG_MIN = 3
_BOLD_LINE = re.compile(r"^(?:\*\*|__)([^*_\n]{3,200})(?:\*\*|__):?$")
_BOLD_LEVEL = 6
_BOLD_NAME = re.compile(r"^\**\s*([^*:\n]{2,40}?)\s*:?\**\s*(?::|$)")
# A file of decisions may say a little around them; more than this is a document of its own.
_REMAINDER_CHARS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One decision of a file: its lines, heading included, and the anchor of the heading.

    `title`, `number` and `day` are what a heading such as "D-7: Keep it" or "2024-05-06 Keep it" says beyond what
    every title is read for. `text` is the part as a file of its own where it is not simply its lines: a table's row.
    """

    start: int
    end: int
    anchor: str
    title: str = ""
    number: int | None = None
    day: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The decisions of a file, and the 0-based lines that belong to none of them."""

    parts: tuple[Part, ...]
    remainder: frozenset[int]
    remainder_is_document: bool


def find_parts(outline: Outline, name: str) -> Parts | None:
    """Find the decisions of a file that holds at least two; None for a file that is one record.

    `name` is the file's title and name, which may say that it is a log.
    """
    headings = [leaf for leaf in map(_as_heading, outline.leaves) if leaf.kind == "heading" and not leaf.quoted]
    if not headings or (headings[0].level == 1 and _number(headings[0]) is not None and not _several_titles(headings)):
        return None
    is_log = is_log_name(name)
    whole = is_whole_log(name)
    for pattern in (_NUMBERED, _CODED, _DATED, _PLAIN_NUMBER, *((_IN_CHAPTER, _ANY) if whole else ())):
        for level in (1, 2, 3, 4, _BOLD_LEVEL):
            found = [(leaf, match) for leaf in headings if leaf.level == level and (match := pattern.match(leaf.text))]
            if not 1 < len(found) <= PARTS_MAX or not _distinct(found, pattern):
                continue
            parts = _cut(outline, headings, found, pattern)
            named = is_log and pattern not in {_PLAIN_NUMBER, _ANY} and (whole or len(found) >= _ENTRIES_OF_LOG_MIN)
            deciding = _deciding(outline, parts)
            if pattern is _ANY:
                parts = [part for part, decides in zip(parts, deciding, strict=True) if decides]
                if len(parts) > 1 and not any(_is_section(leaf) for leaf, _ in found):
                    return with_remainder(outline, parts)
            elif named or sum(deciding) * 2 > len(parts):
                return with_remainder(outline, parts)
    return None


def _as_heading(leaf: Leaf) -> Leaf:
    """Take a bold line such as `**ADR-1: Keep it**` for the heading it stands for."""
    bold = _BOLD_LINE.match(leaf.text.strip()) if leaf.kind == "text" else None
    if bold and (_NUMBERED.match(bold[1]) or _CODED.match(bold[1])):
        return replace(leaf, kind="heading", level=_BOLD_LEVEL, text=bold[1].strip())
    return leaf


def _is_section(heading: Leaf) -> bool:
    return fold(heading.text) in SECTION_NAMES or fold(heading.text) in FIELD_NAMES


def _number(heading: Leaf) -> str | None:
    match = _NUMBERED.match(heading.text) or _PLAIN_NUMBER.match(heading.text)
    return match[1] if match else None


def _several_titles(headings: list[Leaf]) -> bool:
    return len({number for leaf in headings if leaf.level == 1 and (number := _number(leaf))}) > 1


def _distinct(found: list[tuple[Leaf, re.Match[str]]], pattern: re.Pattern[str]) -> bool:
    """Numbers name entries, so each is there once; several decisions may fall on one day."""
    return pattern is _DATED or len({match[0].strip() for _, match in found}) == len(found)


def _cut(
    outline: Outline, headings: list[Leaf], found: list[tuple[Leaf, re.Match[str]]], pattern: re.Pattern[str]
) -> list[Part]:
    parts: list[Part] = []
    anchors: dict[str, int] = {}
    ends = _ends(outline, headings)
    for leaf, match in found:
        anchor = slugify(leaf.text) or f"line-{leaf.start + 1}"
        seen = anchors.get(anchor, 0)
        anchors[anchor] = seen + 1
        part = Part(leaf.start, ends[leaf.start], f"{anchor}-{seen}" if seen else anchor)
        if pattern is _CODED:
            part = replace(part, title=leaf.text[match.end() :], number=int(match[1] or match[2]))
        elif pattern is _IN_CHAPTER:
            part = replace(part, title=leaf.text[match.end() :], number=int(match[1]))
        elif leaf.level == _BOLD_LEVEL:
            part = replace(part, title=leaf.text)
        elif pattern is _DATED:
            day = find_date(match[1])
            part = replace(part, title=leaf.text[match.end() :], day=day.day if day else None)
        parts.append(part)
    return parts


def _ends(outline: Outline, headings: list[Leaf]) -> dict[int, int]:
    """For the line of each heading, the line where the next of its level or above stands."""
    ends: dict[int, int] = {}
    following = [len(outline.lines)] * 7
    for leaf in reversed(headings):
        ends[leaf.start] = min(following[1 : leaf.level + 1])
        following[leaf.level] = leaf.start
    return ends


def _deciding(outline: Outline, parts: list[Part]) -> list[bool]:
    """Tell the parts with sections of a decision: headings, or bold names, such as Context and Decision."""
    names: list[set[str]] = [set() for _ in parts]
    starts = [part.start for part in parts]
    for leaf in outline.leaves:
        at = bisect_left(starts, leaf.start) - 1
        if at < 0 or leaf.start >= parts[at].end:
            continue
        if leaf.kind == "heading":
            names[at].add(fold(leaf.text))
        elif leaf.kind in {"text", "item"}:
            lines = leaf.text.split("\n", 20)[:20]
            names[at].update(fold(match[1]) for line in lines if (match := _BOLD_NAME.match(line)))
    return [
        bool(found & STRONG_SECTION_NAMES) or any(FIELD_NAMES.get(name) == ("status", 0) for name in found)
        for found in names
    ]


def is_log_name(name: str) -> bool:
    """Whether a title or a file's name says that a log of several decisions follows."""
    return bool(_LOG_NAME.search(fold(name)))


def is_whole_log(name: str) -> bool:
    """Whether a title or a file's name, its number aside, says nothing but that it is a log of decisions."""
    words = fold(posixpath.splitext(name)[0].replace("_", " ").replace("-", " ").lstrip("0123456789. "))
    return bool(_WHOLE_NAME.fullmatch(words))


def with_remainder(outline: Outline, parts: list[Part]) -> Parts:
    """Tell the lines that belong to no part, and whether they are a document of their own."""
    covered = {line for part in parts for line in range(part.start, part.end)}
    remainder = frozenset(at for at in range(len(outline.lines)) if at not in covered)
    size = sum(len(outline.lines[at].strip()) for at in remainder)
    return Parts(tuple(parts), remainder, size > _REMAINDER_CHARS_MAX)


def part_text(outline: Outline, part: Part) -> str:
    """Give the text of a part as a file of its own: its heading becomes the title, those below move up with it."""
    if part.text:
        return part.text
    lines = list(outline.lines[part.start : part.end])
    headings = [leaf for leaf in outline.leaves if leaf.kind == "heading" and part.start <= leaf.start < part.end]
    if not headings or headings[0].start != part.start:
        return "\n".join([f"# {part.title}", *lines[1:]]).rstrip().removesuffix("---").rstrip()
    lift = headings[0].level - 1
    for leaf in headings:
        if not leaf.header:
            at = leaf.start - part.start
            lines[at] = "#" * max(1, leaf.level - lift) + lines[at].lstrip().lstrip("#")
    if part.title and not headings[0].header:
        lines[0] = f"# {part.title}"
    return "\n".join(lines).rstrip().removesuffix("---").rstrip()


def place_part(read: ReadFile, part: Part, path: str) -> ReadFile:
    """Give a part read as a file of its own the path and the lines of the file it stands in."""
    placed = move_lines(read, lambda line: part.start + (1 if part.text else line))
    return replace(placed, path=path, anchor=part.anchor)
