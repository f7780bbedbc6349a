"""Evaluating a query: the ranking of all records it may return, and the scores of their passages."""

import asyncio
import difflib
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cairn.search.domain import Filters, Mode, Notice, NoticeCode
from cairn.search.model.query import ParsedQuery, contains_phrase
from cairn.search.model.ranking import (
    MeaningScores,
    PassageScores,
    QueryTerms,
    Ranking,
    Rows,
    WordScores,
    best_records,
    query_terms,
    rank,
    with_successors,
)
from cairn.search.model.scoring import Mask
from cairn.search.model.segments import Field
from cairn.search.model.words import STOP_WORDS, fold, iterate_words
from cairn.search.ports import IndexReader
from cairn.search.usecases.lookup import WordIndex, while_reading
from cairn.search.usecases.meaning import AskedVector, Closeness, QueryVector, begin_closeness
from cairn.search.usecases.reranking import Reranking, rerank

# Phrases are looked for in the texts of the best records that hold all their words.
PHRASE_RECORDS_MAX = 1_000
_SUCCESSOR_DEPTH = 100
_MENDED_LENGTH_MIN = 4
_MENDED_MAX = 4
# In a longer query the other words find it; a word unknown to the log is then more often new than misspelt.
_MENDED_QUERY_WORDS_MAX = 6
_LIKENESS_MIN = 0.8
_LENGTH_DIFFERENCE_MAX = 2
_NOT_WORD_FOR_WORD = Notice(
    NoticeCode.NOT_WORD_FOR_WORD, "No record says what is in quotes word for word; these results have its words."
)
_NOT_READY = Notice(NoticeCode.NOT_READY, "Search by meaning is not ready yet; these results are by words.")
_PHRASES_LIMITED = Notice(
    NoticeCode.PHRASES_LIMITED,
    f"Phrases were looked for in the best {PHRASE_RECORDS_MAX} records that hold their words.",
    (str(PHRASE_RECORDS_MAX),),
)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A query's ranking over all records, and the scores of passages by leg.

    `successor_of` gives, for rows that stand where they do because they took another record's place, that record's row.
    """

    rows: Rows
    ranking: Ranking
    words: PassageScores | None
    meaning: PassageScores | None
    mode: Mode
    notices: tuple[Notice, ...]
    mended: str
    successor_of: dict[int, int]
    exact_cosines: Mapping[int, float]
    vector: QueryVector | None


async def evaluate(
    reader: IndexReader,
    query: ParsedQuery,
    mode: Mode,
    vector: AskedVector,
    reranking: Reranking | None = None,
) -> Evaluated:
    """Score and rank every record that the caller may find and the filters let through.

    A vector that is still being made is waited for only when it is needed.
    """
    notices = list(query.notices)
    scored = await _score_legs(reader, query, mode=mode, asked=vector)
    index, rows, words, meaning = scored.index, scored.rows, scored.words, scored.meaning
    if mode is not Mode.LEXICAL and query.text and len(rows) and meaning is None:
        notices.append(_NOT_READY)
        mode = Mode.LEXICAL
    allowed, welcome, told = await _allowed(reader, index, rows, query, words)
    notices += told
    named = set(await reader.named(query.name)) if query.name else set[int]()
    names = np.isin(rows.record_nos, np.array(sorted(named), np.int32))
    seeds = best_records(rows, words, meaning) if mode is not Mode.SEMANTIC else []
    links = await reader.links(seeds) if seeds else []
    ranking = rank(rows, mode, words, meaning, links, allowed=allowed, names=names, everything=not query.text)
    if reranking is not None and query.text:
        legs = (words.passages if words else None, meaning.passages if meaning else None)
        ranking, unread = await rerank(reader, rows, ranking, legs, query=query.text, by=reranking)
        notices += [unread] if unread else []
    ranking, successor_of = await _follow(reader, rows, ranking, welcome)
    return Evaluated(
        rows=rows,
        ranking=ranking,
        words=words.passages if words else None,
        meaning=meaning.passages if meaning else None,
        exact_cosines=meaning.exact if meaning else {},
        vector=scored.vector,
        mode=mode,
        notices=tuple(notices),
        mended=scored.mended,
        successor_of=successor_of,
    )


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of words, the query as it was mended, and the scores of meaning."""

    index: WordIndex
    rows: Rows
    words: WordScores | None
    mended: str
    meaning: MeaningScores | None
    vector: QueryVector | None


async def _score_legs(reader: IndexReader, query: ParsedQuery, *, mode: Mode, asked: AskedVector) -> _Scored:
    """Score both legs at the same time. Where there are no scores of meaning there are those of words.

    Postgres is asked in such an order that there is something to do here while it answers.
    """
    opened: asyncio.Future[WordIndex] = asyncio.get_running_loop().create_future()
    weighing = None
    if asked is not None and mode is not Mode.LEXICAL and query.text:
        weighing = await begin_closeness(reader, asked, opened, narrowed=query.filters != Filters())
    try:
        index = await WordIndex.open(reader)
        terms = query_terms(query.text, index.languages)
        by_words = mode is not Mode.SEMANTIC or weighing is None
        if by_words:
            await index.fetch_first(terms)
        async with while_reading(reader.live_records(query.filters)) as live:
            if by_words:
                index.find_first(terms)
        rows = Rows(live.result())
        index.see(rows)
        opened.set_result(index)

        async def compare() -> Closeness | None:
            closeness = await weighing if weighing is not None and len(rows) else None
            if closeness is not None:
                await closeness.compare_nearest(reader)
            return closeness

        words, mended = None, ""
        if by_words:
            words, mended, closeness = await _score_words(reader, index, query, terms, compare)
        else:
            closeness = await compare()
            if closeness is None:
                words, mended, _ = await _score_words(reader, index, query, terms, compare)
    finally:
        if weighing is not None:
            weighing.cancel()
    meaning = await closeness.score(reader, rows, words) if closeness is not None else None
    return _Scored(index, rows, words, mended, meaning, closeness.query if closeness is not None else None)


