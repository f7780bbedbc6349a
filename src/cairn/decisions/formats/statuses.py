"""The status of a record: from the words people write to the six that Cairn knows."""

import html
import re
from dataclasses import dataclass

from cairn.decisions.formats.model import Status
from cairn.decisions.formats.words import STATUS_WORDS, STATUS_WORDS_LENGTH_MAX, fold
from cairn.kernel.phrases import Phrase

# Where a text names several, the one that says more about its fate holds: "Accepted, superseded by 0019".
_WEIGHT: dict[Status, int] = {
    "draft": 0,
    "proposed": 1,
    "accepted": 2,
    "rejected": 3,
    "deprecated": 4,
    "superseded": 5,
}  # fmt: skip
_EMOJI: dict[str, Status] = {
    "✅": "accepted", "☑": "accepted", "✔": "accepted", "👍": "accepted", "🟢": "accepted",
    "❌": "rejected", "✖": "rejected", "👎": "rejected", "🚫": "rejected", "⛔": "rejected",
    "🤔": "proposed", "💬": "proposed", "🟡": "proposed", "❓": "proposed",
    "⌛": "superseded", "♻": "superseded",
    "🗑": "deprecated", "⚠": "deprecated",
    "📝": "draft", "🚧": "draft",
}  # fmt: skip

_STRUCK = re.compile(r"~~[^~\n]{1,300}~~")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,1000}\)")
_BOX = re.compile(r"^\s*(?:[-*+]\s+)?\[([ xX✓✔]?)\]\s*(.*)$")
_DATED = re.compile(r"^\W{0,4}(\d{4}-\d{2}-\d{2})\W{1,4}(\S.*)$")
_WIKI = re.compile(r"\[\[[^\[\]\n]{1,200}\]\]")
_BADGE = re.compile(
    r"badge/(?:adr|decision)?[-_]{0,2}(?:status|statut|state)[-_:]{1,2}([A-Za-z_]{3,30})-", re.IGNORECASE
)
_SEGMENT = re.compile(
    r"[\n.;:,()|/&>*]|->|=>|→|➔|➡|\s[-–—]\s|"  # noqa: RUF001
    r"\b(?:and|et|und|y|then|but)\b",
    re.IGNORECASE,
)
_ARROW = re.compile(r"->|=>|→|➔|➡")
_LEADING = re.compile(
    r"^(?:(?:this|the|is|was|has|have|been|adr|decision|record|now|currently|initially|status|statut|fully|mostly|"
    r"partially|partly|largely|a|in|as|cette|est|wurde|wird|ist|esta|foi|conditionally|formally|provisionally)\s)+"
)
# Without its accent "remplacé" is "remplace": what it says of itself would become what it does to another.
_REPLACED = re.compile(r"\bremplac(?:é|e\u0301)(?!\w)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"[{\[<][^{}\[\]<>\n]{0,200}[|…][^{}\[\]<>\n]{0,200}[}\]>]")
_PARTIAL = re.compile(r"\b(?:partially|partly|in part)\b", re.IGNORECASE)
STATUS_TEXT_CHARS_MAX = 200
# A real status may name two ("Accepted, superseded"); a list of three is a choice.
_CHOICES_OF_TEMPLATE = 3


@dataclass(frozen=True, slots=True)
class FoundStatus:
    """A status, the rule that gave it when its words did not name it outright, and whether that rule needs no prose."""

    status: Status
    rule: str = ""
    sign: bool = False


def plain_words(text: str, chars_max: int = 2000) -> str:
    """Strip the first `chars_max` characters of a value of links, struck-out text, comments, emphasis and entities."""
    text = _STRUCK.sub(" ", COMMENT.sub(" ", html.unescape(text[:chars_max])))
    return _LINK.sub(r"\1", text).replace("**", "").replace("__", "").replace("`", "")


def is_placeholder(text: str) -> bool:
    """Whether a value is a template's list of choices: `{proposed | accepted}` or "Proposed | Accepted | Rejected"."""
    text = _WIKI.sub(" ", text)
    if _PLACEHOLDER.search(text):
        return True
    choices = [fold(part) for part in re.split(r"[|,/]", plain_words(text)[:400])]
    return sum(choice in STATUS_WORDS for choice in choices) >= _CHOICES_OF_TEMPLATE


def find_status(text: str) -> FoundStatus | None:
    """Find the status a text states; None when it states none or is a template's list of choices."""
    text = _current_lines(text)
    if not text.strip() or is_placeholder(COMMENT.sub(" ", text)):
        return None
    plain = _REPLACED.sub("remplacée", plain_words(text))
    found: list[Status] = []
    for segment in _SEGMENT.split(plain):
        status = _leading_status(fold(segment))
        if status:
            found.append(status)
    if found:
        chosen = found[-1] if _ARROW.search(plain) else max(found, key=_WEIGHT.__getitem__)
        if chosen == "superseded" and _PARTIAL.search(plain):
            return FoundStatus(
                "accepted", Phrase("superseded_partly", "superseded in part only: what remains is in force"), sign=True
            )
        return FoundStatus(chosen)
    return _status_by_sign(text, plain) or _status_inside(plain)


def _current_lines(text: str) -> str:
    """Keep what holds now: the boxes that are ticked, or the last of several lines that each begin with a day."""
    lines = [line for line in text[:4000].split("\n") if line.strip()]
    boxes = [match for line in lines if (match := _BOX.match(line))]
    if boxes and len(boxes) == len(lines):
        return "\n".join(box[2] for box in boxes if box[1].strip())
    dated = [match for line in lines if (match := _DATED.match(line))]
    if len(dated) > 1 and len(dated) == len(lines):
        return max(dated, key=lambda match: match[1])[2]
    return text


def _status_by_sign(text: str, plain: str) -> FoundStatus | None:
    """Read a badge's address, or an emoji."""
    badge = _BADGE.search(text)
    if badge and (status := _leading_status(fold(badge[1]))):
        return FoundStatus(status)
    sign = next((sign for sign in _EMOJI if sign in plain), "")
    return FoundStatus(_EMOJI[sign], Phrase("by_sign", "the sign {sign}", sign=sign), sign=True) if sign else None


def _status_inside(plain: str) -> FoundStatus | None:
    """Find a status word anywhere among the first words."""
    words = fold(plain).split()
    phrases = (_status_phrase(words[at:]) for at in range(min(len(words), 40)))
    phrase = next((phrase for phrase in phrases if phrase), "")
    return (
        FoundStatus(STATUS_WORDS[phrase], Phrase("by_word", "the word “{word}” inside the text", word=phrase))
        if phrase
        else None
    )


def _leading_status(folded: str) -> Status | None:
    """Find the status that the first words name; filler such as "this decision is now" is passed over."""
    for words in (folded.split(), _LEADING.sub("", folded + " ").split()):
        phrase = _status_phrase(words)
        if phrase:
            return STATUS_WORDS[phrase]
    return None


def _status_phrase(words: list[str]) -> str:
    """Give the longest status that the words begin with, or nothing."""
    lengths = range(min(STATUS_WORDS_LENGTH_MAX, len(words)), 0, -1)
    return next((phrase for length in lengths if (phrase := " ".join(words[:length])) in STATUS_WORDS), "")
