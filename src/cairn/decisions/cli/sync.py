"""`cairn sync`: a folder of Markdown and a log, kept equal in both directions."""

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click
import msgspec
from connectrpc.code import Code
from connectrpc.errors import ConnectError

from cairn.decisions.cli.folder import Folder, FolderFile, scan
from cairn.decisions.cli.placing import place_of, write_file
from cairn.decisions.cli.transfer import import_folder
from cairn.decisions.domain.syncing import InLog, Move, Step, Synced, plan_sync
from cairn.decisions.formats.reader import read_file
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClientSync
from cairn.gen.cairn.decisions.v1.decisions_pb import DeleteDecisionRequest, ListLogsRequest, SourceFile
from cairn.gen.cairn.decisions.v1.exchange_connect import ExchangeServiceClientSync
from cairn.gen.cairn.decisions.v1.exchange_pb import ExportRequest, PushFileRequest
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    Misused,
    calling,
    find_connection,
    output,
    print_json,
)

STATE_FILE = ".cairn-sync.json"
STATE_BYTES_MAX = 50_000_000
# What the server says no to, as against what goes wrong.
_REFUSALS = frozenset(
    [Code.ABORTED, Code.FAILED_PRECONDITION, Code.INVALID_ARGUMENT, Code.ALREADY_EXISTS, Code.PERMISSION_DENIED]
)
_CHANGES_FOLDER = frozenset([Move.ADD_TO_FOLDER, Move.CHANGE_IN_FOLDER, Move.DELETE_FROM_FOLDER])
_DELETES = frozenset([Move.DELETE_FROM_LOG, Move.DELETE_FROM_FOLDER])


class _SyncedFile(msgspec.Struct):
    decision: str
    version: int
    sha256: str


class _State(msgspec.Struct):
    """What the folder and the log both had when they were last equal. It belongs into version control."""

    log: str
    files: dict[str, _SyncedFile] = {}
    format: int = 1


@dataclass(slots=True)
class _Sides:
    """Everything a sync compares. `contents` are the log's bytes, by the path used here."""

    base: dict[str, Synced]
    folder: dict[str, str]
    log: dict[str, InLog] = field(default_factory=dict[str, InLog])
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    passed_over: dict[str, str] = field(default_factory=dict[str, str])


