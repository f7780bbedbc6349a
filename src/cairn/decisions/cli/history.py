"""`cairn import --history`: the commits of a repository's records, read with git and sent oldest first."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from protobuf.wkt import Timestamp

from cairn.decisions.cli.folder import BATCH_BYTES_MAX, FILE_BYTES_MAX
from cairn.decisions.cli.git import find_root, run_git
from cairn.decisions.formats.sift import suffix_problem
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import FinishImportRequest, Import, StartImportRequest
from cairn.gen.cairn.decisions.v1.exchange_connect import ExchangeServiceClientSync
from cairn.gen.cairn.decisions.v1.exchange_pb import (
    HistoricCommit,
    HistoricFile,
    ImportHistoryRequest,
    ImportHistoryResponse,
)
from cairn.platform.client import CALL_TIMEOUT_MS, CommandFailed, Connection, NothingFound, calling

COMMITS_MAX = 100_000
BATCH_COMMITS_MAX = 100
_BLOBS_AT_ONCE = 500
_FIELDS = 4


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of one commit: its path in the folder, the blob that holds its text, and where it was before."""

    path: str
    blob: str
    old_path: str = ""
    deleted: bool = False


@dataclass(slots=True)
class Commit:
    """One commit that changed files of the folder."""

    id: str
    author: str
    at: datetime
    subject: str
    changes: list[FileChange] = field(default_factory=list[FileChange])


@dataclass(slots=True)
class HistoryRun:
    """The result of reading a history."""

    import_: Import
    commits: int = 0
    totals: ImportHistoryResponse = field(default_factory=ImportHistoryResponse)
    seconds: float = 0.0


