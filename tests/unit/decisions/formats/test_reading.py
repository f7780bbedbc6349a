"""Every carrier of a field that real logs use, on small files of our own."""

from datetime import date

import pytest

from cairn.decisions.formats.model import FieldReport, ReadFile
from cairn.decisions.formats.reader import read_file
from cairn.kernel.phrases import phrases_of

NYGARD = "# 7. Keep it\n\nDate: 2024-05-06\n\n## Status\n\nAccepted\n\n## Context\n\nWhy.\n\n## Decision\n\nDo.\n"
BODY = "\n\n## Context\n\nWhy.\n\n## Decision\n\nDo.\n"


def read(text: str, path: str = "adr/0007-keep-it.md") -> ReadFile:
    found = read_file(path, text.encode())
    # Whatever is read: what is said of it can be said in other languages.
    for said in (found.message, *(entry.reason for entry in found.fields)):
        assert said == "" or phrases_of(said), said
    return found


def report(found: ReadFile, field: str) -> FieldReport:
    return next(entry for entry in found.fields if entry.field == field)


def test_nygard() -> None:
    found = read(NYGARD)

    assert (found.kind, found.format, found.title, found.number, found.slug) == (
        "record", "nygard", "Keep it", 7, "keep-it",
    )  # fmt: skip
    assert (found.status, found.status_text, found.decided_on) == ("accepted", "Accepted", date(2024, 5, 6))
    assert found.body == "## Context\n\nWhy.\n\n## Decision\n\nDo."
    assert report(found, "status") == FieldReport("status", "read", "accepted", "section “Status”", 7)


@pytest.mark.parametrize(
    "head",
    [
        "# Keep it\n\n* Status: rejected\n* Deciders: Ada, Bob\n* Date: 2024-05-06",
        "# Keep it\n\n- **Status:** Rejected\n- **Deciders:** Ada and Bob\n- **Date:** 2024-05-06",
        "# Keep it\n\n**Status: Rejected**\\\n**Deciders: Ada, Bob**\\\n**Date: 2024-05-06**",
        "# Keep it\n\n**Date :** 2024-05-06  \n**Statut :** Rejeté  \n**Décideurs :** Ada, Bob",
        "# Keep it\n\nStatus: rejected\nDatum: 6. Mai 2024\nEntscheider: Ada und Bob",
        "# Keep it\n\n**Status:** Rejected | **Date:** 2024-05-06 | **Deciders:** Ada, Bob",
        "# Keep it\n\nStatus | Date | Deciders\nRejected | 2024-05-06 | Ada, Bob",
        "# Keep it\n\n| Status | Date | Deciders |\n|---|---|---|\n| Rejected | 2024-05-06 | Ada, Bob |",
        "# Keep it\n\n|Metadata|Value|\n|---|---|\n|Date|2024-05-06|\n|Status|Rejected|\n|Deciders|Ada, Bob|",
        "# Keep it\n\n| Date | May 6, 2024 |\n|:---|:---|\n| Status | Rejected |\n| Deciders | [Ada](@ada), Bob |",
        "# Keep it\n\n| | |\n|---|---|\n|**Status**|Rejected|\n|**Date**|2024-05-06|\n|**Deciders**|Ada<br>Bob|",
        "---\nstatus: rejected\ndate: 2024-05-06\ndeciders: Ada, Bob\n---\n\n# Keep it",
        "---\nstatus: { rejected }\ndate: { 2024-05-06 }\ndecision-makers: [Ada, Bob]\n---\n# Keep it",
        "---\nTitle: Keep it\nStatus: Rejected\nDecisionMakers:\n  - Ada\n  - Bob\nDate: 2024-05-06T00:00:00Z\n---",
        "# Keep it\n\n## Status\n\nRejected\n\n## Date\n\n2024-05-06\n\n## Deciders\n\n* Ada\n* Bob",
        "# Keep it\n\n## 1.1 Statut\n\nRejeté\n\n## Date\n\n06/05/2024\n\n## Deciders\n\nAda, Bob",
        "# Keep it\n\n## Status: Rejected\n\n## Date\n\n2024-05-06\n\n## Deciders\n\nAda\nBob",
        "# Keep it\n\n**Status**\n\nRejected\n\n**Date**\n\n2024-05-06\n\n**Deciders**\n\nAda, Bob",
        "# Keep it\n\nStatus: rejected\nDate: 2024-05-06\n\nDeciders:\n\n- Ada\n- Bob",
        "# Keep it\n\n* Status: rejected\n* Date: 2024-05-06\n* Deciders:\n  * Ada\n  * Bob",
        "# Keep it\n\nStatus: rejected\nDate: 2024-05-06\nDeciders: Ada, Bob\n---",
        "# Keep it\n\n> Status: rejected\n> Date: 2024-05-06\n> Deciders: Ada, Bob",
        "# Keep it\n\n##Status\nRejected\n\n##Date\n2024-05-06\n\n##Deciders\nAda, Bob",
        "# Keep it\n\n| Status | Date | Author(s) |\n|:---|:---|:---|\n| Rejected | 2024-05-06 | [Ada](x), [Bob](y) |",
        "# Keep it\n\n## Status\n\nRejected on 2024-05-06\n\n**Deciders:** Ada, Bob",
        "# Keep it\n\n## Metadata\n\n- Status: rejected\n- Date: 2024-05-06\n- Deciders: Ada, Bob",
    ],
)
def test_every_carrier_of_the_fields(head: str) -> None:
    found = read(head + BODY)

    assert found.kind == "record", found.message
    assert found.title == "Keep it"
    assert found.status == "rejected"
    assert found.decided_on in {date(2024, 5, 6), date(2024, 6, 5)}
    assert found.deciders == ("Ada", "Bob")
    assert found.body.endswith("## Decision\n\nDo.")


