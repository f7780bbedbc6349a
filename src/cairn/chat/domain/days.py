"""Questions about how things stood: the day that a question names."""

import calendar
import re
from datetime import date

_MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_AS_OF = re.compile(
    rf"\b(?:as (?:of|at|it stood (?:on|in))|(?:back )?in|on|until|by|am|le|en|au)\s+(?:the\s+end\s+of\s+)?"
    rf"(?:(?P<iso>\d{{4}}-\d{{2}}(?:-\d{{2}})?)|(?:(?P<day>\d{{1,2}})\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}}))\b"
    r"|\bas (?:of|at)\s+(?P<bare>\d{4})\b",
    re.IGNORECASE,
)


def find_day(question: str, today: date) -> date | None:
    """Return the last day that a question asks about: "as of 2025-03-01", "in March 2025". None when that is not past.

    A bare year counts only after "as of", because records speak of years in other ways.
    """
    match = _AS_OF.search(question)
    if match is None:
        return None
    if match["bare"]:
        parts = [int(match["bare"]), 12, 31]
    elif match["iso"]:
        parts = [int(part) for part in match["iso"].split("-")]
    else:
        parts = [int(match["year"]), _MONTHS[match["month"].lower()], *([int(match["day"])] if match["day"] else [])]
    try:
        day = date(parts[0], parts[1], parts[2] if parts[2:] else calendar.monthrange(parts[0], parts[1])[1])
    except ValueError:
        return None
    return day if day < today else None
