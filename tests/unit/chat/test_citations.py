from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes.sources import APassage, ARecord

from cairn.chat.domain.citations import CitationChecker
from cairn.chat.domain.events import Citation, Delta
from cairn.chat.domain.sources import Source

NEW = ARecord(UUID(int=2), "ADR-2")
OLD = ARecord(UUID(int=1), "ADR-1", status="superseded", successor=NEW)
IDEA = ARecord(UUID(int=3), "ADR-3", status="proposed")
SOURCES = [Source(record, APassage(record.ref), 1.0) for record in (OLD, NEW, IDEA)]


def check(*pieces: str) -> tuple[str, list[tuple[int, str]], CitationChecker]:
    checker = CitationChecker(SOURCES)
    text, cited = "", []
    for piece in [*pieces, None]:
        for event in checker.feed(piece) if piece is not None else checker.finish():
            if isinstance(event, Citation):
                assert f"[{event.number}]" not in text
                cited.append((event.number, event.source.record.ref))
            else:
                assert isinstance(event, Delta)
                text += event.text
    return text, cited, checker


def test_citations_are_numbered_by_first_use() -> None:
    text, cited, _ = check("New rule [2]. Idea [3]. Again [2].")
    assert text == "New rule [1]. Idea [2] (proposed, not decided). Again [1]."
    assert cited == [(1, "ADR-2"), (2, "ADR-3")]


def test_an_old_rule_comes_with_its_successor_whatever_the_model_says() -> None:
    text, cited, _ = check("We poll [1]. We poll [1].")
    assert text == "We poll [1] (superseded by ADR-2 [2]). We poll [1]."
    assert cited == [(1, "ADR-1"), (2, "ADR-2")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A [2,3].", "A [1][2] (proposed, not decided)."),
        ("A [ 2 ; 2 ].", "A [1]."),
        ("A [2][3].", "A [1] [2] (proposed, not decided)."),
        ("A [2](https://evil.example) b", "A [1] (https://evil.example) b"),
        ("Code `x[2]` and [2].", "Code `x[2]` and [1]."),
        ("```\nx[2]\n```\n[2]", "```\nx[2]\n```\n[1]"),
        ("A lone ` here\n\n[2]", "A lone ` here\n\n[1]"),
        ("A [link](x) [2]", "A [link](x) [1]"),
        ("List [2", "List [2"),
    ],
)
def test_forms_of_citations(written: str, read: str) -> None:
    text, _, checker = check(written)
    assert text.startswith(read)
    assert text == read or not checker.cited


def test_citations_that_do_not_exist_are_removed_and_told() -> None:
    text, cited, checker = check("True [2]. False [4] and [0], [99].")
    assert text.startswith("True [1]. False and,.")
    assert "3 citations in this answer named no passage that was found, and were removed." in text
    assert (len(cited), checker.removed) == (1, 3)


def test_an_answer_without_citations_says_so() -> None:
    text, cited, _ = check("I remember that Kafka is good.")
    assert "cites no passage" in text
    assert cited == []


WRITTEN = "We poll [1], not [7]; see `a[2]` and [2, 3].\n\n```py\nx[1]\n```\nSo [2](x) [3]."


@given(st.lists(st.integers(0, len(WRITTEN)), max_size=12))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WRITTEN)]
    pieces = [WRITTEN[start:end] for start, end in pairwise(edges)]
    assert check(*pieces)[:2] == check(WRITTEN)[:2]
