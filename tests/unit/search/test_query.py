"""The query language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.kernel.errors import InvalidArgument
from cairn.search.domain import Filters
from cairn.search.model.query import ParsedQuery, contains_phrase, parse_dates, parse_query


def parse(query: str) -> ParsedQuery:
    return parse_query(query, Filters())


def test_words_phrases_and_exclusions() -> None:
    parsed = parse('why "Event Sourcing" -kafka -"message broker" outbox')
    assert parsed.text == "why Event Sourcing outbox"
    assert parsed.phrases == (("event", "sourcing"),)
    assert parsed.excluded == (("kafka",), ("message", "broker"))
    assert parsed.filters == Filters()


def test_a_pasted_text_has_no_operators() -> None:
    for query in ('status: "superseded by"\n# Use one flag', f"-kafka {'word ' * 24}"):
        parsed = parse(query)
        assert (parsed.phrases, parsed.excluded, parsed.filters) == ((), (), Filters())


def test_fields_become_filters() -> None:
    parsed = parse(
        'status:Accepted -status:draft tag:"event bus" -tag:old author:ada log:Platform supersedes:ADR-12 '
        "governs:src/a.py bus"
    )
    assert parsed.text == "bus"
    assert parsed.filters == Filters(
        statuses=("accepted",),
        excluded_statuses=("draft",),
        tags=("event bus",),
        excluded_tags=("old",),
        authors=("ada",),
        log_slugs=("platform",),
        supersedes=("ADR-12",),
        governs=("src/a.py",),
    )


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("date:2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("date:2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("date:2024-02-03", date(2024, 2, 3), date(2024, 2, 3)),
        ("after:2024", date(2025, 1, 1), None),
        ("before:2024-03", None, date(2024, 2, 29)),
        ("after:9999", date.max, None),
        ("before:0001", None, date.min),
    ],
)
def test_dates(query: str, first: date | None, last: date | None) -> None:
    assert (parse(query).filters.decided_from, parse(query).filters.decided_to) == (first, last)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("kafka status:maybe", "character 7"),
        ("after:soon", "character 1.*2024-05-31"),
        ("date:2024-02-31", "character 1"),
        ('tag:""', "character 1 has no value"),
        ("bus governs:/etc/passwd", "character 5: write a path inside the repository"),
        ("x -author:ada", "character 3.*left out"),
    ],
)
def test_a_value_that_cannot_be_meant_is_told_with_its_place(query: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        parse(query)


@pytest.mark.parametrize("query", ["ADR-12", "0012", "12", "#12", "platform/ADR-0012", "adr 12"])
def test_a_name_is_known(query: str) -> None:
    assert parse(query).name == query


def test_an_unknown_field_is_a_word_and_said() -> None:
    parsed = parse("colour:blue")
    assert parsed.text == "colour:blue"
    assert [(notice.code, notice.values) for notice in parsed.notices] == [("unknown_field", ("colour",))]
    assert "colour" in parsed.notices[0].text
    assert parse("https://example.org/x").notices == ()


def test_a_quote_that_is_not_closed_means_nothing() -> None:
    assert parse('"kafka bus').phrases == ()
    assert parse('"kafka bus').text == "kafka bus"


def test_a_long_text_has_no_operators() -> None:
    text = 'We "must" not -use status:accepted' + " word" * 25
    assert parse(text) == ParsedQuery(text, Filters())


def test_urls_and_the_type_of_a_commit_are_no_words() -> None:
    assert parse("feat(bus)!: use kafka, see https://example.org/kafka").text == "use kafka, see"
    assert parse("docs: [the bus](https://example.org)").text == "the bus"
    assert parse("fix:").text == "fix:"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Update docs/adr/2021-10-23_010-use-direct-chain.md", "Update  2021-10-23_010-use-direct-chain"),
        ("fix: see `doc/0012-use-kafka.adoc` again", "see  0012-use-kafka again"),
        ("src/billing/charge.py", "src/billing/charge.py"),
        ("either/or", "either/or"),
        ("a/b.md.bak", "a/b.md.bak"),
        ("/".join("a" * 10_000), "/".join("a" * 10_000)),
    ],
)
def test_of_a_documents_path_the_name_counts(query: str, text: str) -> None:
    assert parse(query).text == text


def test_quotes_are_strict_when_there_is_nothing_else() -> None:
    assert parse('"event sourcing" "a bus" status:accepted -old').strict
    assert not parse('Note "event sourcing" better').strict


def test_phrases_are_words_in_order() -> None:
    assert contains_phrase("An **event**\nsourcing, then", ("event", "sourcing"))
    assert not contains_phrase("event-driven sourcing", ("event", "sourcing"))
    assert not contains_phrase("preevent sourcing", ("event", "sourcing"))


@given(st.text(max_size=300))
def test_any_query_is_parsed_or_told(query: str) -> None:
    try:
        parsed = parse(query)
    except InvalidArgument as error:
        assert "character" in error.message  # noqa: PT017 - either outcome is right.
    else:
        assert len(parsed.text) <= 2 * len(query) + 1


@given(st.sampled_from(['"', "-", ":", " ", "a", "status:", "(a+)+"]).flatmap(lambda part: st.just(part * 5_000)))
def test_a_bomb_takes_bounded_time(query: str) -> None:
    try:
        parse(query)
    except InvalidArgument as error:
        assert error.field == "query"  # noqa: PT017 - either outcome is right.


def test_dates_are_read_alone_too() -> None:
    assert parse_dates(" 2024 ") == (date(2024, 1, 1), date(2024, 12, 31))
    with pytest.raises(InvalidArgument, match="2024-05"):
        parse_dates("1")
