"""Keeping a folder and a log equal: three texts are compared, the folder's, the log's, and the last that both had."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Move(StrEnum):
    """What makes one file and its record equal again."""

    ADD_TO_LOG = "add to log"
    CHANGE_IN_LOG = "change in log"
    RENAME_IN_LOG = "rename in log"
    DELETE_FROM_LOG = "delete from log"
    ADD_TO_FOLDER = "add to folder"
    CHANGE_IN_FOLDER = "change in folder"
    DELETE_FROM_FOLDER = "delete from folder"
    # Both are equal already, and only what is remembered of them is not.
    REMEMBER = "remember"
    FORGET = "forget"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Synced:
    """What both sides had when they were last equal."""

    decision_id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class InLog:
    """What the log has for a path now."""

    decision_id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Step:
    """One move for one path. `reason` tells a conflict; `old_path` is where a renamed file was."""

    move: Move
    path: str
    reason: str = ""
    old_path: str = ""


def plan_sync(base: Mapping[str, Synced], folder: Mapping[str, str], log: Mapping[str, InLog]) -> list[Step]:
    """Return the steps, by path. `folder` gives each file's digest; `log` each record under the path that `base` has.

    A side that did not change since `base` takes what the other has. Where both changed, and not to the same text,
    the step is a conflict, and nothing is done about that path.
    """
    renamed = _find_renamed(base, folder, log)
    taken = {old for old, _ in renamed} | {new for _, new in renamed}
    steps = [Step(Move.RENAME_IN_LOG, new, old_path=old) for old, new in renamed]
    steps.extend(
        step
        for path in sorted({*base, *folder, *log} - taken)
        if (step := _compare(path, base.get(path), folder.get(path), log.get(path))) is not None
    )
    return sorted(steps, key=lambda step: step.path)


def _find_renamed(
    base: Mapping[str, Synced], folder: Mapping[str, str], log: Mapping[str, InLog]
) -> list[tuple[str, str]]:
    """Files that went from one path and came at another, unchanged, while the log left them alone."""
    gone: dict[str, list[str]] = {}
    for path, synced in base.items():
        if path not in folder and path in log and log[path].digest == synced.digest:
            gone.setdefault(synced.digest, []).append(path)
    come: dict[str, list[str]] = {}
    for path, digest in folder.items():
        if path not in base and path not in log:
            come.setdefault(digest, []).append(path)
    # Two files with one text could have gone either way, so they are taken for deleted and added.
    return [(old[0], come[digest][0]) for digest, old in gone.items() if len(old) == len(come.get(digest, ())) == 1]


def _compare(path: str, base: Synced | None, file: str | None, record: InLog | None) -> Step | None:
    if record is not None and file == record.digest:
        same = base is not None and (base.decision_id, base.digest, base.version) == (
            record.decision_id,
            record.digest,
            record.version,
        )
        return None if same else Step(Move.REMEMBER, path)
    if base is None:
        return _compare_new(path, file, record)
    file_changed = file != base.digest
    record_changed = record is None or record.digest != base.digest or record.decision_id != base.decision_id
    if file is None and record is None:
        return Step(Move.FORGET, path)
    if file_changed and record_changed:
        file_did = "was deleted" if file is None else "was changed"
        record_did = "was deleted" if record is None else "was changed"
        return Step(Move.CONFLICT, path, f"the file {file_did} and the record {record_did} since the last sync")
    if record_changed:
        return Step(Move.DELETE_FROM_FOLDER if record is None else Move.CHANGE_IN_FOLDER, path)
    return Step(Move.DELETE_FROM_LOG if file is None else Move.CHANGE_IN_LOG, path)


def _compare_new(path: str, file: str | None, record: InLog | None) -> Step:
    if record is None:
        return Step(Move.ADD_TO_LOG, path)
    if file is None:
        return Step(Move.ADD_TO_FOLDER, path)
    return Step(Move.CONFLICT, path, "the file and the record differ and were never equal")


def list_conflicts(steps: list[Step]) -> Iterator[Step]:
    """Return the steps that a person must decide."""
    return (step for step in steps if step.move is Move.CONFLICT)
