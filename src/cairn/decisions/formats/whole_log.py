"""Files that hold a whole log: where each of their decisions starts and ends."""

import re
from dataclasses import dataclass, replace

from cairn.decisions.formats.model import ReadFile, move_lines
from cairn.decisions.formats.outline import Leaf, Outline
from cairn.decisions.formats.titles import slugify
from cairn.decisions.formats.words import FIELD_NAMES, STRONG_SECTION_NAMES, fold

PARTS_MAX = 500
_NUMBERED = re.compile(
    r"^\W{0,3}(?:[A-Z]{1,8}[-_ ])?(?:ADR|AD|DR|Decision|Décision|Entscheidung|Decisión|Decisão)[-_ #]{0,2}(\d{1,5})\b",
    re.IGNORECASE,
)
_PLAIN_NUMBER = re.compile(r"^(\d{1,5})[.):]\s+\S")
_BOLD_NAME = re.compile(r"^\**\s*([^*:\n]{2,40}?)\s*:?\**\s*(?::|$)")
# A file of decisions may say a little around them; more than this is a document of its own.
_REMAINDER_CHARS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One decision of a file: its lines, heading included, and the anchor of the heading."""

    start: int
    end: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The decisions of a file, and the lines that belong to none of them."""

    parts: tuple[Part, ...]
    remainder: tuple[int, ...]
    remainder_is_document: bool


def find_parts(outline: Outline) -> Parts | None:
    """Find the decisions of a file that holds at least two; None for a file that is one record."""
    headings = [leaf for leaf in outline.leaves if leaf.kind == "heading" and not leaf.quoted]
    if not headings or (headings[0].level == 1 and _number(headings[0]) is not None and not _several_titles(headings)):
        return None
    for pattern in (_NUMBERED, _PLAIN_NUMBER):
        for level in (1, 2, 3, 4):
            found = [
                (leaf, match[1]) for leaf in headings if leaf.level == level and (match := pattern.match(leaf.text))
            ]
            if 1 < len(found) <= PARTS_MAX and len({number for _, number in found}) == len(found):
                parts = _cut(outline, headings, [leaf for leaf, _ in found])
                if sum(_decides(outline, part) for part in parts) * 2 > len(parts):
                    return _with_remainder(outline, parts)
    return None


def _number(heading: Leaf) -> str | None:
    match = _NUMBERED.match(heading.text) or _PLAIN_NUMBER.match(heading.text)
    return match[1] if match else None


def _several_titles(headings: list[Leaf]) -> bool:
    return len({number for leaf in headings if leaf.level == 1 and (number := _number(leaf))}) > 1


def _cut(outline: Outline, headings: list[Leaf], starts: list[Leaf]) -> list[Part]:
    parts: list[Part] = []
    anchors: dict[str, int] = {}
    for start in starts:
        end = next((leaf.start for leaf in headings if leaf.start > start.start and leaf.level <= start.level), None)
        anchor = slugify(start.text) or f"line-{start.start + 1}"
        seen = anchors.get(anchor, 0)
        anchors[anchor] = seen + 1
        parts.append(Part(start.start, end or len(outline.lines), f"{anchor}-{seen}" if seen else anchor))
    return parts


def _decides(outline: Outline, part: Part) -> bool:
    """Whether the part has sections of a decision: headings, or bold names, such as Context and Decision."""
    names: set[str] = set()
    for leaf in outline.leaves:
        if part.start < leaf.start < part.end:
            if leaf.kind == "heading":
                names.add(fold(leaf.text))
            elif leaf.kind in {"text", "item"}:
                names.update(fold(match[1]) for line in leaf.text.split("\n") if (match := _BOLD_NAME.match(line)))
    return bool(names & STRONG_SECTION_NAMES) or any(FIELD_NAMES.get(name) == ("status", 0) for name in names)


def _with_remainder(outline: Outline, parts: list[Part]) -> Parts:
    covered = {line for part in parts for line in range(part.start, part.end)}
    remainder = tuple(at for at in range(len(outline.lines)) if at not in covered)
    size = sum(len(outline.lines[at].strip()) for at in remainder)
    return Parts(tuple(parts), remainder, size > _REMAINDER_CHARS_MAX)


def part_text(outline: Outline, part: Part) -> str:
    """Give the text of a part as a file of its own: its heading becomes the title, those below move up with it."""
    lines = list(outline.lines[part.start : part.end])
    headings = [leaf for leaf in outline.leaves if leaf.kind == "heading" and part.start <= leaf.start < part.end]
    lift = headings[0].level - 1
    for leaf in headings:
        if not leaf.header:
            at = leaf.start - part.start
            lines[at] = "#" * max(1, leaf.level - lift) + lines[at].lstrip().lstrip("#")
    return "\n".join(lines).rstrip().removesuffix("---").rstrip()


def place_part(read: ReadFile, part: Part, path: str) -> ReadFile:
    """Give a part read as a file of its own the path and the lines of the file it stands in."""
    return replace(move_lines(read, lambda line: line + part.start), path=path, anchor=part.anchor)
