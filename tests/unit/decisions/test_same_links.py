from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.domain import Content, Status
from cairn.decisions.usecases.changes import text_links, write_same_links

BEFORE = Content(
    title="Push", status=Status.ACCEPTED, body="Supersedes ADR-0001.\n\nSee [the log](0002-log.md).\n\nEnd."
)


@pytest.mark.parametrize(
    "body", [BEFORE.body + " More.", BEFORE.body.replace("\n\n", "\n\nNew words.\n\n", 1), BEFORE.body]
)
def test_words_around_links_change_no_link(body: str) -> None:
    after = replace(BEFORE, body=body)
    assert write_same_links(BEFORE, after)
    assert text_links(after) == text_links(BEFORE)


@pytest.mark.parametrize(
    "body",
    [
        BEFORE.body.replace("ADR-0001", "ADR-0003"),
        BEFORE.body.replace("Supersedes", "Amends"),
        BEFORE.body.replace("See", "    See"),
        BEFORE.body.replace("\n\nSee", "\n\n```\nSee").replace("End.", "```"),
        BEFORE.body + "\n\nADR-0009",
        "",
    ],
)
def test_a_link_that_changes_or_becomes_code_is_seen(body: str) -> None:
    assert not write_same_links(BEFORE, replace(BEFORE, body=body))


def test_another_wording_of_the_status_is_seen() -> None:
    assert not write_same_links(BEFORE, replace(BEFORE, status_text="Superseded by ADR-0004"))


_LINES = [
    "", "Words.", "# Heading", "```", "~~~", "<!-- a note", "-->", "Supersedes ADR-0001.", "See [b](0002-b.md).",
    "- [c](0003-c.md)", "- also supersedes ADR-0004", "  and amends ADR-0005", "[d]: 0006-d.md",
]  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_LINES), max_size=30)


@given(_TEXTS, st.integers(0, 30), st.integers(0, 4), st.lists(st.sampled_from(_LINES), max_size=4))
@settings(max_examples=400, deadline=None)
def test_what_is_called_the_same_is_the_same(lines: list[str], at: int, out: int, put: list[str]) -> None:
    before = replace(BEFORE, body="\n".join(lines))
    after = replace(BEFORE, body="\n".join([*lines[:at], *put, *lines[at + out :]]))
    if write_same_links(before, after):
        assert text_links(after) == text_links(before)
