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
