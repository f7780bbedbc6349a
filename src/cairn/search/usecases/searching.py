"""Finding decisions and passages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.kernel.errors import InvalidArgument
from cairn.search.domain import Filters, FoundPassage, Mode, Passage
from cairn.search.model.highlights import find_highlights
from cairn.search.model.ranking import (
    MeaningScores,
    PassageScores,
    Ranking,
    Rows,
    WordScores,
    best_passages,
    join_segments,
    link_seeds,
    meaning_scores,
    query_terms,
    rank,
)
from cairn.search.model.scoring import Found, LiveSegment, score_field
from cairn.search.model.segments import Documents, Field, PackedPostings, bucket_of
from cairn.search.model.words import STOP_WORDS, iterate_words, stem, term_hash
from cairn.search.ports import Bucket, IndexReader, StoredSegment

QUERY_CHARACTERS_MAX = 20_000
PASSAGES_PER_RECORD = 3
_QUESTION_RECORDS = 20
_WEIGHED_WORDS_MAX = 256


@dataclass(frozen=True, slots=True)
class QueryVector:
    """A query embedded with a model."""

    model: str
    vector: NDArray[np.float32]


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
    notice: str
    total: int
    next: Position | None


def check_query(text: str) -> str:
    """Return a query fit for searching. Raises `InvalidArgument` when it is empty or too long."""
    query = text.replace("\x00", " ").strip()
    if not query:
        raise InvalidArgument("Type something to search for.", field="query")
    if len(query) > QUERY_CHARACTERS_MAX:
        message = f"The query has {len(query)} characters; at most {QUERY_CHARACTERS_MAX} are searched. Shorten it."
        raise InvalidArgument(message, field="query")
    return query


async def search(
    reader: IndexReader,
    query: str,
    *,
    mode: Mode,
    vector: QueryVector | None,
    filters: Filters,
    page_size: int,
    after: Position | None = None,
) -> Page:
    """Return one page of the records that match a checked query.

    Without a `vector`, or before anything is embedded, the search goes by words alone; the page's `notice` says so.
    """
    evaluated = await evaluate(reader, query, mode, vector, filters)
    ranking, rows = evaluated.ranking, evaluated.rows
    order = ranking.order
    if after is not None:
        scores = ranking.scores[order]
        order = order[(scores < after.score) | ((scores == after.score) & (rows.record_nos[order] > after.record_no))]
    chosen = [int(row) for row in order[:page_size]]
    passages = await _passages_of(reader, evaluated, query, chosen, PASSAGES_PER_RECORD)
    ids = await reader.decision_ids([int(rows.record_nos[row]) for row in chosen])
    records = [
        FoundRecord(
            decision_id=ids[number],
            record_no=number,
            score=float(ranking.scores[row]),
            shares={name: float(share[row]) for name, share in ranking.shares.items()},
            matched_words=bool(ranking.matched_words[row]),
            matched_meaning=bool(ranking.matched_meaning[row]),
            passages=tuple(passages[row]),
        )
        for row in chosen
        if (number := int(rows.record_nos[row])) in ids
    ]
    last = Position(float(ranking.scores[chosen[-1]]), int(rows.record_nos[chosen[-1]])) if chosen else None
    more = len(order) > len(chosen)
    return Page(tuple(records), evaluated.mode, evaluated.notice, len(ranking.order), last if more else None)


async def find_passages(
    reader: IndexReader, query: str, *, mode: Mode, vector: QueryVector | None, filters: Filters, limit: int
) -> list[FoundPassage]:
    """Return the passages that best answer a question, best first: from the best records, each one's best passages."""
    evaluated = await evaluate(reader, query, mode, vector, filters)
    chosen = [int(row) for row in evaluated.ranking.order[:_QUESTION_RECORDS]]
    if not chosen:
        return []
    by_row = await _passages_of(reader, evaluated, query, chosen, PASSAGES_PER_RECORD)
    scores = evaluated.ranking.scores
    best, worst = float(scores[chosen[0]]), float(scores[chosen[-1]])
    scale = 1 / (best - worst) if best > worst else 0.0
    found = [
        replace(passage, score=passage.score + (float(scores[row]) - worst) * scale)
        for row in chosen
        for passage in by_row[row]
        if passage.text
    ]
    return sorted(found, key=lambda entry: (-entry.score, entry.id))[:limit]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A query's ranking over all records, and the scores of passages by leg."""

    rows: Rows
    ranking: Ranking
    words: PassageScores | None
    meaning: PassageScores | None
    mode: Mode
    notice: str


