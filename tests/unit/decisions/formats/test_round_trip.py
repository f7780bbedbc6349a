"""What is written can be read again: every field, and the body character for character."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.domain.scopes import Scope
from cairn.decisions.formats.model import WritableRecord, WrittenLink
from cairn.decisions.formats.reader import normalise_body, read_file
from cairn.decisions.formats.titles import slugify
from cairn.decisions.formats.writer import file_name, write_record

_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029\x85"), max_size=60
)
_LINE = _TEXT.map(lambda text: " ".join(text.split()))
_PROSE = st.sampled_from(
    [
        "# Not the title", "## Status", "Superseded by 0007", "- Status: rejected", "---", "```", "| Status | Draft |",
        "", "    indented", "cairn:", "Date: 2024-023-2706", "<!-- # hidden -->", "See [it](0003-x.md)", "  trailing  ",
        "\t",
    ]
)  # fmt: skip
_BODY = st.lists(_PROSE | _TEXT, max_size=12).map("\n".join).map(normalise_body)
_NAMES = st.lists(_LINE.filter(bool), max_size=4, unique=True).map(tuple)


_PATTERNS = st.lists(
    st.sampled_from(
        ["src/**", "!src/tests/", "*.sql", "/docs", "a b/", "# no comment", "key: value", "[ab].py", "x,y"]
    ),
    max_size=4,
    unique=True,
).map(tuple)
_SCOPES = st.builds(Scope, _PATTERNS, _NAMES, _NAMES)


@st.composite
def _records(draw: st.DrawFn) -> WritableRecord:
    status = draw(st.sampled_from(["draft", "proposed", "accepted", "rejected", "deprecated", "superseded"]))
    targets = draw(
        st.lists(st.sampled_from(["ADR-3", "0004-x.md", "https://x.example/adr/5-y.md"]), unique=True, max_size=2)
    )
    return WritableRecord(
        title=draw(_LINE.filter(bool)),
        status=status,
        body=draw(_BODY),
        number=(number := draw(st.none() | st.integers(0, 99_999))),
        prefix="" if number is None else draw(st.sampled_from(["", "SEC", "RFC", "X2"])),
        slug=slugify(draw(_LINE)) or "x",
        status_text=draw(_LINE),
        decided_on=draw(st.none() | st.dates(date(1970, 1, 1), date(2100, 12, 31))),
        deciders=draw(_NAMES),
        tags=draw(_NAMES),
        links=tuple(WrittenLink("supersedes", target, reverse=draw(st.booleans())) for target in targets),
        scope=draw(_SCOPES),
    )


@settings(max_examples=300, deadline=None)
@given(record=_records())
def test_a_written_record_reads_back_equal(record: WritableRecord) -> None:
    read = read_file(f"adr/{file_name(record.number, record.slug, record.prefix)}", write_record(record))

    assert read.kind == "record", read.message
    assert read.title == record.title
    assert (read.status, read.status_text or read.status) == (record.status, record.status_text or record.status)
    assert (read.prefix, read.number, read.slug) == (record.prefix, record.number, record.slug)
    assert read.decided_on == record.decided_on
    assert (read.deciders, read.tags) == (record.deciders, record.tags)
    assert read.scope == record.scope
    assert read.body == record.body
    written = {(link.kind, link.target, link.reverse) for link in record.links}
    assert written <= {(link.kind, link.target, link.reverse) for link in read.links}


@settings(max_examples=100, deadline=None)
@given(record=_records())
def test_writing_what_was_read_gives_the_same_bytes(record: WritableRecord) -> None:
    first = write_record(record)
    read = read_file("adr/1-x.md", first)
    again = WritableRecord(
        title=read.title, status=read.status, body=read.body, number=read.number, prefix=read.prefix, slug=read.slug,
        status_text=read.status_text, decided_on=read.decided_on, deciders=read.deciders, tags=read.tags,
        links=record.links, scope=read.scope,
    )  # fmt: skip

    assert write_record(again) == first
