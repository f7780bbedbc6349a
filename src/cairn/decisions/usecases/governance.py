"""Which decisions govern a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, Log, LogNotFound, Status
from cairn.decisions.domain.governing import Governed, Governing
from cairn.decisions.domain.scopes import Component, check_names, check_patterns
from cairn.decisions.formats.gist import find_gist
from cairn.decisions.formats.globs import check_glob, clean_path
from cairn.decisions.formats.governs import find_governing
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.governance import ScopeStore
from cairn.decisions.usecases.records import read_version
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.phrases import Phrase

PATHS_MOST = 2000
COMPONENTS_MOST = 1000


@dataclass(frozen=True, slots=True)
class GoverningDecision:
    """A decision that governs, why, and what it says in a few words."""

    governing: Governing[DecisionSummary]
    gist: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The decisions that govern what was asked about, by log and number, and the paths that none governs."""

    decisions: list[GoverningDecision]
    free_paths: tuple[str, ...]


async def find_governing_decisions(
    store: DecisionStore,
    scopes: ScopeStore,
    *,
    paths: Sequence[str],
    components: Sequence[str],
    log_slugs: Sequence[str],
    all_statuses: bool,
) -> Answer:
    """Find the decisions that govern paths or components; those in force only, unless `all_statuses`."""
    if len(paths) > PATHS_MOST or len(components) > COMPONENTS_MOST:
        raise InvalidArgument(
            Phrase("paths_many", "Ask about at most {most} paths at a time.", most=PATHS_MOST), field="paths"
        )
    logs = await choose_logs(store, log_slugs)
    statuses = tuple(Status) if all_statuses else (Status.ACCEPTED,)
    governed = await _find_governed(scopes, logs, statuses, paths=paths, components=components)
    found: list[GoverningDecision] = []
    for governing in governed.decisions:
        version = await read_version(store, governing.decision.id, governing.decision.version)
        found.append(GoverningDecision(governing, find_gist(version.content.body)))
    return Answer(found, governed.free_paths)


async def find_governing_ids(
    store: DecisionStore, scopes: ScopeStore, *, paths: Sequence[str], components: Sequence[str]
) -> list[UUID]:
    """Return the decisions of any status that govern paths or components."""
    governed = await _find_governed(scopes, await store.list_logs(), tuple(Status), paths=paths, components=components)
    return [governing.decision.id for governing in governed.decisions]


async def _find_governed(
    scopes: ScopeStore,
    logs: Sequence[Log],
    statuses: tuple[Status, ...],
    *,
    paths: Sequence[str],
    components: Sequence[str],
) -> Governed[DecisionSummary]:
    bound = await scopes.list_bound([log.id for log in logs], statuses)
    return find_governing(
        [(summary, summary.log_slug, scope) for summary, scope in bound],
        {log.slug: await scopes.list_components(log.id) for log in logs},
        paths=[clean_path(path) for path in paths],
        asked_components=components,
    )


async def choose_logs(store: DecisionStore, slugs: Sequence[str]) -> list[Log]:
    """Return logs by their slugs; all without any. Raises `LogNotFound`."""
    logs = await store.list_logs()
    known = {log.slug: log for log in logs}
    for slug in slugs:
        if slug not in known:
            raise LogNotFound(slug)
    return [known[slug] for slug in dict.fromkeys(slugs)] if slugs else logs


async def list_components(store: DecisionStore, scopes: ScopeStore, *, log_id: UUID) -> list[tuple[Component, int]]:
    """Return a log's components by name, each with the number of living decisions that name it."""
    await require_log(store, log_id)
    counts = await scopes.count_components(log_id)
    return [(component, counts.get(component.name, 0)) for component in await scopes.list_components(log_id)]


async def save_component(
    store: DecisionStore, scopes: ScopeStore, *, log_id: UUID, component: Component
) -> tuple[Component, int]:
    """Add a component to a log, or give it other paths."""
    await require_log(store, log_id)
    names = check_names((component.name,), field="name")
    paths = check_patterns(component.paths, field="paths")
    if not names or not paths:
        message = Phrase(
            "component_form", "A component needs a name and at least one path, for example billing and src/billing/**."
        )
        raise InvalidArgument(message, field="paths" if names else "name")
    for pattern in paths:
        check_glob(pattern, field="paths")
    kept = await scopes.list_components(log_id)
    if len(kept) >= COMPONENTS_MOST and names[0] not in {other.name for other in kept}:
        raise InvalidArgument(
            Phrase("components_many", "A log has at most {most} components.", most=COMPONENTS_MOST), field="name"
        )
    saved = Component(names[0], paths)
    await scopes.put_component(log_id, saved)
    return saved, (await scopes.count_components(log_id)).get(saved.name, 0)


async def delete_component(store: DecisionStore, scopes: ScopeStore, *, log_id: UUID, name: str) -> None:
    """Remove a component. Raises `NotFound`."""
    await require_log(store, log_id)
    if not await scopes.delete_component(log_id, name):
        raise NotFound(
            Phrase("no_component", "There is no component '{name}' in this log.", name=name[:60]), field="name"
        )


async def require_log(store: DecisionStore, log_id: UUID) -> Log:
    """Return a log. Raises `LogNotFound`."""
    log = await store.get_log(log_id)
    if log is None:
        raise LogNotFound(str(log_id))
    return log
