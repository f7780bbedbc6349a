"""Title, number, slug and date as the name of a file and its first heading give them."""

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import unquote

from markdown_it import MarkdownIt

from cairn.decisions.formats.dates import find_date
from cairn.decisions.formats.outline import Leaf, Outline
from cairn.decisions.formats.words import FIELD_NAMES, SECTION_NAMES, fold
from cairn.kernel.phrases import Phrase

TITLE_CHARS_MAX = 300
_INLINE = MarkdownIt("commonmark")

_DATED = re.compile(r"^(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?=[-_. ]|$)[-_. ]*")
# Letters before a short number are a product's name more often than a prefix: "s3-buckets", "java-17", "auth0".
_NUMBERED = re.compile(
    r"^(?:(?:(?:[a-zA-Z]{1,4}[-_ ]?)?0*(?=\d{3})|[A-Z]{1,4}[-_ ]0*|(?i:d|dec|no|nr|n|ar|arch)[-_ ]?0*)?(\d{1,6}))"
    r"(?=[-_. ]|$)[-_. ]*"
)
_ADR = re.compile(
    r"^(?:[a-z]{1,12}[-_ ])?(?:adr|madr|rfc|ad|dr|edr|decision|adl|tdr|pdr)"
    r"(?:[-_ #.]{0,2}0*(\d{1,6})|(?:[-_ .][a-z]{1,24}){1,2}?[-_ .](\d{3,6}))(?=[-_. ]|$)[-_. ]*",
    re.IGNORECASE,
)
_TITLE_PREFIX = re.compile(
    r"^(?:\[?(?:[A-Z]{2,8}[-_ ])?(?:M?ADR|RFC|EDR|AD|DR)"
    r"(?:-[A-Za-z]{1,12})?\s?[-_#–—:.]{0,2}\s?(?:no\.?\s?)?(\d{1,6})\]?"  # noqa: RUF001
    r"|(?:Decision|Décision|Entscheidung|Decisión|Decisão)\s?#?(\d{1,6})|(\d{1,6})(?=[.:)]|\s[-–—·:|]))"  # noqa: RUF001
    r"\s?[.:)\-–—|·]*\s*",  # noqa: RUF001
    re.IGNORECASE,
)
_OWN_NUMBER = re.compile(r"^\[?(?:([A-Za-z][A-Za-z0-9]{0,15})[-_ ])?(\d{1,6})\]?(?:\s*[.:)|–—·-]\s*|\s+)(?=\S)")  # noqa: RUF001
_BARE_PREFIX = re.compile(r"^(?:ADR|Architecture Decision Record)\s?[:–—-]\s+", re.IGNORECASE)  # noqa: RUF001
_PLACEHOLDER = re.compile(
    r"^[{\[<].*[}\]>]$|^\s*(?:adr )?(?:title|template|short title|name of the decision|titre|titel)\s*$", re.IGNORECASE
)
_NO_TITLES = frozenset(["adr", "architecture decision record", "decision record", "architectural decision record"])
# "PAYMENTS-0001": longer words than a few letters count when they are written like a name.
_NAMED = re.compile(r"^[A-Z][A-Z0-9]{1,15}[-_]0*(\d{3,6})(?=[-_. ]|$)[-_. ]*")
_WORD = re.compile(r"[a-z][a-z0-9]{0,15}(?=[-_ #.]|$)|[a-z]{1,16}(?=\d)", re.IGNORECASE)
# What only says that a decision is numbered is no scope of numbers.
_NO_PREFIXES = frozenset(["adr", "adrs", "madr", "ad", "dr", "adl", "decision", "decisions", "no", "nr", "n", "v"])
_DIGITS_OF_PREFIXED_MIN = 3
_PAGE_NAMES = frozenset(["readme", "index", "adr", "decision"])


@dataclass(frozen=True, slots=True)
class FileName:
    """What a path says: its number and date if it has them, and a slug."""

    number: int | None
    day: date | None
    slug: str
    # Of the number, in capitals, when it says more than that it numbers decisions: SEC of "SEC-0001".
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """A title, the number its heading carries, where it stands (0-based line), and the rule if it was guessed."""

    title: str
    number: int | None
    line: int
    rule: str = ""
    heading: Leaf | None = None


@lru_cache(maxsize=2048)
def read_file_name(path: str) -> FileName:
    """Read `docs/adr/0012-use-kafka.md`, `ADR-12.md`, `2023-07-05-x.md`, `2021-06-05_001-x.md`, `0012-x/README.md`."""
    stem = posixpath.splitext(posixpath.basename(unquote(path)))[0].lstrip(".")
    if stem.lower() in _PAGE_NAMES:
        stem = posixpath.basename(posixpath.dirname(path)) or stem
    day = None
    dated = _DATED.match(stem)
    rest = stem
    if dated:
        found = find_date(f"{dated[1]}-{dated[2]}-{dated[3]}")
        if found:
            day, rest = found.day, stem[dated.end() :]
    number, prefix = None, ""
    match = _ADR.match(rest) or _NUMBERED.match(rest) or _NAMED.match(rest)
    if match:
        number = int(next(digits for digits in match.groups() if digits))
        prefix = number_prefix(match[0])
        rest = rest[match.end() :]
    return FileName(number, day, slugify(rest) or slugify(stem), prefix)


