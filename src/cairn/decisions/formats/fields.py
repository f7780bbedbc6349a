"""Choosing each field's value among the places that carry it, and the report that says why."""

from dataclasses import dataclass, field
from datetime import date

from cairn.decisions.formats.carriers import Pair
from cairn.decisions.formats.dates import find_date
from cairn.decisions.formats.model import FieldReport, Outcome, Status
from cairn.decisions.formats.people import split_people, split_tags
from cairn.decisions.formats.statuses import COMMENT, STATUS_TEXT_CHARS_MAX, find_status, is_placeholder, plain_words
from cairn.decisions.formats.words import STATUS_WORDS, fold
from cairn.kernel.phrases import Phrase

_VALUE_CHARS_MAX = 200
# Carriers made for fields. Among them the front matter holds, and then what stands first in the file.
_TRUSTED = frozenset(["front matter", "table", "section", "bullet", "line of columns", "line", "heading"])
_PROSE_CHARS_MIN = 120
_RANK_RULES: dict[str, tuple[str, ...]] = {
    "date": (
        "",
        Phrase("rule_changed", "the date of the last change stands for it"),
        Phrase("rule_created", "the date of creation stands for it"),
    ),
    "deciders": (
        "",
        Phrase("rule_approved", "those who approved it"),
        Phrase("rule_authors", "its authors stand for them"),
        Phrase("rule_contacts", "its contacts stand for them"),
    ),
    "tags": ("", Phrase("rule_categories", "its categories")),
}


@dataclass(slots=True)
class Fields:
    """The values found, the reports, and the pairs that were used up (so that they may leave the body)."""

    status: Status = "accepted"
    status_text: str = ""
    has_status: bool = False
    decided_on: date | None = None
    review_on: date | None = None
    deciders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reports: list[FieldReport] = field(default_factory=list[FieldReport])
    used: list[Pair] = field(default_factory=list[Pair])

    def report(self, name: str, outcome: Outcome, value: str = "", reason: str = "", line: int = 0) -> None:
        """Say how one field came out. `line` is 1-based."""
        self.reports.append(FieldReport(name, outcome, value[:_VALUE_CHARS_MAX], reason, line))


def _order(pair: Pair) -> tuple[int, int, int]:
    trust = 0 if pair.carrier == "front matter" else 1 if pair.carrier in _TRUSTED else 2
    return pair.rank, trust, pair.line


def choose_status(fields: Fields, pairs: list[Pair], tags: tuple[str, ...]) -> None:
    """Choose the status, from its own carriers or else from a tag that is one."""
    candidates = sorted((pair for pair in pairs if pair.field == "status"), key=_order)
    chosen = None
    for pair in candidates:
        found = find_status(pair.value)
        if found is None or (found.rule and len(pair.value) > _PROSE_CHARS_MIN and not found.sign):
            fields.report("status", "ignored", pair.value, _no_status(pair), pair.line + 1)
        elif chosen is None:
            chosen = found
            text = _one_line(pair.value)
            fields.status, fields.status_text, fields.has_status = found.status, text[:STATUS_TEXT_CHARS_MAX], True
            rule = found.rule or ("" if pair.carrier in _TRUSTED else _from_place(pair))
            fields.report("status", "guessed" if rule else "read", found.status, rule or _place(pair), pair.line + 1)
            if len(text) <= STATUS_TEXT_CHARS_MAX:
                fields.used.append(pair)
        elif found.status == chosen.status:
            if fold(plain_words(pair.value)) == fold(plain_words(fields.status_text)):
                fields.used.append(pair)
        else:
            reason = Phrase(
                "contradicts_status",
                "contradicts the status {status} found first ({carrier} “{name}”)",
                status=chosen.status,
                carrier=pair.carrier,
                name=_short_name(pair),
            )
            fields.report("status", "ignored", pair.value, reason, pair.line + 1)
    if chosen is None:
        tagged = next((tag for tag in tags if fold(tag) in STATUS_WORDS), None)
        if tagged is not None:
            fields.status, fields.status_text, fields.has_status = STATUS_WORDS[fold(tagged)], tagged, True
            fields.report("status", "guessed", fields.status, Phrase("from_tag", "from the tag “{tag}”", tag=tagged))


def _no_status(pair: Pair) -> str:
    if is_placeholder(pair.value):
        return Phrase("placeholder_of_template", "a template's placeholder")
    if not pair.value.strip():
        return Phrase("field_empty", "empty")
    return Phrase("no_known_status", "no status that Cairn knows")


def choose_date(fields: Fields, pairs: list[Pair], file_day: date | None) -> None:
    """Choose the date of the decision, or of the last change, or of the file's name."""
    for pair in sorted((pair for pair in pairs if pair.field == "date"), key=_order):
        found = find_date(pair.value)
        if found is None:
            if pair.name.lower() not in {"data", "stand"} and pair.carrier != "change log":
                fields.report("date", "ignored", pair.value, _no_date(pair), pair.line + 1)
            continue
        if fields.decided_on is None:
            fields.decided_on = found.day
            rule = found.rule or _RANK_RULES["date"][min(pair.rank, 2)]
            if pair.carrier not in _TRUSTED:
                rule = rule or Phrase("from_carrier", "from the {carrier}", carrier=pair.carrier)
            fields.report(
                "date", "guessed" if rule else "read", found.day.isoformat(), rule or _place(pair), pair.line + 1
            )
        if found.whole and found.day == fields.decided_on and not found.rule:
            fields.used.append(pair)
        elif found.day != fields.decided_on:
            fields.report("date", "ignored", pair.value, _other_date(pair), pair.line + 1)
    if fields.decided_on is None:
        _date_elsewhere(fields, pairs, file_day)


