"""Moving records in and out as files."""

from dataclasses import dataclass, replace
from uuid import UUID

from cairn.decisions.domain import (
    Content,
    DecisionSummary,
    FieldReport,
    FileOutcome,
    FileReport,
    Import,
    LinkKind,
    LogNotFound,
    Ref,
    Status,
    Version,
    WrittenLink,
    slugify,
)
from cairn.decisions.domain.numbers import check_prefix, make_ref
from cairn.decisions.formats.model import LinkKind as FileLinkKind
from cairn.decisions.formats.model import ReadFile, WritableRecord
from cairn.decisions.formats.model import WrittenLink as FileLink
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.writer import file_name, write_record
from cairn.decisions.ports import Clock, DecisionStore, Events
from cairn.decisions.ports.care import CareStore
from cairn.decisions.usecases.changes import (
    announce,
    build_index,
    link_kind,
    make_version,
    read_version,
    require,
    text_links,
)
from cairn.decisions.usecases.records import create_log
from cairn.kernel.errors import CairnError, InvalidArgument, NotFound
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase, Sentences

FILE_MOST_BYTES = 2_000_000


class ImportFinished(CairnError):
    """The import is closed."""

    def __init__(self) -> None:
        super().__init__(Phrase("import_finished", "This import is finished. Start another one."), field="import_id")


async def start_import(store: DecisionStore, clock: Clock, caller: Caller, *, log_slug: str, source: str) -> Import:
    """Open an import into a log. Without a slug the log is named after the source; it is made when it is not there."""
    name = " ".join(source.replace("\x00", " ").split())[:1000]
    if not name:
        raise InvalidArgument("Say where the files come from, for example the folder's name.", field="source")
    slug = slugify(log_slug) if log_slug.strip() else name_log(name)
    log = next((log for log in await store.list_logs() if log.slug == slug), None)
    if log is None:
        log = await create_log(store, slug=slug, name=slug, prefix="ADR")
    import_ = Import(
        id=uuid7(),
        log_id=log.id,
        log_slug=log.slug,
        source=name,
        started_at=clock(),
        finished_at=None,
        totals=dict.fromkeys(FileOutcome, 0),
    )
    await store.add_import(import_, caller.person_id)
    return import_


def name_log(source: str) -> str:
    """Return a log's slug for a folder: its last part that says more than "docs", "adr" or "decisions"."""
    usual = {"adr", "adrs", "doc", "docs", "decisions", "decision", "architecture", "architecture-decision-record"}
    usual |= {"architecture-decision-records", "documentation", "src", "content", "wiki", "product", "arch", "."}
    parts = [slugify(part) for part in source.replace("\\", "/").split("/") if part.strip(". ")]
    telling = [part for part in parts if part not in usual]
    return (telling or parts or ["decisions"])[-1]


async def get_open_import(store: DecisionStore, import_id: UUID) -> Import:
    """Return an import that still takes files."""
    import_ = await get_import(store, import_id)
    if import_.finished_at is not None:
        raise ImportFinished
    return import_


async def get_import(store: DecisionStore, import_id: UUID) -> Import:
    """Return an import with its totals."""
    import_ = await store.get_import(import_id)
    if import_ is None:
        raise NotFound(Phrase("no_import", "There is no import {import_id} here.", import_id=import_id), field="id")
    return import_


@dataclass(frozen=True, slots=True)
class ImportSession:
    """What reading one batch of files into an import needs."""

    store: DecisionStore
    care: CareStore
    events: Events
    clock: Clock
    caller: Caller
    import_: Import


async def import_file(session: ImportSession, path: str, source: bytes, read: ReadFile) -> list[FileReport]:
    """Make records of a file, or new versions of those it made before, and keep one report each.

    A file that holds a whole log makes a record for each of its decisions. A file whose bytes are those of the last
    import changes nothing, whatever was edited here since.
    """
    if read.kind != "record":
        outcome = FileOutcome.LEFT_OUT if read.kind == "left_out" else FileOutcome.FAILED
        reports = [(_report(path, read, outcome), source)]
    elif read.parts:
        parts = [(f"{path}#{part.anchor}", part) for part in read.parts]
        reports = [(await _import_record(session, name, source, part), None) for name, part in parts]
    else:
        reports = [(await _import_record(session, path, source, read), None)]
    for report, kept in reports:
        await session.store.add_file_report(session.import_.id, report, kept)
    return [report for report, _ in reports]


def _report(path: str, read: ReadFile, outcome: FileOutcome) -> FileReport:
    fields = tuple(FieldReport(f.field, f.outcome, f.value, f.reason, f.line) for f in read.fields)
    return FileReport(
        path=path, outcome=outcome, format=read.format, message=read.message, fields=fields, title=read.title
    )