def number_prefix(text: str) -> str:
    """Return the last word before a number that names a scope of numbers: OPERATOR of "ODH-ADR-Operator-0003"."""
    digits = re.search(r"\d{1,6}\W*$", text)
    head = text[: digits.start()] if digits else text
    found = _WORD.findall(head + "-")
    # DR is a scope in "ODH-ADR-DR-0001", where ADR has said already what the number counts.
    named = max((at for at, word in enumerate(found) if word.lower() in {"adr", "adrs", "madr"}), default=-1)
    words = found[named + 1 :] or [word for word in found if word.lower() not in _NO_PREFIXES]
    words = [word for word in words if named >= 0 or word.lower() not in _NO_PREFIXES]
    short = digits is not None and sum(map(str.isdigit, digits[0])) < _DIGITS_OF_PREFIXED_MIN
    # "use-3-nodes" is a title; "SEC-3" and "sec-003" are numbers of a scope.
    return words[-1].upper() if words and not (short and words[-1].islower()) else ""


def slugify(text: str) -> str:
    """Lower-case ASCII words joined by dashes, at most 80 characters; other scripts stay as they are."""
    plain = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(c if c.isalnum() else "-" for c in plain if not unicodedata.combining(c))
    return "-".join(part for part in kept.split("-") if part)[:80].strip("-")


def plain_title(text: str) -> str:
    """Reduce a heading to plain words: emphasis, code marks, links and HTML go."""
    text = " ".join(text.split())[: TITLE_CHARS_MAX * 2]
    if any(c in text for c in "*_`[<&\\~!"):
        parts = [
            child.content
            for token in _INLINE.parseInline(text)
            for child in token.children or []
            if child.type in {"text", "code_inline", "text_special"}
        ]
        text = " ".join("".join(parts).split())
    return text.strip(" #")[:TITLE_CHARS_MAX]


def split_number(title: str) -> tuple[str, int | None]:
    """Take `5.`, `ADR-005:` or `ADR 5 -` off a title; the number goes with it."""
    match = _TITLE_PREFIX.match(title)
    if match and match.end() < len(title):
        return title[match.end() :].strip(), int(match[1] or match[2] or match[3])
    return _BARE_PREFIX.sub("", title).strip() or title, None


def _without_number(title: str, name: FileName) -> tuple[str, int | None]:
    """Take "10" off "10 Keep it", and "SEC-3:" off "SEC-3: Keep it", where the file's name says the same number."""
    match = _OWN_NUMBER.match(title)
    if match and int(match[2]) == name.number and (match[1] or "").upper() in {"", name.prefix}:
        return title[match.end() :].strip(), name.number
    return title, None


def find_title(outline: Outline, written: tuple[str, int] | None, path: str) -> FoundTitle:
    """Find the title: in front matter (`written`: text and 0-based line), the first heading, or the file's name."""
    heading = _title_heading(outline)
    from_heading = plain_title(heading.text) if heading else ""
    if written and _is_title(plain_title(written[0])) and not _is_slug_of(written[0], from_heading):
        title, number = split_number(plain_title(written[0]))
        same = heading is not None and fold(split_number(from_heading)[0]) == fold(title)
        if number is None and heading is not None and same:
            number = split_number(from_heading)[1]
        return FoundTitle(title, number, written[1], heading=heading if same else None)
    if heading is not None and _is_title(from_heading):
        title, number = split_number(from_heading)
        if number is None:
            title, number = _without_number(title, read_file_name(path))
        return FoundTitle(title, number, heading.start, heading=heading)
    line = _numbered_line(outline, read_file_name(path).number) if heading is None else None
    if line is not None:
        return line
    slug = read_file_name(path).slug
    words = slug.replace("-", " ").strip()
    title = words[:1].upper() + words[1:] if words else posixpath.basename(path)
    rule = (
        Phrase("title_of_template", "the heading is a template's; made from the file's name")
        if heading
        else Phrase("no_title", "no title heading; made from the file's name")
    )
    return FoundTitle(title, None, heading.start if heading else 0, rule, heading)


def _is_title(text: str) -> bool:
    return bool(text) and not _PLACEHOLDER.match(text) and fold(text) not in _NO_TITLES and any(map(str.isalnum, text))


def _numbered_line(outline: Outline, number: int | None) -> FoundTitle | None:
    """Take a first line such as "14. Keep it" for the title when it has the file's number and is no heading."""
    first = next((leaf for leaf in outline.leaves if leaf.kind != "html"), None)
    if first is None or first.kind not in {"text", "item"} or first.end - first.start > 1 or number is None:
        return None
    written = outline.lines[first.start].strip()
    title, found = split_number(plain_title(written)) if len(written) <= TITLE_CHARS_MAX else ("", None)
    return (
        FoundTitle(title, found, first.start, "the first line, which has the file's number")
        if found == number
        else None
    )


def _is_slug_of(title: str, heading: str) -> bool:
    """Whether a title is only the heading as a file's name, as tools put it where nobody wrote one."""
    words = title.removesuffix("---").strip(" :")
    return " " not in words and " " in heading and slugify(_bare(words)) == slugify(_bare(heading))


def _bare(title: str) -> str:
    return split_number(title)[0].strip(" -")


def _title_heading(outline: Outline) -> Leaf | None:
    """Find the first H1 that names no section, or else a first heading that names none."""
    headings = [leaf for leaf in outline.leaves if leaf.kind == "heading" and not leaf.quoted and leaf.text.strip()]
    for leaf in headings[:40]:
        if leaf.level == 1 and not _names_section(leaf):
            return leaf
    if headings and not _names_section(headings[0]):
        return headings[0]
    return None


def _names_section(leaf: Leaf) -> bool:
    name = fold(leaf.text)
    if name in SECTION_NAMES or name in FIELD_NAMES:
        return True
    return leaf.header and fold(leaf.text.rsplit("\n", 1)[-1].split(":")[0]) in FIELD_NAMES
