"""Links that a record writes: in its fields, its status, and its text. Resolving them is `resolve.py`'s part."""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote, urlsplit

from cairn.decisions.formats.carriers import Pair
from cairn.decisions.formats.model import LinkKind, WrittenLink
from cairn.decisions.formats.words import fold

LINKS_MAX = 500
RECORD_SUFFIXES = (".md", ".markdown", ".mdx", ".adoc", ".asciidoc", ".rst", ".html", ".htm")

# The words may go on in the next line, as wrapped texts have them; a blank line ends them.
_INLINE = re.compile(
    r"(?<!!)\[((?:[^\[\]\n]|\n(?![ \t]*\n)){0,300})\]\([ ]?<?([^()\s<>]{1,500})>?(?:\s\"[^\"\n]{0,200}\")?\)"
)
_REFERENCE = re.compile(r"^ {0,3}\[[^\[\]\n]{1,100}\]:[ ]{1,10}<?([^\s<>]{1,500})>?", re.MULTILINE)
_WIKI = re.compile(r"\[\[([^\[\]|\n]{1,200}?)(?:\\?\|([^\[\]\n]{0,200}))?\]\]")
_XREF = re.compile(r"(?:xref:|link:)([^\[\]\s]{1,300})\[([^\]\n]{0,300})\]")
_MENTION = re.compile(
    r"(?<![\w/.\[-])(?:[A-Z]{2,6}-)?(?:ADR(?:-[A-Za-z]{1,12})?[-_ #]{0,2}\d{1,5}|RFC[-_ #]?\d{1,3})(?![\w-]*[\w/])"
)
_MENTION_SIGNS = ("ADR", "RFC")
_FILE_SIGNS = (".md", ".adoc", ".rst", ".html")
_BARE_FILE = re.compile(
    r"(?<![\w/.(\[<-])(?:[\w.-]{1,80}/){0,6}"
    r"(?:[\w.-]{1,120}\.(?:md|adoc|rst)|(?:ADR-)?\d{3,5}-[\w.-]{1,120}\.html)\b"
)
HREF = re.compile(
    r"<a\s[^<>]{0,200}?href=[\"']([^\"'<>\s]{1,500})[\"'][^<>]{0,200}>([^<>\n]{0,300})</a>", re.IGNORECASE
)
# "D-3", where a field such as "superseded by" says that it names a record.
_CODE = re.compile(r"(?<![\w./#-])[A-Z]{1,8}-\d{1,5}(?![\w/-])")
_BARE_NUMBER = re.compile(r"(?<![\w.#/-])#?(\d{1,5})(?![\w/-]|\.\w)")
_URL = re.compile(r"https?://[^\s<>()\[\]|\"']{4,500}")

