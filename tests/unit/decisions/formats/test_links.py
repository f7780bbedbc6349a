import pytest

from cairn.decisions.formats.links import find_links, is_record_target
from cairn.decisions.formats.model import WrittenLink
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.resolve import Known, LinkIndex

HEAD = "# 7. Keep it\n\n"
BODY = "\n\n## Context\n\nWhy.\n\n## Decision\n\nDo.\n"


def links(text: str) -> list[tuple[str, str, bool, int]]:
    found = read_file("adr/0007-keep-it.md", text.encode())
    return [(link.kind, link.target, link.reverse, link.line) for link in found.links]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Superseded by [9. Other](0009-other.md)", [("supersedes", "0009-other.md", True, 5)]),
        ("Superseded by ADR-0009", [("supersedes", "ADR-0009", True, 5)]),
        ("Superseded by 0009", [("supersedes", "0009", True, 5)]),
        ("⌛ Superseded [0009](0009-other.md)", [("supersedes", "0009-other.md", True, 5)]),
        ("Accepted\n\nSupercedes [3. Old](0003-old.md)", [("supersedes", "0003-old.md", False, 7)]),
        ("Accepted; supersedes ADR-0003", [("supersedes", "ADR-0003", False, 5)]),
        ("Superseded by [ADR 9](/adr/9) and [ADR 11](/adr/11)",
         [("supersedes", "/adr/9", True, 5), ("supersedes", "/adr/11", True, 5)]),
        ("Accepted\n\nAmended by [9. Other](0009-other.md)", [("amends", "0009-other.md", True, 7)]),
        ("Accepted\n\nAmends [3. Old](0003-old.md)", [("amends", "0003-old.md", False, 7)]),
        ("Deprecated in favor of ADR-9", [("supersedes", "ADR-9", True, 5)]),
        ("Remplacé par ADR-9", [("supersedes", "ADR-9", True, 5)]),
        ("Ersetzt durch [9](0009-other.md)", [("supersedes", "0009-other.md", True, 5)]),
        ("Accepted", []),
    ],
)  # fmt: skip
def test_relations_in_a_status(status: str, expected: list[tuple[str, str, bool, int]]) -> None:
    assert links(f"{HEAD}## Status\n\n{status}{BODY}") == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("---\nstatus: accepted\nsupersedes: ADR-3\n---\n" + HEAD, [("supersedes", "ADR-3", False, 3)]),
        ("---\nsupersededBy: 0009-other\n---\n" + HEAD, [("supersedes", "0009-other", True, 2)]),
        (HEAD + "| A | B |\n|---|---|\n| Status | Approved |\n| Updates | ADR-8 |", [("amends", "ADR-8", False, 6)]),
        (HEAD + "* Status: accepted\n* Depends on: [3](0003-a.md), [4](0004-b.md)",
         [("depends_on", "0003-a.md", False, 4), ("depends_on", "0004-b.md", False, 4)]),
        (HEAD + "| A | B |\n|---|---|\n| Status | Draft |\n| Supersedes | N/A |", []),
    ],
)  # fmt: skip
def test_relations_in_fields(head: str, expected: list[tuple[str, str, bool, int]]) -> None:
    assert links(head + BODY) == expected


def test_prose_is_read_with_its_line_and_code_is_not() -> None:
    text = "See [it](0003-a.md) and ADR-4.\n\n```\nADR-5\n```\n\nThis does not supersede ADR-6. It supersedes ADR-8.\n"
    found = links(f"{HEAD}## Status\n\nAccepted\n\n## Context\n\n{text}")

    assert found == [
        ("relates_to", "0003-a.md", False, 9),
        ("relates_to", "ADR-4", False, 9),
        ("relates_to", "ADR-6", False, 15),
        ("supersedes", "ADR-8", False, 15),
    ]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("0003-a.md", True),
        ("../adr/0003-a.md#context", True),
        ("/adr/32", True),
        ("ADR-12", True),
        ("0012-use-x", True),
        ("0003-a.html", True),
        ("https://github.com/o/r/blob/main/docs/adr/0003-a.md", True),
        ("https://docs.example/adr/0003-a.html", True),
        ("https://github.com/o/r/issues/12", False),
        ("https://blog.example/2020-08-13-why", False),
        ("https://example.com", False),
        ("#context", False),
        ("mailto:a@example.com", False),
        ("README.md", False),
        ("picture.png", False),
        ("http://[bad", False),
    ],
)
def test_what_can_be_a_record(target: str, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_record_target(target) is expected


def test_wiki_links_and_bare_names() -> None:
    found = find_links("As in [[0003-a|the old one]] and in 0004-b.md; RFC 2119 is none.")

    assert [(link.target, link.text) for link in found] == [("0003-a", "the old one"), ("0004-b.md", "0004-b.md")]


INDEX = LinkIndex(
    [
        Known("a", "docs/adr/0003-use-a.md", 3, "use-a", "Use A"),
        Known("b", "docs/adr/0004-use-b.md", 4, "use-b", "Use B"),
        Known("c", "docs/adr/core/PRJ-ADR-Core-0004-use-c.md", 4, "use-c", "Use C"),
        Known("d", "docs/adr/2024-01-02-use-d.md", None, "use-d", "Use D"),
        Known("e", "", 12, "written-here", "Written here"),
    ]
)


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("0003-use-a.md", "a"),
        ("./0003-use-a.md#context", "a"),
        ("../adr/0003-use-a.md", "a"),
        ("/docs/adr/0003-use-a.md", "a"),
        ("0003-use-a", "a"),
        ("0003-use-a.html", "a"),
        ("elsewhere/0003-use-a.md", "a"),
        ("https://github.com/o/r/blob/main/docs/adr/0003-use-a.md", "a"),
        ("https://site.example/docs/adr/0003-use-a.html", "a"),
        ("/adr/3", "a"),
        ("ADR-0003", "a"),
        ("ADR 3", "a"),
        ("3", "a"),
        ("use-a", "a"),
        ("Use A", "a"),
        ("0003-old-name-of-it.md", None),
        ("ADR-4", "b"),
        ("PRJ-ADR-Core-0004", "c"),
        ("2024-01-02-use-d.md", "d"),
        ("use-d.md", "d"),
        ("ADR-12", "e"),
        ("0012-written-here.md", "e"),
        ("ADR-99", None),
        ("", None),
        ("http://[bad", None),
    ],
)
def test_a_link_finds_its_record(target: str, key: str | None) -> None:
    assert INDEX.match(target, "docs/adr/0004-use-b.md") == key


