from datetime import date

import pytest

from cairn.chat.domain.days import find_day

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("What was the rule as of 2025-03-01?", date(2025, 3, 1)),
        ("Which bus did we use in 2025-02?", date(2025, 2, 28)),
        ("Which bus did we use in March 2024?", date(2024, 3, 31)),
        ("What held on 14 March 2025?", date(2025, 3, 14)),
        ("And as of 2024?", date(2024, 12, 31)),
        ("Was galt am 2025-03-01?", date(2025, 3, 1)),
        ("What was decided in 2024?", None),
        ("Why does ADR 2025-03 hold?", None),
        ("As of 2025-02-31?", None),
        ("What holds as of 2030-01-01?", None),
        ("What may we do on Fridays?", None),
    ],
)
def test_the_day_a_question_asks_about(question: str, day: date | None) -> None:
    assert find_day(question, TODAY) == day
