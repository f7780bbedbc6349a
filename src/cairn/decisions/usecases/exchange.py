"""Records for other tools: exports in many formats, and files of a folder that is kept in sync."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, StaleEdit, WrittenLink, check_content
from cairn.decisions.formats.exports import (
    ExportedLink,
    ExportedRecord,
    write_csv,
    write_json,
    write_nygard,
    write_zip,
)
from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.site import write_site
from cairn.decisions.formats.writer import write_record
from cairn.decisions.ports import Clock, DecisionStore
from cairn.decisions.ports.care import CareStore
from cairn.decisions.ports.names import NameStore
from cairn.decisions.usecases.changes import Work, apply_change, build_index, hold_living, lock_living, read_version
from cairn.decisions.usecases.transfer import (
    choose_path,
    export_record,
    to_content,
    to_links,
    to_writable,
    untouched_source,
)
from cairn.kernel.errors import AlreadyExists, InvalidArgument

RECORDS_MOST = 20_000


class ExportFormat(StrEnum):
    """What a log can be taken away as."""

    SOURCE = "source"
    MADR = "madr"
    NYGARD = "nygard"
    JSON = "json"
    CSV = "csv"
    SITE = "site"
    ZIP = "zip"


# Formats of one file a record; the others join all records.
ONE_FILE_EACH = frozenset([ExportFormat.SOURCE, ExportFormat.MADR, ExportFormat.NYGARD])


async def read_exported(
    store: DecisionStore,
    care: CareStore | None,
    summary: DecisionSummary,
    taken: set[str],
    former_names: Sequence[str] = (),
) -> ExportedRecord:
    """Return a decision with all that an export may tell of it. Its path goes into `taken`.

    `care` is for the formats that tell of reviews.
    """
    version = await read_version(store, summary.id, summary.version)
    links, _ = await store.list_links(summary.id)
    return ExportedRecord(
        id=summary.id,
        ref=summary.ref,
        record=await to_writable(store, summary, version),
        review_on=(await care.get_care(summary.id)).review_on if care else None,
        path=choose_path(summary, taken),
        version=summary.version,
        content_hash=version.content_hash.hex(),
        author=version.author_name,
        created_at=summary.created_at,
        updated_at=summary.updated_at,
        successor=summary.successor.ref if summary.successor else "",
        links=tuple(
            ExportedLink(
                n.kind.value, n.target, n.decision.id if n.decision else None, n.decision.ref if n.decision else ""
            )
            for n in links
        ),
        former_names=tuple(former_names),
        source=untouched_source(summary, version),
    )


async def list_names_of(names: NameStore, log_id: UUID) -> dict[UUID, list[str]]:
    """Return the former names of a log's decisions."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for name, decision_id in await names.list_former_names(log_id):
        found[decision_id].append(name)
    return found


def render_one(exported: ExportedRecord, format_: ExportFormat) -> tuple[str, bytes]:
    """Return the path and bytes of one record in a format of one file a record."""
    if format_ is ExportFormat.SOURCE and exported.source is not None:
        return exported.path, exported.source
    path = exported.path if exported.path.endswith(".md") else f"{exported.path.rpartition('.')[0] or exported.path}.md"
    write: Callable[..., bytes] = write_nygard if format_ is ExportFormat.NYGARD else write_record
    return path, write(exported.record)


def render_all(
    log_slug: str, records: Sequence[ExportedRecord], format_: ExportFormat
) -> Iterator[tuple[str, bytes, bool]]:
    """Yield the files of a format that joins records: path, bytes, and whether these go on the file before."""
    if format_ is ExportFormat.JSON:
        yield f"{log_slug}.json", write_json(log_slug, records), False
    elif format_ is ExportFormat.CSV:
        yield f"{log_slug}.csv", write_csv(records), False
    elif format_ is ExportFormat.SITE:
        for path, content in write_site(log_slug, records):
            yield path, content, False
    else:
        more = False
        for piece in write_zip(render_one(exported, ExportFormat.SOURCE) for exported in records):
            yield f"{log_slug}.zip", piece, more
            more = True


@dataclass(frozen=True, slots=True)
class Pushed:
    """The version a pushed file became, and the file that an export gives from now on."""

    version: int
    path: str
    content: bytes


async def push_file(
    work: Work,
    names: NameStore,
    *,
    decision_id: UUID,
    expected_version: int,
    path: str,
    source: bytes,
    read: ReadFile,
    message: str,
) -> Pushed:
    """Make a changed file the next version of its decision. Raises `StaleEdit` when somebody changed it meanwhile.

    Another path than the decision's renames it, and the old one still leads to it.
    """
    store = work.store
    await store.hold_relations()
    summary = await lock_living(store, decision_id)
    if summary.version != expected_version:
        raise StaleEdit(expected_version, summary.version)
    if read.kind != "record" or read.parts:
        told = read.message or "it holds several records"
        message = f"{path} cannot be the text of {summary.ref}: {told}. Nothing was changed."
        raise InvalidArgument(message, field="file")
    if path != choose_path(summary, set()):
        await rename_file(store, names, work.clock, summary, path)
    held = await hold_living(store, decision_id)
    summary, current = held.summary, held.current
    if (await export_record(store, summary, set()))[1] != source:
        content = check_content(to_content(read))
        if content.hash() == current.content_hash and current.source is None:
            # Only the file's form changed; the version that keeps its bytes says so.
            message = message or "The file's form changed"
        await apply_change(work, held, content, message or "Changed in the folder", source=source)
        await store.replace_links(decision_id, await point_links(store, summary, to_links(read)))
        summary = await lock_living(store, decision_id)
    exported_path, exported = await export_record(store, summary, set())
    return Pushed(summary.version, exported_path, exported)


async def rename_file(
    store: DecisionStore, names: NameStore, clock: Clock, summary: DecisionSummary, path: str
) -> None:
    """Say that a decision's file is elsewhere now. Raises `AlreadyExists` when another decision is that file."""
    other = await store.find_by_source(summary.log_id, path)
    if other is not None and other.id != summary.id:
        raise AlreadyExists(f"{path} is the file of {other.ref} already.", field="file")
    await names.add_former_name(summary.log_id, choose_path(summary, set()), summary.id, clock())
    await names.set_source_path(summary.id, path)


async def point_links(
    store: DecisionStore, summary: DecisionSummary, links: Sequence[WrittenLink]
) -> list[WrittenLink]:
    """Return links with the decisions of the log that they mean."""
    index = build_index(await store.list_log_decisions(summary.log_id)) if links else None
    pointed: list[WrittenLink] = []
    for link in links:
        target = index.match(link.target, summary.source_path) if index else None
        pointed.append(replace(link, target_id=target if target != summary.id else None))
    return pointed
