"""Ranking: from the scores of each leg to one order of records, and of passages inside them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.domain import Mode
from cairn.search.model.scoring import Floats, LiveDocuments, Mask, best_of_records, z_scores
from cairn.search.model.segments import Documents, Field, Ints
from cairn.search.model.words import STOP_WORDS, Term, iterate_words, pair_hashes, stem, term_hash
from cairn.search.ports import LiveRecords

# Weights of the legs in the sum of z-scores, tuned on judgements (docs/search.md).
RECORD_WORDS_WEIGHT = 0.75
PASSAGE_WORDS_WEIGHT = 0.75
MEANING_WEIGHT = 1.0
LINK_WEIGHT = 0.18
# A query of this many words is a question or a subject; from the second number on it is a paragraph.
SHORT_WORDS = 12
LONG_WORDS = 24
NEIGHBOURS_WEIGHT_SHORT = 0.45
NEIGHBOURS_WEIGHT_LONG = 0.2
# What a title is worth that says the whole query, and one that a paragraph names in full.
TITLE_ASKED_WEIGHT = 8.0
TITLE_TOLD_WEIGHT = 10.0
# What the log is worth that holds the best record, to all of its records.
LOG_WEIGHT_SHORT = 0.2
LOG_WEIGHT_LONG = 1.0
# What a record stands back that holds no longer, or never did.
RETIRED_WEIGHT = 1.0
LINKED_RECORDS_MAX = 200
# A record whose name is the query comes before all that only match it.
NAME_SHARE = 1_000.0
# Below this cosine two texts have nothing to do with each other for MiniLM.
MEANING_FLOOR = 0.25
_QUERY_WORDS_MAX = 512

# Per query word: how often the query says it, and its term in each language.
QueryTerms = Sequence[tuple[int, tuple[Term, ...]]]


def query_terms(text: str, languages: Sequence[str]) -> dict[Field, QueryTerms]:
    """Return the terms of a query for each field, as they would stand in records of each language."""
    words = [word for _, word in zip(range(_QUERY_WORDS_MAX), iterate_words(text), strict=False)]
    everything = [
        tuple(Term(language, term_hash(stem(word.text, language), language)) for language in languages)
        for word in words
    ]
    content = [
        tuple(term for term in terms if word.text not in STOP_WORDS[term.language])
        for word, terms in zip(words, everything, strict=True)
    ]
    pairs: list[tuple[Term, ...]] = []
    for place, language in enumerate(languages):
        plain = [
            terms[place].hash
            for word, terms in zip(words, everything, strict=True)
            if not word.whole and word.text not in STOP_WORDS[language]
        ]
        pairs.extend((Term(language, int(pair)),) for pair in pair_hashes(np.array(plain, np.uint64)))
    return {
        Field.RECORD_WORDS: _count(everything),
        Field.PASSAGE_WORDS: _count(content),
        Field.PASSAGE_NEIGHBOURS: _count(pairs),
        Field.TITLE_WORDS: [(1, hashes) for _, hashes in _count(content)],
    }


def _count(variants: Iterable[tuple[Term, ...]]) -> QueryTerms:
    counts: dict[tuple[Term, ...], int] = {}
    for hashes in variants:
        if hashes:
            counts[hashes] = counts.get(hashes, 0) + 1
    return [(times, hashes) for hashes, times in counts.items()]


class Rows:
    """Where each record the search may return stands in the arrays of this query; -1 for the others.

    What is attached to a record stands in the record's row, and is there for whoever may see that.
    """

    def __init__(self, live: LiveRecords) -> None:
        numbers, generations, owners = live.attached.T
        most = max(int(live.record_nos.max(initial=0)), int(numbers.max(initial=0)), int(owners.max(initial=0)))
        self._generations = np.full(most + 1, -1, np.int32)
        self._generations[live.record_nos] = live.generations
        self.record_nos: Ints = np.sort(live.record_nos[live.wanted])
        retired = np.zeros(len(self._generations), bool)
        retired[live.record_nos] = live.retired
        self.retired: Mask = retired[self.record_nos]
        # The place of each row's log among the logs of all rows.
        order = np.argsort(live.record_nos[live.wanted])
        self.logs: Ints = np.unique(live.logs[live.wanted][order], return_inverse=True)[1].astype(np.int32)
        self._rows = np.full(len(self._generations), -1, np.int32)
        self._rows[self.record_nos] = np.arange(len(self.record_nos), dtype=np.int32)
        there = self._generations[owners] >= 0
        self._generations[numbers[there]] = generations[there]
        self._rows[numbers[there]] = self._rows[owners[there]]

    def __len__(self) -> int:
        return len(self.record_nos)

    def of(self, record_nos: Ints) -> Ints:
        """Return the row of each record, -1 for those the search may not return."""
        known = record_nos < len(self._rows)
        return np.where(known, self._rows[np.where(known, record_nos, 0)], -1)

    def alive(self, documents: Documents) -> Mask:
        """Return which entries of a segment are the current generation of a record the caller may see."""
        known = documents.record_nos < len(self._generations)
        return known & (self._generations[np.where(known, documents.record_nos, 0)] == documents.generations)


@dataclass(frozen=True, slots=True)
class PassageScores:
    """Scores of passages on one leg. `rows` are rows of records, -1 for passages that the search may not return."""

    rows: Ints
    passage_nos: Ints
    scores: Floats


@dataclass(frozen=True, slots=True)
class WordScores:
    """What the words of a query gave each record (by row), and each passage: 0 to those that have none of them.

    `title_asked` is how much of the query the title says, `title_told` how much of the title the query says, both from
    0 to 1. `query_words` counts the query's different words, without stop words.
    """

    record_words: Floats
    passage_words: Floats
    neighbours: Floats
    title_asked: Floats
    title_told: Floats
    passages: PassageScores
    query_words: int


def word_scores(
    rows: Rows,
    live: LiveDocuments,
    scores: Mapping[Field, Floats],
    titles: tuple[Floats, Floats],
    *,
    query_words: int,
) -> WordScores:
    """Bring the scores of documents, and the shares of titles, into the rows of this query."""
    documents = live.documents
    found = np.where(live.records, rows.of(documents.record_nos), -1)
    keep = found >= 0

    def by_row(values: Floats) -> Floats:
        total = np.zeros(len(rows))
        # A record and what is attached to it share a row: the best of them counts.
        np.maximum.at(total, found[keep], values[keep])
        return total

    words = scores[Field.PASSAGE_WORDS]
    owners = np.repeat(found.astype(np.int32), np.diff(documents.first_passage))
    return WordScores(
        record_words=by_row(scores[Field.RECORD_WORDS]),
        passage_words=by_row(best_of_records(documents, words)),
        neighbours=by_row(best_of_records(documents, scores[Field.PASSAGE_NEIGHBOURS])),
        title_asked=by_row(titles[0]),
        title_told=by_row(titles[1]),
        passages=PassageScores(owners, documents.passage_nos, words),
        query_words=query_words,
    )


@dataclass(frozen=True, slots=True)
class MeaningScores:
    """Each record's best cosine (by row), whether it is its own, and the cosines of passages.

    A record without one is given the lowest that was found, so that it neither gains nor stands out. `exact` holds
    the cosines, by passage number, that are more than an estimate.
    """

    best: Floats
    known: Mask
    passages: PassageScores
    exact: Mapping[int, float]


def meaning_scores(rows: Rows, passages: PassageScores, exact: Mapping[int, float]) -> MeaningScores:
    """Find the best cosine of each record."""
    cosines = passages.scores
    if np.isnan(cosines).any():
        # A text without a known word may have a vector of zeros, which has no angle.
        cosines = np.nan_to_num(cosines)
    best = np.full(len(rows), float(cosines.min(initial=1.0)))
    known = np.zeros(len(rows), bool)
    if len(cosines):
        # A record's passages mostly stand together, which takes a third of looking at them one by one.
        firsts = np.flatnonzero(np.append(True, passages.rows[1:] != passages.rows[:-1]))
        owners = passages.rows[firsts]
        np.maximum.at(best, owners, np.maximum.reduceat(cosines, firsts))
        known[owners] = True
    return MeaningScores(best, known, PassageScores(passages.rows, passages.passage_nos, cosines), exact)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Records by row, with scores by leg. `order` lists the rows that matched, best first."""

    order: NDArray[np.int64]
    scores: Floats
    shares: Mapping[str, Floats]
    matched_words: Mask
    matched_meaning: Mask

    def is_named(self, row: int) -> bool:
        """Return whether a row comes first because its name is the query."""
        return "name" in self.shares and bool(self.shares["name"][row] > 0)


