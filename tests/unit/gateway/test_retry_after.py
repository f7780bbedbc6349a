from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cairn.gateway.providers.http import _retry_after


def asked(text: str | None) -> float | None:
    reply: Any = SimpleNamespace(headers={"retry-after": text} if text is not None else {})
    return _retry_after(reply)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), (None, None), ("soon", None), ("inf", None), ("1e300", 86_400.0)],
)
def test_seconds(text: str | None, seconds: float | None) -> None:
    assert asked(text) == seconds


def test_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = asked(later)
    assert seconds is not None
    assert 85 < seconds <= 90
    assert asked("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
