"""The query language: words, "phrases", -without, and fields such as `status:accepted` or `after:2024-05`."""

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cairn.kernel.errors import InvalidArgument
from cairn.search.domain import Filters, Notice, NoticeCode
from cairn.search.model.passages import index_text
from cairn.search.model.words import fold, iterate_words

# A longer query, or one of several lines, is a pasted text: its quotes and colons are its author's, not ours.
OPERATOR_WORDS_MAX = 24
STATUSES = ("draft", "proposed", "accepted", "rejected", "deprecated", "superseded")
_FIELDS = frozenset({"status", "tag", "author", "log", "date", "after", "before", "supersedes", "governs", "asof"})
_FILTER_OF_FIELD = {
    "tag": "tags",
    "author": "authors",
    "log": "log_slugs",
    "supersedes": "supersedes",
    "governs": "governs",
}
_DATES = frozenset({"date", "after", "before", "asof"})
_NEGATABLE = frozenset({"status", "tag"})

_PART = re.compile(
    r"(?P<minus>(?<!\S)-)?(?:(?P<field>[A-Za-z]{2,20}):)?(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\"]+))|\""
)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_NAME = re.compile(r"(?:(?P<log>[\w.-]{1,100})/)?(?:[A-Za-z][A-Za-z0-9]{0,15}[-_ ]?)?#?(?P<number>\d{1,9})")


# Of the path of a document its name tells what it is about; folders and the kind of file do not.
_DOCUMENT_PATH = re.compile(
    r"(?<!\S)[`(]?(?:[\w.@+-]{1,100}/){1,20}([\w.@+-]{1,200}?)\.(?:md|markdown|adoc|rst|txt)(?![\w.])[`)]?"
)
# The type of a commit's subject, as https://www.conventionalcommits.org has it, tells nothing of the matter.
_COMMIT_TYPE = re.compile(r"^(?:build|chore|ci|docs|feat|fix|perf|refactor|style|test)(?:\([^()]{0,60}\))?!?:\s+")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query taken apart. `text` holds the words to search by, those of phrases included.

    Phrases and excluded words are folded words in order. `strict` says that nothing but phrases is asked for, so that
    what lacks them is no answer. `name` is set when the whole query names a decision.
    """

    text: str
    filters: Filters
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    name: str = ""
    notices: tuple[Notice, ...] = ()
    strict: bool = True


def parse_query(query: str, filters: Filters) -> ParsedQuery:
    """Take a query apart and add what its fields say to `filters`.

    Raises `InvalidArgument` with the position of a field's value that cannot be meant.
    """
    if len(query.split()) > OPERATOR_WORDS_MAX or "\n" in query:
        return ParsedQuery(index_text(query).strip() or query, filters)
    if _NAME.fullmatch(query):
        return ParsedQuery(query, filters, name=query)
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    unknown: list[str] = []
    for part in _PART.finditer(query):
        value = part["quoted"] if part["quoted"] is not None else part["bare"]
        if value is None:
            continue  # A quote that is never closed means nothing.
        field = (part["field"] or "").lower()
        if field in _FIELDS:
            filters = _narrow(filters, field, value, negated=bool(part["minus"]), at=part.start() + 1)
            continue
        if field:
            unknown.append(part["field"])
        folded = tuple(word.text for word in iterate_words(value) if not word.whole)
        if part["minus"] and folded:
            excluded.append(folded)
            continue
        words.append(f"{part['field']}:{value}" if field else value)
        if part["quoted"] is not None and len(folded) > 0 and not field:
            phrases.append(folded)
    notices: tuple[Notice, ...] = ()
    if unknown and "://" not in query:
        told = f"No field is called {unknown[0]}; it was searched as a word."
        notices = (Notice(NoticeCode.UNKNOWN_FIELD, told, (unknown[0],)),)
    text = _DOCUMENT_PATH.sub(r" \1", _COMMIT_TYPE.sub("", index_text(" ".join(words))))
    return ParsedQuery(
        text.strip() or " ".join(words),
        filters,
        tuple(phrases),
        tuple(excluded),
        notices=notices,
        strict=len(words) == len(phrases),
    )


def contains_phrase(text: str, phrase: tuple[str, ...]) -> bool:
    """Return whether the folded words of `phrase` stand in `text` one after the other."""
    words = " ".join(word.text for word in iterate_words(text) if not word.whole)
    return f" {' '.join(phrase)} " in f" {words} "


def _narrow(filters: Filters, field: str, value: str, *, negated: bool, at: int) -> Filters:
    if not value:
        raise InvalidArgument(f"`{field}:` at character {at} has no value.", field="query")
    if negated and field not in _NEGATABLE:
        raise InvalidArgument(f"`-{field}:` at character {at}: only status and tag can be left out.", field="query")
    if field == "status":
        return _with_status(filters, value, negated=negated, at=at)
    if field in _DATES:
        return _with_date(filters, field, value, at=at)
    if field == "governs" and (value.startswith("/") or ".." in value.split("/")):
        message = (
            f"`governs:{value[:40]}` at character {at}: write a path inside the repository, like src/billing/charge.py."
        )
        raise InvalidArgument(message, field="query")
    if field == "tag" and negated:
        return replace(filters, excluded_tags=(*filters.excluded_tags, value))
    added: dict[str, tuple[str, ...]] = {
        "tag": (*filters.tags, value),
        "author": (*filters.authors, value),
        "log": (*filters.log_slugs, value.lower()),
        "supersedes": (*filters.supersedes, value),
        "governs": (*filters.governs, value),
    }
    return replace(filters, **{_FILTER_OF_FIELD[field]: added[field]})


def _with_status(filters: Filters, value: str, *, negated: bool, at: int) -> Filters:
    status = fold(value)
    if status not in STATUSES:
        message = f"`status:{value[:40]}` at character {at}: a status is one of {', '.join(STATUSES)}."
        raise InvalidArgument(message, field="query")
    if negated:
        return replace(filters, excluded_statuses=(*filters.excluded_statuses, status))
    return replace(filters, statuses=(*filters.statuses, status))


def _with_date(filters: Filters, field: str, value: str, *, at: int) -> Filters:
    try:
        first, last = parse_dates(value)
    except InvalidArgument as error:
        raise InvalidArgument(f"`{field}:{value[:40]}` at character {at}: {error.message}", field="query") from error
    day = timedelta(days=1)
    if field == "asof":
        return replace(filters, as_of=last)
    if field == "after":
        return replace(filters, decided_from=last + day if last < date.max else last)
    if field == "before":
        return replace(filters, decided_to=first - day if first > date.min else first)
    return replace(filters, decided_from=first, decided_to=last)


def parse_dates(text: str) -> tuple[date, date]:
    """Return the first and last day that `2024`, `2024-05` or `2024-05-31` means. Raises `InvalidArgument`."""
    match = _DATE.fullmatch(text.strip())
    message = "write a date as 2024, 2024-05 or 2024-05-31."
    if match is None:
        raise InvalidArgument(message, field="date")
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        first = date(year, month or 1, day or 1)
        return first, date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    except ValueError as error:
        raise InvalidArgument(message, field="date") from error
