import pytest

from cairn.decisions.formats.reader import read_file

RECORD = "# Use templates\n\n## Status\n\nAccepted\n\n## Context\n\nWhy.\n\n## Decision\n\nDo.\n"
TEMPLATE = (
    "# {short title}\n\n* Status: {proposed | accepted}\n* Date: {YYYY-MM-DD when}\n\n## Context\n\n{Describe it}\n"
)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("docs/adr/README.md", "# Decisions\n\n- [1](0001-a.md)\n", "a page about the log, not a record of it"),
        ("docs/adr/000-index.md", "# Index\n", "a page about the log, not a record of it"),
        ("docs/adr/index.md", "# Decisions\n", "a page about the log, not a record of it"),
        ("LICENSE.md", "Apache", "a page about the log, not a record of it"),
        ("docs/adr/adr-template.md", TEMPLATE, "a template, by its name"),
        ("docs/adr/.TEMPLATE.md", RECORD.replace("templates", "x"), "a template, by its name"),
        ("docs/adr/my-template.md", TEMPLATE, "a template, by its name"),
        ("docs/adr/how-we-write.md", TEMPLATE, "a template: its fields are placeholders"),
        ("docs/adr/all.md", "# All\n\n" + "- [x](0001-x.md)\n" * 5, "an index: it mostly lists links"),
        ("src/guide.md", "# Guide\n\nWords.\n", "not a decision: no number, status or section of a record was found"),
        ("docs/adr/logo.png", "x", "not a document (.png)"),
        ("docs/adr/empty.md", " \n\t\n", "empty"),
    ],
)
def test_what_is_no_record_is_left_out_with_its_reason(path: str, text: str, reason: str) -> None:
    found = read_file(path, text.encode())

    assert (found.kind, found.message) == ("left_out", reason)


@pytest.mark.parametrize(
    "path",
    [
        "docs/adr/0007-prompt-template-engine.md",
        "docs/adr/0008-templates.md",
        "docs/adr/use-a-template.md",
        "docs/adr/0009-index-pages.md",
        "0010-x/README.md",
        "docs/decisions/free-form.md",
    ],
)
def test_records_with_telling_names_are_records(path: str) -> None:
    assert read_file(path, RECORD.encode()).kind == "record"


def test_a_short_note_in_a_log_folder_is_a_record() -> None:
    assert read_file("docs/decisions/use-x.md", b"# Use X for research\n").kind == "record"