def rank(
    rows: Rows,
    mode: Mode,
    words: WordScores | None,
    meaning: MeaningScores | None,
    links: Sequence[tuple[int, int]],
    *,
    allowed: Mask | None = None,
    names: Mask | None = None,
    everything: bool = False,
) -> Ranking:
    """Add up the legs' weighted z-scores over all searched records, and a share of the best linked record's sum.

    A log whose best record stands out among those of other logs lifts its other records a little.
    Records that are superseded, rejected or deprecated stand a little behind what is in force and matches as well.

    A record matches when it holds a word of the query that is not a stop word (any word, when the query has no other),
    when a passage of it is close enough in meaning, or when its name is the query (`names`): it then comes first.
    Rows outside `allowed` never match; with `everything` all others do. Equal scores are ordered by record number.
    """
    shares: dict[str, Floats] = {}
    none = np.zeros(len(rows), bool)
    matched_words = matched_meaning = none
    if words is not None:
        shares = word_shares(words)
        matched_words = words.passage_words > 0
        if not matched_words.any():
            matched_words = words.record_words > 0
    if meaning is not None:
        shares["meaning"] = MEANING_WEIGHT * z_scores(meaning.best)
        matched_meaning = meaning.known & (meaning.best >= MEANING_FLOOR)
    scores = np.sum(list(shares.values()), axis=0) if shares else np.zeros(len(rows))
    if mode is not Mode.SEMANTIC:
        shares["links"] = LINK_WEIGHT * _best_linked(rows, scores, links)
        shares["standing"] = np.where(rows.retired, -RETIRED_WEIGHT, 0.0)
        scores = scores + shares["links"] + shares["standing"]
        paragraph = 0.0 if words is None else paragraph_share(words)
        log_weight = LOG_WEIGHT_SHORT + (LOG_WEIGHT_LONG - LOG_WEIGHT_SHORT) * paragraph
        shares["log"] = log_weight * _best_of_log(rows, scores)
        scores = scores + shares["log"]
    matched = matched_words | matched_meaning | everything
    if names is not None and names.any():
        shares["name"] = np.where(names, NAME_SHARE, 0.0)
        scores = scores + shares["name"]
        matched |= names
    if allowed is not None:
        matched &= allowed
    order = _order(np.flatnonzero(matched), scores)
    return Ranking(order, scores, shares, matched_words, matched_meaning)