def test_carriers_that_hold_nothing_else_leave_the_body() -> None:
    found = read("# Keep it\n\n* Status: accepted\n* Deciders: Ada\n* Date: 2024-05-06\n\nTechnical story: none" + BODY)

    assert found.body.startswith("Technical story: none\n\n## Context")


def test_a_status_section_with_prose_stays_in_the_body() -> None:
    prose = "Accepted.\n\n" + "It was long discussed whether this holds. " * 10
    found = read(f"# Keep it\n\n## Status\n\n{prose}{BODY}")

    assert found.status == "accepted"
    assert "## Status\n\nAccepted." in found.body


def test_prose_below_the_name_of_a_field_is_prose() -> None:
    prose = "Each of the things gets a label with a consistent prefix, so that they can be told apart and counted."
    found = read(f"# Keep it\n\n* Status: accepted{BODY}\n### Labels\n\n{prose}\n\n### Participants\n\n{prose}\n")

    assert (found.tags, found.deciders, found.body.count(prose)) == ((), (), 2)


def test_a_table_with_unknown_rows_stays_whole() -> None:
    found = read("# Keep it\n\n| A | B |\n|---|---|\n| Status | Accepted |\n| Scope | Everything |" + BODY)

    assert "| Status | Accepted |" in found.body
    assert "| Scope | Everything |" in found.body


def test_front_matter_beats_a_section_and_the_contradiction_is_told() -> None:
    found = read("---\nstatus: accepted\n---\n# Keep it\n\n## Status\n\nRejected" + BODY)

    assert found.status == "accepted"
    ignored = [entry for entry in found.fields if entry.outcome == "ignored" and entry.field == "status"]
    assert [(entry.value, entry.line) for entry in ignored] == [("Rejected", 8)]
    assert "contradicts" in ignored[0].reason


def test_what_stands_first_beats_a_section_deep_in_the_text() -> None:
    found = read("# Keep it\n\n* Status: accepted" + BODY + "\n### Status\n\nProposed values are sent.\n")

    assert found.status == "accepted"


def test_a_tag_can_be_the_status() -> None:
    found = read("---\ntags: [Superseded, storage]\n---\n# Keep it" + BODY)

    assert (found.status, found.tags) == ("superseded", ("storage",))
    assert report(found, "status").outcome == "guessed"


