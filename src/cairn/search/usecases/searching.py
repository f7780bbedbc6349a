"""Finding decisions and passages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase
from cairn.search.domain import FacetCount, Filters, FoundPassage, Mode, Notice, Passage
from cairn.search.model.highlights import Highlighter
from cairn.search.model.query import ParsedQuery
from cairn.search.model.ranking import Rows, best_passages
from cairn.search.model.segments import Field
from cairn.search.model.words import STOP_WORDS, iterate_words, stem
from cairn.search.ports import IndexReader, OldVersion
from cairn.search.usecases.as_of import AsOf
from cairn.search.usecases.evaluation import Evaluated, evaluate
from cairn.search.usecases.lookup import WordIndex
from cairn.search.usecases.meaning import AskedVector
from cairn.search.usecases.reranking import Reranking

QUERY_CHARACTERS_MAX = 20_000
PASSAGES_PER_RECORD = 3
_QUESTION_RECORDS = 20
_WEIGHED_WORDS_MAX = 256


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that matched, with its best passages. `shares` says what each leg gave to `score`."""

    decision_id: UUID
    record_no: int
    score: float
    shares: dict[str, float]
    matched_words: bool
    matched_meaning: bool
    passages: tuple[FoundPassage, ...]
    # The decision that it took the place of, when it stands here because that one matched.
    successor_of: UUID | None = None
    # What it was on the day that was asked for.
    then: OldVersion | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the score and number of its last record."""

    score: float
    record_no: int


@dataclass(frozen=True, slots=True)
class Page:
    """Records best first. `mode` is the one that answered; `total` counts the matches of all pages."""

    records: tuple[FoundRecord, ...]
    mode: Mode
    notices: tuple[Notice, ...]
    total: int
    next: Position | None
    facets: tuple[FacetCount, ...] = ()
    did_you_mean: str = ""

    @property
    def notice(self) -> str:
        """What there is to know about the results, in English."""
        return " ".join(notice.text for notice in self.notices)


def check_query(text: str) -> str:
    """Return a query fit for searching. Raises `InvalidArgument` when it is empty or too long."""
    query = text.replace("\x00", " ").strip()
    if not query:
        raise InvalidArgument(Phrase("query_empty", "Type something to search for."), field="query")
    if len(query) > QUERY_CHARACTERS_MAX:
        message = Phrase(
            "query_long",
            "The query has {length} characters; at most {most} are searched. Shorten it.",
            length=len(query),
            most=QUERY_CHARACTERS_MAX,
        )
        raise InvalidArgument(message, field="query")
    return query


async def search(
    reader: IndexReader,
    query: ParsedQuery,
    *,
    mode: Mode,
    vector: AskedVector,
    page_size: int,
    after: Position | None = None,
    facets: bool = False,
    reranking: Reranking | None = None,
) -> Page:
    """Return one page of the records that match a query.

    Without a `vector`, or before anything is embedded, the search goes by words alone; the page's notices say so.
    """
    overlay, query = await _at_its_day(reader, query)
    reader = overlay or reader
    evaluated = await evaluate(reader, query, mode, vector, reranking)
    ranking, rows = evaluated.ranking, evaluated.rows
    order = ranking.order
    if after is not None:
        scores = ranking.scores[order]
        order = order[(scores < after.score) | ((scores == after.score) & (rows.record_nos[order] > after.record_no))]
    chosen = [int(row) for row in order[:page_size]]
    passages = await _passages_of(reader, evaluated, query.text, chosen)
    numbers = [int(rows.record_nos[row]) for row in {*chosen, *evaluated.successor_of.values()}]
    ids = await reader.decision_ids(numbers)
    records = [_record(evaluated, row, ids, passages[row]) for row in chosen if int(rows.record_nos[row]) in ids]
    if overlay is not None:
        records = [replace(record, then=overlay.version_of(record.record_no)) for record in records]
    last = Position(float(ranking.scores[chosen[-1]]), int(rows.record_nos[chosen[-1]])) if chosen else None
    counts = await reader.facets(rows.record_nos[ranking.order].tolist()) if facets else []
    return Page(
        records=tuple(records),
        mode=evaluated.mode,
        notices=evaluated.notices,
        total=len(ranking.order),
        next=last if len(order) > len(chosen) else None,
        facets=tuple(counts),
        did_you_mean=evaluated.mended,
    )


async def _at_its_day(reader: IndexReader, query: ParsedQuery) -> tuple[AsOf | None, ParsedQuery]:
    """Return what to search instead, and what for, when the query asks what the logs said on a day."""
    if query.filters.as_of is None:
        return None, query
    overlay, told = await AsOf.open(reader, query.filters, query.filters.as_of)
    return overlay, replace(query, notices=(*query.notices, *told))


def _record(evaluated: Evaluated, row: int, ids: dict[int, UUID], passages: Sequence[FoundPassage]) -> FoundRecord:
    ranking, numbers = evaluated.ranking, evaluated.rows.record_nos
    old = evaluated.successor_of.get(row)
    return FoundRecord(
        decision_id=ids[int(numbers[row])],
        record_no=int(numbers[row]),
        score=float(ranking.scores[row]),
        shares={name: float(share[row]) for name, share in ranking.shares.items()},
        matched_words=bool(ranking.matched_words[row]),
        matched_meaning=bool(ranking.matched_meaning[row]),
        passages=tuple(passages),
        successor_of=ids.get(int(numbers[old])) if old is not None else None,
    )


async def find_passages(
    reader: IndexReader,
    query: ParsedQuery,
    *,
    mode: Mode,
    vector: AskedVector,
    limit: int,
    reranking: Reranking | None = None,
) -> list[FoundPassage]:
    """Return the passages that best answer a question, best first: from the best records, each one's best passages."""
    overlay, query = await _at_its_day(reader, query)
    reader = overlay or reader
    evaluated = await evaluate(reader, query, mode, vector, reranking)
    chosen = [int(row) for row in evaluated.ranking.order[:_QUESTION_RECORDS]]
    if not chosen:
        return []
    best = await _best_passages(reader, evaluated, chosen)
    scores = evaluated.ranking.scores
    most, least = float(scores[chosen[0]]), float(scores[chosen[-1]])
    scale = 1 / (most - least) if most > least else 0.0
    entries = [(number, score + (float(scores[row]) - least) * scale) for row in chosen for number, score in best[row]]
    entries.sort(key=lambda entry: (-entry[1], entry[0]))
    texts = await reader.passages([number for number, _ in entries])
    # What is said about a record is not what it says: an answer quotes the record itself.
    own = {number for number, passage in texts.items() if passage.text and not passage.source}
    told = [(number, score) for number, score in entries if number in own][:limit]
    found = await _highlight(reader, evaluated, query.text, told, texts)
    return list(found.values())


