"""Cairn's JSON export taken apart into files again, so that it comes in as any folder does, and nothing is lost.

A record that was not changed since its import gives the bytes it came with; every other is written as MADR 4.
"""

import posixpath
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import date

import msgspec

from cairn.decisions.domain.scopes import Scope
from cairn.decisions.formats.model import LinkKind, Status, WritableRecord, WrittenLink
from cairn.decisions.formats.writer import file_name, write_record
from cairn.kernel.phrases import Phrase

FORMAT = "cairn-log"
VERSION = 1
LOG_BYTES_MAX = 256 * 1024 * 1024
# What a file of ours begins with, whatever wrote it out again.
_HEAD_BYTES = 400
_PATH_CHARS_MAX = 1000


class NotALog(ValueError):
    """The file says that it is a log exported by Cairn, and cannot be read as one."""


class _Link(msgspec.Struct):
    kind: LinkKind
    target: str
    reverse: bool = False


class _Source(msgspec.Struct):
    content: str
    encoding: str = "utf-8"


class _Record(msgspec.Struct):
    title: str
    status: Status
    body: str = ""
    number: int | None = None
    prefix: str = ""
    slug: str = ""
    status_text: str = ""
    decided_on: date | None = msgspec.field(name="date", default=None)
    review_on: date | None = None
    deciders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    applies_to: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stated_links: tuple[_Link, ...] = ()
    path: str = ""
    source: _Source | None = None


class _Raw(msgspec.Struct):
    format: str
    version: int
    records: list[msgspec.Raw]


class _Log(msgspec.Struct):
    format: str
    version: int
    records: tuple[_Record, ...]


def is_json_log(path: str, content: bytes) -> bool:
    """Whether a file is an export of Cairn, by its name and its first lines."""
    return path.lower().endswith(".json") and f'"{FORMAT}"'.encode() in content[:_HEAD_BYTES]


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that an export stands for, and the review date that may have been set without it."""

    path: str
    content: bytes
    review_on: date | None = None


def split_json_log(content: bytes, bytes_most: int) -> list[bytes]:
    """Cut an export into several of at most that size, or of one record each. Raises `NotALog`."""
    if len(content) <= bytes_most:
        return [content]
    try:
        log = msgspec.json.decode(content, type=_Raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotALog(Phrase("not_our_log", "no log that Cairn exported: {problem}", problem=error)) from error
    cut: list[list[msgspec.Raw]] = [[]]
    size = 0
    for record in log.records:
        length = len(memoryview(record)) + _HEAD_BYTES
        if cut[-1] and size + length > bytes_most:
            cut.append([])
            size = 0
        cut[-1].append(record)
        size += length
    return [msgspec.json.encode(_Raw(log.format, log.version, records)) for records in cut]


def read_json_log(content: bytes) -> list[LogFile]:
    """Return the files that an export stands for. Raises `NotALog` with the place of the fault."""
    try:
        log = msgspec.json.decode(content, type=_Log)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotALog(Phrase("not_our_log", "no log that Cairn exported: {problem}", problem=error)) from error
    if log.format != FORMAT or log.version != VERSION:
        raise NotALog(
            Phrase(
                "log_version",
                "a log in version {version} of {format}; this Cairn reads version {known} of {known_format}",
                version=log.version,
                format=log.format,
                known=VERSION,
                known_format=FORMAT,
            )
        )
    taken: set[str] = set()
    return [
        LogFile(_free_path(record, at, taken), _bytes_of(record, at), record.review_on)
        for at, record in enumerate(log.records)
    ]


def _free_path(record: _Record, at: int, taken: set[str]) -> str:
    path = record.path
    parts = path.split("/")
    if not path or path.startswith("/") or ".." in parts or "\x00" in path or len(path) > _PATH_CHARS_MAX:
        path = file_name(record.number, record.slug or record.title, record.prefix)
    if path in taken:
        stem, suffix = posixpath.splitext(path)
        path = f"{stem}-{at}{suffix}"
    taken.add(path)
    return path


def _bytes_of(record: _Record, at: int) -> bytes:
    source = record.source
    if source is not None:
        try:
            return b64decode(source.content, validate=True) if source.encoding == "base64" else source.content.encode()
        except (NotBase64, UnicodeEncodeError) as error:
            raise NotALog(
                Phrase("source_unread", "the source of record {at} cannot be read: {problem}", at=at + 1, problem=error)
            ) from error
    return write_record(
        WritableRecord(
            title=record.title,
            status=record.status,
            body=record.body,
            number=record.number,
            prefix=record.prefix,
            slug=record.slug,
            status_text=record.status_text,
            decided_on=record.decided_on,
            deciders=record.deciders,
            tags=record.tags,
            links=tuple(WrittenLink(link.kind, link.target, reverse=link.reverse) for link in record.stated_links),
            scope=Scope(record.applies_to, record.components, record.categories),
        )
    )
