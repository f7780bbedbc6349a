"""Sentences that can be said in other languages."""

import re
from pathlib import Path

from cairn.kernel.phrases import Phrase

REPOSITORY = Path(__file__).parents[3]
# `Phrase("code", "sentence"` with the sentence in one or several pieces.
MADE = re.compile(r"(?<!\.)\bPhrase\(")
SAID = re.compile(r'(?<!\.)\bPhrase\(\s*"(\w+)",\s*((?:f?"(?:[^"\\]|\\.)*"\s*)+)')


def test_a_phrase_is_its_sentence_and_knows_how_it_came_about() -> None:
    phrase = Phrase("late", "{ref} is {days} days late.", ref="ADR-0007", days=3)
    assert phrase == "ADR-0007 is 3 days late."
    assert (phrase.code, phrase.values) == ("late", {"ref": "ADR-0007", "days": "3"})


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
