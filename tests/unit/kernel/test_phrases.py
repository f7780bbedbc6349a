"""Sentences that can be said in other languages."""

import re
from pathlib import Path

from cairn.kernel.phrases import Phrase, Sentences, phrases_of

REPOSITORY = Path(__file__).parents[3]
# `Phrase("code", "sentence"` with the sentence in one or several pieces.
MADE = re.compile(r"(?<!\.)\bPhrase\(")
SAID = re.compile(r'(?<!\.)\bPhrase\(\s*"(\w+)",\s*((?:f?"(?:[^"\\]|\\.)*"\s*)+)')


def test_a_phrase_is_its_sentence_and_knows_how_it_came_about() -> None:
    phrase = Phrase("late", "{ref} is {days} days late.", ref="ADR-0007", days=3)
    assert phrase == "ADR-0007 is 3 days late."
    assert (phrase.code, phrase.values) == ("late", {"ref": "ADR-0007", "days": "3"})


def test_sentences_are_one_text_and_keep_their_parts() -> None:
    late, open_ = Phrase("late", "{ref} is late", ref="ADR-0007"), Phrase("open", "it is open")
    inner = Sentences([late, "", open_], between="; ")
    whole = Sentences([inner, Phrase("end", "That is all.")], between=". ")
    assert whole == "ADR-0007 is late; it is open. That is all."
    assert [one.code for one in phrases_of(whole)] == ["late", "open", "end"]
    assert phrases_of(Sentences([late, "known in English alone"], between=" ")) == []
    assert (phrases_of(late), phrases_of("plain"), phrases_of("")) == ([late], [], [])


def test_a_kept_phrase_is_what_it_was() -> None:
    kept = Phrase.again("ADR-0007 is late", "late", {"ref": "ADR-0007"})
    assert (kept, kept.code, kept.values) == ("ADR-0007 is late", "late", {"ref": "ADR-0007"})


def test_every_phrase_is_said_in_german_with_the_same_values() -> None:
    said: dict[str, set[str]] = {}
    for file in (REPOSITORY / "src" / "cairn").rglob("*.py"):
        if file.name == "phrases.py" or "gen" in file.parts:
            continue
        text = file.read_text()
        found = SAID.findall(text)
        assert len(found) == len(MADE.findall(text)), f"{file.name}: a code and a sentence must stand there as words"
        for code, sentence in found:
            values = set(re.findall(r"\{(\w+)\}", sentence))
            assert said.setdefault(code, values) == values, f"{code} has different values at different places"
    german = (REPOSITORY / "web/src/text/phrases.de.ts").read_text()
    told = {
        code: set(re.findall(r"\{(\w+)(?: as \w+)?\}", words))
        for code, words in re.findall(r'^  (\w+):\s+"(.*)",$', german, re.MULTILINE)
    }
    assert told == said