def test_links_of_a_record_carry_their_text() -> None:
    found = read_file("adr/0007-x.md", f"{HEAD}## Status\n\nSuperseded by [9. Other](0009-other.md){BODY}".encode())

    assert found.links == (WrittenLink("supersedes", "0009-other.md", "9. Other", 5, reverse=True),)


def test_what_a_list_says_of_another_record_is_not_said_of_this_one() -> None:
    found = find_links("- [3. A](0003-a.md) covers more,\n  and supersedes ADR-9\n- Supersedes ADR-8\n")

    assert [(link.kind, link.target) for link in found] == [
        ("relates_to", "0003-a.md"), ("relates_to", "ADR-9"), ("supersedes", "ADR-8"),
    ]  # fmt: skip


SCOPED = LinkIndex(
    [
        Known("a", "adr/0003-a.md", 3, "a"),
        Known("s", "adr/SEC-0003-s.md", 3, "s", prefix="SEC"),
        Known("t", "adr/SEC-0004-t.md", 4, "t", prefix="SEC"),
    ]
)


@pytest.mark.parametrize(
    ("target", "from_path", "key"),
    [
        ("ADR-3", "adr/SEC-0004-t.md", "a"),
        ("SEC-3", "adr/0003-a.md", "s"),
        ("SEC-ADR-0003", "adr/0003-a.md", "s"),
        ("3", "adr/SEC-0004-t.md", "s"),
        ("3", "adr/0009-x.md", "a"),
        ("SEC-0003-s.md", "adr/0009-x.md", "s"),
        ("OPS-3", "adr/0009-x.md", None),
    ],
)
def test_a_number_is_looked_for_in_its_scope(target: str, from_path: str, key: str | None) -> None:
    assert SCOPED.match(target, from_path) == key


@pytest.mark.parametrize(
    "status",
    [
        "Superseded by [9](0009-other.html)",
        "Superseded by [ADR-9](https://docs.example/adr/0009-other.html#context)",
        'Superseded by <a href="0009-other.html">ADR-0009</a>',
        "Superseded by 0009-other.html",
        "Superseded by [[0009-other.html|nine]]",
    ],
)
@pytest.mark.parametrize("form", ["## Status\n\n{}", "* Status: {}", "<p>Status: {}</p>", "| Status | {} |\n|---|---|"])
def test_a_link_to_a_page_of_a_built_site(status: str, form: str) -> None:
    if "<p>" in form and "](" in status:
        return  # HTML holds no Markdown.
    found = read_file("adr/0007-x.md", f"{HEAD}{form.format(status.replace('|', chr(92) + '|'))}{BODY}".encode())
    index = LinkIndex([Known("nine", "adr/0009-other.md", 9, "other")])

    assert found.status == "superseded"
    [link] = found.links
    assert (link.kind, link.reverse, index.match(link.target, "adr/0007-x.md")) == ("supersedes", True, "nine")


def test_what_a_list_of_related_records_says_of_each_holds() -> None:
    related = "## Related decisions\n\n- Supersedes ADR-3\n- ADR-4\n- Superseded by ADR-5\n"
    found = read_file("adr/0007-x.md", f"{HEAD}* Status: accepted{BODY}\n{related}".encode())

    assert [(link.kind, link.target, link.reverse) for link in found.links] == [
        ("supersedes", "ADR-3", False), ("relates_to", "ADR-4", False), ("supersedes", "ADR-5", True),
    ]  # fmt: skip


def test_the_words_of_a_link_may_go_on_in_the_next_line() -> None:
    body = "It was [merged\nat night](0004-merge.md).\n"
    found = read_file("adr/0007-keep-it.md", f"{HEAD}## Context\n\n{body}".encode()).links
    assert ("0004-merge.md", "merged\nat night") in [(link.target, link.text) for link in found]