@click.command("sync")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--log", "log_slug", default="", help="The log; remembered in the folder after the first time.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--delete", is_flag=True, help="Also delete what the other side deleted. Without it, that is only shown.")
@click.option("--take-file", multiple=True, help="Resolve a conflict: this path's file becomes the record.")
@click.option("--take-log", multiple=True, help="Resolve a conflict: this path's file becomes what the log has.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def sync(
    *,
    folder: Path,
    log_slug: str,
    dry_run: bool,
    delete: bool,
    take_file: tuple[str, ...],
    take_log: tuple[str, ...],
    as_json: bool,
) -> None:
    """Keep the Markdown files of FOLDER and a log equal.

    Each file is compared with its record and with what both had last time. What one side changed, the other takes.
    Where both changed, nothing is done and the path is shown, until --take-file or --take-log decides.

    \b
    Examples:
      cairn sync docs/decisions --log payments
      cairn sync docs/decisions --take-log 0012-use-kafka.md

    Exit code 0 when both are equal, 1 when conflicts, deletions or refusals are left.
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    folder.mkdir(parents=True, exist_ok=True)
    state = _read_state(folder, log_slug)
    connection = find_connection()
    with calling():
        sides = _look(connection, folder, state)
        steps = _decide(plan_sync(sides.base, sides.folder, sides.log), set(take_file), set(take_log), sides)
        left = [step for step in steps if step.move is Move.CONFLICT or (step.move in _DELETES and not delete)]
        refused: list[Step] = []
        if not dry_run:
            doing = [step for step in steps if step not in left]
            refused = _run(connection, folder, state, sides, doing)
    _report(steps, left, refused, sides, as_json=as_json, dry_run=dry_run)
    if left or refused:
        raise CommandFailed(f"{len(left) + len(refused)} paths are not equal yet.")


def _read_state(folder: Path, log_slug: str) -> _State:
    place = folder / STATE_FILE
    try:
        if place.stat().st_size > STATE_BYTES_MAX:
            message = f"{place} is larger than a sync's memory may be."
            raise CommandFailed(message)
        state = msgspec.json.decode(place.read_bytes(), type=_State)
    except FileNotFoundError:
        if not log_slug:
            raise Misused("Name the log with --log. It is remembered for the next time.") from None
        return _State(log=log_slug)
    except msgspec.MsgspecError as error:
        message = f"{place} cannot be read ({error}). Delete it to begin anew: differing files will then be conflicts."
        raise CommandFailed(message) from error
    if log_slug and log_slug != state.log:
        message = f"{folder} is in sync with the log {state.log!r}, not {log_slug!r}."
        raise CommandFailed(message)
    return state


def _write_state(folder: Path, state: _State) -> None:
    state.files = dict(sorted(state.files.items()))
    written = msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n"
    kept = folder / f"{STATE_FILE}.new"
    kept.write_bytes(written)
    os.replace(kept, folder / STATE_FILE)  # noqa: PTH105 - `Path.replace` is the same; this one says it is atomic.


def _look(connection: Connection, folder: Path, state: _State) -> _Sides:
    base = {path: Synced(f.decision, f.version, f.sha256) for path, f in state.files.items()}
    sides = _Sides(base, {})
    found = scan(folder)
    if found.truncated:
        message = f"{folder} holds too many files. Name the folder of the records."
        raise CommandFailed(message)
    for document in found.documents:
        if document.path in {STATE_FILE, f"{STATE_FILE}.new"}:
            continue
        content = document.place.read_bytes()
        read = read_file(document.path, content)
        if document.path in base or (read.kind == "record" and not read.parts):
            sides.folder[document.path] = _digest(content)
        else:
            sides.passed_over[document.path] = read.message or "it holds several records"
    _look_at_log(connection, state, sides)
    return sides


def _look_at_log(connection: Connection, state: _State, sides: _Sides) -> None:
    known = {synced.decision_id: path for path, synced in sides.base.items()}
    with DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as logs:
        slugs = {log.slug for log in logs.list_logs(ListLogsRequest(), headers=connection.headers).logs}
    if state.log not in slugs:
        return
    with ExchangeServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        path = ""
        for answer in client.export(ExportRequest(log_slug=state.log), headers=connection.headers):
            if answer.file is None:
                continue
            if answer.append:
                sides.contents[path] += answer.file.content
            else:
                path = known.get(answer.decision_id, answer.file.path)
                sides.contents[path] = answer.file.content
            content = sides.contents[path]
            sides.log[path] = InLog(answer.decision_id, answer.version, _digest(content))


def _decide(steps: list[Step], take_file: set[str], take_log: set[str], sides: _Sides) -> list[Step]:
    """Turn the conflicts that a person decided into steps."""
    conflicts = {step.path for step in steps if step.move is Move.CONFLICT}
    unknown = (take_file | take_log) - conflicts
    if unknown:
        message = f"{', '.join(sorted(unknown))} is no conflict."
        raise Misused(message)
    if both := take_file & take_log:
        message = f"{', '.join(sorted(both))} cannot be taken from both sides."
        raise Misused(message)
    decided: list[Step] = []
    for step in steps:
        if step.path in take_file:
            there, here = step.path in sides.log, step.path in sides.folder
            moves = {(True, True): Move.CHANGE_IN_LOG, (True, False): Move.DELETE_FROM_LOG}
            decided.append(Step(moves.get((there, here), Move.ADD_TO_LOG), step.path))
        elif step.path in take_log:
            there = step.path in sides.log
            decided.append(Step(Move.CHANGE_IN_FOLDER if there else Move.DELETE_FROM_FOLDER, step.path))
        else:
            decided.append(step)
    return decided


def _run(connection: Connection, folder: Path, state: _State, sides: _Sides, steps: list[Step]) -> list[Step]:
    """Do the steps; what is done is remembered even when a later one fails. Returns those the server refused."""
    refused: list[Step] = []
    try:
        _add_to_log(connection, folder, state, [step for step in steps if step.move is Move.ADD_TO_LOG])
        for step in steps:
            if step.move in _CHANGES_FOLDER:
                _change_folder(folder, state, sides, step)
            elif step.move is Move.REMEMBER:
                record = sides.log[step.path]
                state.files[step.path] = _SyncedFile(record.decision_id, record.version, record.digest)
            elif step.move is Move.FORGET:
                del state.files[step.path]
            elif step.move is not Move.ADD_TO_LOG:
                problem = _change_log(connection, folder, state, sides, step)
                if problem:
                    refused.append(Step(step.move, step.path, problem))
    finally:
        _write_state(folder, state)
    return refused


def _change_folder(folder: Path, state: _State, sides: _Sides, step: Step) -> None:
    place = place_of(folder, step.path)
    now = _digest(place.read_bytes()) if place.is_file() else None
    if now != sides.folder.get(step.path):
        message = f"{step.path} changed while the sync ran. Run it again."
        raise CommandFailed(message)
    if step.move is Move.DELETE_FROM_FOLDER:
        place.unlink(missing_ok=True)
        state.files.pop(step.path, None)
        return
    write_file(folder, step.path, sides.contents[step.path])
    record = sides.log[step.path]
    state.files[step.path] = _SyncedFile(record.decision_id, record.version, record.digest)


def _change_log(connection: Connection, folder: Path, state: _State, sides: _Sides, step: Step) -> str:
    """Change the log for one step; returns why not when the server refuses."""
    record = sides.log[step.old_path or step.path]
    try:
        if step.move is Move.DELETE_FROM_LOG:
            with DecisionsServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
                client.delete_decision(DeleteDecisionRequest(id=record.decision_id), headers=connection.headers)
            state.files.pop(step.path, None)
            return ""
        content = place_of(folder, step.path).read_bytes()
        request = PushFileRequest(
            decision_id=record.decision_id,
            expected_version=record.version,
            file=SourceFile(path=step.path, content=content),
        )
        with ExchangeServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
            answer = client.push_file(request, headers=connection.headers)
    except ConnectError as error:
        if error.code not in _REFUSALS:
            raise
        return error.message or str(error.code)
    state.files.pop(step.old_path, None)
    if answer.file is not None and answer.file.content == content:
        state.files[step.path] = _SyncedFile(record.decision_id, answer.version, _digest(content))
    return ""


def _add_to_log(connection: Connection, folder: Path, state: _State, steps: list[Step]) -> None:
    if not steps:
        return
    found = Folder(documents=[FolderFile(step.path, place_of(folder, step.path)) for step in steps])
    run = import_folder(connection, folder, found, log_slug=state.log, source=str(folder.resolve()))
    added = {report.path: report.decision_id for report in run.records}
    for step in steps:
        if step.path in added:
            digest = _digest(place_of(folder, step.path).read_bytes())
            state.files[step.path] = _SyncedFile(added[step.path], 1, digest)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _report(
    steps: list[Step], left: list[Step], refused: list[Step], sides: _Sides, *, as_json: bool, dry_run: bool
) -> None:
    shown = [step for step in steps if step.move not in {Move.REMEMBER, Move.FORGET}]
    reasons = {step.path: step.reason for step in refused}
    if as_json:
        entries = [
            {
                "path": step.path,
                "move": step.move.value,
                "reason": reasons.get(step.path, step.reason),
                "old_path": step.old_path,
                "done": not dry_run and step not in left and step.path not in reasons,
            }
            for step in shown
        ]
        print_json({"steps": entries, "passed_over": sides.passed_over})
        return
    console = output()
    for step in shown:
        mark = (
            "conflict"
            if step.move is Move.CONFLICT
            else "left"
            if step in left
            else "refused"
            if step.path in reasons
            else ""
        )
        moved = f" (was {step.old_path})" if step.old_path else ""
        told = reasons.get(step.path) or step.reason
        if step in left and step.move in _DELETES:
            told = "the other side deleted it; --delete does so here too"
        line = f"{mark or step.move.value}: {step.path}{moved}" + (f": {told}" if told else "")
        console.print(line, markup=False, soft_wrap=True)
    if any(step.move is Move.CONFLICT for step in left):
        console.print("Decide with --take-file PATH or --take-log PATH. Both texts are as they were.")
    counts = Counter(step.move for step in shown if step not in left and step.path not in reasons)
    told = ", ".join(f"{count} {move.value}" for move, count in counts.items()) or "nothing to do"
    console.print(f"{'Would do' if dry_run else 'Done'}: {told}." if counts else "Both are equal." if not left else "")