async def _score_words(
    reader: IndexReader,
    index: WordIndex,
    query: ParsedQuery,
    terms: dict[Field, QueryTerms],
    compare: Callable[[], Coroutine[Any, Any, Closeness | None]],
) -> tuple[WordScores, str, Closeness | None]:
    """Return the word scores, the query with its misspelt words mended, empty when none is, and what `compare` does."""
    mended = await _mend(reader, index, query.text)
    words, closeness = await index.score(query_terms(mended, index.languages) if mended else terms, compare)
    return words, mended, closeness


async def _mend(reader: IndexReader, index: WordIndex, text: str) -> str:
    """Replace words that no record holds by the title words most like them. Empty when nothing was replaced."""
    words = list(
        dict.fromkeys(
            word.text
            for word in iterate_words(text)
            if word.text.isalpha()
            and len(word.text) >= _MENDED_LENGTH_MIN
            and not _is_common(word.text, index.languages)
        )
    )
    if len(words) > _MENDED_QUERY_WORDS_MAX:
        return ""
    await index.fetch((Field.RECORD_WORDS, term) for word in words for term in index.terms_of(word))
    missing = [word for word in words if not index.count_records(word)]
    if not missing or len(missing) > _MENDED_MAX or not index.languages:
        return ""
    vocabulary = sorted({fold(word) for word in await reader.title_words()})
    mended = text
    for word in missing:
        near = [other for other in vocabulary if _may_be_like(word, other)]
        for other in difflib.get_close_matches(word, near, n=1, cutoff=_LIKENESS_MIN):
            mended = re.sub(rf"(?i)\b{re.escape(word)}\b", other, mended)
    return mended if mended != text else ""


def _may_be_like(word: str, other: str) -> bool:
    """Return False for what cannot be alike enough: each letter that only one has counts against them."""
    length = len(word) + len(other)
    return (
        abs(len(word) - len(other)) <= _LENGTH_DIFFERENCE_MAX
        and len(set(word).symmetric_difference(other)) <= (1 - _LIKENESS_MIN) * length + 1e-9
    )


def _is_common(word: str, languages: Sequence[str]) -> bool:
    return any(word in STOP_WORDS[language] for language in languages)


async def _allowed(
    reader: IndexReader, index: WordIndex, rows: Rows, query: ParsedQuery, words: WordScores | None
) -> tuple[Mask, Mask, list[Notice]]:
    """Return which rows have all phrases and no excluded word, which have no excluded word, and what to tell of it."""
    with_phrases, without_excluded = np.ones(len(rows), bool), np.ones(len(rows), bool)
    notices: list[Notice] = []
    everything = {word for phrase in (*query.phrases, *query.excluded) for word in phrase}
    await index.fetch((Field.RECORD_WORDS, term) for word in everything for term in index.terms_of(word))
    for phrases, wanted in ((query.phrases, True), (query.excluded, False)):
        for phrase in phrases:
            held = np.logical_and.reduce([index.rows_with(word) for word in phrase])
            if len(phrase) > 1:
                if int(held.sum()) > PHRASE_RECORDS_MAX:
                    notices = [_PHRASES_LIMITED]
                held = await _rows_with_phrase(reader, rows, phrase, held, words)
            if wanted:
                with_phrases &= held
            else:
                without_excluded &= ~held
    allowed = with_phrases & without_excluded
    if not query.strict and not allowed.any() and without_excluded.any():
        # Quotes inside a longer text are often its author's: a commit's subject, an error message.
        return without_excluded, without_excluded, [_NOT_WORD_FOR_WORD]
    return allowed, without_excluded, notices


async def _rows_with_phrase(
    reader: IndexReader, rows: Rows, phrase: tuple[str, ...], held: Mask, words: WordScores | None
) -> Mask:
    """Return which of the rows that hold all words of a phrase hold them one after the other."""
    candidates = np.flatnonzero(held)
    if words is not None:
        candidates = candidates[np.argsort(-words.record_words[candidates], kind="stable")]
    candidates = candidates[:PHRASE_RECORDS_MAX]
    texts = await reader.record_texts(rows.record_nos[candidates].tolist(), attached=True)
    found = np.zeros(len(rows), bool)
    for row in candidates:
        found[row] = any(contains_phrase(text, phrase) for text in texts.get(int(rows.record_nos[row]), ()))
    return found


async def _follow(reader: IndexReader, rows: Rows, ranking: Ranking, welcome: Mask) -> tuple[Ranking, dict[int, int]]:
    """Let the successors of superseded records among the best stand right behind them."""
    top = ranking.order[:_SUCCESSOR_DEPTH]
    if not len(top):
        return ranking, {}
    pairs = await reader.successors(rows.record_nos[top].tolist())
    return with_successors(rows, ranking, pairs, welcome)


def plain_query(text: str, filters: Filters = Filters()) -> ParsedQuery:  # noqa: B008 - frozen.
    """Return a text as a query without any operator."""
    return ParsedQuery(text, filters)
