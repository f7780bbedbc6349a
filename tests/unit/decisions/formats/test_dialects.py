"""One record of our own in the style of each public template, through the importer: every field, section and link."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from cairn.decisions.formats.anchors import list_sections
from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.resolve import Known, LinkIndex

FOLDER = Path(__file__).parent / "dialects"
BOTH = ("Mara Lind", "Ole Bang")
NYGARD = ("Context", "Decision", "Consequences")


@dataclass(frozen=True)
class Expected:
    """What a file says. `links` are "kind target", with "<" before the target of a reversed one."""

    dialect: str
    number: int | None
    title: str
    status: str
    wording: str
    day: date | None
    deciders: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


RECORDS = {
    "0001-nygard.md": Expected(
        "nygard", 1, "Count the seats at the door", "accepted",
        "Accepted Amends [2. Sell tickets by post](0002-sell-tickets-by-post.md)",
        date(2023, 2, 14), (), NYGARD, ("amends 0002-sell-tickets-by-post.md",),
    ),
    "0002-madr2.md": Expected(
        "madr2", 2, "Sell tickets by post", "superseded", "superseded by [ADR-0009](0009-sell-tickets-online.md)",
        date(2021, 11, 30), BOTH,
        ("Context and Problem Statement", "Considered Options", "Decision Outcome", "Links"),
        ("supersedes <0009-sell-tickets-online.md", "amends 0001-count-the-seats-at-the-door.md"),
    ),
    "0003-madr3.md": Expected(
        "madr3", 3, "Close the side door", "proposed", "proposed", date(2022, 7, 1), BOTH,
        ("Context and Problem Statement", "Decision Outcome", "Consequences"),
    ),
    "0004-madr4.md": Expected(
        "madr4", 4, "Heat with the river", "accepted", "accepted", date(2024, 9, 12), BOTH,
        ("Context and Problem Statement", "Decision Drivers", "Considered Options", "Decision Outcome", "Confirmation"),
    ),
    "0005-y-statement.md": Expected(
        "y-statement", 5, "Wash costumes at night", "accepted", "Accepted", date(2022, 3, 5), ("Mara Lind",),
        (), ("relates_to ADR-0004",),
    ),
    "0006-tyree-akerman.md": Expected(
        "tyree-akerman", 6, "Light the stage from below", "accepted",
        "Decided. We would look again if the floor is replaced.", None, (),
        (
            "Issue", "Decision", "Group", "Assumptions", "Constraints", "Positions", "Argument", "Implications",
            "Related decisions", "Related requirements", "Related artifacts", "Related principles", "Notes",
        ),
        ("relates_to 0004-madr4.md",),
    ),
    "0007-tyree-akerman-table.md": Expected(
        "tyree-akerman", 7, "Paint the scenery with chalk", "proposed", "Pending", date(2021, 8, 17), BOTH,
        (), ("relates_to ADR-0006",),
    ),
    "0008-alexandrian.md": Expected(
        "alexandrian", 8, "Ring a bell before each act", "accepted", "approved on 2019-04-02", date(2019, 4, 2), (),
        ("Prologue (Summary)", "Discussion (Context)", "Forces", "Solution (Decision)", "Consequences (Results)"),
        ("supersedes 0002-madr2.md",),
    ),
    "0009-edgex.md": Expected(
        "edgex", 9, "Props Registry Design", "accepted",
        "[approved](https://example.org/theatre/pull/71) (2022-02-20)", date(2022, 2, 20),
        ("Mara Lind (Lind & Daughters)", "Ole Bang (Bang Theatre)"),
        (
            "Change Log", "Referenced Use Case(s)", "Context", "Proposed Design", "Decision", "Considerations",
            "Other Related ADRs", "References",
        ),
        ("relates_to ../ucr/find-a-prop.md", "relates_to 0007-tyree-akerman-table.md"),
    ),
    "0010-planguage.md": Expected(
        "planguage", 10, "Planguage: curtain speed", "accepted", "committed", date(2020, 5, 19), ("Ole Bang",),
        tags=("Curtain.Speed",),
    ),
    "0011-planguage-sections.md": Expected(
        "planguage", 11, "Curtain colour", "proposed", "Reviewed", date(2020, 5, 20), ("Ole Bang",),
        ("Gist", "Rationale", "Priority", "Stakeholders", "Author", "Revision", "Assumptions"),
        tags=("Curtain.Colour",),
    ),
    "0012-business-case.md": Expected(
        "business-case", 12, "Rent a bigger hall", "accepted", "Approved by the board, 2018-12-03", date(2018, 12, 3),
        (),
        (
            "Evaluation criteria", "Candidates to consider", "Research and analysis of each candidate", "Town hall",
            "Does/doesn't meet criteria and why", "Cost analysis", "SWOT analysis", "Strengths",
            "Opinions and feedback", "Recommendation",
        ),
    ),
    "0013-jekyll.md": Expected(
        "nygard", 13, "Print the programme in colour", "accepted", "Accepted", date(2023, 3, 9), BOTH,
        NYGARD[:2], ("supersedes 0012",), ("programme", "print", "design"),
    ),
    "0014-hugo-toml.md": Expected(
        "nygard", 14, "Hang posters on trees", "rejected", "Rejected", date(2022, 10, 4), BOTH,
        NYGARD[:2], ("supersedes 0013-jekyll.md",), ("posters", "town"),
    ),
    "0015-json-front.md": Expected(
        "nygard", 15, "Sell cake in the break", "draft", "Draft", date(2024, 1, 31), BOTH,
        NYGARD[:2], ("relates_to 0014-hugo-toml.md",),
    ),
    "0016-obsidian.md": Expected(
        "nygard", 16, "Serve soup", "accepted", "[[Accepted]]", date(2024, 2, 1), (), NYGARD[:2],
        ("supersedes <0017-structured", "relates_to 0015-json-front"), ("decision/food",),
    ),
    "0017-structured.md": Expected(
        "nygard", 17, "Serve soup and bread", "accepted", "accepted", date(2024, 3, 1), ("Kitchen Team",),
        ("Context", "Decision", "Audit", "2024-04-01"),
        ("relates_to 0015-json-front.md", "supersedes 0016-obsidian.md"), ("soup", "bread", "kitchen"),
    ),
    "0018-field-list.rst": Expected(
        "nygard", 18, "Number the seats after all", "deprecated", "Deprecated, see [0001-nygard](0001-nygard.rst)",
        date(2023, 11, 2), BOTH, NYGARD, ("relates_to 0001-nygard.rst",), ("seats",),
    ),
    "0019-list-table.rst": Expected(
        "nygard", 19, "Store coats in the cellar", "accepted", "Accepted", date(2021, 9, 3), BOTH, NYGARD[:2],
        ("supersedes 0018-field-list.rst",),
    ),
    "0020-grid-table.rst": Expected(
        "nygard", 20, "Lend glasses for opera", "accepted", "Accepted", date(2021, 9, 4), BOTH, NYGARD[:2],
        ("relates_to 0019-list-table.rst",),
    ),
    "0021-sections.rst": Expected(
        "nygard", 21, "Serve water for free", "accepted",
        "Accepted on 2022-06-07, amends [cake](0015-json-front.md)", date(2022, 6, 7), (), NYGARD[:2],
        ("amends 0015-json-front.md",),
    ),
    "0022-attributes.adoc": Expected(
        "nygard", 22, "Let dogs in", "accepted", "accepted", date(2023, 5, 6), BOTH, NYGARD[:2],
        ("supersedes 0014-hugo-toml.md",),
    ),
    "0023-table.adoc": Expected(
        "nygard", 23, "Keep cats out", "rejected", "Rejected", date(2023, 5, 7), BOTH, NYGARD[:2],
        ("relates_to 0022-attributes.adoc#",),
    ),
    "0024-sections.adoc": Expected(
        "nygard", 24, "Buy a second piano", "superseded", "Superseded by [0023](0023-table.adoc)", date(2023, 5, 8),
        (), NYGARD[:2], ("supersedes <0023-table.adoc",),
    ),
}  # fmt: skip

KONTEXT = ("Kontext", "Entscheidung", "Konsequenzen")
# A file that holds several decisions: each with its anchor.
LOGS = {
    "09_architecture_decisions.md": {
        "9-1-keep-the-old-roof": Expected(
            "nygard", 1, "Keep the old roof", "accepted", "accepted", date(2017, 3, 1), (), NYGARD
        ),
        "9-2-build-a-new-roof": Expected(
            "nygard", 2, "Build a new roof", "proposed",
            "proposed, supersedes [9.1](#91-keep-the-old-roof), see [context](#context)", None, (), NYGARD,
            ("supersedes #91-keep-the-old-roof",),
        ),
    },
    "09_architekturentscheidungen.adoc": {
        "adr-1-das-alte-dach-behalten": Expected(
            "nygard", 1, "Das alte Dach behalten", "accepted", "Angenommen", date(2017, 3, 1), BOTH, KONTEXT
        ),
        "adr-2-ein-neues-dach-bauen": Expected(
            "nygard", 2, "Ein neues Dach bauen", "proposed", "Vorgeschlagen", None, (), KONTEXT[:2],
            ("relates_to adr-1",),
        ),
    },
    "decision-log-table.md": {
        "d-1-open-at-seven": Expected(
            "unknown", 1, "Open at seven", "accepted", "Accepted", date(2023, 1, 5), BOTH[:1], ("Decision", "Rationale")
        ),
        "d-2-open-at-eight": Expected(
            "unknown", 2, "Open at eight", "superseded", "Superseded by D-3", date(2023, 4, 5), BOTH[1:],
            ("Decision", "Rationale"), ("supersedes <D-3",),
        ),
        "d-3-open-at-half-past-seven": Expected(
            "unknown", 3, "Open at half past seven", "accepted", "Accepted", date(2023, 6, 1), BOTH,
            ("Decision", "Rationale"),
        ),
    },
    "decisions.rst": {
        "adr-1-open-the-roof": Expected(
            "nygard", 1, "Open the roof", "accepted", "Accepted", date(2020, 1, 2), (), NYGARD[:2]
        ),
        "adr-2-close-the-roof": Expected(
            "nygard", 2, "Close the roof", "accepted", "Accepted, supersedes ADR-1", date(2020, 11, 2), (), NYGARD[:2],
            ("supersedes ADR-1",),
        ),
    },
    "whole-log-bold.md": {
        "adr-1-open-the-roof": Expected("unknown", 1, "Open the roof", "accepted", "Accepted", None),
        "adr-2-close-the-roof": Expected("unknown", 2, "Close the roof", "proposed", "Proposed", None),
        "adr-3-sell-the-roof": Expected("unknown", 3, "Sell the roof", "rejected", "Rejected", None),
    },
}  # fmt: skip


def read(name: str) -> ReadFile:
    return read_file(f"docs/adr/{name}", (FOLDER / name).read_bytes())


def found_in(record: ReadFile) -> Expected:
    links = (f"{link.kind} {'<' if link.reverse else ''}{link.target}" for link in record.links)
    return Expected(
        dialect=record.format,
        number=record.number,
        title=record.title,
        status=record.status,
        wording=record.status_text,
        day=record.decided_on,
        deciders=record.deciders,
        sections=tuple(section.title for section in list_sections(record.body)),
        links=tuple(link for link in links if link != "relates_to ADR 16"),
        tags=record.tags,
    )


def test_every_sample_is_expected() -> None:
    assert {file.name for file in FOLDER.iterdir()} == RECORDS.keys() | LOGS.keys()


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_in_the_style_of_a_template(name: str) -> None:
    record = read(name)

    assert (record.kind, record.parts) == ("record", ())
    assert found_in(record) == RECORDS[name]


@pytest.mark.parametrize("name", LOGS)
def test_a_file_that_holds_a_whole_log(name: str) -> None:
    parts = read(name).parts

    assert {part.anchor: found_in(part) for part in parts} == LOGS[name]
    lines = (FOLDER / name).read_text().splitlines()
    assert all(part.title in lines[_line_of_title(part) - 1] for part in parts)


def _line_of_title(part: ReadFile) -> int:
    return next(entry.line for entry in part.fields if entry.field == "title")


def test_a_link_to_an_anchor_of_the_file_is_a_link_to_that_decision() -> None:
    path = "docs/adr/09_architecture_decisions.md"
    parts = read("09_architecture_decisions.md").parts
    index = LinkIndex(Known(part.number, f"{path}#{part.anchor}", part.number, part.slug, part.title) for part in parts)

    assert index.match(parts[1].links[0].target, f"{path}#{parts[1].anchor}") == 1
    assert index.match("09_architecture_decisions.html#_9_2_build_a_new_roof", "docs/adr/0001-x.md") == 2
    assert index.match("#nowhere", path) is None