def paragraph_share(words: WordScores) -> float:
    """Return how much of a paragraph a query is: 0 for a question or a subject, 1 for a paragraph."""
    return min(max((words.query_words - SHORT_WORDS) / (LONG_WORDS - SHORT_WORDS), 0.0), 1.0)


def word_shares(words: WordScores) -> dict[str, Floats]:
    """Return what each leg of words gives each row.

    Few records have neighbouring words of a query, so their z-scores are wild; the geometric mean with the score itself
    tames them. A title counts for what it says of the query, or, in a paragraph, for what is said of it: neither is
    a z-score, so that a title that shares one common word with the query gains next to nothing.
    """
    paragraph = paragraph_share(words)
    neighbours = NEIGHBOURS_WEIGHT_SHORT + (NEIGHBOURS_WEIGHT_LONG - NEIGHBOURS_WEIGHT_SHORT) * paragraph
    return {
        "record_words": RECORD_WORDS_WEIGHT * z_scores(words.record_words),
        "passage_words": PASSAGE_WORDS_WEIGHT * z_scores(words.passage_words),
        "neighbours": neighbours * np.sqrt(np.maximum(z_scores(words.neighbours), 0) * words.neighbours),
        "title_words": TITLE_ASKED_WEIGHT * words.title_asked**3 + TITLE_TOLD_WEIGHT * paragraph * words.title_told,
    }


def with_successors(
    rows: Rows, ranking: Ranking, pairs: Mapping[int, int], welcome: Mask
) -> tuple[Ranking, dict[int, int]]:
    """Put the successor of a superseded record that matched right behind it, unless it stands before it already.

    `pairs` gives the successor's number by the superseded record's; `welcome` says which rows may come so. Also return
    which row each moved row succeeds.
    """
    moved: dict[int, int] = {}
    if not pairs:
        return ranking, moved
    scores = ranking.scores.copy()
    matched = set(ranking.order.tolist())
    old_rows = rows.of(np.array(list(pairs), np.int32)).tolist()
    new_rows = rows.of(np.array(list(pairs.values()), np.int32)).tolist()
    for old, new in sorted(zip(old_rows, new_rows, strict=True), key=lambda pair: -ranking.scores[pair[0]]):
        if old < 0 or new < 0 or not welcome[new] or (new in matched and scores[new] >= scores[old]):
            continue
        scores[new] = math.nextafter(float(scores[old]), -math.inf)
        matched.add(new)
        moved[new] = old
    shares = {**ranking.shares, "successor": scores - ranking.scores}
    order = _order(np.array(sorted(matched), np.int64), scores)
    return Ranking(order, scores, shares, ranking.matched_words, ranking.matched_meaning), moved


