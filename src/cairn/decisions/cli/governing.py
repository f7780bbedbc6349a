"""Where `cairn governs` and `cairn check` learn which decisions there are: a running Cairn, or a folder of records."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cairn.decisions.cli.folder import scan
from cairn.decisions.domain.governing import PathMatch
from cairn.decisions.domain.scopes import Component
from cairn.decisions.formats.front_matter import flatten, read_front_matter
from cairn.decisions.formats.gist import find_gist
from cairn.decisions.formats.globs import clean_path
from cairn.decisions.formats.governs import find_governing
from cairn.decisions.formats.model import ReadFile
from cairn.decisions.formats.reader import read_file
from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceServiceClientSync
from cairn.gen.cairn.decisions.v1.governance_pb import GovernsPathsRequest
from cairn.kernel.errors import InvalidArgument
from cairn.platform.client import CALL_TIMEOUT_MS, CommandFailed, Misused, calling, find_connection, status_label

COMPONENTS_FILES = ("components.yaml", "components.yml")
_BATCH = 2000
_COMPONENTS_BYTES_MAX = 60_000


@dataclass(slots=True)
class Rule:
    """A decision that governs something, as the command prints it. `record` is its file's path, empty when unknown."""

    ref: str
    log: str
    title: str
    status: str
    gist: str
    record: str
    matches: list[PathMatch]
    mentioned: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: paths relative to the repository's root, and components by name."""

    paths: Sequence[str]
    components: Sequence[str] = ()
    logs: Sequence[str] = ()
    all_statuses: bool = False


def ask_server(asked: Asked) -> tuple[list[Rule], list[str]]:
    """Ask a running Cairn. Returns the rules and the paths that none governs."""
    connection = find_connection()
    rules: dict[str, Rule] = {}
    free: list[str] = []
    with calling(), GovernanceServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        for start in range(0, max(1, len(asked.paths)), _BATCH):
            answer = client.governs_paths(
                GovernsPathsRequest(
                    paths=list(asked.paths[start : start + _BATCH]),
                    components=list(asked.components) if start == 0 else [],
                    log_slugs=list(asked.logs),
                    all_statuses=asked.all_statuses,
                ),
                headers=connection.headers,
            )
            free.extend(answer.free_paths)
            for found in answer.decisions:
                summary = found.decision
                if summary is None:
                    continue
                rule = rules.setdefault(
                    summary.id,
                    Rule(
                        ref=summary.ref,
                        log=summary.log_slug,
                        title=summary.title,
                        status=status_label(summary.status.name),
                        gist=found.gist,
                        record=found.source_path,
                        matches=[],
                    ),
                )
                rule.matches.extend(PathMatch(match.path, match.pattern, match.component) for match in found.matches)
    return list(rules.values()), free


def ask_folder(folder: Path, root: Path, asked: Asked, *, prefix: str) -> tuple[list[Rule], list[str]]:
    """Ask the records of a folder, without a server. Returns the rules and the paths that none governs."""
    if asked.logs:
        raise Misused("--log chooses among a server's logs; with --from there is one, the folder.")
    records = [read for read in read_records(folder) if asked.all_statuses or read.status == "accepted"]
    log = folder.name
    bound = [(read, log, read.scope) for read in records]
    components = {log: read_components(folder)}
    governed = find_governing(bound, components, paths=asked.paths, asked_components=asked.components)
    place = folder.resolve()
    shown = place.relative_to(root.resolve()).as_posix() if place.is_relative_to(root.resolve()) else folder.as_posix()
    rules = [
        Rule(
            ref=name_record(found.decision, prefix),
            log=log,
            title=found.decision.title,
            status=found.decision.status,
            gist=find_gist(found.decision.body),
            record=f"{shown}/{found.decision.path}" if shown != "." else found.decision.path,
            matches=list(found.matches),
        )
        for found in governed.decisions
    ]
    return rules, list(governed.free_paths)


def read_records(folder: Path) -> list[ReadFile]:
    """Read the records of a folder, those of a file that holds several included, by number and path."""
    found = scan(folder)
    if found.truncated:
        message = f"{folder} holds too many files. Name the folder of the records."
        raise CommandFailed(message)
    records: list[ReadFile] = []
    for document in found.documents:
        try:
            read = read_file(document.path, document.place.read_bytes())
        except OSError as error:
            message = f"{document.place} cannot be read: {error.strerror or error}"
            raise CommandFailed(message) from error
        if read.kind == "record":
            records.extend(read.parts or (read,))
    if not records:
        message = f"{folder} has no decision records."
        raise CommandFailed(message)
    return sorted(records, key=lambda read: (read.number is None, read.number or 0, read.path))


def read_components(folder: Path) -> list[Component]:
    """Read `components.yaml` in the folder of the records: names, each with its path patterns."""
    place = next((folder / name for name in COMPONENTS_FILES if (folder / name).is_file()), None)
    if place is None:
        return []
    text = place.read_text(encoding="utf-8", errors="replace")
    front = read_front_matter(f"---\n{text}\n---\n") if len(text) <= _COMPONENTS_BYTES_MAX else None
    if front is None or front.problem:
        told = front.problem if front else "it is empty, or larger than 60 kB"
        message = f"{place} cannot be read: {told}. Write lines like `billing: [src/billing/**]`."
        raise CommandFailed(message)
    return [Component(name, tuple(flatten(value))) for name, value in front.values.items()]


def name_record(read: ReadFile, prefix: str) -> str:
    """Return what people call a record."""
    return read.slug if read.number is None else f"{prefix}-{read.number:04d}"


def clean_paths(paths: Sequence[str]) -> list[str]:
    """Return paths relative to the repository's root. Raises `Misused` for one outside of it."""
    try:
        return [clean_path(path) for path in dict.fromkeys(paths)]
    except InvalidArgument as error:
        raise Misused(error.message) from error
