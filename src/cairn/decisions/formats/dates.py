"""Dates as people write them in five languages; impossible ones are told apart from absent ones."""

import re
from dataclasses import dataclass
from datetime import date

from cairn.decisions.formats.words import fold
from cairn.kernel.phrases import Phrase

_MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "jan january janvier januar enero janeiro ene jänner",
            "feb february fevrier februar febrero fevereiro fev febr",
            "mar march mars marz marzo marco mrz",
            "apr april avril abril avr abr",
            "may mai mayo maio",
            "jun june juin juni junio junho",
            "jul july juillet juli julio julho juil",
            "aug august aout agosto ago",
            "sep september septembre septiembre setembro sept set",
            "oct october octobre oktober octubre outubro okt out",
            "nov november novembre noviembre novembro",
            "dec december decembre dezember diciembre dezembro dez dic",
        ),
        1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d-]|[a-z])(?:T[\d:.+Z-]{0,40})?", re.IGNORECASE)
_ISO_TIME = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})[T ]\d{2}:\d{2}[\d:.,]{0,20} ?(?:Z|[+-]\d{2}:?\d{2})?")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:de\s+|of\s+)?([^\W\d_]{3,10})\.?,?[\s-]+(?:de\s+)?(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(\d{4})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_MONTH_YEAR = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,10})\.?\s*,?\s*(?:de\s+)?(\d{4})(?!\d)")
_YEAR_MONTH = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})(?![\d-]|[a-z])", re.IGNORECASE)
_YEAR = re.compile(r"^\s*((?:19|20)\d{2})\s*$")
_YEARS = range(1970, 2101)
_MONTHS_IN_YEAR = 12


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date; `rule` says what was supposed when the text left something open, `whole` that nothing else was said."""

    day: date
    rule: str = ""
    whole: bool = True


def find_date(text: str) -> FoundDate | None:
    """Find the first date in `text`; None when it holds none that exists."""
    text = text[:300]
    for pattern, build in _READERS:
        match = pattern.search(text)
        if match is None:
            continue
        found = build(match)
        if found is None:
            continue
        day, rule = found
        rest = text[: match.start()] + text[match.end() :]
        return FoundDate(day, rule, whole=not any(c.isalnum() for c in rest))
    return None


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in _YEARS else None


_Built = tuple[date, str] | None


def _ymd(match: re.Match[str]) -> _Built:
    found = _day(match[1], match[2], match[3])
    return (found, "") if found else None


def _month(name: str) -> int:
    return _MONTHS.get(fold(name), 0)


def _dmy_words(match: re.Match[str]) -> _Built:
    found = _day(match[3], _month(match[2]), match[1])
    return (found, "") if found else None


def _mdy_words(match: re.Match[str]) -> _Built:
    found = _day(match[3], _month(match[1]), match[2])
    return (found, "") if found else None


def _numbers(match: re.Match[str]) -> _Built:
    first, second = int(match[1]), int(match[3])
    if first > _MONTHS_IN_YEAR or match[2] == ".":
        found = _day(match[4], second, first)
        return (found, "") if found else None
    if second > _MONTHS_IN_YEAR:
        found = _day(match[4], first, second)
        return (found, "") if found else None
    found = _day(match[4], second, first)
    either = Phrase("day_or_month", "day and month could be the other way round; read as day first")
    rule = "" if first == second else either
    return (found, rule) if found else None


def _month_year(match: re.Match[str]) -> _Built:
    found = _day(match[2], _month(match[1]), 1)
    return (found, Phrase("no_day", "no day is given: the first of the month")) if found else None


def _year_month(match: re.Match[str]) -> _Built:
    found = _day(match[1], match[2], 1)
    return (found, Phrase("no_day", "no day is given: the first of the month")) if found else None


def _year(match: re.Match[str]) -> _Built:
    found = _day(match[1], 1, 1)
    return (found, "only the year is given: its first day") if found else None


_READERS = (
    (_ISO_TIME, _ymd),
    (_ISO, _ymd),
    (_DAY_MONTH, _dmy_words),
    (_MONTH_DAY, _mdy_words),
    (_NUMBERS, _numbers),
    (_COMPACT, _ymd),
    (_MONTH_YEAR, _month_year),
    (_YEAR_MONTH, _year_month),
    (_YEAR, _year),
)
