"""Which segments are joined: small ones first, none beyond a size, and large ones only when most of them is dead."""

from uuid import UUID

import pytest

from cairn.kernel.ids import uuid7
from cairn.search.ports import StoredSegment
from cairn.search.usecases import indexing
from cairn.search.usecases.indexing import SEGMENT_BYTES_MAX, SEGMENTS_MAX, choose_segments

LARGE = SEGMENT_BYTES_MAX // 2 + 1


def segments(*sizes: int) -> list[StoredSegment]:
    return [StoredSegment(uuid7(), 1, 1, size, (0, 0, 0, 0), ("en",)) for size in sizes]


def chosen_sizes(stored: list[StoredSegment], living: dict[UUID, float] | None = None) -> list[list[int]]:
    shares = {one.id: 1.0 for one in stored if one.size_bytes >= LARGE} | (living or {})
    return [[one.size_bytes for one in group] for group in choose_segments(stored, shares)]


def test_a_much_larger_segment_waits() -> None:
    stored = segments(2_000_000, *[1_000] * SEGMENTS_MAX)
    assert chosen_sizes(stored) == [[1_000] * SEGMENTS_MAX]


def test_those_of_like_size_follow_three_quarters_of_all() -> None:
    enough = SEGMENTS_MAX * 3 // 4
    assert chosen_sizes(segments(*[1_000] * enough, enough * 1_000, 61 * 1_000)) == [
        [*[1_000] * enough, enough * 1_000]
    ]


def test_nothing_grows_beyond_the_largest() -> None:
    stored = segments(*[SEGMENT_BYTES_MAX // 2] * 5)
    assert chosen_sizes(stored) == [[SEGMENT_BYTES_MAX // 2] * 2]


def test_a_large_segment_is_left_alone_until_most_of_it_is_dead() -> None:
    small, large = segments(10, 20), segments(LARGE)
    assert chosen_sizes([*small, *large]) == [[10, 20]]
    assert chosen_sizes([*small, *large], {large[0].id: 0.5}) == [[10, 20]]
    assert chosen_sizes([*small, *large], {large[0].id: 0.4}) == [[10, 20], [LARGE]]


def test_of_the_decayed_one_is_made_anew_at_a_time_and_what_is_dead_goes() -> None:
    small, large = segments(10, 20), segments(LARGE, LARGE + 1, LARGE + 2)
    living = dict(zip([one.id for one in large], (0.1, 0.2, 0.0), strict=True))
    assert chosen_sizes([*small, *large], living) == [[10, 20, LARGE + 2], [LARGE]]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_two_at_least_are_joined(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(indexing, "SEGMENTS_MAX", most)
    assert len(choose_segments(segments(*[10] * (most + 1)), {})[0]) >= 2