_REVERSED = re.compile(
    r"\b(?:superseded|superceded|superseeded)\b[^.\n]{0,60}$|\b(?:replaced|obsoleted)\s(?:by|with)\b[^.\n]{0,25}$"
    r"|\b(?:deprecated?|replaced|dropped|retired|removed|closed|withdrawn|rejected)\b[^.\n]{0,40}\bin favou?r of\b"
    r"|remplac[ée]e?s?\spar\b|\bersetzt durch\b|\babgelöst durch\b"
    r"|\b(?:re[em]{1,2}plazad|sustituid|substitu[ií]d)[oa]s?\spor\b",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\b(?:supersed(?:e|es|ing)|superced(?:e|es|ing)|replaces|replacing|obsoletes|remplace|"
    r"ersetzt|reemplaza|sustituye|substitui)\b",
    re.IGNORECASE,
)
_AMENDED = re.compile(r"\bamended (?:by|in)\b|\bextended by\b|\bupdated by\b|\brefined by\b", re.IGNORECASE)
_AMENDS = re.compile(
    r"\bamend(?:s|ing)?\b|\bmodifies\b|\bextends\b|\brefines\b|\bupdates\s(?:the\s)?\W{0,3}$", re.IGNORECASE
)
_DEPENDS = re.compile(r"\bdepends on\b|\bdepend on\b|\bbuilds on\b|\brelies on\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|never|without|nicht|pas)\b[^.;\n]{0,30}$", re.IGNORECASE)
_JOINED = re.compile(
    r"^[\s,;&*_`\"'“”()]*(?:(?:and|or|et|und|y|e)\b)?[\s,;&*_`\"'“”()]*(?:\[?ADR)?[\s\[(]*$", re.IGNORECASE
)
_RELATIONS: tuple[tuple[re.Pattern[str], LinkKind, bool], ...] = (
    (_REVERSED, "supersedes", True),
    (_FORWARD, "supersedes", False),
    (_AMENDED, "amends", True),
    (_AMENDS, "amends", False),
    (_DEPENDS, "depends_on", False),
)
_FIELD_LINKS: dict[str, tuple[LinkKind, bool]] = {
    "supersedes": ("supersedes", False),
    "superseded_by": ("supersedes", True),
    "amends": ("amends", False),
    "amended_by": ("amends", True),
    "depends_on": ("depends_on", False),
    "relates_to": ("relates_to", False),
}
LINK_FIELDS = frozenset(_FIELD_LINKS)
_NUMBERED_NAME = re.compile(r"(?:adr[-_ ]?)?\d{1,5}(?:-|$)", re.IGNORECASE)
_CONTEXT_CHARS = 90
_ITEM_START = re.compile(r"[ \t]*[-*+][ \t]")
_ITEM_LINK = re.compile(r"[ \t]*[-*+][ \t]+\[[^\[\]\n]{1,300}\]\(([^()\s]{1,500})\)")
_BLANK = re.compile(r"[ \t]*(?:\n|\Z)")
# A link may be said of a record that its list item began with, so many lines above.
LINES_READ_BEFORE = 8
# What no link can do without, and what begins or ends code or HTML.
_LINK_SIGNS = re.compile(r"[\[\]<]|ADR|RFC|\.md|\.adoc|\.rst|\.html|://|```|~~~|-->")
_PAGES = frozenset(["readme", "index", "summary", "template", "contributing", "changelog", "license"])


def links_of_pair(pair: Pair, *, anchors: bool = False) -> list[WrittenLink]:
    """Read the targets named by a field such as `supersedes`, or by a status such as "Superseded by 0019"."""
    line = pair.line + 1
    if pair.field == "status":
        found = find_links(pair.value, first_line=line, numbers=True, anchors=anchors)
        return [link for link in found if link.kind != "relates_to"] + [
            link for link in found if link.kind == "relates_to"
        ]
    kind, reverse = _FIELD_LINKS[pair.field]
    found = find_links(pair.value, first_line=line, numbers=True, urls=True, anchors=anchors)
    if not found:
        names = [name.strip(" \"'`*") for name in re.split(r"[\n,;]", pair.value[:1000])]
        found = [WrittenLink("relates_to", name, name, line) for name in names if _is_slug(name)]
    if kind == "relates_to":
        # "Related: supersedes ADR-3" says more than the field's name.
        return found
    return [WrittenLink(kind, link.target, link.text, link.line, reverse) for link in found]


def may_bear_on_links(lines: Iterable[str]) -> bool:
    """Tell whether lines of prose may hold a link or hide one. False is certain, and costs little."""
    return _LINK_SIGNS.search("\n".join(lines)) is not None


def find_links(
    text: str,
    *,
    first_line: int = 1,
    skip: Iterable[int] = (),
    numbers: bool = False,
    urls: bool = False,
    anchors: bool = False,
) -> list[WrittenLink]:
    """Find links to records in `text`, in order, at most 500.

    `skip` holds 0-based lines that are code. `numbers` takes a bare number after a word such as "superseded by" for a
    record, `urls` any address; both are right in a field made for links and wrong in prose. `anchors` takes places of
    the same file, which are records where it holds several.
    """
    spans = _find_spans(text, numbers=numbers, urls=urls, anchors=anchors)
    if not spans:
        return []
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", text))
    skipped = frozenset(skip)
    links: list[WrittenLink] = []
    previous: tuple[int, int, LinkKind, bool] | None = None
    for start, end, target, label in spans:
        line = bisect_right(starts, start) - 1
        if line in skipped:
            continue
        kind, reverse = _relation(text, starts[line], start)
        if kind != "relates_to" and not numbers and _has_other_subject(text, starts, line, start):
            kind, reverse = "relates_to", False
        if kind == "relates_to" and previous and previous[0] == line and _JOINED.match(text[previous[1] : start]):
            kind, reverse = previous[2], previous[3]
        previous = (line, end, kind, reverse)
        links.append(WrittenLink(kind, target, label, first_line + line, reverse))
        if len(links) == LINKS_MAX:
            break
    return links


_Span = tuple[int, int, str, str]


def _marked_spans(text: str) -> list[_Span]:
    """Find links that markup makes: Markdown's, HTML's, a wiki's and AsciiDoc's, as start, end, target and text."""
    spans: list[_Span] = []
    if "](" in text:
        spans.extend((m.start(), m.end(), m[2], m[1]) for m in _INLINE.finditer(text))
    if "]:" in text:
        spans.extend((m.start(), m.end(), m[1], "") for m in _REFERENCE.finditer(text))
    if "href=" in text:
        spans.extend((m.start(), m.end(), m[1], m[2]) for m in HREF.finditer(text))
    if "[[" in text:
        spans.extend((m.start(), m.end(), m[1].strip(), m[2] or m[1]) for m in _WIKI.finditer(text))
    if "xref:" in text or "link:" in text:
        spans.extend((m.start(), m.end(), m[1], m[2]) for m in _XREF.finditer(text))
    return spans


def _find_spans(text: str, *, numbers: bool, urls: bool, anchors: bool) -> list[_Span]:
    spans = _marked_spans(text)
    spans = [span for span in spans if urls or is_record_target(span[2]) or (anchors and span[2].startswith("#"))]
    marked = [(m.start(), m.end()) for m in _INLINE.finditer(text)] if "](" in text else []
    if "href=" in text:
        marked = sorted([*marked, *((m.start(), m.end()) for m in HREF.finditer(text))])
    covered = marked
    loose = [(m.start(), m.end(), m[0], m[0]) for m in _on_lines_with(_MENTION_SIGNS, _MENTION, text)]
    if "://" in text:
        found = [(m.start(), m.end(), m[0].rstrip(".,;"), "") for m in _URL.finditer(text)]
        covered = sorted([*marked, *((start, end) for start, end, _, _ in found)])
        spans.extend(span for span in found if not _inside(span[0], marked) and (urls or is_record_target(span[2])))
    files = _on_lines_with(_FILE_SIGNS, _BARE_FILE, text)
    loose.extend((m.start(), m.end(), m[0], m[0]) for m in files if is_record_target(m[0]))
    spans.extend(span for span in loose if not _inside(span[0], covered))
    if numbers and not spans:
        spans.extend((m.start(), m.end(), m[0], m[0]) for m in _CODE.finditer(text) if _after_relation(text, m))
    if numbers and not spans:
        spans.extend((m.start(), m.end(), m[1], m[0]) for m in _BARE_NUMBER.finditer(text) if _after_relation(text, m))
    return sorted(set(spans))


def _on_lines_with(signs: Sequence[str], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Find a pattern that is slow to search for on the lines that hold a sign of it, which is quick to find."""
    starts = {text.rfind("\n", 0, at) + 1 for sign in signs for at in _places(sign, text)}
    for start in sorted(starts):
        end = text.find("\n", start)
        yield from pattern.finditer(text, start, end if end >= 0 else len(text))


def _places(sign: str, text: str) -> Iterator[int]:
    """Give a place of `sign` on each line that holds it."""
    at = text.find(sign)
    while at >= 0:
        yield at
        line_end = text.find("\n", at)
        at = text.find(sign, line_end) if line_end >= 0 else -1


def _inside(at: int, covered: list[tuple[int, int]]) -> bool:
    index = bisect_right(covered, (at, 1 << 62)) - 1
    return index >= 0 and covered[index][0] <= at < covered[index][1]


def _after_relation(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _CONTEXT_CHARS) : match.start()]
    return not before.strip(" \"'[,") or any(pattern.search(before) for pattern, _, _ in _RELATIONS)


def _relation(text: str, line_start: int, at: int) -> tuple[LinkKind, bool]:
    """Judge a link by the words before it on its line."""
    before = text[max(line_start, at - _CONTEXT_CHARS) : at]
    before = re.split(r"[.;]\s", before)[-1]
    best: tuple[int, LinkKind, bool] | None = None
    for pattern, kind, reverse in _RELATIONS:
        for match in pattern.finditer(before):
            if (best is None or match.end() > best[0]) and not _NEGATED.search(before[: match.start()]):
                best = (match.end(), kind, reverse)
    return (best[1], best[2]) if best else ("relates_to", False)


def _has_other_subject(text: str, starts: list[int], line: int, at: int) -> bool:
    """Tell that a list item begins with another record, so that "also supersedes ADR-3" is said of that one."""
    for place in range(line, max(line - LINES_READ_BEFORE, -1), -1):
        item = _ITEM_LINK.match(text, starts[place])
        if item:
            return item.end() <= at and is_record_target(item[1])
        if _ITEM_START.match(text, starts[place]) or _BLANK.match(text, starts[place]):
            return False
    return False


def is_record_target(target: str) -> bool:  # noqa: PLR0911 - one a kind of target
    """Whether a target can be a record: a document's path or address, not a page, an issue or an anchor."""
    if target.startswith(("#", "mailto:", "tel:", "data:")):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    path = unquote(parts.path).rstrip("/")
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    if fold(stem) in _PAGES or not stem:
        return False
    in_log = re.search(
        r"(?:^|/)(?:adrs?|decisions?|decision-records?|architecture-decision[\w-]*)(?:/|$)", path, re.IGNORECASE
    )
    if parts.scheme in {"http", "https"}:
        elsewhere = re.search(r"/(?:issues|pull|commit|discussions|merge_requests)/", path)
        named = bool(_NUMBERED_NAME.match(stem)) and (
            in_log or suffix.lower() in RECORD_SUFFIXES or not stem[0].isdigit()
        )
        return not elsewhere and bool(named or in_log)
    if parts.scheme:
        return False
    if suffix.lower() in RECORD_SUFFIXES:
        return True
    return bool(in_log and not suffix) or bool(
        re.match(r"(?:adr[-_ ]?)?\d{1,5}(?:-|$)", stem, re.IGNORECASE) and not suffix
    )


def _is_slug(name: str) -> bool:
    return bool(re.fullmatch(r"[\w.-]{3,120}", name)) and fold(name) not in {
        "n a",
        "none",
        "null",
        "tbd",
        "true",
        "false",
    }


def distinct_links(links: Iterable[WrittenLink]) -> tuple[WrittenLink, ...]:
    """Each relation to each target once; a plain relation is dropped where a stronger one names the same target."""
    kept: dict[tuple[str, str, bool], WrittenLink] = {}
    strong: set[str] = set()
    for link in links:
        kept.setdefault((link.kind, link.target, link.reverse), link)
        if link.kind != "relates_to":
            strong.add(link.target)
    return tuple(
        link for link in kept.values() if link.kind != "relates_to" or link.target not in strong
    )[:LINKS_MAX]  # fmt: skip
