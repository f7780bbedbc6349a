"""ExchangeService."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.decisions.domain import DecisionSummary
from cairn.decisions.formats.exports import ExportedRecord
from cairn.decisions.formats.reader import read_file
from cairn.decisions.postgres import OutboxEvents, PostgresDecisionStore
from cairn.decisions.postgres.care import PostgresCareStore
from cairn.decisions.postgres.history import PostgresHistoryStore
from cairn.decisions.postgres.names import PostgresNameStore
from cairn.decisions.rpc.lifecycle import work_in
from cairn.decisions.rpc.wire import now
from cairn.decisions.usecases import exchange, history, transfer
from cairn.decisions.usecases.exchange import ONE_FILE_EACH, RECORDS_MOST, ExportFormat
from cairn.decisions.usecases.records import get_decision
from cairn.gen.cairn.decisions.v1 import exchange_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_pb import SourceFile
from cairn.gen.cairn.decisions.v1.exchange_connect import ExchangeService
from cairn.kernel.errors import FailedPrecondition, InvalidArgument
from cairn.platform.database import Database
from cairn.platform.rpc import current_caller, parse_id

BATCH = 50
PIECE_BYTES = 2_000_000
PATH_MOST = 1000
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

_FORMATS = {
    pb.ExportFormat.UNSPECIFIED: ExportFormat.SOURCE,
    pb.ExportFormat.SOURCE: ExportFormat.SOURCE,
    pb.ExportFormat.MADR: ExportFormat.MADR,
    pb.ExportFormat.NYGARD: ExportFormat.NYGARD,
    pb.ExportFormat.JSON: ExportFormat.JSON,
    pb.ExportFormat.CSV: ExportFormat.CSV,
    pb.ExportFormat.SITE: ExportFormat.SITE,
    pb.ExportFormat.ZIP: ExportFormat.ZIP,
}


class ExchangeRpc(ExchangeService):
    """Serves `ExchangeService` from `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(
        self, request: pb.ExportRequest, ctx: RequestContext[pb.ExportRequest, pb.ExportResponse], /
    ) -> AsyncIterator[pb.ExportResponse]:
        """See the contract."""
        format_ = _FORMATS.get(request.format)
        if format_ is None:
            raise InvalidArgument("Choose a format that there is, for example EXPORT_FORMAT_MADR.", field="format")
        summaries, former = await self._choose(request)
        if format_ not in ONE_FILE_EACH and len(summaries) > RECORDS_MOST:
            message = f"A file of one log holds at most {RECORDS_MOST} records. Export source, madr or nygard instead."
            raise FailedPrecondition(message, field="format")
        total = len(summaries)
        joined: list[ExportedRecord] = []
        async for exported in self._read(summaries, former, with_care=format_ is ExportFormat.JSON):
            if format_ in ONE_FILE_EACH:
                path, content = exchange.render_one(exported, format_)
                for response in _pieces(path, content, append=False):
                    response.decision_id, response.version, response.total = str(exported.id), exported.version, total
                    yield response
            else:
                joined.append(exported)
        if format_ not in ONE_FILE_EACH:
            files = exchange.render_all(request.log_slug or summaries[0].log_slug, joined, format_)
            # Rendering is work for a thread: other requests go on meanwhile.
            while (file := await asyncio.to_thread(next, files, None)) is not None:
                for response in _pieces(file[0], file[1], append=file[2]):
                    response.total = total
                    yield response

    async def _choose(self, request: pb.ExportRequest) -> tuple[list[DecisionSummary], dict[UUID, list[str]]]:
        async with self._database.transaction(current_caller()) as connection:
            store = PostgresDecisionStore(connection)
            if request.ref:
                summary = (await get_decision(store, request.ref, request.log_slug)).summary
                return [summary], {}
            summaries = await transfer.list_log_for_export(store, request.log_slug)
            logs = {summary.log_id for summary in summaries}
            names = PostgresNameStore(connection)
            former = [await exchange.list_names_of(names, log_id) for log_id in logs]
        return summaries, former[0] if former else {}

    async def _read(
        self, summaries: Sequence[DecisionSummary], former: dict[UUID, list[str]], *, with_care: bool
    ) -> AsyncIterator[ExportedRecord]:
        caller = current_caller()
        taken: set[str] = set()
        for start in range(0, len(summaries), BATCH):
            # A transaction a batch: a slow reader must not hold one open.
            batch: list[ExportedRecord] = []
            async with self._database.transaction(caller) as connection:
                store = PostgresDecisionStore(connection)
                care = PostgresCareStore(connection) if with_care else None
                for summary in summaries[start : start + BATCH]:
                    names = former.get(summary.id, [])
                    batch.append(await exchange.read_exported(store, care, summary, taken, names))
            for exported in batch:
                yield exported

    async def push_file(
        self, request: pb.PushFileRequest, ctx: RequestContext[pb.PushFileRequest, pb.PushFileResponse], /
    ) -> pb.PushFileResponse:
        """See the contract."""
        file = request.file
        if file is None or not file.path.strip() or "\x00" in file.path or len(file.path) > PATH_MOST:
            raise InvalidArgument("Send a file with a path of 1 to 1,000 characters.", field="file.path")
        read = await asyncio.to_thread(read_file, file.path, file.content)
        async with self._database.transaction(current_caller()) as connection:
            pushed = await exchange.push_file(
                work_in(connection),
                PostgresNameStore(connection),
                decision_id=parse_id(request.decision_id, "decision"),
                expected_version=request.expected_version,
                path=file.path,
                source=file.content,
                read=read,
                message=request.message,
            )
        return pb.PushFileResponse(version=pushed.version, file=SourceFile(path=pushed.path, content=pushed.content))

    async def import_history(
        self,
        request: pb.ImportHistoryRequest,
        ctx: RequestContext[pb.ImportHistoryRequest, pb.ImportHistoryResponse],
        /,
    ) -> pb.ImportHistoryResponse:
        """See the contract."""
        caller = current_caller()
        import_id = parse_id(request.import_id, "import")
        commits = await asyncio.to_thread(_read_commits, request.commits)
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
            totals = await history.import_history(
                session, PostgresNameStore(connection), PostgresHistoryStore(connection), commits
            )
        return pb.ImportHistoryResponse(
            versions=totals.versions,
            created=totals.created,
            renamed=totals.renamed,
            deleted=totals.deleted,
            passed_over=totals.passed_over,
        )


def _read_commits(commits: Sequence[pb.HistoricCommit]) -> list[history.HistoricCommit]:
    """Read the files of commits. Raises `InvalidArgument` for a commit that is none."""
    found: list[history.HistoricCommit] = []
    for commit in commits:
        if not _COMMIT.fullmatch(commit.id) or commit.authored_at is None:
            raise InvalidArgument("A commit has a full name of 40 or 64 digits, and a date.", field="commits.id")
        for path in (path for file in commit.files for path in (file.path, file.old_path)):
            if "\x00" in path or len(path) > PATH_MOST:
                raise InvalidArgument("A file needs a path of 1 to 1,000 characters.", field="commits.files.path")
        files = tuple(
            history.HistoricFile(
                file.path, file.content, None if file.deleted else read_file(file.path, file.content), file.old_path
            )
            for file in commit.files
        )
        at = commit.authored_at.to_datetime()
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        subject = " ".join(commit.subject.replace("\x00", " ").split())
        found.append(history.HistoricCommit(commit.id, commit.author_name, at, subject, files))
    return found


def _pieces(path: str, content: bytes, *, append: bool) -> Iterator[pb.ExportResponse]:
    for start in range(0, max(1, len(content)), PIECE_BYTES):
        piece = SourceFile(path=path, content=content[start : start + PIECE_BYTES])
        yield pb.ExportResponse(file=piece, append=append or start > 0)