async def _import_record(session: ImportSession, path: str, source: bytes, read: ReadFile) -> FileReport:
    existing = await session.store.find_by_source(session.import_.log_id, path)
    if existing is None:
        summary, outcome, note = await _create(session, path, source, read)
    else:
        summary, outcome, note = await _change(session, existing, source, read)
    message = Sentences((read.message, note), between=" ")
    report = _report(path, read, outcome)
    return replace(report, message=message, decision_id=summary.id, ref=summary.ref, title=summary.title)


async def _create(
    session: ImportSession, path: str, source: bytes, read: ReadFile
) -> tuple[DecisionSummary, FileOutcome, str]:
    store, now = session.store, session.clock()
    content = to_content(read)
    log = await store.get_log(session.import_.log_id)
    if log is None:
        raise LogNotFound(session.import_.log_slug)
    prefix = check_prefix(read.prefix, log)
    summary = DecisionSummary(
        id=uuid7(),
        log_id=log.id,
        log_slug=log.slug,
        number=read.number,
        slug=read.slug,
        ref=make_ref(log, read.number, read.slug, prefix),
        title=content.title,
        status=content.status,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        version=1,
        source_path=path,
        created_at=now,
        updated_at=now,
        prefix=prefix,
    )
    note = ""
    if read.number is not None:
        await store.pass_number(log.id, read.number, prefix)
        same = await store.find(Ref(log_slug=log.slug, prefix=prefix or log.prefix, number=read.number))
        if same:
            note = Phrase(
                "number_twice",
                "The number {number} is also that of {other}; both are kept.",
                number=read.number,
                other=same[0].source_path or same[0].title,
            )
    version = replace(make_version(summary, content, session.caller, "Imported", now), source=source)
    await store.add_decision(summary, version)
    await store.replace_links(summary.id, to_links(read))
    await keep_review(session, summary.id, read)
    await announce(session.events, summary.id, 1)
    return summary, FileOutcome.CREATED, note


async def _change(
    session: ImportSession, existing: DecisionSummary, source: bytes, read: ReadFile
) -> tuple[DecisionSummary, FileOutcome, str]:
    store = session.store
    summary = await store.lock(existing.id) or existing
    last = await store.get_latest_source(summary.id)
    content = to_content(read)
    # One of several records in a file changes only when its own text does.
    several = "#" in summary.source_path
    same_text = several and last is not None and replace(last.content, scope=content.scope).hash() == content.hash()
    if last is not None and (last.source == source or same_text):
        if summary.deleted_at is not None:
            return summary, FileOutcome.UNCHANGED, Phrase("deleted_here", "It is deleted here; restore it to see it.")
        edited = last.version < summary.version
        stays = Phrase("edited_here", "Version {version} was edited here; it stays.", version=summary.version)
        return summary, FileOutcome.UNCHANGED, stays if edited else ""
    if not content.scope and (several or last is None or not read_file(summary.source_path, last.source or b"").scope):
        # The file never spoke of what it governs, so what was said here stays.
        current = await read_version(store, summary.id, summary.version)
        content = replace(content, scope=current.content.scope)
    changed = replace(summary, version=summary.version + 1, title=content.title)
    version = replace(make_version(changed, content, session.caller, "Imported again", session.clock()), source=source)
    await store.append_version(version)
    await store.replace_links(summary.id, to_links(read))
    await keep_review(session, summary.id, read, before=last.source if last else None)
    await announce(session.events, summary.id, changed.version)
    edited = last is not None and last.version < summary.version
    stand = Phrase("edits_stand", "Edits made here stand in version {version}.", version=summary.version)
    return changed, FileOutcome.UPDATED, stand if edited else ""


async def keep_review(
    session: ImportSession, decision_id: UUID, read: ReadFile, *, before: bytes | None = None
) -> None:
    """Take over the review date that a file states, unless another than that of `before`, its last bytes, is set."""
    if read.review_on is None:
        return
    care = await session.care.get_care(decision_id)
    own = care.review_on is None or (before is not None and read_file(read.path, before).review_on == care.review_on)
    if own and care.review_on != read.review_on:
        await session.care.set_care(decision_id, replace(care, review_on=read.review_on))


async def finish_import(store: DecisionStore, clock: Clock, *, import_id: UUID) -> Import:
    """Point the links of the log at the records they mean, and close the import."""
    import_ = await get_open_import(store, import_id)
    decisions = await store.list_log_decisions(import_.log_id)
    index = build_index(decisions)
    paths = {decision.id: decision.source_path for decision in decisions}
    found: list[tuple[UUID, int, UUID]] = []
    resolved = unresolved = 0
    for decision_id, position, link in await store.list_log_links(import_.log_id):
        target = link.target_id or index.match(link.target, paths.get(decision_id, ""))
        if target is None or target == decision_id:
            unresolved += target is None
            continue
        resolved += 1
        if link.target_id is None:
            found.append((decision_id, position, target))
    await store.set_link_targets(found)
    await store.finish_import(import_id, clock(), resolved, unresolved)
    return await get_import(store, import_id)


