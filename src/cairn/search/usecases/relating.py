"""Decisions like a decision, and decisions that what is being typed may mean."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from cairn.search.domain import Filters, Mode
from cairn.search.model.words import fold, iterate_words
from cairn.search.ports import IndexKeeper, IndexReader
from cairn.search.usecases.evaluation import evaluate, plain_query
from cairn.search.usecases.meaning import QueryVector

# What a record is searched by: its beginning tells what it is about.
_QUERY_CHARACTERS = 2_000
_SUGGEST_WORDS_MAX = 8
# Two texts this close say almost the same.
_DUPLICATE_COSINE = 0.95


@dataclass(frozen=True, slots=True)
class Related:
    """A decision like another. `linked` ones name each other, near duplicates say almost the same."""

    decision_id: UUID
    score: float
    linked: bool
    near_duplicate: bool


async def list_related(reader: IndexKeeper, decision_id: UUID, *, model: str, limit: int) -> list[Related]:
    """Return the records most like a decision, best first; none when it is not indexed yet."""
    state = (await reader.find_records([decision_id])).get(decision_id)
    if state is None:
        return []
    number = state.record_no
    text = "\n".join((await reader.record_texts([number], attached=False)).get(number, []))[:_QUERY_CHARACTERS]
    mean = await reader.mean_vector(model, number)
    vector = None
    if mean is not None:
        vector = QueryVector(model, mean / max(float(np.linalg.norm(mean)), 1e-9))
    mode = Mode.HYBRID if vector else Mode.LEXICAL
    evaluated = await evaluate(reader, plain_query(text, Filters()), mode, vector)
    rows, ranking = evaluated.rows, evaluated.ranking
    chosen = [int(row) for row in ranking.order[: limit + 1] if int(rows.record_nos[row]) != number][:limit]
    linked = {there for _, there in await reader.links([number])}
    ids = await reader.decision_ids([int(rows.record_nos[row]) for row in chosen])
    close = np.zeros(len(rows))
    if evaluated.meaning is not None:
        np.maximum.at(close, evaluated.meaning.rows, evaluated.meaning.scores)
    return [
        Related(
            decision_id=ids[other],
            score=float(ranking.scores[row]),
            linked=other in linked,
            near_duplicate=bool(close[row] >= _DUPLICATE_COSINE),
        )
        for row in chosen
        if (other := int(rows.record_nos[row])) in ids
    ]


async def suggest(reader: IndexReader, text: str, *, limit: int) -> list[UUID]:
    """Return decisions in whose title, tags or slug some word begins with each word that was typed."""
    words = [word.text for word in iterate_words(fold(text)) if not word.whole][:_SUGGEST_WORDS_MAX]
    return await reader.suggest(words, limit) if words else []
