from datetime import date

from cairn.decisions.formats.reader import read_file

LOG = """# Our decisions

Date: 2024-05-06
Status: Approved

## ADR-001: Use one queue

### Context

Why.

### Decision

Do.

---

## ADR-002: Use two queues

**Status:** Superseded by ADR-001

**Context:** Why.

```
## ADR-003: in code
```

## Summary

| a | b |
|---|---|
| 1 | 2 |
"""


def test_a_whole_log_in_one_file_is_split() -> None:
    found = read_file("decisions.md", LOG.encode())

    assert (found.kind, found.message) == (
        "record", "holds 2 decisions; the lines around them belong to no record and are kept with the file",
    )  # fmt: skip
    first, second = found.parts
    assert (first.title, first.number, first.slug, first.anchor) == (
        "Use one queue", 1, "use-one-queue", "adr-001-use-one-queue",
    )  # fmt: skip
    assert first.body == "## Context\n\nWhy.\n\n## Decision\n\nDo."
    assert (first.status, first.status_text, first.decided_on) == ("accepted", "Approved", date(2024, 5, 6))
    assert (second.status, second.number) == ("superseded", 2)
    assert "## ADR-003: in code" in second.body
    assert [(link.kind, link.target, link.reverse, link.line) for link in second.links] == [
        ("supersedes", "ADR-001", True, 20)
    ]


def test_what_stands_around_many_decisions_is_a_record_too_when_it_is_long() -> None:
    found = read_file("platform.md", (LOG + "\n## Notes\n\n" + "Words and more words. " * 120).encode())

    assert [part.anchor for part in found.parts] == ["document", "adr-001-use-one-queue", "adr-002-use-two-queues"]
    assert found.parts[0].title == "Our decisions"
    assert "Words and more words." in found.parts[0].body


def test_one_record_with_numbered_options_is_not_split() -> None:
    head = "# ADR-7: Choose\n\n## Status\n\nAccepted\n\n"
    text = head + "## Decision 1\n\n### Context\n\nx\n\n## Decision 2\n\n### Context\n"

    assert read_file("adr/0007-choose.md", text.encode()).parts == ()


def test_numbered_sections_are_no_log() -> None:
    text = "# Choose\n\nStatus: accepted\n\n## 1. Context\n\nWhy.\n\n## 2. Decision\n\nDo.\n\n## 3. Consequences\n\nx\n"

    assert read_file("adr/choose.md", text.encode()).parts == ()


def test_a_log_of_dated_entries() -> None:
    entries = "## 2024-05-06 — Use one queue\n\nIt is enough.\n\n## [2024-05-07] Use two\n\nIt was not.\n\n"
    found = read_file("DECISIONS.md", f"# Decision log\n\n{entries}## 2024-05-07: Name them\n\nShort.\n".encode())

    assert [(part.title, part.decided_on, part.body) for part in found.parts] == [
        ("Use one queue", date(2024, 5, 6), "It is enough."),
        ("Use two", date(2024, 5, 7), "It was not."),
        ("Name them", date(2024, 5, 7), "Short."),
    ]


def test_a_log_of_coded_entries() -> None:
    text = (
        "# Notes\n\n### D1: Use one queue\n\n**Status:** Accepted\n\nx\n\n### D-002 Use two\n\n**Status:** Draft\n\nx\n"
    )
    found = read_file("docs/decisions/notes.md", text.encode())

    assert [(part.title, part.number, part.status) for part in found.parts] == [
        ("Use one queue", 1, "accepted"),
        ("Use two", 2, "draft"),
    ]


def test_what_one_decision_states_holds_for_no_other() -> None:
    text = "# Log\n\n## ADR-1: A\n\n### Status\n\nRejected\n\n### Context\n\nx\n\n## ADR-2: B\n\n### Context\n\nx\n"
    found = read_file("log.md", text.encode())

    assert [(part.status, part.status_text) for part in found.parts] == [("rejected", "Rejected"), ("proposed", "")]


def test_a_changelog_is_no_log_of_decisions() -> None:
    text = "# What changed\n\n## 2024-05-06\n\nx\n\n## 2024-05-07 Fixes\n\nx\n\n## 2024-05-08 More\n\nx\n"

    assert read_file("docs/adr/changes-we-made.md", text.encode()).parts == ()


def test_a_table_of_decisions() -> None:
    table = (
        "| # | Decision | Rationale | Status | Date |\n|---|---|---|---|---|\n"
        "| 1 | **Use one queue.** It is there. | Simple.<br>See ADR-2. | Accepted | 2024-05-06 |\n"
        "| D-02 | Use two queues | Fast | Rejected | |\n"
    )
    found = read_file("decision-log.md", f"# Decision log\n\nWords.\n\n{table}".encode())

    first, second = found.parts
    assert (first.title, first.number, first.status, first.decided_on) == (
        "Use one queue", 1, "accepted", date(2024, 5, 6),
    )  # fmt: skip
    assert first.body == "## Decision\n\n**Use one queue.** It is there.\n\n## Rationale\n\nSimple.\nSee ADR-2."
    assert [(link.target, link.line) for link in first.links] == [("ADR-2", 7)]
    assert (second.title, second.number, second.status, second.anchor) == (
        "Use two queues", 2, "rejected", "d-02-use-two-queues",
    )  # fmt: skip


def test_an_index_table_and_a_table_of_options_are_no_logs() -> None:
    index = "# Decisions\n\n| # | Decision | Status |\n|---|---|---|\n" + "| 1 | [A](0001-a.md) | Accepted |\n" * 3
    options = (
        "# 7. Choose\n\n## Status\n\nAccepted\n\n## Decision\n\n| # | Decision | Why |\n|---|---|---|\n| 1 | a | b |\n"
    )

    assert read_file("docs/decisions-list.md", index.encode()).parts == ()
    assert read_file("adr/0007-choose.md", (options + "| 2 | c | d |\n").encode()).parts == ()


def test_a_log_of_two_coded_entries_whose_fields_stand_on_one_line() -> None:
    first = "### D1 — A\n**Date:** 2024-01-02 | **Status:** Accepted\n\nx\n\n"
    parts = read_file("DECISIONS.md", f"# Decisions\n\n{first}### D2 — B\n**Date:** 2024-01-03\n".encode()).parts

    assert [(part.title, part.number, part.status) for part in parts] == [("A", 1, "accepted"), ("B", 2, "proposed")]
