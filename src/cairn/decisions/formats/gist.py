"""What was decided, in a few plain words: the first paragraph of a record's decision."""

from cairn.decisions.formats.outline import outline_markdown
from cairn.decisions.formats.titles import plain_title
from cairn.decisions.formats.words import fold

GIST_CHARS_MAX = 240
_DECISION_SECTIONS = frozenset(
    ["decision", "decision outcome", "decisions", "the decision", "outcome", "chosen option", "resolution",
     "entscheidung", "décision", "decisión", "decisao", "decisão", "y statement"]
)  # fmt: skip


def find_gist(body: str) -> str:
    """Return the first paragraph or list item of the section that decides, without markup; empty when there is none."""
    inside = False
    for leaf in outline_markdown(body).leaves:
        if leaf.kind == "heading":
            inside = fold(leaf.text) in _DECISION_SECTIONS
        elif inside and leaf.kind in {"text", "item"} and leaf.text.strip():
            plain = plain_title(leaf.text)
            return plain if len(plain) <= GIST_CHARS_MAX else plain[: GIST_CHARS_MAX - 1].rsplit(" ", 1)[0] + "…"
    return ""
