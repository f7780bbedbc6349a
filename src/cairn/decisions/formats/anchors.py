"""Anchors of sections that outlive renumbering: `2.1 Decision outcome` and `3. Decision outcome` are one section."""

import re
from dataclasses import dataclass

from cairn.decisions.formats.outline import outline_markdown
from cairn.decisions.formats.titles import plain_title

_NUMBERING = re.compile(
    r"^(?:(?:section|part|chapter)\s+)?(?:\d{1,3}(?:\.\d{1,3}){0,5}|[A-Za-z]|[IVXivx]{1,6})[.):]?\s+(?=\S)"
)
_LEADING_NUMBER = re.compile(r"^(?:\d{1,6}-)+(?=.)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a body. `anchor` is the one that lasts, `page_anchor` the one that its page gives it today."""

    title: str
    level: int
    line: int
    anchor: str
    page_anchor: str


def list_sections(body: str) -> list[Section]:
    """Return the sections of a body in order. Lines are 0-based."""
    lasting: set[str] = set()
    today: set[str] = set()
    sections: list[Section] = []
    for leaf in outline_markdown(body).leaves:
        if leaf.kind != "heading":
            continue
        title = plain_title(leaf.text)
        anchor = _distinct(github_anchor(without_numbering(title)), lasting)
        sections.append(Section(title, leaf.level, leaf.start, anchor, _distinct(github_anchor(title), today)))
    return sections


def find_section(body: str, anchor: str) -> Section | None:
    """Find the section that an anchor means, whatever its heading's number was when the anchor was taken."""
    sections = list_sections(body)
    asked = anchor.lstrip("#").lower()
    bare = _LEADING_NUMBER.sub("", asked)
    for wanted, pick in ((asked, "anchor"), (asked, "page_anchor"), (bare, "anchor")):
        for section in sections:
            if wanted == getattr(section, pick):
                return section
    return None


def without_numbering(title: str) -> str:
    """Take `2.1`, `A)`, `IV.` or `Section 3:` off a heading; a lone letter or numeral needs its mark."""
    match = _NUMBERING.match(title)
    if match is None:
        return title
    word = match[0].strip()
    marked = word[-1] in ".):" or any(character.isdigit() for character in word)
    return title[match.end() :] if marked else title


def github_anchor(text: str) -> str:
    """Return the anchor that GitHub gives a heading, before equal ones are told apart."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _distinct(base: str, taken: set[str]) -> str:
    anchor, count = base, 0
    while anchor in taken:
        count += 1
        anchor = f"{base}-{count}"
    taken.add(anchor)
    return anchor