async def list_log_for_export(store: DecisionStore, log_slug: str) -> list[DecisionSummary]:
    """Return the living decisions of a log, by number."""
    log = next((log for log in await store.list_logs() if log.slug == log_slug), None)
    if log is None:
        raise LogNotFound(log_slug)
    return await store.list_log_decisions(log.id)


async def export_record(store: DecisionStore, summary: DecisionSummary, taken: set[str]) -> tuple[str, bytes]:
    """Return a decision's path and bytes, and add the path to `taken` so that no two records share one.

    A record not edited since its import gives the bytes it came from. One of several in a file is written on its own.
    """
    version = await read_version(store, summary.id, summary.version)
    path = choose_path(summary, taken)
    source = untouched_source(summary, version)
    if source is not None:
        return path, source
    return path, write_record(await to_writable(store, summary, version))


def choose_path(summary: DecisionSummary, taken: set[str]) -> str:
    """Return the path a decision's file has, or would have, and add it to `taken`."""
    path = summary.source_path if "#" not in summary.source_path else ""
    if not path or path in taken:
        path = file_name(summary.number, summary.slug, summary.prefix)
    if path in taken:
        path = f"{path.removesuffix('.md')}-{summary.id.hex[-8:]}.md"
    taken.add(path)
    return path


def untouched_source(summary: DecisionSummary, version: Version) -> bytes | None:
    """Return the bytes of a version's own file when they still say all that the version says."""
    if version.source is None or "#" in summary.source_path:
        return None
    scope = version.content.scope
    # What a record governs may have been said here, and its file never knew.
    return None if scope and read_file(summary.source_path, version.source).scope != scope else version.source


async def to_writable(store: DecisionStore, summary: DecisionSummary, version: Version) -> WritableRecord:
    """Return a version as formats write it, with the links that its text does not write itself."""
    content = version.content
    in_text = {(link.kind, link.target) for link in text_links(content)}
    links, backlinks = await store.list_links(summary.id)
    written = [_written(n.kind, n.target) for n in links if n.target and (n.kind, n.target) not in in_text]
    # What people stated of whole decisions; the old one says by what it was superseded, as in any log.
    written += [_written(n.kind, n.decision.ref) for n in links if n.relation_id and n.decision and not n.section]
    written += [
        replace(_written(n.kind, n.decision.ref), reverse=True)
        for n in backlinks
        if n.relation_id and n.decision and not n.section and n.kind in {LinkKind.SUPERSEDES, LinkKind.AMENDS}
    ]
    return WritableRecord(
        title=content.title,
        status=content.status.value,
        body=content.body,
        number=summary.number,
        prefix=summary.prefix,
        slug=summary.slug,
        status_text=content.status_text,
        decided_on=content.decided_on,
        deciders=content.deciders,
        tags=content.tags,
        links=tuple(written),
        scope=content.scope,
    )


def _written(kind: LinkKind, target: str) -> FileLink:
    turned: dict[LinkKind, FileLinkKind] = {LinkKind.SUPERSEDED_BY: "supersedes", LinkKind.AMENDED_BY: "amends"}
    plain: dict[LinkKind, FileLinkKind] = {
        LinkKind.SUPERSEDES: "supersedes",
        LinkKind.AMENDS: "amends",
        LinkKind.DEPENDS_ON: "depends_on",
        LinkKind.CONFLICTS_WITH: "conflicts_with",
        LinkKind.IMPLEMENTS: "implements",
    }
    if kind in turned:
        return FileLink(turned[kind], target, reverse=True)
    return FileLink(plain.get(kind, "relates_to"), target)


async def get_source(store: DecisionStore, *, decision_id: UUID, version: int) -> tuple[str, bytes]:
    """Return the path and the bytes of the file a version was read from. Raises `NotFound` when it was written here."""
    summary = await require(store, decision_id)
    found = await read_version(store, decision_id, version)
    if found.source is None:
        raise NotFound(
            Phrase(
                "no_file",
                "Version {version} of {ref} was written in Cairn, so it has no file.",
                version=version,
                ref=summary.ref,
            ),
            field="version",
        )
    return summary.source_path, found.source


def to_content(read: ReadFile) -> Content:
    """Return what a file says as a version's content. Postgres text holds no NUL, so it becomes U+FFFD."""

    def clean(text: str) -> str:
        return text.replace("\x00", "\ufffd")

    return Content(
        title=clean(read.title)[:500],
        status=Status(read.status) if read.status else Status.PROPOSED,
        body=clean(read.body),
        decided_on=read.decided_on,
        deciders=tuple(clean(name) for name in read.deciders),
        tags=tuple(clean(tag) for tag in read.tags),
        status_text=clean(read.status_text),
        scope=read.scope,
    )


def to_links(read: ReadFile) -> list[WrittenLink]:
    """Return the links a file writes, as seen from it."""
    return [WrittenLink(kind=link_kind(link.kind, reverse=link.reverse), target=link.target) for link in read.links]
