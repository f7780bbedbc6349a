"""CurationService."""

from connectrpc.request import RequestContext

from cairn.decisions.api import status_from_proto, status_to_proto, summary_to_proto, timestamp
from cairn.decisions.domain import DecisionSummary, Filter
from cairn.decisions.domain.curation import (
    EDITED_MOST,
    BulkChange,
    BulkEdit,
    BulkItem,
    NewOwner,
    NewReview,
    SavedFilter,
    Template,
)
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCareStore
from cairn.decisions.postgres.curation import PostgresCurationStore
from cairn.decisions.postgres.listing import read_facets
from cairn.decisions.postgres.names import PostgresNameStore
from cairn.decisions.rpc.lifecycle import work_in
from cairn.decisions.rpc.scopes import scope_from_proto
from cairn.decisions.rpc.wire import date_from_proto, now, text_to_find
from cairn.decisions.usecases import bulk, templates
from cairn.decisions.usecases.changes import Work, require
from cairn.gen.cairn.decisions.v1 import curation_pb as pb
from cairn.gen.cairn.decisions.v1.curation_connect import CurationService
from cairn.kernel.errors import CairnError, FailedPrecondition, InvalidArgument, NotFound
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase
from cairn.platform.database import Connection, Database, savepoint
from cairn.platform.rpc import current_caller, message_of_json, parse_id


