"""The decision logs, through the facades of search and decisions."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from cairn.chat.domain.sources import Findings, Source
from cairn.decisions.api import list_summaries
from cairn.platform.database import Connection
from cairn.search.api import FoundPassage, Search, guess_language, take_apart

PASSAGES_MOST = 12
_SUCCESSIONS_MOST = 3
_PASSAGES_OF_SUCCESSORS = 4


class SearchLibrary:
    """`ports.Library` in the transaction of `connection`, which must be `repeatable_read`."""

    def __init__(self, search: Search, connection: Connection) -> None:
        self._search = search
        self._connection = connection

    async def find(self, question: str, log_ids: Sequence[UUID]) -> Findings:
        """See the port."""
        found = await self._search.find_passages(self._connection, question, log_ids=log_ids, limit=PASSAGES_MOST)
        sources = await self._with_records(found)
        for _ in range(_SUCCESSIONS_MOST):
            missing = _missing_successors(sources)
            if not missing:
                break
            # Their titles are asked for too, so that each is found even where it uses other words than the question.
            query = "\n".join([question, *missing.values()])
            newer = await self._search.find_passages(
                self._connection, query, decision_ids=list(missing), limit=_PASSAGES_OF_SUCCESSORS
            )
            added = await self._with_records(newer)
            sources += added
            if not added:
                break
        language = guess_language("\n".join([question, *(source.passage.text for source in sources)]))
        weights = await self._search.weigh_words(self._connection, question, language)
        return Findings(question, tuple(sources), weights, partial(take_apart, language=language))

    async def _with_records(self, found: Sequence[FoundPassage]) -> list[Source]:
        records = await list_summaries(self._connection, list({passage.decision_id for passage in found}))
        return [
            Source(record, passage, passage.score, passage.cosine)
            for passage in found
            if (record := records.get(passage.decision_id)) is not None
        ]


def _missing_successors(sources: Sequence[Source]) -> dict[UUID, str]:
    """Return the successors of found records of which no passage is among the sources, with their titles."""
    there = {source.record.id for source in sources}
    successors = [source.record.successor for source in sources if source.record.successor is not None]
    return {successor.id: successor.title for successor in successors if successor.id not in there}