def import_history(
    connection: Connection,
    folder: Path,
    *,
    log_slug: str = "",
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> HistoryRun:
    """Read every commit of the records below `folder` into a log. `advance` hears commits done and in all."""
    started = time.perf_counter()
    root = find_root(folder)
    if root is None:
        message = f"{folder} is in no git repository, so it has no history."
        raise CommandFailed(message)
    commits = read_commits(root, folder.resolve().relative_to(root.resolve()).as_posix())
    if not commits:
        message = f"No commit of {root} changed a document in {folder}."
        raise NothingFound(message)
    with calling(), DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = StartImportRequest(log_slug=log_slug, source=str(folder.resolve()))
        opened = client.start_import(request, headers=connection.headers).import_
        if opened is None:
            raise CommandFailed("The server opened no import.")
        run = HistoryRun(opened, len(commits))
        done = 0
        with ExchangeServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as exchange:
            for batch in _batches(root, commits):
                answer = exchange.import_history(
                    ImportHistoryRequest(import_id=opened.id, commits=batch), headers=connection.headers
                )
                for name in ("versions", "created", "renamed", "deleted", "passed_over"):
                    setattr(run.totals, name, getattr(run.totals, name) + getattr(answer, name))
                done += len(batch)
                advance(done, len(commits))
        finish = FinishImportRequest(import_id=opened.id)
        run.import_ = client.finish_import(finish, headers=connection.headers).import_ or opened
    run.seconds = time.perf_counter() - started
    return run


def read_commits(root: Path, folder: str) -> list[Commit]:
    """Return the commits that changed documents below `folder` (`.` for all), oldest first, renames followed.

    What a merge decided by hand shows in no single commit; the last entry then brings every file to what HEAD has.
    """
    output = run_git(
        root,
        [
            "log", "--reverse", "--topo-order", "--no-merges", f"--max-count={COMMITS_MAX}", "--raw", "-z",
            "--no-abbrev", "-M", "--format=%x01%H%x00%aN%x00%aI%x00%s", "--", folder,
        ],
    )  # fmt: skip
    prefix = "" if folder == "." else f"{folder}/"
    commits = [commit for commit in _parse(output, prefix) if commit.changes]
    last = _reconcile(root, folder, prefix, commits)
    return [*commits, last] if last else commits


def _parse(output: bytes, prefix: str) -> Iterator[Commit]:
    tokens = iter([token.decode(errors="replace") for token in output.split(b"\0")])
    commit: Commit | None = None
    for raw in tokens:
        token = raw.lstrip("\n")
        if token.startswith("\x01"):
            if commit is not None:
                yield commit
            author, at, subject = next(tokens), next(tokens), next(tokens)
            commit = Commit(token[1:], author, _read_time(at), subject)
        elif token.startswith(":") and commit is not None:
            parts = token.split(" ")
            change = _read_change(parts[3], parts[4], tokens, prefix)
            if change is not None:
                commit.changes.append(change)
    if commit is not None:
        yield commit


def _read_time(text: str) -> datetime:
    """Read an author's date; a commit may carry one that no calendar has."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _read_change(blob: str, status: str, tokens: Iterator[str], prefix: str) -> FileChange | None:
    first = next(tokens)
    path = next(tokens) if status[0] in "RC" else first
    if not path.startswith(prefix) or suffix_problem(path):
        return None
    old_path = first[len(prefix) :] if status[0] == "R" and first.startswith(prefix) else ""
    return FileChange(path[len(prefix) :], blob, old_path, deleted=status[0] == "D")


def _reconcile(root: Path, folder: str, prefix: str, commits: Sequence[Commit]) -> Commit | None:
    have: dict[str, str] = {}
    for commit in commits:
        for change in commit.changes:
            have.pop(change.old_path, None)
            if change.deleted:
                have.pop(change.path, None)
            else:
                have[change.path] = change.blob
    want: dict[str, str] = {}
    for entry in run_git(root, ["ls-tree", "-r", "-z", "HEAD", "--", folder]).split(b"\0"):
        about, _, name = entry.decode(errors="replace").partition("\t")
        if name.startswith(prefix) and not suffix_problem(name) and " blob " in about:
            want[name[len(prefix) :]] = about.split(" ")[2]
    changes = [FileChange(path, blob) for path, blob in want.items() if have.get(path) != blob]
    changes += [FileChange(path, "", deleted=True) for path in have if path not in want]
    if not changes:
        return None
    told = (
        run_git(root, ["log", "-1", "--format=%H%x00%aN%x00%aI", "HEAD"]).decode(errors="replace").strip().split("\0")
    )
    return Commit(told[0], told[1], _read_time(told[2]), "As merged", changes)


def _batches(root: Path, commits: Sequence[Commit]) -> Iterator[list[HistoricCommit]]:
    batch: list[HistoricCommit] = []
    size = 0
    for start in range(0, len(commits), BATCH_COMMITS_MAX):
        part = commits[start : start + BATCH_COMMITS_MAX]
        blobs = read_blobs(root, [c.blob for commit in part for c in commit.changes if not c.deleted])
        for commit in part:
            made = _to_message(commit, blobs)
            weight = sum(len(file.content) for file in made.files)
            if batch and (size + weight > BATCH_BYTES_MAX or len(batch) >= BATCH_COMMITS_MAX):
                yield batch
                batch, size = [], 0
            batch.append(made)
            size += weight
    if batch:
        yield batch


def _to_message(commit: Commit, blobs: dict[str, bytes]) -> HistoricCommit:
    files: list[HistoricFile] = []
    size = 0
    for change in commit.changes:
        content = b"" if change.deleted else blobs.get(change.blob)
        if content is None or size + len(content) > BATCH_BYTES_MAX:
            continue
        size += len(content)
        files.append(HistoricFile(path=change.path, old_path=change.old_path, content=content, deleted=change.deleted))
    return HistoricCommit(
        id=commit.id,
        author_name=commit.author,
        authored_at=Timestamp.from_datetime(commit.at),
        subject=commit.subject,
        files=files,
    )


def read_blobs(root: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of blobs by their names, without those larger than a record may be."""
    found: dict[str, bytes] = {}
    distinct = list(dict.fromkeys(names))
    for start in range(0, len(distinct), _BLOBS_AT_ONCE):
        asked = "".join(f"{name}\n" for name in distinct[start : start + _BLOBS_AT_ONCE]).encode()
        small: list[str] = []
        for line in run_git(root, ["cat-file", "--batch-check"], stdin=asked).decode().splitlines():
            parts = line.split(" ")
            if parts[1:2] == ["blob"] and int(parts[2]) <= FILE_BYTES_MAX:
                small.append(parts[0])
        output = run_git(root, ["cat-file", "--batch"], stdin="".join(f"{name}\n" for name in small).encode())
        at = 0
        for _ in small:
            end = output.index(b"\n", at)
            name, _kind, size = output[at:end].decode().split(" ")
            found[name] = output[end + 1 : end + 1 + int(size)]
            at = end + 1 + int(size) + 1
    return found
