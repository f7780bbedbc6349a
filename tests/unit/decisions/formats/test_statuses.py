import pytest

from cairn.decisions.formats.statuses import find_status, is_placeholder


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Accepted", "accepted"),
        ("accepted.", "accepted"),
        ("**Accepted** on 2024-01-02", "accepted"),
        ("Accepted (lazy majority) & implemented", "accepted"),
        ("✅ Approved", "accepted"),
        ("✅", "accepted"),
        ("{ accepted }", "accepted"),
        ("Active", "accepted"),
        ("Living", "accepted"),
        ("Partially Implemented", "accepted"),
        ("This decision is now in force", "accepted"),
        ("Proposed → Accepted", "accepted"),
        ("~~Proposed~~ Accepted", "accepted"),
        ("Partially superseded by ADR-9", "accepted"),
        ("Proposed, not implemented yet.", "proposed"),
        ("Not implemented", "proposed"),
        ("🤔", "proposed"),
        ("In review", "proposed"),
        ("Stagnant", "proposed"),
        ("Ongoing", "accepted"),
        ("![status](https://img.shields.io/badge/status-rejected-red)", "rejected"),
        ("Draft", "draft"),
        ("TBD", "draft"),
        ("WIP", "draft"),
        ("Rejected (leads to races)", "rejected"),
        ("Not accepted", "rejected"),
        ("Withdrawn", "rejected"),
        ("❌ Rejected", "rejected"),
        ("Deprecated", "deprecated"),
        ("Accepted & removed", "deprecated"),
        ("Superseded by [7. Other](0007-other.md)", "superseded"),
        ("Superceded by 7", "superseded"),
        ("⌛️ Superseded [0019](0019-x.md)", "superseded"),
        ("Accepted\n\nSuperseded by ADR-7", "superseded"),
        ("Deprecated, superseded by ADR-7", "superseded"),
        ("accepted; supersedes ADR-3", "accepted"),
        ("Accepté", "accepted"),
        ("Proposition", "proposed"),
        ("Remplacé par ADR-4", "superseded"),
        ("Remplacée par ADR-4", "superseded"),
        ("Rejeté", "rejected"),
        ("Brouillon", "draft"),
        ("Angenommen", "accepted"),
        ("Ersetzt durch ADR-4", "superseded"),
        ("Abgelehnt", "rejected"),
        ("Entwurf", "draft"),
        ("Überholt", "deprecated"),
        ("Aceptada", "accepted"),
        ("Propuesto", "proposed"),
        ("Sustituida por 0004", "superseded"),
        ("Aceito", "accepted"),
        ("Proposta", "proposed"),
        ("Substituída por 0004", "superseded"),
        ("Rascunho", "draft"),
    ],
)
def test_the_words_of_five_languages_become_six_statuses(text: str, status: str) -> None:
    found = find_status(text)

    assert found is not None
    assert found.status == status


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{proposed | rejected | accepted | deprecated | … | superseded by ADR-0123}",
        "Proposed | Accepted | Rejected",
        "`Proposed`, `Approved`, `Deprecated`",
        "The interface reports the state of the store",
        "N/A",
    ],
)
def test_no_status_is_made_up(text: str) -> None:
    assert find_status(text) is None


def test_a_word_inside_a_sentence_is_a_guess_with_its_rule() -> None:
    found = find_status("Refinement has been completed")

    assert found is not None
    assert (found.status, found.rule) == ("accepted", "the word “completed” inside the text")


def test_two_alternatives_are_no_template() -> None:
    assert not is_placeholder("Accepted, superseded by 4")
