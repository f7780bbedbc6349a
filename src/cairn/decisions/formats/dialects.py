"""Which template a record was written with, by its sections and by what carries its fields."""

import re
from collections.abc import Collection

from cairn.decisions.formats.carriers import Pair
from cairn.decisions.formats.outline import Outline
from cairn.decisions.formats.words import fold

# The first whose sections all stand in the file wins; each alternative is a set of folded headings.
_BY_SECTIONS: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("edgex", ({"referenced use case s"}, {"referenced use cases"}, {"submitters", "change log"})),
    ("tyree-akerman", ({"assumptions", "positions"}, {"issue", "argument"}, {"constraints", "positions"})),
    ("alexandrian", ({"prologue"}, {"forces", "solution"}, {"discussion", "solution", "consequences"})),
    ("planguage", ({"gist", "rationale"}, {"gist", "status"}, {"gist", "tag"}, {"tag", "rationale", "requirement"})),
    ("business-case", ({"swot analysis"}, {"evaluation criteria", "candidates to consider"})),
)
_NYGARD = (
    {"decision", "consequences"}, {"context", "decision"}, {"context", "consequences"}, {"decision", "consequence"},
    {"contexte", "decision"}, {"decision", "impacts"}, {"kontext", "entscheidung"}, {"entscheidung", "konsequenzen"},
    {"contexto", "decision"}, {"contexto", "decisao"},
)  # fmt: skip
_MADR = frozenset(
    [
        "decision outcome",
        "context and problem statement",
        "considered options",
        "decision drivers",
        "pros and cons of the options",
    ]
)
_PARENTHESES = re.compile(r"\([^()\n]{0,60}\)")
_LEADING_NAME = re.compile(r"^[\W_]{0,6}([A-Za-z][A-Za-z /()]{1,38}?)[*_ ]{0,4}:", re.MULTILINE)
_NAMES_MAX = 60
_Y_WORDS = ("in the context of", "facing", "we decided")


def detect_format(outline: Outline, pairs: Collection[Pair], front_keys: Collection[str], text: str) -> str:
    """Name the dialect, or `unknown`."""
    sections = {fold(leaf.text) for leaf in outline.leaves if leaf.kind == "heading"}
    names = sections | _names(outline)
    keys = {fold(key) for key in front_keys}
    for name, alternatives in _BY_SECTIONS:
        if any(alternative <= names for alternative in alternatives):
            return name
    if len(sections & _MADR) > 1 or "decision outcome" in sections:
        return _madr_version(sections, keys)
    if any(alternative <= sections for alternative in _NYGARD):
        return "nygard"
    lowered = text[:20_000].lower()
    if all(word in lowered for word in _Y_WORDS) and len(sections) < 5:  # noqa: PLR2004 - a sentence, not a document
        return "y-statement"
    if any(pair.carrier == "table" and pair.field == "status" for pair in pairs):
        return "table"
    return "front_matter" if "status" in keys else "unknown"


def _names(outline: Outline) -> set[str]:
    """Name the sections of records that write them as rows of a table, as `Gist: ...`, or as "Solution (Decision)"."""
    headings = (leaf.text for leaf in outline.leaves if leaf.kind == "heading" and "(" in leaf.text)
    names = {fold(_PARENTHESES.sub("", text)) for text in headings}
    names |= {fold(leaf.cells[0]) for leaf in outline.leaves if leaf.kind == "row" and len(leaf.cells) > 1}
    texts = [leaf.text for leaf in outline.leaves if leaf.kind in {"text", "item"}][:_NAMES_MAX]
    return names | {fold(match[1]) for text in texts for match in _LEADING_NAME.finditer(text[:400])}


def _madr_version(sections: set[str], keys: set[str]) -> str:
    if "decision makers" in keys or "confirmation" in sections:
        return "madr4"
    return "madr3" if "deciders" in keys or "status" in keys or "validation" in sections else "madr2"
