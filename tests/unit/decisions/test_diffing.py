"""Comparing texts, blame, and comments that follow their lines."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.decisions.domain.diffing import (
    Hunk,
    Span,
    blame,
    diff_texts,
    follow_lines,
    list_headings,
    mark_words,
    section_lines,
    split_lines,
)

LINES = st.lists(st.sampled_from(["", "alpha beta gamma", "alpha beta delta", "one two", "# Head", "x"]), max_size=14)
TEXTS = LINES.map("\n".join) | st.text(alphabet="ab \n#", max_size=40)


def sides(hunks: list[Hunk]) -> tuple[list[str], list[str]]:
    rows = [row for hunk in hunks for row in hunk.rows]
    return [row.old.text for row in rows if row.old], [row.new.text for row in rows if row.new]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off_the_whole_diff(old: str, new: str) -> None:
    hunks = diff_texts(old, new, context=1000)
    if old == new:
        assert not hunks
    else:
        assert sides(hunks) == (split_lines(old), split_lines(new))
        assert len(hunks) == 1


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_hunks_say_where_they_stand_and_patch_the_old_text(old: str, new: str, context: int) -> None:
    before, after = split_lines(old), split_lines(new)
    patched: list[str] = []
    at = 0
    for hunk in diff_texts(old, new, context=context):
        start = hunk.old_start - (hunk.old_lines > 0)
        patched += before[at:start]
        was, now = sides([hunk])
        assert was == before[start : start + hunk.old_lines]
        assert len(now) == hunk.new_lines
        assert hunk.new_start - (hunk.new_lines > 0) == len(patched)
        numbers = [row.old.line for row in hunk.rows if row.old]
        assert numbers == list(range(start + 1, start + 1 + hunk.old_lines))
        patched += now
        at = start + hunk.old_lines
    assert patched + before[at:] == after


@given(TEXTS, TEXTS)
def test_equal_rows_are_equal_and_changed_rows_are_not(old: str, new: str) -> None:
    for hunk in diff_texts(old, new):
        for row in hunk.rows:
            both = row.old and row.new and row.old.text == row.new.text
            assert row.changed != bool(both)


@given(st.text(max_size=60), st.text(max_size=60))
def test_marked_words_join_into_the_lines(old: str, new: str) -> None:
    before, after = mark_words(old, new)
    assert ("".join(s.text for s in before), "".join(s.text for s in after)) == (old, new)
    same = ["".join(s.text for s in spans if not s.changed) for spans in (before, after)]
    assert same[0] == same[1]


def test_words_that_changed_are_marked_within_their_line() -> None:
    [hunk] = diff_texts(
        "# Context\n\nWe use Kafka for events.\nIt is fast.", "# Context\n\nWe use NATS for events.\nIt is fast."
    )
    [row] = [row for row in hunk.rows if row.changed]
    assert row.old
    assert row.new
    assert row.old.spans == (
        Span("We use ", changed=False),
        Span("Kafka", changed=True),
        Span(" for events.", changed=False),
    )
    assert row.new.spans == (
        Span("We use ", changed=False),
        Span("NATS", changed=True),
        Span(" for events.", changed=False),
    )
    assert (hunk.heading, hunk.old_start, hunk.old_lines) == ("", 1, 4)


def test_lines_pair_with_the_lines_they_became() -> None:
    old = "The queue is Kafka.\nThe store is Postgres."
    new = "A new line that is quite other.\nThe queue is NATS.\nThe store is Postgres 18."
    [hunk] = diff_texts(old, new)
    paired = [(row.old.line if row.old else 0, row.new.line if row.new else 0) for row in hunk.rows]
    assert paired == [(0, 1), (1, 2), (2, 3)]


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_blame_gives_every_line_of_the_last_text_a_version_that_had_it(texts: list[str]) -> None:
    lines = blame(list(enumerate(texts, start=1)))
    assert [line for _, line in lines] == split_lines(texts[-1])
    for version, line in lines:
        for later in texts[version - 1 :]:
            assert line in split_lines(later)


def test_blame_names_the_version_that_brought_a_line() -> None:
    texts = ["a\nb", "a\nb\nc", "a\nB\nc", "z\na\nB\nc"]
    assert blame(list(enumerate(texts, start=1))) == [(4, "z"), (1, "a"), (3, "B"), (2, "c")]


@given(LINES, LINES, st.data())
def test_lines_are_followed_past_what_is_written_around_them(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    commented = ["the one commented line", "and its second line"]
    old = "\n".join([*before, *commented, *after])
    above = data.draw(LINES)
    below = data.draw(LINES)
    new = "\n".join([*above, *commented, *below])
    place = follow_lines(old, new, len(before) + 1, len(before) + 2)
    assert (place.first, place.last, place.outdated) == (len(above) + 1, len(above) + 2, False)


def test_a_moved_section_takes_its_comment_along() -> None:
    old = "# A\n\nalpha text here\n\n# B\n\nbeta one\nbeta two\nbeta three\nbeta four"
    new = "# B\n\nbeta one\nbeta two\nbeta three\nbeta four\n\n# A\n\nalpha text here"
    place = follow_lines(old, new, 3, 3)
    assert split_lines(new)[place.first - 1] == "alpha text here"
    assert not place.outdated


def test_a_changed_line_keeps_its_comment_as_outdated_and_a_deleted_one_loses_its_place() -> None:
    old = "one\nWe use Kafka for all events.\nthree"
    place = follow_lines(old, "zero\none\nWe use NATS for all events.\nthree", 2, 2)
    assert (place.first, place.last, place.outdated) == (3, 3, True)
    place = follow_lines(old, "one\nthree", 2, 2)
    assert (place.first, place.last, place.outdated) == (0, 0, True)


def test_sections_are_found_by_their_heading_outside_code() -> None:
    text = "# A\n\ntext\n\n## A1\n\nmore\n\n```\n# not a heading\n```\n\n# B\n\nend\n"
    assert list_headings(split_lines(text)) == [(1, "A"), (5, "A1"), (13, "B")]
    assert section_lines(text, "a") == (1, 11)
    assert section_lines(text, "## A1") == (5, 11)
    assert section_lines(text, "C") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n" * 60_000, "\n" * 30_000 + "x" + "\n" * 30_000),
        ("a " * 100_000, "b " * 100_000),
        ("\n".join(f"line {n}" for n in range(30_000)), "\n".join(f"line {n} changed" for n in range(30_000))),
        (" ".join("ab" for _ in range(1_400)), " ".join("ab cd" for _ in range(700))),
        ("\n".join(["same"] * 1_900 + ["x"]), "\n".join(["y"] + ["same", "other"] * 950)),
    ],
    ids=["blank lines", "one long line", "every line", "repeated words", "repeated lines"],
)
def test_large_texts_are_compared_in_bounded_time(old: str, new: str) -> None:
    started = time.process_time()
    assert diff_texts(old, new)
    follow_lines(old, new, 1, 1)
    assert time.process_time() - started < 10
