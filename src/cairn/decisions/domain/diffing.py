"""Comparing texts: lines first, then the words within lines that changed; blame; and following lines across versions.

Everything is bounded: a text of megabytes is compared by coarser means, never for minutes.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# difflib's cost grows with the pairs of equal items and once more with each match. Beyond the first bound it may take
# the commonest items for noise, which stays right but is coarser; beyond the second nothing is matched.
_EXACT_PAIRS_MOST = 40_000
_PAIRS_MOST = 2_000_000
_NOISE_FROM = 200
_LINES_MOST = 40_000
_LINE_TOKENS_MOST = 3_000
_PAIRED_LINES_MOST = 60
# Lines with less in common than this are another line rather than a changed one.
_ALIKE = 0.35
_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)[ \t#]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line, and whether it is what changed."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Side:
    """A line of one of the two texts. `line` is 1-based."""

    line: int
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a side-by-side view: both sides, or only the old line that went or the new one that came."""

    old: Side | None
    new: Side | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Hunk:
    """Rows that stand together. Starts are 1-based; a side without lines starts after the line before it."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `old[old_start:old_end]` stand where `new[new_start:new_end]` stand; 0-based, ends exclusive."""

    equal: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; the empty text has none."""
    return text.split("\n") if text else []


def match_lines(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Return the two texts as blocks that are equal and blocks that differ, in order and without a gap."""
    head = 0
    most = min(len(old), len(new))
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_end, new_end = len(old) - tail, len(new) - tail
    blocks = [Block(equal=True, old_start=0, old_end=head, new_start=0, new_end=head)] if head else []
    middle_old, middle_new = old[head:old_end], new[head:new_end]
    matcher = _matcher(middle_old, middle_new) if len(middle_old) + len(middle_new) <= _LINES_MOST else None
    if matcher is None:
        blocks.append(Block(equal=False, old_start=head, old_end=old_end, new_start=head, new_end=new_end))
    else:
        blocks += [
            Block(tag == "equal", head + i1, head + i2, head + j1, head + j2)
            for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        ]
    if tail:
        blocks.append(Block(equal=True, old_start=old_end, old_end=len(old), new_start=new_end, new_end=len(new)))
    return blocks


def _matcher(old: Sequence[str], new: Sequence[str]) -> "SequenceMatcher[str] | None":
    """Return a matcher that ends soon; None when there is none."""
    counts = Counter(new)
    pairs = sum(counts[item] for item in old)
    exact = pairs <= _EXACT_PAIRS_MOST
    # What is common is taken for noise only in sequences that are long enough for difflib.
    if pairs > _PAIRS_MOST or not (exact or len(new) >= _NOISE_FROM):
        return None
    return SequenceMatcher(None, old, new, autojunk=not exact)


def diff_texts(old_text: str, new_text: str, *, context: int = 3) -> list[Hunk]:
    """Return what differs between two texts, with `context` equal lines around each change."""
    old, new = split_lines(old_text), split_lines(new_text)
    rows: list[Row] = []
    for block in match_lines(old, new):
        if block.equal:
            rows += [
                Row(Side(i + 1, (Span(old[i], False),)), Side(j + 1, (Span(new[j], False),)), changed=False)  # noqa: FBT003
                for i, j in zip(
                    range(block.old_start, block.old_end), range(block.new_start, block.new_end), strict=True
                )
            ]
        else:
            rows += _changed_rows(old, new, block)
    return _group(rows, new, context)


def _changed_rows(old: Sequence[str], new: Sequence[str], block: Block) -> list[Row]:
    old_lines = range(block.old_start, block.old_end)
    new_lines = range(block.new_start, block.new_end)
    rows: list[Row] = []
    at_old, at_new = block.old_start, block.new_start
    for i, j in [*_pair_lines(old, new, old_lines, new_lines), (block.old_end, block.new_end)]:
        rows += [Row(_plain(n, old[n]), None, changed=True) for n in range(at_old, i)]
        rows += [Row(None, _plain(n, new[n]), changed=True) for n in range(at_new, j)]
        if i < block.old_end and j < block.new_end:
            before, after = mark_words(old[i], new[j])
            rows.append(Row(Side(i + 1, before), Side(j + 1, after), changed=True))
        at_old, at_new = i + 1, j + 1
    return rows


