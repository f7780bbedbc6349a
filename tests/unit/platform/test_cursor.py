from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.kernel.errors import InvalidArgument
from cairn.platform.cursor import read_cursor, write_cursor


@given(st.text(), st.integers(), st.uuids(), st.datetimes(timezones=st.just(UTC)))
def test_a_cursor_gives_back_what_it_was_made_of(text: str, number: int, id_: UUID, at: datetime) -> None:
    assert read_cursor(write_cursor(text, number, id_, at), str, int, UUID, datetime) == [text, number, id_, at]


def test_no_cursor_is_the_first_page() -> None:
    assert read_cursor("", str) is None


@given(st.text(min_size=1))
def test_a_foreign_cursor_is_refused_by_name(word: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_cursor(word, int, UUID)
    assert caught.value.field == "cursor"


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        read_cursor(write_cursor("title", UUID(int=1)), datetime, UUID)
