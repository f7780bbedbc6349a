"""The built-in model `quotes`: it answers with what the records say, word for word, and says when they say nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cairn.chat.domain.events import Citation, Delta, Finished, FinishReason
from cairn.chat.domain.phrases import ENGLISH, Phrases, count
from cairn.chat.domain.relevance import Topic, find_answering
from cairn.chat.domain.sentences import iterate_sentences
from cairn.chat.domain.sources import Findings, Source, Span

RECORDS_MOST = 3
_RECORDS_WEIGHED = 6
_SENTENCES_MOST = 3
_QUOTE_CHARACTERS_MOST = 420
_SENTENCE_CHARACTERS_MOST = 700
_SHORT_SENTENCE_CHARACTERS = 25

_REASONS = re.compile(
    r"\b(because|since|so that|in order to|due to|reason|therefore|thus|as it|allows?|avoids?)\b", re.IGNORECASE
)
_DECISIONS = re.compile(
    r"\b(we (?:will|use|have decided|decided|chose|choose|shall|should)|chosen option|decision)\b", re.IGNORECASE
)
_DECISION_HEADING = re.compile(r"decision|outcome|d[ée]cision|entscheidung|solution|rationale|context", re.IGNORECASE)
# What was weighed and not necessarily chosen: an option quoted alone would read as the decision.
_OPTIONS_HEADING = re.compile(r"option|alternative|considered|variante|pros and cons|drivers", re.IGNORECASE)
_HEADING_LINE = re.compile(r"^#{1,6}[ \t]+(.+)$", re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True, slots=True)
class Extract:
    """Neighbouring sentences of one passage."""

    source: Source
    span: Span

    @property
    def text(self) -> str:
        """The words, exactly as the record has them."""
        return self.source.passage.text[self.span.start : self.span.end]


def choose_extracts(findings: Findings, *, loosely: bool = False) -> list[Extract]:
    """Return the sentences that answer best, at most one stretch a record, a successor before what it superseded.

    `loosely` as `find_answering` says.
    """
    topic = Topic(findings)
    by_record: dict[object, list[Source]] = {}
    for source in findings.sources:
        by_record.setdefault(source.record.id, []).append(source)
    answering = find_answering(findings, loosely=loosely)
    relevant = [group for id_, group in list(by_record.items())[:_RECORDS_WEIGHED] if id_ in answering]
    chosen: list[Extract] = []
    for group in _successors_first(relevant, by_record)[:RECORDS_MOST]:
        best = max((_best_extract(topic, source) for source in group), key=lambda found: found[0])
        if best[1] is not None:
            chosen.append(best[1])
    return chosen


def answer_with_extracts(findings: Findings) -> Iterator[Citation | Delta | Finished]:
    """Yield the whole answer, phrase by phrase."""
    extracts = choose_extracts(findings)
    if not extracts:
        yield from say_nothing_found(findings)
        return
    phrases = findings.phrases
    if findings.as_of is not None:
        yield Delta(phrases.as_of.format(day=phrases.write_day(findings.as_of)))
    yield Delta(count(phrases.extracts, len(extracts)))
    for number, extract in enumerate(extracts, start=1):
        yield Citation(number, extract.source, (extract.span,))
        yield Delta(f"{describe(extract.source, phrases)}:\n\n> ")
        yield from (Delta(phrase) for phrase in _phrases(extract.text))
        yield Delta(f" [{number}]\n\n")
    yield Finished(FinishReason.COMPLETE)


def say_nothing_found(findings: Findings) -> Iterator[Citation | Delta | Finished]:
    """Yield the honest answer when no record says anything about the question, with the nearest records if any."""
    yield Delta(findings.phrases.silent)
    yield from name_nearest(findings)
    yield Finished(FinishReason.NOTHING_FOUND)


def name_nearest(findings: Findings) -> Iterator[Citation | Delta]:
    """Yield the nearest records, if any, each with a citation."""
    nearest: dict[object, Source] = {}
    for source in findings.sources:
        nearest.setdefault(source.record.id, source)
    if nearest:
        yield Delta(findings.phrases.nearest)
    for number, source in enumerate(list(nearest.values())[:RECORDS_MOST], start=1):
        yield Citation(number, source)
        yield Delta(f"\n- {describe(source, findings.phrases)} [{number}]")


def describe(source: Source, phrases: Phrases = ENGLISH) -> str:
    """Return the record's name, title and standing as Markdown in which its own characters mean nothing."""
    name = f"{source.record.ref} {source.record.title}"
    escaped = _SPECIAL.sub(r"\\\1", name)
    return f"**{escaped}** ({source.stand(phrases)})"


def _successors_first(groups: list[list[Source]], by_record: dict[object, list[Source]]) -> list[list[Source]]:
    """Order groups as found, but each successor before the record it superseded, found relevant or not."""
    ordered: dict[object, list[Source]] = {}

    def place(group: list[Source], depth: int) -> None:
        record = group[0].record
        successor = record.successor
        if depth and successor is not None and (newer := by_record.get(successor.id)) is not None:
            place(newer, depth - 1)
        ordered.setdefault(record.id, group)

    for group in groups:
        place(group, len(by_record))
    return list(ordered.values())


def _best_extract(topic: Topic, source: Source) -> tuple[float, Extract | None]:
    """Return the best stretch of a passage with its score: sentences are weighed one by one, then joined."""
    text = source.passage.text
    spans = [span for span in iterate_sentences(text) if span.end - span.start <= _SENTENCE_CHARACTERS_MOST]
    if not spans:
        return -1.0, None
    scores = [
        _score(topic, text[span.start : span.end]) + _score_section(_section(source, span.start)) for span in spans
    ]
    at = max(range(len(spans)), key=lambda index: scores[index])
    first, last = at, at
    # The sentence after often gives the reason; the one before, what "it" is.
    for index in (at + 1, at - 1, at + 2):
        if not 0 <= index < len(spans) or index not in {first - 1, last + 1} or last - first + 1 >= _SENTENCES_MOST:
            continue
        low, high = min(first, index), max(last, index)
        joined = text[spans[low].start : spans[high].end]
        if len(joined) <= _QUOTE_CHARACTERS_MOST and "\n\n" not in joined and _one_block(text, spans, low, high):
            first, last = low, high
    return scores[at], Extract(source, Span(spans[first].start, spans[last].end))


def _section(source: Source, at: int) -> str:
    """Return the heading a sentence stands under; a passage may run over several short sections."""
    above = _HEADING_LINE.findall(source.passage.text, 0, at)
    return above[-1] if above else " ".join(source.passage.heading_path[-1:])


def _score_section(heading: str) -> float:
    if _OPTIONS_HEADING.search(heading):
        return -0.5
    return 0.1 if _DECISION_HEADING.search(heading) else 0.0


def _one_block(text: str, spans: list[Span], low: int, high: int) -> bool:
    """Tell whether nothing but spaces stands between neighbouring sentences, so that the quote reads as one."""
    return all(not text[spans[index].end : spans[index + 1].start].strip() for index in range(low, high))


def _score(topic: Topic, sentence: str) -> float:
    score = topic.share(topic.bases(sentence))
    if _REASONS.search(sentence):
        score += 0.15
    if _DECISIONS.search(sentence):
        score += 0.1
    return score - (0.3 if len(sentence) < _SHORT_SENTENCE_CHARACTERS else 0.0)


def _phrases(text: str) -> Iterator[str]:
    """Split a quote after commas and sentence ends, so that it streams at a reader's pace. Joined it is the same."""
    yield from re.findall(r".+?(?:[,;:.!?]+\s+|$)", text, re.DOTALL)
