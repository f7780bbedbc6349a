"""Records in other tools' formats: what goes out comes back, and no export is a weapon."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.domain.scopes import Scope
from cairn.decisions.formats.anchors import find_section, list_sections
from cairn.decisions.formats.exports import (
    ExportedLink,
    ExportedRecord,
    write_csv,
    write_json,
    write_nygard,
    write_zip,
)
from cairn.decisions.formats.json_log import NotALog, is_json_log, read_json_log, split_json_log
from cairn.decisions.formats.model import Status, WritableRecord, WrittenLink
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.site import write_site

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
BODY = """## Context and Problem Statement

Work piles up.

```
# Decision Outcome
```

## Decision Outcome

One queue, see [it](0002-other.md#context) and [gone](nowhere/x.txt).

### Consequences

* Good."""


_OF_RECORD = set(WritableRecord.__dataclass_fields__) - {"links"}


def exported(number: int, **fields: Any) -> ExportedRecord:
    record = {"title": f"Decision {number}", "status": "accepted", "body": BODY, "slug": f"decision-{number}"}
    known = {name: fields.pop(name) for name in list(fields) if name in _OF_RECORD}
    known["links"] = fields.pop("stated", ())
    return ExportedRecord(
        id=UUID(int=number),
        ref=f"ADR-{number:04d}",
        record=WritableRecord(**{**record, "number": number, **known}),
        path=fields.pop("path", f"docs/{number:04d}-x.md"),
        version=1,
        content_hash="00",
        author="Ada",
        created_at=NOW,
        updated_at=NOW,
        **fields,
    )


def test_json_comes_back_as_the_files_it_was_made_of() -> None:
    latin = "# Caf\u00e9\n\nStatus: accepted\n".encode("latin-1")
    plain = b"\xef\xbb\xbf# Old\r\n\r\nStatus: accepted\r\n"
    stated = (WrittenLink("supersedes", "ADR-0003", reverse=True),)
    record = {"prefix": "SEC", "decided_on": date(2024, 5, 6), "status_text": "In force", "deciders": ("Ada",)}
    log = [
        exported(1, source=plain, path="docs/0001-old.md"),
        exported(2, source=latin, path="docs/0002-caf\u00e9.md"),
        exported(3, **record, stated=stated, review_on=date(2030, 1, 2), scope=Scope(("src/**",), ("mail",), ("c",))),
        exported(4, path="../../etc/passwd"),
        exported(4, path="docs/0001-old.md"),
    ]
    document = write_json("shop", log)

    assert is_json_log("shop.json", document)
    files = read_json_log(document)
    assert [file.path for file in files] == [
        "docs/0001-old.md", "docs/0002-caf\u00e9.md", "docs/0003-x.md", "0004-decision-4.md", "docs/0001-old-4.md",
    ]  # fmt: skip
    assert [file.content for file in files[:2]] == [plain, latin]
    parts = split_json_log(document, 1500)
    assert len(parts) > 2
    assert [file.content for part in parts for file in read_json_log(part)] == [file.content for file in files]
    assert files[2].review_on == date(2030, 1, 2)
    third = read_file(files[2].path, files[2].content)
    assert (third.title, third.prefix, third.number, third.slug) == ("Decision 3", "SEC", 3, "decision-3")
    assert (third.status, third.status_text, third.decided_on) == ("accepted", "In force", date(2024, 5, 6))
    assert (third.deciders, third.body) == (("Ada",), BODY)
    assert third.scope == log[2].record.scope
    assert ("supersedes", "ADR-0003", True) in {(link.kind, link.target, link.reverse) for link in third.links}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 9}, "version 9"),
        ({"records": [{"title": "A", "status": "odd"}]}, "odd"),
        (
            {"records": [{"title": "A", "status": "draft", "source": {"encoding": "base64", "content": "!"}}]},
            "record 1",
        ),
        ({"records": "none"}, "records"),
    ],
)
def test_json_that_is_no_export_says_where(change: dict[str, Any], told: str) -> None:
    document = json.dumps({"format": "cairn-log", "version": 1, "records": []} | change).encode()

    with pytest.raises(NotALog, match=told):
        read_json_log(document)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), nested=st.integers(0, 100_000))
def test_any_bytes_are_an_export_or_are_refused(content: bytes, nested: int) -> None:
    for document in (content, b'{"format": "cairn-log", "version": 1, "records": ' + b"[" * nested + content):
        try:
            read_json_log(document)
        except NotALog as error:
            assert str(error)  # noqa: PT017 - either is right


_WORDS = st.sampled_from(["Use", "a", "queue", "Ä", "it's", "C++", "(maybe)"])
_TITLES = st.lists(_WORDS, min_size=2, max_size=5).map(" ".join)
_PEOPLE = st.lists(st.sampled_from(["Ada Lovelace", "Grace Hopper", "Åsa"]), max_size=3, unique=True).map(tuple)
_TAGS = st.lists(st.sampled_from(["data", "web", "cost"]), max_size=3, unique=True).map(tuple)


_RECORDS = st.builds(
    WritableRecord,
    title=_TITLES,
    status=st.sampled_from(get_args(Status)),
    body=st.just(BODY),
    number=st.integers(0, 9999),
    decided_on=st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    deciders=_PEOPLE,
    tags=_TAGS,
)


@settings(max_examples=200, deadline=None)
@given(record=_RECORDS)
def test_nygard_reads_back(record: WritableRecord) -> None:
    read = read_file(f"{record.number:04d}-x.md", write_nygard(record))
    assert (read.kind, read.title, read.number, read.status) == ("record", record.title, record.number, record.status)
    assert (read.decided_on, read.deciders, read.tags) == (record.decided_on, record.deciders, record.tags)


def test_nygard_names_the_sections_as_nygard_did() -> None:
    text = write_nygard(exported(1, status_text="Accepted, for now").record).decode()
    headings = [line for line in text.split("\n") if line.startswith("#")]
    assert headings == [
        "# 1. Decision 1",
        "## Status",
        "## Context",
        "# Decision Outcome",
        "## Decision",
        "## Consequences",
    ]
    assert "\nAccepted, for now\n" in text


def test_csv_has_a_line_a_record_and_no_formulas() -> None:
    first = exported(1, title='=HYPERLINK("http://x")', tags=("a", "b"), scope=Scope(("src/**",), ("billing",)))
    rows = list(csv.DictReader(io.StringIO(write_csv([first, exported(2, title='Ä, "b"\nc')]).decode("utf-8-sig"))))
    assert [row["ref"] for row in rows] == ["ADR-0001", "ADR-0002"]
    assert rows[0]["title"] == '\'=HYPERLINK("http://x")'
    assert (rows[0]["tags"], rows[0]["applies_to"], rows[0]["components"]) == ("a; b", "src/**", "billing")
    assert rows[1]["title"] == 'Ä, "b"\nc'


def test_json_tells_everything() -> None:
    link = ExportedLink("supersedes", "0002-x.md", UUID(int=2), "ADR-0002")
    document = json.loads(write_json("log", [exported(1, links=(link,), former_names=("old.md",))]))
    assert (document["format"], document["version"], document["log"]) == ("cairn-log", 1, "log")
    [record] = document["records"]
    assert record["body"] == BODY
    assert record["links"] == [{"kind": "supersedes", "target": "0002-x.md", "ref": "ADR-0002"}]
    assert (record["former_names"], record["id"], record["date"]) == (["old.md"], str(UUID(int=1)), None)


@given(files=st.dictionaries(st.sampled_from(["a.md", "b/c.md", "ä.md"]), st.binary(max_size=200)))
def test_a_zip_gives_every_byte_back_and_is_always_the_same(files: dict[str, bytes]) -> None:
    packed = b"".join(write_zip(files.items()))
    assert packed == b"".join(write_zip(files.items()))
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == files
        assert opened.testzip() is None


class _Page(HTMLParser):
    """Everything in a page that could run or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"href", "src"}:
                self.targets.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


