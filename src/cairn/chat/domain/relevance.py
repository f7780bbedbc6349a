"""Whether what was found speaks about the question at all: by how much of its topic a record names, and how closely."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from cairn.chat.domain.sentences import iterate_sentences
from cairn.chat.domain.sources import Findings, Source, Words

# What a passage must reach to be quoted. Chosen on questions of people (evals/questions.json), asked with the record
# there and with it taken away, and on questions about other things altogether: evals/answers.py prints all three.
_RELEVANT_BY_WORDS = 0.38
_RELEVANT_BY_BOTH = 0.6
_WORDS_SHARE = 0.5
_TITLE_SHARE, _SENTENCE_SHARE, _PASSAGE_SHARE = 0.3, 0.4, 0.3
# Below this a language model is not even asked: it could only answer from its own memory.
_NEAR_SHARE = 0.2
# What people ask with, not about.
_ASKING = """
adopt adopted adr adrs approach ask choice choose chose chosen consider considered current currently decide decided
decision decisions describe do does exactly explain give handle happen happens know like log logs long make many much
need often option options pick picked prefer preferred rationale reason reasons record records rule say select selected
show still team tell think today use used uses using want way work works choisi choisir raison utiliser entschieden
entscheidung grund
"""


class Topic:
    """What a question is about: its telling words, weighted to 1."""

    def __init__(self, findings: Findings) -> None:
        self._words: Words = findings.words
        asking = self.bases(_ASKING)
        weights: Mapping[str, float] = {base: one for base, one in findings.weights.items() if base not in asking}
        weights = weights or findings.weights
        total = sum(weights.values())
        self._weights = {base: weight / total for base, weight in weights.items()} if total else {}

    def bases(self, text: str) -> set[str]:
        """Return the words of a text in their base forms."""
        return {word.base for word in self._words(text)}

    def share(self, bases: AbstractSet[str]) -> float:
        """Return how much of the topic these words name, 0 to 1."""
        return sum(weight for base, weight in self._weights.items() if base in bases)

    def is_answered_by(self, source: Source) -> bool:
        """Tell whether a passage speaks about the topic clearly enough to be quoted: by its words and its meaning."""
        by_words = self.spoken_about(source)
        if source.closeness is None:
            return by_words >= _RELEVANT_BY_WORDS
        return _WORDS_SHARE * by_words + source.closeness >= _RELEVANT_BY_BOTH

    def spoken_about(self, source: Source) -> float:
        """Return how well a passage speaks about the topic, 0 to 1.

        It adds up how much of the topic the record's title names, how much one sentence has with the title's help, and
        how much the passage mentions at all: words scattered over a page say less than words in one sentence.
        """
        title = self.bases(source.record.title)
        text = source.passage.text
        sentences = [self.bases(text[span.start : span.end]) for span in iterate_sentences(text)]
        everything = title | self.bases(" ".join([*source.passage.heading_path, text]))
        return (
            _TITLE_SHARE * self.share(title)
            + _SENTENCE_SHARE * max((self.share(title | sentence) for sentence in sentences), default=0.0)
            + _PASSAGE_SHARE * self.share(everything)
        )


def is_near(findings: Findings) -> bool:
    """Tell whether anything found is near enough to the question to be read to a language model."""
    topic = Topic(findings)
    found = "\n".join(f"{source.record.title}\n{source.passage.text}" for source in findings.sources)
    return topic.share(topic.bases(found)) >= _NEAR_SHARE