def _plain(index: int, line: str) -> Side:
    return Side(index + 1, (Span(line, changed=True),))


def _pair_lines(old: Sequence[str], new: Sequence[str], old_lines: range, new_lines: range) -> list[tuple[int, int]]:
    """Return which old line became which new one: pairs in order, with the most text in common overall."""
    if not old_lines or not new_lines:
        return []
    if len(old_lines) > _PAIRED_LINES_MOST or len(new_lines) > _PAIRED_LINES_MOST:
        return list(zip(old_lines, new_lines, strict=False))
    scores = [[_likeness(old[i], new[j]) for j in new_lines] for i in old_lines]
    best = [[0.0] * (len(new_lines) + 1) for _ in range(len(old_lines) + 1)]
    for i in range(len(old_lines) - 1, -1, -1):
        for j in range(len(new_lines) - 1, -1, -1):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old_lines) and j < len(new_lines):
        if scores[i][j] >= _ALIKE and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((old_lines[i], new_lines[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    matcher = _matcher(_words(one), _words(other))
    return matcher.ratio() if matcher is not None and matcher.quick_ratio() >= _ALIKE else 0.0


def _words(line: str) -> list[str]:
    return [token for token in _TOKENS.findall(line[:10_000]) if not token.isspace()]


def mark_words(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return both lines in parts, those that changed marked. Joined, the parts are the lines."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    matcher = _matcher(before, after) if len(before) + len(after) <= _LINE_TOKENS_MOST else None
    if matcher is None:
        return (Span(old, changed=True),), (Span(new, changed=True),)
    left: list[Span] = []
    right: list[Span] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        for spans, tokens in ((left, before[i1:i2]), (right, after[j1:j2])):
            if tokens:
                spans.append(Span("".join(tokens), changed=tag != "equal"))
    return tuple(left), tuple(right)


def _group(rows: list[Row], new: Sequence[str], context: int) -> list[Hunk]:
    """Cut the rows into hunks: runs of changes with `context` equal rows around them."""
    keep: list[tuple[int, int]] = []
    for at, row in enumerate(rows):
        if not row.changed:
            continue
        start, end = max(0, at - context), min(len(rows), at + context + 1)
        if keep and start <= keep[-1][1]:
            keep[-1] = (keep[-1][0], end)
        else:
            keep.append((start, end))
    headings = list_headings(new)
    hunks: list[Hunk] = []
    seen_old = seen_new = at = 0
    for start, end in keep:
        seen_old += sum(row.old is not None for row in rows[at:start])
        seen_new += sum(row.new is not None for row in rows[at:start])
        part = rows[start:end]
        old_lines, new_lines = sum(r.old is not None for r in part), sum(r.new is not None for r in part)
        above = [text for line, text in headings if line <= seen_new]
        hunks.append(
            Hunk(
                old_start=seen_old + (old_lines > 0),
                old_lines=old_lines,
                new_start=seen_new + (new_lines > 0),
                new_lines=new_lines,
                heading=above[-1] if above else "",
                rows=tuple(part),
            )
        )
        seen_old, seen_new, at = seen_old + old_lines, seen_new + new_lines, end
    return hunks


def list_headings(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Return the ATX headings of Markdown as (1-based line, text), those in fenced code left out."""
    found: list[tuple[int, str]] = []
    fence = ""
    for at, line in enumerate(lines, start=1):
        if match := _FENCE.match(line):
            mark = match[1]
            if not fence:
                fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence):
                fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            found.append((at, heading[1]))
    return found


def blame(texts: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return each line of the last text with the version that brought it. `texts` are (version, text), oldest first."""
    lines: list[tuple[int, str]] = []
    for version, text in texts:
        lines = advance_blame(lines, version, text)
    return lines


def advance_blame(lines: Sequence[tuple[int, str]], version: int, text: str) -> list[tuple[int, str]]:
    """Return the blame of `version`, given that of the version before it."""
    new = split_lines(text)
    following: list[tuple[int, str]] = []
    for block in match_lines([line for _, line in lines], new):
        if block.equal:
            following += lines[block.old_start : block.old_end]
        else:
            following += [(version, line) for line in new[block.new_start : block.new_end]]
    return following


@dataclass(frozen=True, slots=True)
class Place:
    """Where lines of one text stand in another: 1-based and inclusive, 0 when they are gone.

    `outdated` is true when not all of them stand there as they were.
    """

    first: int
    last: int
    outdated: bool


def follow_lines(old_text: str, new_text: str, first: int, last: int) -> Place:
    """Find lines `first` to `last` (1-based, inclusive) of one text in another.

    Unchanged lines are found wherever they moved to as one block; of changed lines, the place where the text that
    replaced them stands.
    """
    old, new = split_lines(old_text), split_lines(new_text)
    wanted = old[first - 1 : last]
    kept: list[int] = []
    near: list[int] = []
    for block in match_lines(old, new):
        start, end = max(block.old_start, first - 1), min(block.old_end, last)
        if start >= end:
            continue
        if block.equal:
            kept += [block.new_start + n - block.old_start + 1 for n in range(start, end)]
        else:
            near += _follow_changed(old, new, block, range(start, end))
    if len(kept) == len(wanted) and kept[-1] - kept[0] + 1 == len(wanted):
        return Place(kept[0], kept[-1], outdated=False)
    if not any(line.strip() for line in (new[n - 1] for n in kept)) and (moved := _find_block(new, wanted)):
        return Place(moved, moved + len(wanted) - 1, outdated=False)
    found = sorted(kept + near)
    return Place(found[0], found[-1], outdated=True) if found else Place(0, 0, outdated=True)


def _follow_changed(old: Sequence[str], new: Sequence[str], block: Block, wanted: range) -> list[int]:
    pairs = _pair_lines(old, new, range(block.old_start, block.old_end), range(block.new_start, block.new_end))
    return [j + 1 for i, j in pairs if i in wanted]


def _find_block(lines: Sequence[str], wanted: Sequence[str]) -> int:
    """Return the 1-based line where `wanted` stands once and only once; 0 otherwise."""
    if not any(line.strip() for line in wanted):
        return 0
    found = [
        at + 1
        for at in range(len(lines) - len(wanted) + 1)
        if lines[at] == wanted[0] and list(lines[at : at + len(wanted)]) == list(wanted)
    ]
    return found[0] if len(found) == 1 else 0


def section_lines(text: str, heading: str) -> tuple[int, int] | None:
    """Return the lines of the section under a heading, 1-based and inclusive; None when there is no such heading."""
    lines = split_lines(text)
    wanted = " ".join(heading.lstrip("#").split()).casefold()
    headings = list_headings(lines)
    for at, (line, text_) in enumerate(headings):
        if " ".join(text_.split()).casefold() == wanted:
            level = len(lines[line - 1]) - len(lines[line - 1].lstrip("#"))
            ends = [n - 1 for n, _ in headings[at + 1 :] if len(lines[n - 1]) - len(lines[n - 1].lstrip("#")) <= level]
            last = ends[0] if ends else len(lines)
            while last > line and not lines[last - 1].strip():
                last -= 1
            return line, last
    return None


def heading_above(text: str, line: int) -> str:
    """Return the heading that a line (1-based) stands under; empty when it stands under none."""
    above = [heading for at, heading in list_headings(split_lines(text)) if at <= line]
    return above[-1] if above else ""
