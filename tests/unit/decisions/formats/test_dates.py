from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.decisions.formats.dates import find_date


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-09",
        "2024-3-9",
        "2024/03/09",
        "2024.03.09",
        "{ 2024-03-09 }",
        "20240309",
        "2024-03-09T10:15:00Z",
        "2024-03-09 10:15:00 +0100",
        "9-March-2024",
        "9 Mar 2024",
        "March 9, 2024",
        "March 9th 2024",
        "9. März 2024",
        "9 mars 2024",
        "9 de marzo de 2024",
        "9 de março de 2024",
        "09.03.2024",
        "Saturday, 9th of March 2024",
    ],
)
def test_dates_in_many_forms(text: str) -> None:
    found = find_date(text)

    assert found is not None
    assert (found.day, found.rule) == (date(2024, 3, 9), "")


@pytest.mark.parametrize(
    ("text", "day", "rule"),
    [
        ("13/02/2024", date(2024, 2, 13), ""),
        ("02/13/2024", date(2024, 2, 13), ""),
        ("01/02/2024", date(2024, 2, 1), "day and month could be the other way round; read as day first"),
        ("2024-03", date(2024, 3, 1), "no day is given: the first of the month"),
        ("October 2025", date(2025, 10, 1), "no day is given: the first of the month"),
        ("January , 2026", date(2026, 1, 1), "no day is given: the first of the month"),
        ("2025", date(2025, 1, 1), "only the year is given: its first day"),
    ],
)
def test_what_is_left_open_is_told(text: str, day: date, rule: str) -> None:
    found = find_date(text)

    assert found is not None
    assert (found.day, found.rule) == (day, rule)


@pytest.mark.parametrize(
    "text", ["", "2024-023-2706", "2024-02-30", "2023-07-2i", "2020-01-45", "YYYY-MM-DD", "soon", "v1.2.3", "99999999"]
)
def test_impossible_dates_are_none(text: str) -> None:
    assert find_date(text) is None


def test_what_else_is_said_keeps_the_carrier() -> None:
    found = find_date("2022-10-05 (updated 2023-07-12)")

    assert found is not None
    assert (found.day, found.whole) == (date(2022, 10, 5), False)


@given(
    st.dates(date(1970, 1, 1), date(2100, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y"])
)
def test_every_day_is_found_again(day: date, form: str) -> None:
    found = find_date(day.strftime(form))

    assert found is not None
    assert found.day == day
