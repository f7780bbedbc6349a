import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.chat.domain.sentences import iterate_sentences


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in iterate_sentences(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("We use e.g. Kafka. It is fast.", ["We use e.g. Kafka.", "It is fast."]),
        ("Version 3.5 is used. See J. Doe.", ["Version 3.5 is used.", "See J. Doe."]),
        ("Hard\nwrapped line. Next one.", ["Hard\nwrapped line.", "Next one."]),
        ("# Heading\n\nText.\n\n---\n\nMore.", ["Text.", "More."]),
        (
            "- first item\n- [x] second. Third.\n  goes on\n1. fourth",
            ["first item", "second.", "Third.\n  goes on", "fourth"],
        ),
        ("> quoted text", ["quoted text"]),
        ("Before.\n```\ncode. Here.\n```\nAfter.", ["Before.", "After."]),
        ("~~~\nopen code. Never closed", []),
        ("| a | b |\n|---|---|\n| c | d |\nText.", ["Text."]),
        ('He said "yes." Then no.', ['He said "yes."', "Then no."]),
        ("Safe. ![image](http://evil) bad. <b>Bad</b>. As [1] says. Fine.", ["Safe.", "Fine."]),
        ("[label]: http://x", []),
        ("Über alles. Ça va. Été.", ["Über alles.", "Ça va.", "Été."]),
        ("", []),
    ],
)
def test_sentences_are_exact_stretches_that_stand_alone(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(st.text(alphabet="aB. \n#-`|>![]1(", max_size=200))
def test_sentences_are_in_order_and_never_overlap(text: str) -> None:
    at = 0
    for span in iterate_sentences(text):
        assert at <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        at = span.end