def reorder(rows: Rows, ranking: Ranking, chosen: Sequence[int], opinions: Floats) -> Ranking:
    """Put the chosen rows in the order of `opinions`, one each, higher first, among the places that they hold.

    Each gets the score of the place it comes to; the difference is the share of the leg `reranker`.
    """
    scores = ranking.scores.copy()
    places = np.sort(ranking.scores[chosen])[::-1]
    # Equal scores would fall back to the order of the records' numbers.
    for place in range(1, len(places)):
        places[place] = min(places[place], math.nextafter(float(places[place - 1]), -math.inf))
    order = np.lexsort((rows.record_nos[chosen], -ranking.scores[chosen], -opinions))
    scores[np.array(chosen)[order]] = places
    shares = {**ranking.shares, "reranker": scores - ranking.scores}
    return Ranking(_order(ranking.order, scores), scores, shares, ranking.matched_words, ranking.matched_meaning)


def _order(matched: NDArray[np.int64], scores: Floats) -> NDArray[np.int64]:
    matched = np.sort(matched)
    order = np.argsort(-scores[matched])
    ordered = scores[matched[order]]
    # Equal scores by record number, so by row. Sorting by two keys at once takes three times as long.
    ties = np.cumsum(np.append(0, ordered[1:] != ordered[:-1])) if len(order) else order
    return matched[np.sort(ties * len(order) + order) % max(len(order), 1)]


def best_records(
    rows: Rows, words: WordScores | None, meaning: MeaningScores | None, *, most: int = LINKED_RECORDS_MAX
) -> list[int]:
    """Return the best records before links count: only their neighbours can gain from a link."""
    total = np.zeros(len(rows))
    if words is not None:
        total += z_scores(words.record_words) + z_scores(words.passage_words)
    if meaning is not None:
        total += MEANING_WEIGHT * z_scores(meaning.best)
    most = min(most, len(rows))
    return [int(number) for number in rows.record_nos[np.argpartition(-total, most - 1)[:most]]] if most else []


def _best_linked(rows: Rows, scores: Floats, links: Sequence[tuple[int, int]]) -> Floats:
    best = np.zeros(len(rows))
    if links:
        pairs = np.array(links, np.int32)
        for here, there in ((pairs[:, 0], pairs[:, 1]), (pairs[:, 1], pairs[:, 0])):
            to, source = rows.of(here), rows.of(there)
            keep = (to >= 0) & (source >= 0)
            # Only a good neighbour recommends; a bad one is no reason against.
            np.maximum.at(best, to[keep], np.maximum(scores[source[keep]], 0))
    return best


def _best_of_log(rows: Rows, scores: Floats) -> Floats:
    """Return by how many standard deviations the best record of each row's log is above those of the other logs."""
    best = np.full(int(rows.logs.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, rows.logs, scores)
    return z_scores(best)[rows.logs]


def best_passages(
    chosen: Sequence[int], words: PassageScores | None, meaning: PassageScores | None, most: int
) -> dict[int, list[tuple[int, float]]]:
    """Return, for each chosen row, up to `most` passages with their scores, best first.

    A passage's score is its share of the query's best word score plus its cosine, so between 0 and 2.
    """
    totals: dict[int, dict[int, float]] = {row: {} for row in chosen}
    for leg in (words, meaning):
        if leg is None or not len(leg.scores):
            continue
        scale = 1 / max(float(leg.scores.max()), 1e-9) if leg is words else 1.0
        # The last is there for what stands in no row.
        wanted = np.zeros(int(leg.rows.max()) + 2, bool)
        wanted[[row for row in chosen if row < len(wanted) - 1]] = True
        places = np.flatnonzero(wanted[leg.rows])
        if leg is words:
            places = places[leg.scores[places] > 0]
        for row, number, score in zip(leg.rows[places], leg.passage_nos[places], leg.scores[places], strict=True):
            passages = totals[int(row)]
            passages[int(number)] = passages.get(int(number), 0.0) + float(score) * scale
    return {
        row: sorted(passages.items(), key=lambda entry: (-entry[1], entry[0]))[:most]
        for row, passages in totals.items()
    }
