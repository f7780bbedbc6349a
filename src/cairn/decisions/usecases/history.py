"""A repository's history as versions: who wrote what when, through every rename."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, FileOutcome, FileReport
from cairn.decisions.formats.model import ReadFile
from cairn.decisions.ports.history import HistoryStore
from cairn.decisions.ports.names import NameStore
from cairn.decisions.usecases.changes import announce, make_version
from cairn.decisions.usecases.exchange import rename_file
from cairn.decisions.usecases.transfer import ImportSession, import_file, keep_review, to_content, to_links

AUTHOR_MOST = 200
SUBJECT_MOST = 500


@dataclass(frozen=True, slots=True)
class HistoricFile:
    """One file of one commit, and how it reads. `old_path` is where it was when the commit renamed it."""

    path: str
    content: bytes
    read: ReadFile | None
    old_path: str = ""

    @property
    def deleted(self) -> bool:
        """Whether the commit took the file away."""
        return self.read is None


@dataclass(frozen=True, slots=True)
class HistoricCommit:
    """One commit: its full name, author, date, first line, and the files it changed."""

    id: str
    author_name: str
    authored_at: datetime
    subject: str
    files: tuple[HistoricFile, ...]


@dataclass(slots=True)
class HistoryTotals:
    """What a batch of commits became."""

    versions: int = 0
    created: int = 0
    renamed: int = 0
    deleted: int = 0
    passed_over: int = 0


@dataclass(slots=True)
class _Batch:
    session: ImportSession
    names: NameStore
    history: HistoryStore
    totals: HistoryTotals = field(default_factory=HistoryTotals)
    # The last text of each decision in this batch: its links hold, and it is announced once.
    last: dict[UUID, ReadFile] = field(default_factory=dict[UUID, ReadFile])


async def import_history(
    session: ImportSession, names: NameStore, history: HistoryStore, commits: Sequence[HistoricCommit]
) -> HistoryTotals:
    """Append a version for every commit of every record, oldest first. Commits read before change nothing.

    A record that was imported without its history is passed over: its versions cannot come after what they led to.
    """
    batch = _Batch(session, names, history)
    log_id = session.import_.log_id
    known = await history.list_commits(log_id, [commit.id for commit in commits])
    for commit in commits:
        for file in commit.files:
            if (commit.id, file.path) in known:
                batch.totals.passed_over += 1
            else:
                await _apply(batch, commit, file)
    for decision_id, read in batch.last.items():
        await session.store.replace_links(decision_id, to_links(read))
        await keep_review(session, decision_id, read)
        summary = await session.store.lock(decision_id)
        if summary is not None:
            await announce(session.events, decision_id, summary.version)
            await _report(session, summary, read)
    return batch.totals


async def _apply(batch: _Batch, commit: HistoricCommit, file: HistoricFile) -> None:
    session, totals = batch.session, batch.totals
    log_id = session.import_.log_id
    existing = await session.store.find_by_source(log_id, file.old_path or file.path)
    if existing is None and file.old_path:
        existing = await session.store.find_by_source(log_id, file.path)
    usable = file.read is not None and file.read.kind == "record" and not file.read.parts
    foreign = existing is not None and not await batch.history.has_history(existing.id)
    if foreign or (not file.deleted and not usable) or (file.deleted and existing is None):
        totals.passed_over += 1
        return
    if existing is None:
        decision_id = await _create(batch, commit, file)
    else:
        decision_id = existing.id
        await _change(batch, commit, file, existing)
    await batch.history.add_commit(log_id, commit.id, file.path, decision_id)


async def _create(batch: _Batch, commit: HistoricCommit, file: HistoricFile) -> UUID:
    assert file.read is not None  # noqa: S101 - only a readable file gets here; this tells the type checker.
    [report] = await import_file(_as_author(batch.session, commit), file.path, file.content, file.read)
    if report.decision_id is None:
        raise RuntimeError(file.path)
    batch.totals.created += 1
    batch.totals.versions += 1
    batch.last[report.decision_id] = file.read
    return report.decision_id


async def _change(batch: _Batch, commit: HistoricCommit, file: HistoricFile, existing: DecisionSummary) -> None:
    store, totals = batch.session.store, batch.totals
    summary = await store.lock(existing.id) or existing
    if file.read is None:
        if summary.deleted_at is None:
            await store.set_deleted(summary.id, commit.authored_at)
            await announce(batch.session.events, summary.id, summary.version)
            totals.deleted += 1
        return
    if summary.deleted_at is not None:
        await store.set_deleted(summary.id, None)
    if summary.source_path != file.path:
        await rename_file(store, batch.names, lambda: commit.authored_at, summary, file.path)
        totals.renamed += 1
    current = await store.get_version(summary.id, summary.version)
    if current is not None and current.source == file.content:
        return
    content = to_content(file.read)
    changed = replace(summary, version=summary.version + 1, title=content.title)
    caller = _as_author(batch.session, commit).caller
    version = make_version(changed, content, caller, commit.subject[:SUBJECT_MOST], commit.authored_at)
    await store.append_version(replace(version, source=file.content))
    totals.versions += 1
    batch.last[summary.id] = file.read


def _as_author(session: ImportSession, commit: HistoricCommit) -> ImportSession:
    """Return the session with the commit's author and date, under the right of the person who imports."""
    name = " ".join(commit.author_name.replace("\x00", " ").split())[:AUTHOR_MOST] or session.caller.person_name
    caller = replace(session.caller, person_name=name)
    return replace(session, caller=caller, clock=lambda: commit.authored_at)


async def _report(session: ImportSession, summary: DecisionSummary, read: ReadFile) -> None:
    report = FileReport(
        path=summary.source_path,
        outcome=FileOutcome.UPDATED if summary.version > 1 else FileOutcome.CREATED,
        format=read.format,
        message=f"{summary.version} versions from the repository's history.",
        fields=(),
        decision_id=summary.id,
        ref=summary.ref,
        title=summary.title,
    )
    await session.store.add_file_report(session.import_.id, report, None)