def test_a_change_log_carries_the_status() -> None:
    log = "## Change Log\n\n- [pending](x) (2024-01-02)\n- [approved](y) (2024-05-06)\n"
    found = read(
        f"# Keep it\n\n### Submitters\n\n- Ada (Example)\n\n{log}"
        "\n## Referenced Use Case(s)\n\n- x\n\n## Decision\n\nDo.\n"
    )

    assert (found.format, found.status, found.decided_on) == ("edgex", "accepted", date(2024, 5, 6))


def test_without_a_status_it_is_missing_not_made_up() -> None:
    found = read("# Keep it" + BODY)

    assert (found.status, found.status_text) == ("accepted", "")
    assert report(found, "status").outcome == "missing"


def test_an_impossible_date_is_told_and_the_name_helps() -> None:
    found = read("# Keep it\n\nDate: 2024-023-2706\n\n## Status\n\nDraft" + BODY, "adr/2024-02-27-keep-it.md")

    assert found.decided_on == date(2024, 2, 27)
    outcomes = [(e.outcome, e.value, e.line) for e in found.fields if e.field == "date"]
    assert outcomes == [("ignored", "2024-023-2706", 3), ("guessed", "2024-02-27", 0)]


def test_the_last_change_and_the_authors_stand_in_as_guesses() -> None:
    found = read("# Keep it\n\n* Status: accepted\n* Last Modified: 2024-05-06\n* Author: Ada (w/ Bob, Cy)" + BODY)

    assert (found.decided_on, found.deciders) == (date(2024, 5, 6), ("Ada (w/ Bob, Cy)",))
    assert (report(found, "date").outcome, report(found, "deciders").outcome) == ("guessed", "guessed")


@pytest.mark.parametrize(
    ("path", "heading", "number", "title", "slug"),
    [
        ("0012-use-x.md", "# Use X", 12, "Use X", "use-x"),
        ("adr-012-use-x.md", "# ADR-012: Use X", 12, "Use X", "use-x"),
        ("ADR-12.md", "# Use X", 12, "Use X", "use-x"),
        ("adr_0012_use_x.md", "# 12. Use `X`", 12, "Use X", "use-x"),
        ("2021-06-05_012-use-x.md", "# Use X", 12, "Use X", "use-x"),
        ("PRJ-ADR-Core-0012-use-x.md", "# Use X", 12, "Use X", "use-x"),
        ("0012 use x.md", "# ADR 12 - Use X", 12, "Use X", "use-x"),
        ("use-x.md", "# ADR-0012 — Use X", 12, "Use X", "use-x"),
        ("0012-use-x/README.md", "# Use X", 12, "Use X", "use-x"),
        ("2024-05-06-use-x.md", "# Use X", None, "Use X", "use-x"),
        ("use-x.md", "Use X\n=====", None, "Use X", "use-x"),
        (
            "0012-use-s3-for-2-things.md",
            "# [ADR-012] Use S3 for 2 things",
            12,
            "Use S3 for 2 things",
            "use-s3-for-2-things",
        ),
        ("0012 - Use X", "# Use X", 12, "Use X", "use-x"),
        ("adr-platform-v4.md", "# Platform", None, "Platform", "adr-platform-v4"),
    ],
)
def test_numbers_titles_and_slugs(path: str, heading: str, number: int | None, title: str, slug: str) -> None:
    found = read(f"{heading}\n\n## Status\n\nAccepted{BODY}", f"docs/adr/{path}")

    assert found.kind == "record", found.message
    assert (found.number, found.title, found.slug) == (number, title, slug)


def test_a_title_in_front_matter_with_its_number() -> None:
    found = read(
        "---\nslug: 5\ntitle: |\n  5. Use X\nauthors: []\ntags: [Accepted]\n---\n" + BODY, "2021-06-09_005-x.md"
    )

    assert (found.number, found.title, found.status, found.decided_on) == (5, "Use X", "accepted", date(2021, 6, 9))


def test_a_heading_of_a_section_is_no_title() -> None:
    found = read("## Context and Problem Statement\n\nWhy.\n\n## Decision Outcome\n\nDo.\n", "adr/0018-kernel-hooks.md")

    assert found.title == "Kernel hooks"
    assert report(found, "title").outcome == "guessed"


