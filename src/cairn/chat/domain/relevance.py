"""Whether what was found speaks about the question at all: by how much of its topic a record names, and how closely."""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from cairn.chat.domain.sentences import iterate_sentences
from cairn.chat.domain.sources import Findings, Source, Words


@dataclass(frozen=True, slots=True)
class _Bar:
    """What a record must reach to be quoted: a sum above 0 of its evidence, and of how much other records have.

    Logistic regressions of "this record answers" on questions about 681 real records and Cairn's own, each asked with
    the record there and again with it taken away; evals/calibrate.py fits them, each log judged by the others.
    """

    title: float
    sentence: float
    passage: float
    other_sentences: float
    bias: float
    closeness: float = 0.0
    other_closeness: float = 0.0
    passages: float = 0.0
    both: float = 0.0


# A phrase names what it looks for, so nearly all of it must be there; a question describes it in other words.
_PHRASE = _Bar(12.0, 3.08, 2.94, -3.64, -15.74, 4.32, -1.54)
# The best of many passages is good by chance, and words and meaning say in part the same: both take something off.
_QUESTION = _Bar(2.23, 7.32, 1.44, -3.04, -3.85, 15.25, -8.05, -2.94, -7.56)
_PHRASE_BY_WORDS = _Bar(12.68, 3.31, 2.96, -4.54, -14.12)
_QUESTION_BY_WORDS = _Bar(3.03, 3.73, 1.49, -5.23, -2.3)
# A phrase that one sentence says whole is found there, whatever the title is.
_WHOLE_WORDS_LEAST = 2
_WHOLE_SHARE = 0.99
_WHOLE_LEAST = 1.5
# Where few other records were found, these stand in for them: what a record about something else has of a question.
_OTHERS_LEAST = 3
_OTHER_SHARE = 0.3
_ASKS = re.compile(
    r"\?|^\W*(?:and\s+|but\s+|so\s+)?(?:why|what|which|who|whom|whose|how|where|when|is|are|was|were|do|does|did|can|could"
    r"|may|must|should|shall|will|would|has|have|had|pourquoi|comment|quel(?:le)?s?|qui|est-ce|warum|wieso|wie|was|welche[rsmn]?"
    r"|wer|wo|wann|por\s?qu[e\u00e9]|c[o\u00f3]mo|qu[e\u00e9]|cu[a\u00e1]l(?:es)?|qui[e\u00e9]n|como|qual|quem)\b",
    re.IGNORECASE,
)
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

    @property
    def size(self) -> int:
        """How many telling words there are."""
        return len(self._weights)

    def bases(self, text: str) -> set[str]:
        """Return the words of a text in their base forms."""
        return {word.base for word in self._words(text)}

    def share(self, bases: AbstractSet[str]) -> float:
        """Return how much of the topic these words name, 0 to 1."""
        return sum(weight for base, weight in self._weights.items() if base in bases)

    def weigh(self, title: str, sources: Sequence[Source]) -> "Evidence":
        """Return how well a record's passages speak about the topic."""
        named = self.bases(title)
        sentences = [
            self.share(named | self.bases(source.passage.text[span.start : span.end]))
            for source in sources
            for span in iterate_sentences(source.passage.text)
        ]
        passages = [
            self.share(named | self.bases(" ".join([*source.passage.heading_path, source.passage.text])))
            for source in sources
        ]
        closeness = [source.closeness for source in sources if source.closeness is not None]
        return Evidence(
            title=self.share(named),
            sentence=max(sentences, default=0.0),
            passage=max(passages, default=0.0),
            closeness=max(closeness, default=None),
            passages=len(sources),
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much of a topic a record names: in its title, with the title's help in one sentence, and in one passage.

    All are shares from 0 to 1. `closeness` is the best cosine; None when only words were searched. `passages` counts
    those of it that were found.
    """

    title: float
    sentence: float
    passage: float
    closeness: float | None
    passages: int = 1


def find_answering(findings: Findings, *, loosely: bool = False) -> set[UUID]:
    """Return the records that speak about the question clearly enough to be quoted.

    `loosely` holds everything to what a question must reach: for texts that ask nothing, beside which a record is worth
    a look.

    A search always finds something. What tells an answer from a neighbour is how much of the question a record names,
    how close its meaning is, and how far it stands out from the other records found.
    """
    topic = Topic(findings)
    by_record: dict[UUID, list[Source]] = {}
    for source in findings.sources:
        by_record.setdefault(source.record.id, []).append(source)
    weighed = {id_: topic.weigh(sources[0].record.title, sources) for id_, sources in by_record.items()}
    by_words = not any(one.closeness is not None for one in weighed.values())
    asks = loosely or _ASKS.search(findings.question) is not None
    answering: set[UUID] = set()
    for id_, one in weighed.items():
        others = [other for key, other in weighed.items() if key != id_]
        as_question = _score(_QUESTION_BY_WORDS if by_words else _QUESTION, one, others)
        as_phrase = _score(_PHRASE_BY_WORDS if by_words else _PHRASE, one, others)
        said_whole = topic.size >= _WHOLE_WORDS_LEAST and one.sentence >= _WHOLE_SHARE and as_question > _WHOLE_LEAST
        if one.passage > 0 and (as_question > 0 if asks else as_phrase > 0 or said_whole):
            answering.add(id_)
    return answering


def features(one: Evidence, others: Sequence[Evidence]) -> tuple[float, ...]:
    """Return what is known of a record beside the others found, which a bar weighs.

    Six shares from 0 to 1, the logarithm of how many of its passages were found, and the share of the best sentence
    times the best cosine.
    """
    closeness = one.closeness or 0.0
    return (
        one.title,
        one.sentence,
        one.passage,
        _mean([other.sentence for other in others]),
        closeness,
        _mean([other.closeness or 0.0 for other in others]),
        math.log1p(one.passages),
        one.sentence * closeness,
    )


def _score(bar: _Bar, one: Evidence, others: Sequence[Evidence]) -> float:
    shares = (bar.title, bar.sentence, bar.passage, bar.other_sentences, bar.closeness, bar.other_closeness)
    weights = (*shares, bar.passages, bar.both)
    return bar.bias + sum(weight * share for weight, share in zip(weights, features(one, others), strict=True))


def _mean(shares: list[float]) -> float:
    padded = [*shares, *[_OTHER_SHARE] * (_OTHERS_LEAST - len(shares))]
    return sum(padded) / len(padded)


def is_near(findings: Findings) -> bool:
    """Tell whether anything found is near enough to the question to be read to a language model."""
    topic = Topic(findings)
    found = "\n".join(f"{source.record.title}\n{source.passage.text}" for source in findings.sources)
    return topic.share(topic.bases(found)) >= _NEAR_SHARE
