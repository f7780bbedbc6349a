"""Which template a record was written with, by its sections and by what carries its fields."""

from collections.abc import Collection

from cairn.decisions.formats.carriers import Pair
from cairn.decisions.formats.outline import Outline
from cairn.decisions.formats.words import fold

# The first whose sections all stand in the file wins; each alternative is a set of folded headings.
_BY_SECTIONS: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("edgex", ({"referenced use case s"}, {"referenced use cases"}, {"submitters", "change log"})),
    ("tyree-akerman", ({"assumptions", "positions"}, {"issue", "argument"}, {"constraints", "positions"})),
    ("alexandrian", ({"prologue"}, {"forces", "solution"}, {"discussion", "solution", "consequences"})),
    ("planguage", ({"gist"}, {"planguage"}, {"tag", "rationale", "requirement"})),
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
_Y_WORDS = ("in the context of", "facing", "we decided")


def detect_format(outline: Outline, pairs: Collection[Pair], front_keys: Collection[str], text: str) -> str:
    """Name the dialect, or `unknown`."""
    sections = {fold(leaf.text) for leaf in outline.leaves if leaf.kind == "heading"}
    keys = {fold(key) for key in front_keys}
    for name, alternatives in _BY_SECTIONS:
        if any(alternative <= sections for alternative in alternatives):
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


def _madr_version(sections: set[str], keys: set[str]) -> str:
    if "decision makers" in keys or "confirmation" in sections:
        return "madr4"
    return "madr3" if "deciders" in keys or "status" in keys or "validation" in sections else "madr2"