def test_a_template_s_heading_gives_way_to_the_file_s_name() -> None:
    found = read(
        "---\nstatus: accepted\n---\n# {short title of solved problem and solution}" + BODY, "adr/0039-set-name.md"
    )

    assert (found.kind, found.title) == ("record", "Set name")


def test_a_comment_that_looks_like_a_heading_is_none() -> None:
    found = read(
        "<!--\n# Hidden\n-->\n# Keep it\n\n```\n# Code\n## Status\nRejected\n```\n\n## Status\n\nAccepted" + BODY
    )

    assert (found.title, found.status) == ("Keep it", "accepted")


def test_several_titles_take_the_first() -> None:
    found = read("# Keep it\n\n## Status\n\nAccepted\n\n# Context\n\nWhy.\n\n# Decision\n\nDo.\n")

    assert found.title == "Keep it"
    assert "# Context" in found.body


def test_yaml_that_is_none_is_told_and_read_by_lines() -> None:
    found = read("---\nstatus: accepted\ndeciders: @ada, @bob\ndate: 2024-05-06\n---\n# Keep it" + BODY)

    assert (found.status, found.deciders, found.decided_on) == ("accepted", ("@ada", "@bob"), date(2024, 5, 6))
    assert "not valid YAML" in found.message
    assert report(found, "front matter").line == 3


def test_unknown_front_matter_keys_are_reported() -> None:
    found = read("---\nstatus: accepted\nnav_order: 4\n---\n# Keep it" + BODY)

    assert FieldReport("front matter", "ignored", "nav_order", "no field of a record", 3) in found.fields


def test_prose_between_two_rules_is_no_front_matter() -> None:
    found = read("---\n\nSome words.\n\n---\n# Keep it\n\n## Status\n\nAccepted" + BODY)

    assert (found.title, found.status) == ("Keep it", "accepted")
    assert "Some words." in found.body


@pytest.mark.parametrize(
    ("first_line", "title"),
    [("# 7 Keep it", "Keep it"), ("#7. Keep it", "Keep it"), ("#Keep it all", "Keep it all"), ("# 8 Keep", "8 Keep")],
)
def test_a_title_whose_heading_is_written_carelessly(first_line: str, title: str) -> None:
    assert read(f"{first_line}\n\nDate: 2024-05-06{BODY}").title == title


def test_names_with_signs_in_them() -> None:
    found = read(f"# Keep it\n\n* Deciders: P\\&D team, Ada & Bob, Eva y Juan, ana\\_b{BODY}")

    assert found.deciders == ("P&D team", "Ada", "Bob", "Eva", "Juan", "ana_b")


@pytest.mark.parametrize(
    ("name", "number", "prefix"),
    [
        ("0007-x", 7, ""),
        ("ADR-7-x", 7, ""),
        ("adr0007", 7, ""),
        ("SEC-0007-x", 7, "SEC"),
        ("sec-0007-x", 7, "SEC"),
        ("PAYMENTS-007-x", 7, "PAYMENTS"),
        ("ACME-ADR-Operator-0007-x", 7, "OPERATOR"),
        ("RFC-7", 7, "RFC"),
        ("ACME-ADR-DR-0007-x", 7, "DR"),
        ("ACME-ADR-0007-x", 7, "ACME"),
        ("DR-0007-x", 7, ""),
        ("2024-01-02-x", None, ""),
        ("use-3-nodes", None, ""),
        ("s3-buckets", None, ""),
        ("auth0-login", None, ""),
        ("java-17-only", None, ""),
        ("D-7-x", 7, "D"),
        ("dec-7-x", 7, ""),
        ("a007-x", 7, "A"),
    ],
)
def test_the_number_and_its_scope_in_a_file_name(name: str, number: int | None, prefix: str) -> None:
    found = read(NYGARD.replace("7. ", ""), f"adr/{name}.md")

    assert (found.number, found.prefix) == (number, prefix)


