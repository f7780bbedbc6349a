"""The files of a folder that may be records, read within bounds."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cairn.decisions.formats.json_log import LOG_BYTES_MAX, NotALog, is_json_log, split_json_log
from cairn.decisions.formats.sift import suffix_problem

FILES_MAX = 20_000
FILE_BYTES_MAX = 2_000_000
BATCH_BYTES_MAX = 3 * 1024 * 1024
BATCH_FILES_MAX = 200
_HEAD_BYTES = 400
_SKIPPED_FOLDERS = frozenset(
    [".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", "target", ".idea", ".cache"]
)


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file on disk and its path inside the folder, with forward slashes."""

    path: str
    place: Path


@dataclass(slots=True)
class Folder:
    """What a folder holds: documents that may be records, and what was passed over with its reason."""

    documents: list[FolderFile] = field(default_factory=list[FolderFile])
    passed_over: dict[str, str] = field(default_factory=dict[str, str])
    unreadable: dict[str, str] = field(default_factory=dict[str, str])
    truncated: bool = False


def scan(root: Path) -> Folder:
    """Walk `root`, links not followed, at most 20,000 files. A single file may be given too."""
    folder = Folder()
    if root.is_file():
        folder.documents.append(FolderFile(root.name, root))
        return folder

    def note(error: OSError) -> None:
        place = Path(error.filename or root)
        folder.unreadable[_relative(place, root)] = error.strerror or str(error)

    count = 0
    for parent, folders, files in os.walk(root, onerror=note):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        for name in sorted(files):
            count += 1
            if count > FILES_MAX:
                folder.truncated = True
                return folder
            _sort(folder, Path(parent) / name, root)
    return folder


def _sort(folder: Folder, place: Path, root: Path) -> None:
    path = _relative(place, root)
    problem = suffix_problem(path)
    if place.is_symlink() or not place.is_file():
        folder.passed_over[path] = "a link or special file"
    elif problem and not _is_export(folder, path, place):
        folder.passed_over[path] = problem
    else:
        folder.documents.append(FolderFile(path, place))


def _is_export(folder: Folder, path: str, place: Path) -> bool:
    if place.suffix.lower() != ".json":
        return False
    try:
        with place.open("rb") as file:
            return is_json_log(path, file.read(_HEAD_BYTES))
    except OSError as error:
        folder.unreadable[path] = error.strerror or str(error)
        return False


def read_document(document: FolderFile) -> list[tuple[str, bytes]]:
    """Read a file; a large export of Cairn gives several smaller ones. Raises `OSError` and `NotALog`."""
    is_export = document.place.suffix.lower() == ".json"
    most = LOG_BYTES_MAX if is_export else FILE_BYTES_MAX
    if document.place.stat().st_size > most:
        raise NotALog(f"larger than {most // 1_000_000} MB")
    content = document.place.read_bytes()
    if not is_json_log(document.path, content):
        return [(document.path, content)]
    return [(document.path, part) for part in split_json_log(content, FILE_BYTES_MAX)]


def _relative(place: Path, root: Path) -> str:
    # A name that is no Unicode cannot travel; its odd bytes are shown as they are written in Python.
    return place.relative_to(root).as_posix().encode(errors="backslashreplace").decode()


def read_batches(folder: Folder) -> Iterator[list[tuple[str, bytes]]]:
    """Read the documents in batches that fit into one call. What cannot be read is noted in `folder.unreadable`."""
    batch: list[tuple[str, bytes]] = []
    size = 0
    for document in folder.documents:
        try:
            files = read_document(document)
        except OSError as error:
            folder.unreadable[document.path] = error.strerror or str(error)
            continue
        except NotALog as error:
            folder.unreadable[document.path] = str(error)
            continue
        for path, content in files:
            if batch and (size + len(content) > BATCH_BYTES_MAX or len(batch) >= BATCH_FILES_MAX):
                yield batch
                batch, size = [], 0
            batch.append((path, content))
            size += len(content)
    if batch:
        yield batch
