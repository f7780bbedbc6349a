from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes.sources import APassage, ARecord

from cairn.chat.domain.citations import CitationChecker
from cairn.chat.domain.events import Citation, Delta, Mark
from cairn.chat.domain.phrases import GERMAN
from cairn.chat.domain.sources import Source

NEW = ARecord(UUID(int=2), "ADR-2")
OLD = ARecord(UUID(int=1), "ADR-1", status="superseded", successor=NEW)
IDEA = ARecord(UUID(int=3), "ADR-3", status="proposed")
SOURCES = [Source(record, APassage(record.ref), 1.0) for record in (OLD, NEW, IDEA)]


def check(*pieces: str, sources: list[Source] = SOURCES) -> tuple[str, list[tuple[int, str]], CitationChecker]:
    checker = CitationChecker(sources)
    text, cited = "", []
    for piece in [*pieces, None]:
        for event in checker.feed(piece) if piece is not None else checker.finish():
            if isinstance(event, Citation):
                if (event.number, event.source.record.ref) not in cited:
                    assert f"[{event.number}]" not in text
                    cited.append((event.number, event.source.record.ref))
            elif isinstance(event, Mark):
                assert event.text in text
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


def test_what_was_done_to_an_answer_is_told_in_the_language_of_who_asks() -> None:
    checker = CitationChecker(SOURCES, phrases=GERMAN)
    written = [*checker.feed("We poll [1]. Or do we [7]? Or [8]?"), *checker.finish()]
    text = "".join(event.text for event in written if isinstance(event, Delta))
    assert text == (
        "We poll [1] (abgelöst durch ADR-2 [2]). Or do we? Or?\n\n"
        "*2 Verweise in dieser Antwort nannten keine gefundene Stelle und wurden entfernt.*"
    )
    nothing = "".join(event.text for event in CitationChecker([], phrases=GERMAN).finish() if isinstance(event, Delta))
    assert nothing.startswith("\n\n*Diese Antwort nennt keine Stelle.")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A [2,3].", "A [1][2] (proposed, not decided)."),
        ("A [ 2 ; 2 ].", "A [1]."),
        ("A [2][3].", "A [1] [2] (proposed, not decided)."),
        ("A [2](https://evil.example) b", "A [1] b"),
        ("Code `x[2]` and [2].", "Code `x[2]` and [1]."),
        ("```\nx[2]\n```\n[2]", "```\nx[2]\n```\n[1]"),
        ("A lone ` here\n\n[2]", "A lone ` here\n\n[1]"),
        ("So [[x](/a)](/b) [2]", "So [x] (/b) [1]"),
        ("A lone ` and [x](http://evil) [2]", "A lone ` and x [1]"),
        ("Two ``a`b [9]`` and [2]", "Two ``a`b [9]`` and [1]"),
        ("A [link](x) [2]", "A link [1]"),
        ("![seen](http://x/p.png) [2]", "seen [1]"),
        ("See <https://x.example/q> and https://x.example/?q. [2]", "See (address removed) and (address removed). [1]"),
        ("See [https://x.example/q](https://x.example/q), it says. [2]", "See (address removed), it says. [1]"),
        ("[a]: http://x\nSo [a][b] [2]", "\nSo a [1]"),
        ("<img src=x> [2]", "&lt;img src=x> [1]"),
        ("1 < 2 [2]", "1 < 2 [1]"),
        ("List [2", "List [2"),
    ],
)
def test_forms_of_citations(written: str, read: str) -> None:
    text, _, checker = check(written)
    assert text.startswith(read)
    assert text == read or text.startswith(f"{read}\n\n*")
    assert checker.cited or "cites no passage" in text


def test_citations_that_do_not_exist_are_removed_and_told() -> None:
    text, cited, checker = check("True [2]. False [4] and [0], [99].")
    assert text.startswith("True [1]. False and,.")
    assert "3 citations in this answer named no passage that was found, and were removed." in text
    assert (len(cited), checker.tally.removed) == (1, 3)


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


FERRY = Source(
    ARecord(UUID(int=4), "ADR-4", "Count seats once"),
    APassage("The manifest is the *only* place\nwhere a seat is taken. It costs 250 ms and runs on Postgres 18."),
    1.0,
)
PRICES = Source(ARecord(UUID(int=5), "ADR-5", "Prices"), APassage("Prices change on Mondays, and never at sea."), 1.0)


def _marks(written: str) -> tuple[str, set[tuple[str, str]], list[Citation]]:
    checker = CitationChecker([FERRY, PRICES])
    events = [*checker.feed(written), *checker.finish()]
    text = "".join(event.text for event in events if isinstance(event, Delta))
    marks = {(event.kind.value, event.text) for event in events if isinstance(event, Mark)}
    return text, marks, [event for event in events if isinstance(event, Citation)]


def test_a_quotation_gets_the_words_of_the_record_and_its_place() -> None:
    text, marks, citations = _marks('It is "The only place where a seat is taken", they say [1].')
    assert text == "It is \u201cthe *only* place where a seat is taken\u201d, they say [1]."
    assert not marks
    span = citations[0].spans[0]
    assert FERRY.passage.text[span.start : span.end] == "the *only* place\nwhere a seat is taken"


def test_a_wrong_citation_of_a_quotation_is_repaired_and_told() -> None:
    text, _, citations = _marks("They \u201cchange on Mondays, and never\u201d change [1].")
    assert [one.source.record.ref for one in citations] == ["ADR-5"]
    assert "named another passage than the one quoted" in text


def test_a_quotation_without_a_citation_gets_one() -> None:
    text, _, citations = _marks("They \u201cchange on Mondays, and never\u201d change.\n\nSo be it.")
    assert [one.source.record.ref for one in citations] == ["ADR-5"]
    assert "change. [1]\n\nSo be it." in text


def test_a_made_up_quotation_loses_its_marks_and_is_marked() -> None:
    text, marks, _ = _marks("They say \u201cseats may be sold twice\u201d [1].")
    assert "\u201c" not in text
    assert ("quote", "seats may be sold twice") in marks
    assert "lost its quotation marks" in text


def test_figures_and_names_that_no_cited_passage_has_are_marked() -> None:
    _, marks, _ = _marks("The manifest takes 250 ms on Postgres 18 [1]. It took 900 ms on MariaDB, as Zurich knows.")
    assert marks == {("figure", "900"), ("name", "MariaDB"), ("name", "Zurich")}


def test_what_another_passage_has_must_be_cited_to_count() -> None:
    assert _marks("Prices change on Mondays at 18 sharp [2].")[1] == {("figure", "18")}
    assert _marks("Prices change on Mondays at 18 sharp [2] [1].")[1] == set()


def test_lists_headings_and_spelled_numbers_are_not_marked() -> None:
    one = Source(ARecord(UUID(int=6), "ADR-6"), APassage("We run two quays and 1,500 boats since 2024-03-01."), 1.0)
    checker = CitationChecker([one])
    written = "## Why Two Quays\n\n1. There are 2 quays [1].\n2. And 1500 boats since 1 March 2024."
    events = [*checker.feed(written), *checker.finish()]
    assert not [event for event in events if isinstance(event, Mark)]