class CurationRpc(CurationService):
    """Serves `CurationService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_templates(
        self,
        request: pb.ListTemplatesRequest,
        ctx: RequestContext[pb.ListTemplatesRequest, pb.ListTemplatesResponse],
        /,
    ) -> pb.ListTemplatesResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found, chosen = await templates.list_templates(
                PostgresDecisionStore(connection),
                PostgresCurationStore(connection),
                log_id=parse_id(request.log_id, "log"),
            )
        return pb.ListTemplatesResponse(templates=[_template(t, chosen=t.name == chosen) for t in found])

    async def save_template(
        self, request: pb.SaveTemplateRequest, ctx: RequestContext[pb.SaveTemplateRequest, pb.SaveTemplateResponse], /
    ) -> pb.SaveTemplateResponse:
        """See the contract."""
        sent = request.template
        if sent is None:
            raise InvalidArgument("Send the template: a name and a body.", field="template")
        async with self._database.transaction(current_caller()) as connection:
            saved = await templates.save_template(
                PostgresDecisionStore(connection),
                PostgresCurationStore(connection),
                now,
                log_id=parse_id(request.log_id, "log"),
                template=Template(sent.name, sent.description, sent.body),
                choose=sent.chosen,
            )
        return pb.SaveTemplateResponse(template=_template(saved, chosen=sent.chosen))

    async def delete_template(
        self,
        request: pb.DeleteTemplateRequest,
        ctx: RequestContext[pb.DeleteTemplateRequest, pb.DeleteTemplateResponse],
        /,
    ) -> pb.DeleteTemplateResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            await templates.delete_template(
                PostgresDecisionStore(connection),
                PostgresCurationStore(connection),
                log_id=parse_id(request.log_id, "log"),
                name=request.name,
            )
        return pb.DeleteTemplateResponse()

    async def list_filters(
        self, request: pb.ListFiltersRequest, ctx: RequestContext[pb.ListFiltersRequest, pb.ListFiltersResponse], /
    ) -> pb.ListFiltersResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            found = await PostgresCurationStore(connection).list_filters()
        return pb.ListFiltersResponse(filters=[_filter(kept, caller) for kept in found])

    async def save_filter(
        self, request: pb.SaveFilterRequest, ctx: RequestContext[pb.SaveFilterRequest, pb.SaveFilterResponse], /
    ) -> pb.SaveFilterResponse:
        """See the contract."""
        caller, sent = current_caller(), request.filter
        if sent is None:
            raise InvalidArgument("Send the filter: a name and what it chooses.", field="filter")
        filter_ = SavedFilter(
            id=uuid7(),
            person_id=caller.person_id,
            name=" ".join(sent.name.split()),
            shared=sent.shared,
            log_slugs=tuple(sent.log_slugs),
            statuses=tuple(status for wire in sent.statuses if (status := status_from_proto(wire))),
            tags=tuple(sent.tags),
            text=sent.text,
            owner_ids=tuple(parse_id(owner_id, "owner") for owner_id in sent.owner_ids),
            governs=sent.governs,
        )
        async with self._database.transaction(caller) as connection:
            saved = await templates.save_filter(PostgresCurationStore(connection), now, filter_)
        sent.id, sent.own, sent.name = str(saved), True, filter_.name
        return pb.SaveFilterResponse(filter=sent)

    async def delete_filter(
        self, request: pb.DeleteFilterRequest, ctx: RequestContext[pb.DeleteFilterRequest, pb.DeleteFilterResponse], /
    ) -> pb.DeleteFilterResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            await templates.delete_filter(
                PostgresCurationStore(connection),
                filter_id=parse_id(request.id, "filter"),
                person_id=caller.person_id,
            )
        return pb.DeleteFilterResponse()

    async def count_facets(
        self, request: pb.CountFacetsRequest, ctx: RequestContext[pb.CountFacetsRequest, pb.CountFacetsResponse], /
    ) -> pb.CountFacetsResponse:
        """See the contract."""
        filter_ = Filter(
            log_ids=tuple(parse_id(log_id, "log") for log_id in request.log_ids),
            text=text_to_find(request.text),
            deleted=request.deleted,
        )
        async with self._database.transaction(current_caller()) as connection:
            return message_of_json(pb.CountFacetsResponse, await read_facets(connection, filter_))

    async def bulk_edit(
        self, request: pb.BulkEditRequest, ctx: RequestContext[pb.BulkEditRequest, pb.BulkEditResponse], /
    ) -> pb.BulkEditResponse:
        """See the contract."""
        change = _change(request)
        if not change or not request.decision_ids or len(request.decision_ids) > EDITED_MOST:
            message = f"Choose 1 to {EDITED_MOST} records, and something to change in them."
            raise InvalidArgument(message, field="decision_ids")
        ids = [parse_id(id_, "decision") for id_ in dict.fromkeys(request.decision_ids)]
        message = request.message or "Edited with others"
        response = pb.BulkEditResponse()
        items: list[BulkItem] = []
        async with self._database.transaction(current_caller()) as connection:
            work = work_in(connection)
            tools = await bulk.bulk_in(work, PostgresCareStore(connection))
            bulk.check_upkeep(tools, change)
            await work.store.hold_relations()
            for decision_id in sorted(ids):
                summary = await require(work.store, decision_id)
                try:
                    # A record that cannot be changed must not keep the others from it.
                    async with savepoint(connection):
                        item = await bulk.edit_one(tools, decision_id=decision_id, change=change, message=message)
                except CairnError as error:
                    response.results.append(_result(summary, error.message))
                    continue
                if item is None:
                    response.results.append(_result(summary, "nothing to change"))
                else:
                    items.append(item)
                    response.results.append(_result(summary, "", version=item.version_after))
            if items:
                response.id = await _remember(connection, work, message, items)
        return response

    async def undo_bulk_edit(
        self, request: pb.UndoBulkEditRequest, ctx: RequestContext[pb.UndoBulkEditRequest, pb.UndoBulkEditResponse], /
    ) -> pb.UndoBulkEditResponse:
        """See the contract."""
        edit_id = parse_id(request.id, "bulk edit")
        results: list[pb.BulkResult] = []
        async with self._database.transaction(current_caller()) as connection:
            curation, work = PostgresCurationStore(connection), work_in(connection)
            tools = await bulk.bulk_in(work, PostgresCareStore(connection))
            await work.store.hold_relations()
            edit = await curation.hold_bulk_edit(edit_id)
            if edit is None:
                raise NotFound(f"There is no bulk edit {edit_id} here.", field="id")
            if edit.undone_at is not None:
                raise FailedPrecondition(Phrase("bulk_undone", "This bulk edit was taken back already."), field="id")
            for item in edit.items:
                summary = await require(work.store, item.decision_id)
                try:
                    async with savepoint(connection):
                        version = await bulk.undo_one(tools, item, f"Taken back: {edit.description}"[:2000])
                except CairnError as error:
                    results.append(_result(summary, error.message))
                else:
                    results.append(_result(summary, "", version=version))
            undone_at = now()
            await curation.mark_undone(edit_id, undone_at)
        return pb.UndoBulkEditResponse(results=results, undone_at=timestamp(undone_at))

    async def resolve_name(
        self, request: pb.ResolveNameRequest, ctx: RequestContext[pb.ResolveNameRequest, pb.ResolveNameResponse], /
    ) -> pb.ResolveNameResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            found = await bulk.resolve_name(
                PostgresDecisionStore(connection),
                PostgresNameStore(connection),
                name=request.name,
                log_slug=request.log_slug,
                anchor=request.anchor,
            )
        response = pb.ResolveNameResponse(decision=summary_to_proto(found.decision), former=found.former)
        if found.section is not None:
            response.section = found.section.title
            response.anchor, response.page_anchor = found.section.anchor, found.section.page_anchor
        return response


async def _remember(connection: Connection, work: Work, message: str, items: list[BulkItem]) -> str:
    caller = work.caller
    edit = BulkEdit(uuid7(), caller.person_id, caller.person_name, message, now(), tuple(items))
    await PostgresCurationStore(connection).add_bulk_edit(edit)
    return str(edit.id)


def _change(request: pb.BulkEditRequest) -> BulkChange:
    return BulkChange(
        add_tags=tuple(request.add_tags),
        remove_tags=tuple(request.remove_tags),
        add=scope_from_proto(request.add_scope),
        remove=scope_from_proto(request.remove_scope),
        status=status_from_proto(request.status),
        owner=_owner(request.owner_id) if request.has_field("owner_id") else None,
        review=_review(request.review) if request.review is not None else None,
    )


def _owner(person_id: str) -> NewOwner:
    return NewOwner(parse_id(person_id, "owner") if person_id else None)


def _review(plan: pb.ReviewPlan) -> NewReview:
    return NewReview(date_from_proto(plan.review_on, "review_on"), plan.every_months)


def _result(summary: DecisionSummary, message: str, *, version: int = 0) -> pb.BulkResult:
    return pb.BulkResult(
        decision_id=str(summary.id), ref=summary.ref, done=version > 0, message=message, version=version
    )


def _template(template: Template, *, chosen: bool) -> pb.Template:
    return pb.Template(
        name=template.name,
        description=template.description,
        body=template.body,
        builtin=template.builtin,
        chosen=chosen,
    )


def _filter(kept: SavedFilter, caller: Caller) -> pb.SavedFilter:
    return pb.SavedFilter(
        id=str(kept.id),
        name=kept.name,
        shared=kept.shared,
        own=kept.person_id == caller.person_id,
        log_slugs=list(kept.log_slugs),
        statuses=[status_to_proto(status) for status in kept.statuses],
        tags=list(kept.tags),
        text=kept.text,
        owner_ids=[str(owner_id) for owner_id in kept.owner_ids],
        governs=kept.governs,
    )
