"""Passages, anchors and words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.search.model.passages import anchor_slug, index_text, make_passages, read_headings
from cairn.search.model.words import (
    Word,
    fold,
    guess_language,
    iterate_words,
    stem,
    text_terms,
)

RECORD = """We need a bus.

## Context

Many teams write events. See [the survey](https://example.org/survey?x=1).

## Options

### Kafka

{kafka}

### RabbitMQ

Known to all.

```yaml
## not a heading
broker: rabbit
```

## Options

Again.
"""


def test_passages_are_the_text_between_their_offsets() -> None:
    body = RECORD.format(kafka="Kafka keeps a log. " * 60)
    passages = make_passages(body)
    assert [body[passage.start : passage.end] for passage in passages] == [passage.text for passage in passages]
    assert "".join("".join(passage.text for passage in passages).split()) == "".join(body.split())


def test_sections_are_split_at_headings_and_small_neighbours_merged() -> None:
    passages = make_passages(RECORD.format(kafka="Kafka keeps a log. " * 45))
    assert [(passage.heading_path, passage.anchor) for passage in passages] == [
        ((), ""),
        (("Options", "Kafka"), "kafka"),
        (("Options", "RabbitMQ"), "rabbitmq"),
    ]
    assert "## not a heading" in passages[2].text


def test_a_heading_stays_with_the_block_below_it() -> None:
    passages = make_passages("## Short\n\nFew words.\n\n## Long\n\n" + "word " * 179)
    assert [passage.anchor for passage in passages] == ["short", "long"]
    assert passages[1].text.startswith("## Long")


def test_an_endless_code_block_is_cut() -> None:
    body = "```\n" + "\n".join(f"line {number} of code" for number in range(500)) + "\n```"
    passages = make_passages(body)
    assert len(passages) > 5
    assert max(len(passage.text.split()) for passage in passages) < 400
    assert passages[0].text.startswith("```")
    assert passages[-1].text.endswith("```")


@pytest.mark.parametrize("body", ["", " \n\t\n", "\ufeff"])
def test_a_text_without_words_gives_one_passage(body: str) -> None:
    assert len(make_passages(body)) == 1


@given(st.text(st.sampled_from("#-`* \r\n\tab12[](){}<>|é😀\x00\u2028"), max_size=400))
def test_any_text_gives_passages_in_order(body: str) -> None:
    passages = make_passages(body)
    assert all(body[passage.start : passage.end] == passage.text for passage in passages)
    assert [passage.start for passage in passages] == sorted(passage.start for passage in passages)


def test_anchors_are_githubs() -> None:
    taken: set[str] = set()
    anchors = [
        anchor_slug(text, taken) for text in ("Fetch & WebSocket API", "9.1 Statut", "Été_ok", "Options", "Options")
    ]
    assert anchors == ["fetch--websocket-api", "91-statut", "été_ok", "options", "options-1"]


def test_headings_are_read_without_markup() -> None:
    headings = read_headings("# A `code` *and* [link](x)\n\nSetext\n===\n\n> ## Quoted\n")
    assert [(heading.text, heading.level, heading.outermost) for heading in headings] == [
        ("A code and link", 1, True),
        ("Setext", 1, True),
        ("Quoted", 2, False),
    ]


def test_urls_comments_and_encoded_data_are_not_indexed() -> None:
    text = 'See [the *log*](https://a.example/kafka(1).html "t") <!-- hidden --> https://b.example '
    text += f"![x](data:image/png;base64,{'A' * 500})"
    indexed = index_text(text)
    assert indexed.split() == ["See", "the", "*log*", "x"]


def test_names_give_parts_and_whole() -> None:
    words = [(word.text, word.whole) for word in iterate_words("camelCase HTTPServer snake_case a.b")]
    assert words == [
        ("camel", False),
        ("case", False),
        ("camelcase", True),
        ("http", False),
        ("server", False),
        ("httpserver", True),
        ("snake", False),
        ("case", False),
        ("snake_case", True),
        ("a", False),
        ("b", False),
        ("a.b", True),
    ]


@given(st.text(max_size=200))
def test_words_stand_where_they_say(text: str) -> None:
    for word in iterate_words(text):
        assert 0 <= word.start < word.end <= len(text)


def test_accents_and_case_do_not_matter() -> None:
    assert fold("Stratégie") == "strategie"
    assert text_terms("STRATÉGIE", "fr").content.tolist() == text_terms("strategie", "fr").content.tolist()
    assert list(iterate_words("Été")) == [Word("ete", 0, 3)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We decided to use the outbox because it is in the same transaction as the state.", "en"),
        ("Nous avons décidé d'utiliser la base de données parce que les équipes la connaissent.", "fr"),
        ("Wir haben uns für die Datenbank entschieden, weil sie von allen Teams genutzt wird.", "de"),
        ("Hemos decidido usar la base de datos porque los equipos ya la conocen muy bien.", "es"),
        ("Decidimos usar o banco de dados porque as equipes já o conhecem muito bem.", "pt"),
        ("", "en"),
        ("kafka postgres", "en"),
    ],
)
def test_guesses_the_language(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_terms_of_languages_differ() -> None:
    assert text_terms("decision", "en").all.tolist() != text_terms("decision", "fr").all.tolist()
    assert stem("decisions", "en") == stem("decision", "en")


def test_neighbours_skip_stop_words() -> None:
    pairs = text_terms("the cost of the storage", "en").pairs.tolist()
    assert pairs == text_terms("cost storage", "en").pairs.tolist()
    assert pairs != text_terms("storage cost", "en").pairs.tolist()
    assert text_terms("storage", "en").pairs.tolist() == text_terms("", "en").pairs.tolist() == []


def test_a_large_record_is_cut_in_bounded_time(request: pytest.FixtureRequest) -> None:
    body = f"![scan](data:image/png;base64,{'iVBORw0KGgo+' * 25_000})\n\n## Decision\n\nUse it."
    assert len(body) > 300_000
    passages = make_passages(body)
    assert passages[-1].text.endswith("Use it.")
    assert len(text_terms(index_text(body), "en").content) < 10
    assert Path(request.path).exists()