@pytest.mark.parametrize(
    "text",
    [
        "---\nreview-date: 2025-05-06\n---\n# Keep it",
        "---\nreviewBy: 2025-05-06\n---\n# Keep it",
        "# Keep it\n\n* Date: 2024-05-06\n* Review: 2025-05-06",
        "# Keep it\n\n**Next review:** 6 May 2025",
        "# Keep it\n\nStatus | Date | Review\nAccepted | 2024-05-06 | 2025-05-06",
        "# Keep it\n\n## Review by\n\n2025-05-06, with the team",
        "# Keep it\n\n| Status | Accepted |\n|---|---|\n| Valid until | 06.05.2025 |",
        "# Keep it\n\nWiedervorlage: 6. Mai 2025",
        "# Keep it\n\n**Prochaine revue :** 6 mai 2025",
        "# Keep it\n\n* Próxima revisión: 6 de mayo de 2025",
        "# Keep it\n\n* Próxima revisão: 6 de maio de 2025",
    ],
)
def test_a_review_date(text: str) -> None:
    found = read(text + BODY)

    assert found.review_on == date(2025, 5, 6)
    assert report(found, "review").outcome in {"read", "guessed"}


@pytest.mark.parametrize(
    "text",
    [
        "# Keep it\n\n* Date: 2024-05-06\n* Review: 2024-05-01",
        "# Keep it\n\n* Review: done by Ada on 2024-05-06",
        "# Keep it\n\n* Next review: when it rains",
        "# Keep it",
    ],
)
def test_what_is_no_review_date(text: str) -> None:
    assert read(text + BODY).review_on is None


def test_a_title_that_a_tool_made_from_the_file_name_gives_way_to_the_heading() -> None:
    made = '---\ntitle: "ADR-0007-keep-it-offline: ---"\n---\n\n# ADR-007: Keep it offline'

    assert read(made + BODY).title == "Keep it offline"
    assert read("---\ntitle: ADR 007 · Keep it\n---" + BODY).title == "Keep it"
    assert read("---\ntitle: Re-use\n---\n# Other" + BODY).title == "Re-use"


def test_a_comment_with_choices_beside_a_status_hides_nothing() -> None:
    found = read(f"# Keep it{BODY}\n## Status\n\nStatus: Proposed <!-- Draft | Proposed | Rejected | Accepted -->\n")

    assert (found.status, report(found, "status").outcome) == ("proposed", "read")


def test_fields_inside_a_mapping_of_the_front_matter() -> None:
    found = read(f"---\nname: x\nmetadata:\n  type: adr\n  status: aceita\n  data: 2024-05-06\n---\n# Keep it{BODY}")

    assert (found.status, found.status_text, found.decided_on) == ("accepted", "aceita", date(2024, 5, 6))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("# Keep it\n\n## Status\n\n- [ ] Proposed\n- [x] Accepted\n- [ ] Rejected", "accepted"),
        ("# Keep it\n\n## Status\n\n2024-02-03 rejected\n\n2024-01-02 accepted", "rejected"),
        (
            "# Keep it\n\n<table><tr><td>Status</td><td>Rejected</td></tr><tr><td>Date</td><td>x</td></tr></table>",
            "rejected",
        ),
        ("# Keep it\n\n<dl>\n<dt>Status:</dt><dd>Rejected</dd>\n</dl>", "rejected"),
        ("# Keep it [REJECTED]", "rejected"),
        ("# (Draft) Keep it", "draft"),
        ("# Keep it (draft)\n\n* Status: accepted", "accepted"),
    ],
)
def test_a_status_in_an_odd_place(text: str, status: str) -> None:
    found = read(text + BODY)

    assert (found.status, report(found, "status").outcome == "missing") == (status, False)


def test_boxes_of_which_none_is_ticked_say_nothing() -> None:
    found = read(f"# Keep it\n\n## Status\n\n- [ ] Proposed\n- [ ] Accepted{BODY}")

    assert report(found, "status").outcome in {"ignored", "missing"}
    assert found.status_text == ""


def test_a_successor_by_number_and_title() -> None:
    found = read(f"# 7 · Keep it\n\n## Status\n\nSuperseded by 10. Keep the other{BODY}")

    assert (found.title, found.status) == ("Keep it", "superseded")
    assert [(link.kind, link.target, link.reverse) for link in found.links] == [("supersedes", "10", True)]