HOSTILE = """## <script>alert(1)</script> "quotes"

<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) [y](JaVaScRiPt:alert(1))
[z](data:text/html,<script>) ![i](javascript:alert(1)) <svg/onload=alert(1)> <javascript:alert(1)>
[b]: javascript:alert(1)
"""


def test_a_site_runs_nothing_and_loads_nothing() -> None:
    record = exported(1, title="<script>alert(1)</script>", body=HOSTILE, tags=('"><img src=x onerror=1>',))
    for path, content in write_site('<b onclick="x">', [record]):
        page = _Page(content.decode())
        assert not {"script", "iframe", "object", "svg", "base", "form"} & set(page.tags), path
        assert page.handlers == []
        assert not [target for target in page.targets if ":" in target]
        assert "default-src 'none'" in content.decode()


def test_a_site_leads_from_record_to_record_and_from_old_names() -> None:
    records = [
        exported(
            1, former_names=("docs/0007-old name.md",), links=(ExportedLink("amends", "2", UUID(int=2), "ADR-0002"),)
        ),
        exported(2, path="docs/0002-other.md", title="Other"),
    ]
    pages = {path: content.decode() for path, content in write_site("Log", records)}
    assert set(pages) == {
        "index.html",
        "adr-0001-decision-1.html",
        "adr-0002-other.html",
        "docs-0007-old-name.html",
    }
    assert 'url=adr-0001-decision-1.html"' in pages["docs-0007-old-name.html"]
    first = _Page(pages["adr-0001-decision-1.html"])
    assert "adr-0002-other.html#context" in first.targets
    assert "nowhere/x.txt" not in first.targets
    assert {"context-and-problem-statement", "decision-outcome", "consequences"} <= set(first.ids)
    assert {"adr-0001-decision-1.html", "adr-0002-other.html"} <= set(_Page(pages["index.html"]).targets)


def test_two_records_with_one_number_have_two_pages() -> None:
    twins = [exported(1), ExportedRecord(**{**_fields(exported(1)), "id": UUID(int=9)})]
    assert len(dict(write_site("Log", twins))) == 3


def _fields(record: ExportedRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ExportedRecord.__dataclass_fields__}


def test_a_section_is_found_whatever_its_number_was() -> None:
    before, after = "## 2. Context\n\n## 2.1 Options\n", "## 1 Background\n\n## 3. Context\n\n## 3.1 Options\n"
    old = [section.anchor for section in list_sections(before)]
    assert old == ["context", "options"]
    assert [section.title for anchor in old if (section := find_section(after, anchor))] == [
        "3. Context",
        "3.1 Options",
    ]
    for asked in ("2-context", "#3-context", "context", "Context"):
        found = find_section(after, asked)
        assert found is not None
        assert (found.line, found.page_anchor) == (2, "3-context")
    assert find_section(after, "gone") is None
    assert [s.anchor for s in list_sections("## A plan\n\n## A) Plan\n\n## IV. Plan\n\n## 12 factors\n")] == [
        "a-plan",
        "plan",
        "plan-1",
        "factors",
    ]