async def weigh_words(reader: IndexReader, query: str, language: str) -> dict[str, float]:
    """Return how much each meaningful word of a query tells: its idf among the records the caller may see.

    Keys are stems in `language`. A word that no record has weighs most.
    """
    rows = Rows(await reader.live_records(Filters()))
    index = await WordIndex.open(reader)
    index.see(rows)
    words = {
        stem(word.text, language): word.text
        for _, word in zip(range(_WEIGHED_WORDS_MAX), iterate_words(query), strict=False)
        if not word.whole and word.text not in STOP_WORDS[language]
    }
    await index.fetch((Field.RECORD_WORDS, term) for word in words.values() for term in index.terms_of(word))
    total = len(rows)
    counts = {base: index.count_records(word) for base, word in words.items()}
    return {base: math.log(1 + (max(total - count, 0) + 0.5) / (count + 0.5)) for base, count in counts.items()}


async def _passages_of(
    reader: IndexReader, evaluated: Evaluated, query: str, chosen: Sequence[int]
) -> dict[int, list[FoundPassage]]:
    """Return the best passages of the chosen rows."""
    best = await _best_passages(reader, evaluated, chosen)
    entries = [entry for row in chosen for entry in best[row]]
    texts = await reader.passages([number for number, _ in entries])
    found = await _highlight(reader, evaluated, query, entries, texts)
    return {row: [found[number] for number, _ in best[row] if number in found] for row in chosen}


async def _best_passages(
    reader: IndexReader, evaluated: Evaluated, chosen: Sequence[int]
) -> dict[int, list[tuple[int, float]]]:
    """Return the numbers and scores of each row's best passages; the first one if only the record's title matched."""
    best = best_passages(chosen, evaluated.words, evaluated.meaning, PASSAGES_PER_RECORD)
    bare = [row for row in chosen if not best[row]]
    if bare:
        numbers = evaluated.rows.record_nos
        firsts = await reader.first_passages([int(numbers[row]) for row in bare])
        for row in bare:
            first = firsts.get(int(numbers[row]))
            best[row] = [(first, 0.0)] if first is not None else []
    return best


async def _highlight(
    reader: IndexReader,
    evaluated: Evaluated,
    query: str,
    entries: Sequence[tuple[int, float]],
    texts: Mapping[int, Passage],
) -> dict[int, FoundPassage]:
    """Return the passages with these numbers and scores, with what they matched."""
    there = [(number, score) for number, score in entries if number in texts]
    cosines = await _cosines(reader, evaluated, [number for number, _ in there])
    highlighter = Highlighter(query)
    return {number: _found(texts[number], score, highlighter, cosines.get(number)) for number, score in there}


async def _cosines(reader: IndexReader, evaluated: Evaluated, passage_nos: Sequence[int]) -> dict[int, float]:
    """Return the exact cosines of passages that have one."""
    if evaluated.meaning is None or evaluated.vector is None:
        return {}
    known = {number: evaluated.exact_cosines[number] for number in passage_nos if number in evaluated.exact_cosines}
    missing = [number for number in passage_nos if number not in known]
    if missing:
        known |= await reader.cosines(evaluated.vector.model, evaluated.vector.vector, missing)
    return known


def _found(passage: Passage, score: float, highlighter: Highlighter, cosine: float | None) -> FoundPassage:
    highlights, matched = highlighter.find(passage.text, passage.language)
    return FoundPassage(
        id=passage.id,
        decision_id=passage.decision_id,
        version=passage.version,
        heading_path=passage.heading_path,
        anchor=passage.anchor,
        text=passage.text,
        language=passage.language,
        source=passage.source,
        source_title=passage.source_title,
        link=passage.link,
        score=score,
        matched_words=matched,
        highlights=highlights,
        cosine=cosine,
    )
