"""SearchService."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from itertools import groupby
from uuid import UUID

from connectrpc.request import RequestContext
from protobuf import Oneof

from cairn.decisions.api import (
    DECISION_CHANGED,
    DecisionSummary,
    Status,
    decision_ids,
    list_summaries,
    status_from_proto,
    summary_to_proto,
)
from cairn.gen.cairn.decisions.v1 import decisions_pb
from cairn.gen.cairn.search.v1 import search_pb as pb
from cairn.gen.cairn.search.v1.search_connect import SearchService
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.events import NewEvent
from cairn.kernel.identity import Caller
from cairn.kernel.phrases import Phrase
from cairn.platform import outbox
from cairn.platform.cursor import read_cursor, write_cursor
from cairn.platform.database import Database
from cairn.platform.rpc import check_page_size, current_caller, parse_id
from cairn.platform.signals import SignalHub
from cairn.search.api import (
    INDEX_TOPIC,
    FacetCount,
    Filters,
    FoundPassage,
    FoundRecord,
    IndexState,
    IndexTotals,
    Mode,
    Position,
    Search,
    parse_dates,
)

_PAGE_USUAL = 10
_PAGE_MAX = 100
_FILTER_VALUES_MAX = 100
_SUGGESTIONS_USUAL = 8
_SUGGESTIONS_MAX = 20
_RELATED_USUAL = 10
_RELATED_MAX = 50
_EVENTS_BATCH = 500
_MODES = {
    pb.Mode.UNSPECIFIED: Mode.HYBRID,
    pb.Mode.HYBRID: Mode.HYBRID,
    pb.Mode.LEXICAL: Mode.LEXICAL,
    pb.Mode.SEMANTIC: Mode.SEMANTIC,
}
_MODES_TO_PROTO = {Mode.HYBRID: pb.Mode.HYBRID, Mode.LEXICAL: pb.Mode.LEXICAL, Mode.SEMANTIC: pb.Mode.SEMANTIC}


class SearchRpc(SearchService):
    """Serves `SearchService` from `database`; `hub` tells when the index changed."""

    def __init__(self, database: Database, search: Search, hub: SignalHub) -> None:
        self._database = database
        self._search = search
        self._hub = hub

    async def search(
        self, request: pb.SearchRequest, ctx: RequestContext[pb.SearchRequest, pb.SearchResponse], /
    ) -> pb.SearchResponse:
        """See the contract."""
        mode = _MODES.get(request.mode)
        if mode is None:
            raise InvalidArgument("Search hybrid, lexical or semantic.", field="mode")
        async with self._database.transaction(current_caller(), isolation="repeatable_read") as connection:
            page = await self._search.search(
                connection,
                request.query,
                mode=mode,
                filters=_filters(request),
                page_size=check_page_size(request.page_size, usual=_PAGE_USUAL, most=_PAGE_MAX),
                after=_read_position(request.cursor),
                facets=request.facets,
            )
            summaries = await list_summaries(connection, [record.decision_id for record in page.records])
        return pb.SearchResponse(
            results=[
                _result(record, summaries[record.decision_id])
                for record in page.records
                if record.decision_id in summaries
            ],
            next_cursor=write_cursor(repr(page.next.score), page.next.record_no) if page.next else "",
            mode=_MODES_TO_PROTO[page.mode],
            notice=page.notice,
            total=page.total,
            facets=_facets(page.facets),
            did_you_mean=page.did_you_mean,
            notices=[
                pb.Notice(code=notice.code, text=notice.text, values=list(notice.values)) for notice in page.notices
            ],
        )

    async def suggest(
        self, request: pb.SuggestRequest, ctx: RequestContext[pb.SuggestRequest, pb.SuggestResponse], /
    ) -> pb.SuggestResponse:
        """See the contract."""
        limit = check_page_size(request.limit, usual=_SUGGESTIONS_USUAL, most=_SUGGESTIONS_MAX)
        async with self._database.transaction(current_caller()) as connection:
            ids = await self._search.suggest(connection, request.text, limit=limit)
            summaries = await list_summaries(connection, ids)
        return pb.SuggestResponse(decisions=[summary_to_proto(summaries[id_]) for id_ in ids if id_ in summaries])

    async def list_related(
        self, request: pb.ListRelatedRequest, ctx: RequestContext[pb.ListRelatedRequest, pb.ListRelatedResponse], /
    ) -> pb.ListRelatedResponse:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision")
        limit = check_page_size(request.limit, usual=_RELATED_USUAL, most=_RELATED_MAX)
        async with self._database.transaction(current_caller(), isolation="repeatable_read") as connection:
            if await self._search.index_state(connection, decision_id) is None:
                raise NotFound(f"There is no decision {str(decision_id)!r} here.", field="decision_id")
            related = await self._search.list_related(connection, decision_id, limit=limit)
            summaries = await list_summaries(connection, [one.decision_id for one in related])
        return pb.ListRelatedResponse(
            related=[
                pb.RelatedDecision(
                    decision=summary_to_proto(summaries[one.decision_id]),
                    score=one.score,
                    linked=one.linked,
                    near_duplicate=one.near_duplicate,
                )
                for one in related
                if one.decision_id in summaries
            ]
        )

    async def check_index(
        self, request: pb.CheckIndexRequest, ctx: RequestContext[pb.CheckIndexRequest, pb.CheckIndexResponse], /
    ) -> pb.CheckIndexResponse:
        """See the contract."""
        async with self._database.transaction(current_caller(), isolation="repeatable_read") as connection:
            report = await self._search.check_index(connection)
        return pb.CheckIndexResponse(
            problems=[
                pb.IndexProblem(decision_id=str(one.decision_id), problem=one.problem) for one in report.problems
            ],
            decisions=report.decisions,
            passages=report.passages,
            segments=report.segments,
            words_bytes=report.words_bytes,
        )

    async def reindex(
        self, request: pb.ReindexRequest, ctx: RequestContext[pb.ReindexRequest, pb.ReindexResponse], /
    ) -> pb.ReindexResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            await self._search.make_stale(connection, embed_anew=request.embed_anew)
            ids = await decision_ids(connection)
            events = [NewEvent(DECISION_CHANGED, str(id_), {"decision_id": str(id_)}) for id_ in ids]
            for first in range(0, len(events), _EVENTS_BATCH):
                await outbox.append(connection, caller.tenant_id, events[first : first + _EVENTS_BATCH])
        return pb.ReindexResponse(decisions=len(ids))

    async def get_index_state(
        self,
        request: pb.GetIndexStateRequest,
        ctx: RequestContext[pb.GetIndexStateRequest, pb.GetIndexStateResponse],
        /,
    ) -> pb.GetIndexStateResponse:
        """See the contract."""
        state = await self._state(current_caller(), parse_id(request.decision_id, "decision"))
        return pb.GetIndexStateResponse(state=_state(state))

    async def watch_index_state(
        self,
        request: pb.WatchIndexStateRequest,
        ctx: RequestContext[pb.WatchIndexStateRequest, pb.WatchIndexStateResponse],
        /,
    ) -> AsyncIterator[pb.WatchIndexStateResponse]:
        """See the contract."""
        decision_id = parse_id(request.decision_id, "decision") if request.decision_id else None
        async with aclosing(self._watch(current_caller(), decision_id)) as states:
            async for state in states:
                if isinstance(state, IndexState):
                    yield pb.WatchIndexStateResponse(event=Oneof("state", _state(state)))
                else:
                    yield pb.WatchIndexStateResponse(event=Oneof("totals", _totals(state)))

    async def _watch(self, caller: Caller, decision_id: UUID | None) -> AsyncGenerator[IndexState | IndexTotals]:
        with self._hub.subscribe(caller.tenant_id, INDEX_TOPIC) as signals:
            last = await self._read(caller, decision_id)
            yield last
            if not last.pending:
                return
            async for signal in signals:
                if not signal.resync and decision_id is not None and signal.id != str(decision_id):
                    continue
                state = await self._read(caller, decision_id)
                if state != last:
                    yield state
                last = state
                if not last.pending:
                    return

    async def _read(self, caller: Caller, decision_id: UUID | None) -> IndexState | IndexTotals:
        if decision_id is not None:
            return await self._state(caller, decision_id)
        async with self._database.transaction(caller) as connection:
            return await self._search.index_totals(connection)

    async def _state(self, caller: Caller, decision_id: UUID) -> IndexState:
        async with self._database.transaction(caller) as connection:
            state = await self._search.index_state(connection, decision_id)
        if state is None:
            raise NotFound(f"There is no decision {str(decision_id)!r} here.", field="decision_id")
        return state


def _filters(request: pb.SearchRequest) -> Filters:
    for name, values in (
        ("log_ids", request.log_ids),
        ("statuses", request.statuses),
        ("tags", request.tags),
        ("authors", request.authors),
        ("excluded_statuses", request.excluded_statuses),
        ("excluded_tags", request.excluded_tags),
        ("supersedes", request.supersedes),
        ("governs", request.governs),
    ):
        if len(values) > _FILTER_VALUES_MAX:
            raise InvalidArgument(f"At most {_FILTER_VALUES_MAX} {name} narrow a search.", field=name)
    return Filters(
        log_ids=tuple(parse_id(log_id, "log") for log_id in request.log_ids),
        statuses=_statuses(request.statuses),
        excluded_statuses=_statuses(request.excluded_statuses),
        tags=_texts(request.tags),
        excluded_tags=_texts(request.excluded_tags),
        authors=_texts(request.authors),
        supersedes=_texts(request.supersedes),
        governs=_texts(request.governs),
        decided_from=_date(request.decided_from, "decided_from")[0] if request.decided_from else None,
        decided_to=_date(request.decided_to, "decided_to")[1] if request.decided_to else None,
        as_of=_date(request.as_of, "as_of")[1] if request.as_of else None,
    )


def _statuses(statuses: Sequence[decisions_pb.Status]) -> tuple[str, ...]:
    return tuple(known.value for status in statuses if (known := status_from_proto(status)))


def _texts(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(value.replace("\x00", "") for value in values)


def _date(text: str, field: str) -> tuple[date, date]:
    try:
        return parse_dates(text)
    except InvalidArgument as error:
        raise InvalidArgument(f"{text[:40]!r}: {error.message}", field=field) from error


def _facets(counts: Sequence[FacetCount]) -> list[pb.Facet]:
    return [
        pb.Facet(field=name, values=[pb.FacetValue(value=one.value, count=one.count) for one in found])
        for name, found in groupby(counts, key=lambda one: one.field)
    ]


def _read_position(cursor: str) -> Position | None:
    values = read_cursor(cursor, str, int)
    if values is None:
        return None
    try:
        return Position(float(str(values[0])), int(str(values[1])))
    except ValueError as error:
        message = Phrase(
            "cursor_search", "This cursor does not belong to this search. Start again from the first page."
        )
        raise InvalidArgument(message, field="cursor") from error


def _as_it_was(record: FoundRecord, summary: DecisionSummary) -> DecisionSummary:
    """Return what the record was on the day that was asked for; as it is, when none was."""
    then = record.then
    if then is None:
        return summary
    status = Status(then.status)
    return replace(
        summary,
        title=then.title,
        status=status,
        version=then.version,
        tags=tuple(then.tags),
        decided_on=then.decided_on,
        successor=summary.successor if status is Status.SUPERSEDED else None,
    )


def _result(record: FoundRecord, summary: DecisionSummary) -> pb.Result:
    return pb.Result(
        decision=summary_to_proto(_as_it_was(record, summary)),
        score=record.score,
        passages=[_passage(passage) for passage in record.passages],
        matched_words=record.matched_words,
        matched_meaning=record.matched_meaning,
        legs=[pb.LegShare(leg=leg, share=share) for leg, share in record.shares.items()],
        successor_of=str(record.successor_of) if record.successor_of else "",
    )


def _passage(passage: FoundPassage) -> pb.Passage:
    return pb.Passage(
        id=str(passage.id),
        decision_id=str(passage.decision_id),
        version=passage.version,
        heading_path=list(passage.heading_path),
        anchor=passage.anchor,
        text=passage.text,
        source=passage.source,
        source_title=passage.source_title,
        link=passage.link,
        highlights=[pb.Highlight(start=highlight.start, end=highlight.end) for highlight in passage.highlights],
    )


def _state(state: IndexState) -> pb.IndexState:
    return pb.IndexState(
        decision_id=str(state.decision_id),
        version=state.version,
        words_version=state.words_version,
        meaning_version=state.meaning_version,
    )


def _totals(totals: IndexTotals) -> pb.IndexTotals:
    return pb.IndexTotals(
        decisions=totals.decisions, words_current=totals.words_current, meaning_current=totals.meaning_current
    )
