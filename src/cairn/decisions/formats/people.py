"""Lists of people and of tags as records write them."""

import html
import re

from cairn.decisions.formats.words import fold

_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\([^()\n]{0,1000}\)")
_BREAK = re.compile(r"<br\s*/?>|\n", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_OUTSIDE_BRACKETS = re.compile(r"[,;/](?![^()]{0,300}\))|\s(?:and|et|und|y|e|&)\s(?![^()]{0,300}\))")
_ESCAPED = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_HANDLES = re.compile(r"^@[\w./-]+(?:\s+@[\w./-]+)+$")
_TEMPLATE = re.compile(r"^[{<\[].{0,200}[}>\]]$|list everyone|\{.*\}", re.IGNORECASE)
_NOTHING = frozenset(
    [
        "n a",
        "na",
        "none",
        "tbd",
        "tbc",
        "todo",
        "unknown",
        "nobody",
        "keine",
        "aucun",
        "ninguno",
        "nenhum",
        "null",
        "nil",
        "not applicable",
        "everyone involved",
        "yyyy mm dd",
        "",
        "not available",
    ]
)
_COUNT_MAX = 100
_LENGTH_MAX = 200


def split_people(text: str) -> tuple[str, ...]:
    """Names in the order written, links and markup removed, at most 100."""
    names: list[str] = []
    for line in _BREAK.split(_clean(text)):
        line = _BULLET.sub("", line).strip(" *_.")  # noqa: PLW2901
        if _HANDLES.match(line):
            names.extend(line.split())
        else:
            names.extend(_OUTSIDE_BRACKETS.split(line))
    return _distinct(names)


def split_tags(text: str) -> tuple[str, ...]:
    """Tags in the order written, without `#`, at most 100."""
    tags: list[str] = []
    for line in _BREAK.split(_clean(text)):
        words = _BULLET.sub("", line).split()
        if words and all(word.startswith("#") for word in words):
            tags.extend(word.rstrip(",;") for word in words)
        elif len(words) > 1 and all(":" in word.strip(":") for word in words):
            tags.extend(words)
        else:
            tags.extend(re.split(r"[,;|]", _BULLET.sub("", line)))
    return _distinct([tag.strip().lstrip("#") for tag in tags])


def _clean(text: str) -> str:
    text = text[:8000].replace("and/or", ",")
    return _ESCAPED.sub("", _LINK.sub(r"\1", html.unescape(text)).replace("`", "").replace("**", ""))


def _distinct(values: list[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for value in values:
        name = " ".join(value.split()).strip(" .:*\"'")
        if name and len(name) <= _LENGTH_MAX and not _TEMPLATE.search(name) and _meant(name):
            kept[name] = None
    return tuple(kept)[:_COUNT_MAX]


def _meant(name: str) -> bool:
    folded = fold(name)
    return folded not in _NOTHING and any(c.isalnum() for c in name)
