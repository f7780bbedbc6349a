"""Reading the best records once more with a model that sees query and passage together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from cairn.kernel.errors import Unavailable
from cairn.search.domain import Notice, NoticeCode
from cairn.search.model.passages import context_line, index_text
from cairn.search.model.ranking import RETIRED_WEIGHT, PassageScores, Ranking, Rows, best_passages, reorder
from cairn.search.model.scoring import z_scores
from cairn.search.ports import IndexReader, Reranker

# So many of the best records are read again, each by its best passage.
RERANKED_MAX = 20
SECONDS_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranker, and the organisation that asks it."""

    reranker: Reranker
    tenant_id: UUID


async def rerank(
    reader: IndexReader,
    rows: Rows,
    ranking: Ranking,
    legs: tuple[PassageScores | None, PassageScores | None],
    *,
    query: str,
    by: Reranking,
) -> tuple[Ranking, Notice | None]:
    """Order the best records by what a model says of their best passages. Also return what to tell of it.

    Records whose name is the query stay ahead. Those that hold no longer stand back as everywhere. When the model does
    not answer in time the order stays as it was.
    """
    top = [int(row) for row in ranking.order[:RERANKED_MAX] if not ranking.is_named(int(row))]
    numbers = {row: entries[0][0] for row, entries in best_passages(top, *legs, 1).items() if entries}
    read = await reader.passages(list(numbers.values()))
    titles = await reader.record_texts([int(rows.record_nos[row]) for row in numbers], attached=False)
    chosen = [row for row in top if row in numbers and numbers[row] in read]
    texts: list[str] = []
    for row in chosen:
        passage = read[numbers[row]]
        title = titles.get(int(rows.record_nos[row]), [""])[0]
        texts.append(f"{context_line(title, passage.heading_path)}\n{index_text(passage.text)}")
    if len(chosen) < 2:  # noqa: PLR2004 - one record has no order.
        return ranking, None
    try:
        scores = await _ask(by, query, texts)
    except (Unavailable, TimeoutError) as error:
        reason = error.message.rstrip(".") if isinstance(error, Unavailable) else f"no answer in {SECONDS_MAX:.0f} s"
        name = by.reranker.name
        return ranking, Notice(NoticeCode.NOT_RERANKED, f"Not reranked by {name}: {reason}.", (name, reason))
    retired = np.where(rows.retired[chosen], RETIRED_WEIGHT, 0.0)
    return reorder(rows, ranking, chosen, z_scores(np.asarray(scores, np.float64)) - retired), None


async def _ask(by: Reranking, query: str, texts: Sequence[str]) -> Sequence[float]:
    async with asyncio.timeout(SECONDS_MAX + 0.5):
        scores = await by.reranker.rerank(query, texts, tenant_id=by.tenant_id, seconds=SECONDS_MAX)
    if len(scores) != len(texts) or not np.isfinite(scores).all():
        message = "it did not say how well each passage answers"
        raise Unavailable(message)
    return scores.tolist()
