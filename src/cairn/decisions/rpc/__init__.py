"""DecisionsService."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.decisions.api import status_from_proto, status_to_proto, timestamp
from cairn.decisions.domain import (
    FileOutcome,
    FileReport,
    Filter,
    Import,
    Log,
    Order,
    Version,
)
from cairn.decisions.formats.json_log import LogFile, NotALog, is_json_log, read_json_log
from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.rendering import render_body
from cairn.decisions.postgres import OutboxEvents, PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCareStore
from cairn.decisions.postgres.listing import read_page
from cairn.decisions.rpc.wire import (
    content_from_proto,
    decision_to_proto,
    now,
    stale_edits_with_texts,
    text_to_find,
    version_to_proto,
)
from cairn.decisions.usecases import records, transfer
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsService
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import phrases_of
from cairn.platform.cursor import read_cursor, write_cursor
from cairn.platform.database import Database
from cairn.platform.rpc import check_page_size, current_caller, message_of_json, parse_id, phrase_to_proto

EXPORT_BATCH = 50
# Rendering takes about 0.7 ms a kilobyte: past this, what others ask for is answered meanwhile.
_RENDERED_AT_ONCE_CHARS = 10_000

_ORDERS: dict[pb.Order, tuple[Order, tuple[type, ...]]] = {
    pb.Order.UNSPECIFIED: (Order.NUMBER, (UUID, int, UUID)),
    pb.Order.NUMBER: (Order.NUMBER, (UUID, int, UUID)),
    pb.Order.NUMBER_DESC: (Order.NUMBER_DESC, (UUID, int, UUID)),
    pb.Order.UPDATED_DESC: (Order.UPDATED_DESC, (datetime, UUID)),
    pb.Order.TITLE: (Order.TITLE, (str, UUID)),
}
_FILE_OUTCOMES = {
    FileOutcome.CREATED: pb.FileOutcome.CREATED,
    FileOutcome.UPDATED: pb.FileOutcome.UPDATED,
    FileOutcome.UNCHANGED: pb.FileOutcome.UNCHANGED,
    FileOutcome.LEFT_OUT: pb.FileOutcome.LEFT_OUT,
    FileOutcome.FAILED: pb.FileOutcome.FAILED,
}
_FIELD_OUTCOMES = {
    "read": pb.FieldOutcome.READ,
    "guessed": pb.FieldOutcome.GUESSED,
    "missing": pb.FieldOutcome.MISSING,
    "ignored": pb.FieldOutcome.IGNORED,
}


async def _as_html(body: str) -> str:
    return render_body(body) if len(body) <= _RENDERED_AT_ONCE_CHARS else await asyncio.to_thread(render_body, body)


class DecisionsRpc(DecisionsService):
    """Serves `DecisionsService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_logs(
        self, request: pb.ListLogsRequest, ctx: RequestContext[pb.ListLogsRequest, pb.ListLogsResponse], /
    ) -> pb.ListLogsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            logs = await records.list_logs(PostgresDecisionStore(connection))
        return pb.ListLogsResponse(logs=[_log(log) for log in logs])

    async def create_log(
        self, request: pb.CreateLogRequest, ctx: RequestContext[pb.CreateLogRequest, pb.CreateLogResponse], /
    ) -> pb.CreateLogResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            log = await records.create_log(
                PostgresDecisionStore(connection), slug=request.slug, name=request.name, prefix=request.prefix
            )
        return pb.CreateLogResponse(log=_log(log))

    async def create_decision(
        self,
        request: pb.CreateDecisionRequest,
        ctx: RequestContext[pb.CreateDecisionRequest, pb.CreateDecisionResponse],
        /,
    ) -> pb.CreateDecisionResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            decision = await records.create_decision(
                PostgresDecisionStore(connection),
                OutboxEvents(connection, caller.tenant_id),
                now,
                caller,
                log_id=parse_id(request.log_id, "log"),
                content=content_from_proto(request.content),
                message=request.message,
                number=request.number if request.has_field("number") else None,
                prefix=request.prefix,
            )
        return pb.CreateDecisionResponse(decision=decision_to_proto(decision))

    async def get_decision(
        self, request: pb.GetDecisionRequest, ctx: RequestContext[pb.GetDecisionRequest, pb.GetDecisionResponse], /
    ) -> pb.GetDecisionResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            decision = await records.get_decision(PostgresDecisionStore(connection), request.ref, request.log_slug)
        answer = decision_to_proto(decision)
        if request.with_html:
            answer.html = await _as_html(decision.current.content.body)
        return pb.GetDecisionResponse(decision=answer)

    async def update_decision(
        self,
        request: pb.UpdateDecisionRequest,
        ctx: RequestContext[pb.UpdateDecisionRequest, pb.UpdateDecisionResponse],
        /,
    ) -> pb.UpdateDecisionResponse:
        """See the contract."""
        caller = current_caller()
        decision_id = parse_id(request.id, "decision")
        async with (
            stale_edits_with_texts(self._database, decision_id),
            self._database.transaction(caller) as connection,
        ):
            decision = await records.update_decision(
                PostgresDecisionStore(connection),
                OutboxEvents(connection, caller.tenant_id),
                now,
                caller,
                decision_id=decision_id,
                expected_version=request.expected_version,
                content=content_from_proto(request.content),
                message=request.message,
                keep_scope=request.content is None or request.content.scope is None,
            )
        return pb.UpdateDecisionResponse(decision=decision_to_proto(decision))

    async def list_decisions(
        self,
        request: pb.ListDecisionsRequest,
        ctx: RequestContext[pb.ListDecisionsRequest, pb.ListDecisionsResponse],
        /,
    ) -> pb.ListDecisionsResponse:
        """See the contract."""
        order, types = _ORDERS[request.order]
        limit = check_page_size(request.page_size, usual=50, most=500)
        async with self._database.transaction(current_caller()) as connection:
            page = await read_page(
                connection,
                _filter(request),
                order,
                read_cursor(request.cursor, *types),
                limit,
                with_counts=not request.cursor,
            )
        return message_of_json(pb.ListDecisionsResponse, page)

    async def list_versions(
        self, request: pb.ListVersionsRequest, ctx: RequestContext[pb.ListVersionsRequest, pb.ListVersionsResponse], /
    ) -> pb.ListVersionsResponse:
        """See the contract."""
        limit = check_page_size(request.page_size, usual=50, most=500)
        after = read_cursor(request.cursor, int)
        async with self._database.transaction(current_caller()) as connection:
            versions = await records.list_versions(
                PostgresDecisionStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                before=int(str(after[0])) if after else 0,
                limit=limit + 1,
            )
        page = versions[:limit]
        cursor = write_cursor(page[-1].version) if len(versions) > limit else ""
        return pb.ListVersionsResponse(versions=[version_to_proto(version) for version in page], next_cursor=cursor)

    async def get_version(
        self, request: pb.GetVersionRequest, ctx: RequestContext[pb.GetVersionRequest, pb.GetVersionResponse], /
    ) -> pb.GetVersionResponse:
        """See the contract."""
        version = await self._read_version(request.decision_id, request.version)
        return pb.GetVersionResponse(version=version_to_proto(version))

    async def get_source(
        self, request: pb.GetSourceRequest, ctx: RequestContext[pb.GetSourceRequest, pb.GetSourceResponse], /
    ) -> pb.GetSourceResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            path, source = await transfer.get_source(
                PostgresDecisionStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                version=request.version,
            )
        return pb.GetSourceResponse(path=path, content=source)

    async def delete_decision(
        self,
        request: pb.DeleteDecisionRequest,
        ctx: RequestContext[pb.DeleteDecisionRequest, pb.DeleteDecisionResponse],
        /,
    ) -> pb.DeleteDecisionResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            await records.delete_decision(
                PostgresDecisionStore(connection),
                OutboxEvents(connection, caller.tenant_id),
                now,
                caller,
                decision_id=parse_id(request.id, "decision"),
            )
        return pb.DeleteDecisionResponse()

    async def restore_decision(
        self,
        request: pb.RestoreDecisionRequest,
        ctx: RequestContext[pb.RestoreDecisionRequest, pb.RestoreDecisionResponse],
        /,
    ) -> pb.RestoreDecisionResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            decision = await records.restore_decision(
                PostgresDecisionStore(connection),
                OutboxEvents(connection, caller.tenant_id),
                now,
                caller,
                decision_id=parse_id(request.id, "decision"),
            )
        return pb.RestoreDecisionResponse(decision=decision_to_proto(decision))

    async def start_import(
        self, request: pb.StartImportRequest, ctx: RequestContext[pb.StartImportRequest, pb.StartImportResponse], /
    ) -> pb.StartImportResponse:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            import_ = await transfer.start_import(
                PostgresDecisionStore(connection), now, caller, log_slug=request.log_slug, source=request.source
            )
        return pb.StartImportResponse(import_=_import(import_))

    async def import_files(
        self, request: pb.ImportFilesRequest, ctx: RequestContext[pb.ImportFilesRequest, pb.ImportFilesResponse], /
    ) -> pb.ImportFilesResponse:
        """See the contract."""
        caller = current_caller()
        import_id = parse_id(request.import_id, "import")
        for file in request.files:
            if not file.path.strip() or "\x00" in file.path or len(file.path) > 1000:  # noqa: PLR2004 - as the message says.
                raise InvalidArgument("A file needs a path of 1 to 1,000 characters.", field="files.path")
        # Parsing is work for a thread: other requests go on meanwhile.
        read = await asyncio.to_thread(_read_files, [(file.path, file.content) for file in request.files])
        reports: list[FileReport] = []
        async with self._database.transaction(caller) as connection:
            store = PostgresDecisionStore(connection)
            session = transfer.ImportSession(
                store=store,
                care=PostgresCareStore(connection),
                events=OutboxEvents(connection, caller.tenant_id),
                clock=now,
                caller=caller,
                import_=await transfer.get_open_import(store, import_id),
            )
            for path, content, found in read:
                reports += await transfer.import_file(session, path, content, found)
        return pb.ImportFilesResponse(reports=[_file_report(report) for report in reports])

    async def finish_import(
        self, request: pb.FinishImportRequest, ctx: RequestContext[pb.FinishImportRequest, pb.FinishImportResponse], /
    ) -> pb.FinishImportResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            import_ = await transfer.finish_import(
                PostgresDecisionStore(connection), now, import_id=parse_id(request.import_id, "import")
            )
        return pb.FinishImportResponse(import_=_import(import_))

    async def get_import(
        self, request: pb.GetImportRequest, ctx: RequestContext[pb.GetImportRequest, pb.GetImportResponse], /
    ) -> pb.GetImportResponse:
        """See the contract."""
        import_id = parse_id(request.id, "import")
        async with self._database.transaction(current_caller()) as connection:
            store = PostgresDecisionStore(connection)
            import_ = await transfer.get_import(store, import_id)
            reports = await store.list_file_reports(import_id)
        return pb.GetImportResponse(import_=_import(import_), reports=[_file_report(report) for report in reports])

    async def list_imports(
        self, request: pb.ListImportsRequest, ctx: RequestContext[pb.ListImportsRequest, pb.ListImportsResponse], /
    ) -> pb.ListImportsResponse:
        """See the contract."""
        async with self._database.transaction(current_caller()) as connection:
            imports = await PostgresDecisionStore(connection).list_imports(limit=50)
        return pb.ListImportsResponse(imports=[_import(import_) for import_ in imports])

    async def export_log(
        self, request: pb.ExportLogRequest, ctx: RequestContext[pb.ExportLogRequest, pb.ExportLogResponse], /
    ) -> AsyncIterator[pb.ExportLogResponse]:
        """See the contract."""
        caller = current_caller()
        async with self._database.transaction(caller) as connection:
            summaries = await transfer.list_log_for_export(PostgresDecisionStore(connection), request.log_slug)
        taken: set[str] = set()
        for start in range(0, len(summaries), EXPORT_BATCH):
            # A transaction a batch: a slow reader must not hold one open.
            files: list[tuple[UUID, str, bytes]] = []
            async with self._database.transaction(caller) as connection:
                store = PostgresDecisionStore(connection)
                for summary in summaries[start : start + EXPORT_BATCH]:
                    path, content = await transfer.export_record(store, summary, taken)
                    files.append((summary.id, path, content))
            for decision_id, path, content in files:
                file = pb.SourceFile(path=path, content=content)
                yield pb.ExportLogResponse(file=file, decision_id=str(decision_id), total=len(summaries))

    async def _read_version(self, decision_id: str, version: int) -> Version:
        async with self._database.transaction(current_caller()) as connection:
            return await records.get_version(
                PostgresDecisionStore(connection), decision_id=parse_id(decision_id, "decision"), version=version
            )


def _read_files(files: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes, ReadFile]]:
    """Read files; an export of Cairn stands for the files that it was made of."""
    found: list[tuple[str, bytes, ReadFile]] = []
    for path, content in files:
        if is_json_log(path, content):
            try:
                found += [(file.path, file.content, _read_log_file(file)) for file in read_json_log(content)]
            except NotALog as error:
                found.append((path, content, ReadFile("failed", path, error.args[0])))
        else:
            found.append((path, content, read_file(path, content)))
    return found


def _read_log_file(file: LogFile) -> ReadFile:
    read = read_file(file.path, file.content)
    return replace(read, review_on=file.review_on or read.review_on)


def _filter(request: pb.ListDecisionsRequest) -> Filter:
    return Filter(
        log_ids=tuple(parse_id(log_id, "log") for log_id in request.log_ids),
        statuses=tuple(status for wire in request.statuses if (status := status_from_proto(wire))),
        tags=tuple(tag.replace("\x00", "") for tag in request.tags),
        text=text_to_find(request.text),
        deleted=request.deleted,
        owner_ids=tuple(parse_id(owner_id, "owner") for owner_id in request.owner_ids),
        governs=request.governs,
    )


def _log(log: Log) -> pb.Log:
    return pb.Log(
        id=str(log.id),
        slug=log.slug,
        name=log.name,
        prefix=log.prefix,
        decision_count=log.decision_count,
        own_status_names=[
            pb.OwnStatusName(status=status_to_proto(status), name=name) for status, name in log.status_names.items()
        ],
    )


def _file_report(report: FileReport) -> pb.FileReport:
    return pb.FileReport(
        path=report.path,
        outcome=_FILE_OUTCOMES[report.outcome],
        format=report.format,
        message=report.message,
        phrases=[phrase for part in phrases_of(report.message) if (phrase := phrase_to_proto(part))],
        fields=[
            pb.FieldReport(
                field=field.field,
                outcome=_FIELD_OUTCOMES[field.outcome],
                value=field.value,
                reason=field.reason,
                line=field.line,
                phrase=phrase_to_proto(field.reason),
            )
            for field in report.fields
        ],
        decision_id=str(report.decision_id) if report.decision_id else "",
        ref=report.ref,
        title=report.title,
    )


def _import(import_: Import) -> pb.Import:
    totals = import_.totals
    return pb.Import(
        id=str(import_.id),
        log_id=str(import_.log_id),
        log_slug=import_.log_slug,
        source=import_.source,
        started_at=timestamp(import_.started_at),
        finished_at=timestamp(import_.finished_at),
        created=totals[FileOutcome.CREATED],
        updated=totals[FileOutcome.UPDATED],
        unchanged=totals[FileOutcome.UNCHANGED],
        left_out=totals[FileOutcome.LEFT_OUT],
        failed=totals[FileOutcome.FAILED],
        links_resolved=import_.links_resolved,
        links_unresolved=import_.links_unresolved,
    )