def _date_elsewhere(fields: Fields, pairs: list[Pair], file_day: date | None) -> None:
    """Take the day of "Accepted on 2024-05-06", or that of the file's name."""
    for pair in pairs:
        found = find_date(pair.value) if pair.field == "status" else None
        if found is not None and not found.rule:
            fields.decided_on = found.day
            fields.report(
                "date", "guessed", found.day.isoformat(), Phrase("from_status", "from the status"), pair.line + 1
            )
            return
    if file_day is None:
        fields.report("date", "missing", "", Phrase("no_date", "the file gives no date that can be read"))
    else:
        fields.decided_on = file_day
        fields.report("date", "guessed", file_day.isoformat(), Phrase("from_file_name", "from the file's name"))


def choose_review(fields: Fields, pairs: list[Pair]) -> None:
    """Choose the day on which the record is to be looked at again. Its carrier stays in the text."""
    for pair in sorted((pair for pair in pairs if pair.field == "review"), key=_order):
        found = find_date(pair.value)
        # "Review: 2024-05-06" below a later date of decision tells of a review that was.
        past = pair.rank > 0 and found is not None and fields.decided_on is not None and found.day <= fields.decided_on
        if found is None or past or (pair.rank > 0 and not found.whole):
            if pair.rank == 0 and pair.value.strip():
                told = Phrase("no_such_date", "{name}: no date that exists", name=_short_name(pair))
                fields.report("review", "ignored", pair.value, told, pair.line + 1)
        elif fields.review_on is None:
            fields.review_on = found.day
            value = found.day.isoformat()
            fields.report(
                "review", "guessed" if found.rule else "read", value, found.rule or _place(pair), pair.line + 1
            )
        elif found.day != fields.review_on:
            fields.report("review", "ignored", pair.value, _other_date(pair), pair.line + 1)


def choose_deciders(fields: Fields, pairs: list[Pair]) -> None:
    """Choose those who decided; where none are named, those who approved or wrote it."""
    for pair in sorted((pair for pair in pairs if pair.field == "deciders"), key=_order):
        names = split_people(pair.value)
        if not names:
            fields.used.append(pair)
            continue
        if not fields.deciders:
            fields.deciders = names
            rule = _RANK_RULES["deciders"][min(pair.rank, 3)]
            value = ", ".join(names)
            fields.report("deciders", "guessed" if rule else "read", value, rule or _place(pair), pair.line + 1)
            if not _says_more(pair.value, names):
                fields.used.append(pair)
        elif names == fields.deciders:
            fields.used.append(pair)
        else:
            told = Phrase("other_deciders", "{name}: others are named as deciders", name=_short_name(pair))
            fields.report("deciders", "ignored", pair.value, told, pair.line + 1)
    if not fields.deciders:
        fields.report("deciders", "missing", "", Phrase("no_people", "the file names no people"))


def choose_tags(fields: Fields, pairs: list[Pair]) -> tuple[str, ...]:
    """Join tags and categories in the order written. Status words are taken out by the caller."""
    tags: dict[str, None] = {}
    for pair in sorted((pair for pair in pairs if pair.field == "tags"), key=_order):
        found = split_tags(pair.value)
        tags.update(dict.fromkeys(found))
        if not _says_more(pair.value, found):
            fields.used.append(pair)
        if found:
            rule = _RANK_RULES["tags"][min(pair.rank, 1)]
            fields.report("tags", "guessed" if rule else "read", ", ".join(found), rule or _place(pair), pair.line + 1)
    if not tags:
        fields.report("tags", "missing", "", Phrase("no_tags", "the file has no tags"))
    return tuple(tags)


def without_status_words(tags: tuple[str, ...], status: Status) -> tuple[str, ...]:
    """Take out tags that only repeat the status."""
    return tuple(tag for tag in tags if STATUS_WORDS.get(fold(tag)) != status)


def _says_more(text: str, names: tuple[str, ...]) -> bool:
    """Whether a list holds more than the names taken from it, say a sentence or the rest of an endless list."""
    return bool(names) and sum(map(len, names)) * 2 < len(plain_words(text, chars_max=len(text)))


def _place(pair: Pair) -> str:
    return Phrase("at_place", "{carrier} “{name}”", carrier=pair.carrier, name=_short_name(pair))


def _from_place(pair: Pair) -> str:
    return Phrase("from_place", "from the {carrier} “{name}”", carrier=pair.carrier, name=_short_name(pair))


def _other_date(pair: Pair) -> str:
    return Phrase("other_date", "{name}: another date was taken", name=_short_name(pair))


def _no_date(pair: Pair) -> str:
    if not pair.value.strip():
        return Phrase("field_empty", "empty")
    if "{" in pair.value or "YYYY" in pair.value:
        return Phrase("date_placeholder", "a placeholder")
    return Phrase("no_real_date", "not a date that exists")


def _short_name(pair: Pair) -> str:
    return " ".join(pair.name.split())[:60]


def _one_line(text: str) -> str:
    text = COMMENT.sub(" ", text)
    return " ".join(line.strip().rstrip("\\").strip() for line in text.split("\n") if line.strip())