async def evaluate(
    reader: IndexReader, query: str, mode: Mode, vector: QueryVector | None, filters: Filters
) -> Evaluated:
    """Score and rank every record that the caller may find and the filters let through."""
    live = await reader.live_records(filters)
    rows = Rows(live)
    words = await _score_words(reader, rows, query) if mode is not Mode.SEMANTIC else None
    meaning: MeaningScores | None = None
    notice = ""
    if mode is not Mode.LEXICAL:
        found = None
        if vector is not None and len(rows):
            seeds = link_seeds(rows, words, None) if words else []
            narrowed = None if bool(live.wanted.all()) else rows.record_nos
            found = await reader.similarities(vector.model, vector.vector, record_nos=seeds, wanted=narrowed)
        if found is not None:
            meaning = meaning_scores(rows, found)
        elif len(rows):
            notice = "Search by meaning is not ready yet; these results are by words."
            mode = Mode.LEXICAL
            words = words or await _score_words(reader, rows, query)
    seeds = link_seeds(rows, words, meaning) if mode is not Mode.SEMANTIC else []
    links = await reader.links(seeds) if seeds else []
    ranking = rank(rows, mode, words, meaning, links)
    return Evaluated(
        rows, ranking, words.passages if words else None, meaning.passages if meaning else None, mode, notice
    )


async def _score_words(reader: IndexReader, rows: Rows, query: str) -> WordScores:
    stored = await reader.list_segments()
    packed = await reader.segment_documents([segment.id for segment in stored])
    documents = [Documents.unpack(packed[segment.id]) for segment in stored]
    segments = [LiveSegment(part, rows.alive(part)) for part in documents]
    languages = sorted({language for segment in stored for language in segment.languages})
    terms = query_terms(query, languages)
    wanted = {
        Bucket(segment.id, field, bucket_of(term, segment.bucket_bits[field]))
        for field, queried in terms.items()
        for _, variants in queried
        for term in variants
        for segment in stored
    }
    buckets = {place: PackedPostings(content) for place, content in (await reader.find_postings(list(wanted))).items()}
    scores = {
        field: score_field(
            field,
            segments,
            [(times, [_find(buckets, stored, field, term) for term in variants]) for times, variants in queried],
        )
        for field, queried in terms.items()
    }
    return join_segments(rows, segments, scores)


async def weigh_words(reader: IndexReader, query: str, language: str) -> dict[str, float]:
    """Return how much each meaningful word of a query tells: its idf among the records the caller may see.

    Keys are stems in `language`. A word that no record has weighs most.
    """
    live = await reader.live_records(Filters())
    rows = Rows(live)
    stored = await reader.list_segments()
    packed = await reader.segment_documents([segment.id for segment in stored])
    alive = [rows.alive(Documents.unpack(packed[segment.id])) for segment in stored]
    languages = sorted({language, *(language for segment in stored for language in segment.languages)})
    bases = {
        stem(word.text, language): [term_hash(stem(word.text, other), other) for other in languages]
        for _, word in zip(range(_WEIGHED_WORDS_MAX), iterate_words(query), strict=False)
        if not word.whole and word.text not in STOP_WORDS[language]
    }
    field = Field.RECORD_WORDS
    wanted = {
        Bucket(segment.id, field, bucket_of(term, segment.bucket_bits[field]))
        for terms in bases.values()
        for term in terms
        for segment in stored
    }
    buckets = {place: PackedPostings(content) for place, content in (await reader.find_postings(list(wanted))).items()}
    total = len(rows)
    weights: dict[str, float] = {}
    for base, terms in bases.items():
        count = sum(
            int(mask[documents].sum())
            for term in dict.fromkeys(terms)
            for (documents, _), mask in zip(_find(buckets, stored, field, term), alive, strict=True)
        )
        weights[base] = math.log(1 + (max(total - count, 0) + 0.5) / (count + 0.5))
    return weights


_NOWHERE = (np.empty(0, np.int32), np.empty(0, np.uint16))


def _find(
    buckets: dict[Bucket, PackedPostings], stored: Sequence[StoredSegment], field: Field, term: int
) -> list[Found]:
    places = (Bucket(segment.id, field, bucket_of(term, segment.bucket_bits[field])) for segment in stored)
    return [bucket.find(term) if (bucket := buckets.get(place)) else _NOWHERE for place in places]


async def _passages_of(
    reader: IndexReader, evaluated: Evaluated, query: str, chosen: Sequence[int], most: int
) -> dict[int, list[FoundPassage]]:
    """Return the best passages of the chosen rows; the first one of a record of which only the title matched."""
    best = best_passages(chosen, evaluated.words, evaluated.meaning, most)
    bare = [row for row in chosen if not best[row]]
    if bare:
        numbers = evaluated.rows.record_nos
        firsts = await reader.first_passages([int(numbers[row]) for row in bare])
        for row in bare:
            first = firsts.get(int(numbers[row]))
            best[row] = [(first, 0.0)] if first is not None else []
    texts = await reader.passages([number for entries in best.values() for number, _ in entries])
    return {
        row: [_found(texts[number], score, query) for number, score in entries if number in texts]
        for row, entries in best.items()
    }


def _found(passage: Passage, score: float, query: str) -> FoundPassage:
    highlights, matched = find_highlights(passage.text, query)
    return FoundPassage(
        id=passage.id,
        decision_id=passage.decision_id,
        version=passage.version,
        heading_path=passage.heading_path,
        anchor=passage.anchor,
        text=passage.text,
        score=score,
        matched_words=matched,
        highlights=highlights,
    )
