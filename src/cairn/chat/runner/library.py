"""The decision logs, through the facades of search and decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from cairn.chat.domain.sources import Findings, Source
from cairn.chat.ports import Scope
from cairn.chat.postgres import read_standings
from cairn.decisions.api import DecisionSummary, Status, list_summaries
from cairn.platform.database import Connection
from cairn.search.api import Search, guess_language, take_apart

PASSAGES_MOST = 12
_SUCCESSIONS_MOST = 3
_PASSAGES_OF_SUCCESSORS = 4
_PASSAGES_OF_RECORD = 16


class SearchLibrary:
    """`ports.Library` in the transaction of `connection`, which must be `repeatable_read`."""

    def __init__(self, search: Search, connection: Connection) -> None:
        self._search = search
        self._connection = connection

    async def find(self, question: str, scope: Scope) -> Findings:
        """See the port."""
        sources = await self._search_sources(question, scope, PASSAGES_MOST)
        for _ in range(_SUCCESSIONS_MOST):
            missing = _missing_successors(sources)
            if not missing:
                break
            # Their titles are asked for too, so that each is found even where it uses other words than the question.
            query = "\n".join([question, *missing.values()])
            newer = Scope(decision_ids=tuple(missing), as_of=scope.as_of)
            added = await self._search_sources(query, newer, _PASSAGES_OF_SUCCESSORS)
            sources += added
            if not added:
                break
        language = guess_language("\n".join([question, *(source.passage.text for source in sources)]))
        weights = await self._search.weigh_words(self._connection, question, language)
        return Findings(question, tuple(sources), weights, partial(take_apart, language=language), scope.as_of)

    async def read_records(self, ids: Sequence[UUID], as_of: date | None) -> Mapping[UUID, DecisionSummary]:
        """See the port."""
        records = await list_summaries(self._connection, ids)
        return records if as_of is None else await _as_they_stood(self._connection, records, as_of)

    async def read(self, decision_id: UUID, about: str) -> list[Source]:
        """Return the passages of one decision, those about something first; none when it is not there."""
        scope = Scope(decision_ids=(decision_id,))
        records = await list_summaries(self._connection, [decision_id])
        query = "\n".join([about, *(record.title for record in records.values())])
        return await self._search_sources(query, scope, _PASSAGES_OF_RECORD) if records else []

    async def _search_sources(self, query: str, scope: Scope, limit: int) -> list[Source]:
        found = await self._search.find_passages(
            self._connection,
            query,
            log_ids=scope.log_ids,
            decision_ids=scope.decision_ids,
            tags=scope.tags,
            as_of=scope.as_of,
            limit=limit,
        )
        records = await self.read_records(list({passage.decision_id for passage in found}), scope.as_of)
        return [
            Source(record, passage, passage.score, passage.cosine)
            for passage in found
            if (record := records.get(passage.decision_id)) is not None
        ]


async def _as_they_stood(
    connection: Connection, records: Mapping[UUID, DecisionSummary], day: date
) -> dict[UUID, DecisionSummary]:
    """Return records as they were at the end of a day. What took the place of one later is not told of it."""
    standings = await read_standings(connection, list(records), day)
    successors = [record.successor.id for record in records.values() if record.successor is not None]
    known = await read_standings(connection, successors, day)
    stood: dict[UUID, DecisionSummary] = {}
    for id_, (version, title, status) in standings.items():
        record = records[id_]
        successor = record.successor if record.successor is not None and record.successor.id in known else None
        superseded = Status(status) is Status.SUPERSEDED
        stood[id_] = replace(
            record, version=version, title=title, status=Status(status), successor=successor if superseded else None
        )
    return stood


def _missing_successors(sources: Sequence[Source]) -> dict[UUID, str]:
    """Return the successors of found records of which no passage is among the sources, with their titles."""
    there = {source.record.id for source in sources}
    successors = [source.record.successor for source in sources if source.record.successor is not None]
    return {successor.id: successor.title for successor in successors if successor.id not in there}
