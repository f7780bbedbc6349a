"""Which decisions govern a path of the code, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from cairn.decisions.domain.scopes import Scope

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class PathMatch:
    """Why a decision governs a path: the pattern, and the component whose it is, empty when the decision's own.

    `path` is empty when the component itself was asked about.
    """

    path: str
    pattern: str
    component: str = ""


@dataclass(frozen=True, slots=True)
class Governing(Generic[Key]):
    """A decision, as the caller knows it, and everything asked about that it governs."""

    decision: Key
    matches: tuple[PathMatch, ...]


@dataclass(frozen=True, slots=True)
class Governed(Generic[Key]):
    """The answer to a question about paths: the decisions in the order given, and the paths that none governs."""

    decisions: tuple[Governing[Key], ...]
    free_paths: tuple[str, ...]


def join_matches(
    bound: Iterable[tuple[Key, str, Scope]],
    own: Mapping[str, Mapping[int, str]],
    by_component: Mapping[str, Mapping[tuple[str, str], str]],
    asked_components: Iterable[str],
) -> Governed[Key]:
    """Join what matched into the decisions that govern.

    `bound` gives decisions with their log's slug and scope. `own` gives for each path the positions in `bound` whose
    own patterns take it in, with the pattern; `by_component` for each path the components, as (log slug, folded
    name). `asked_components` are asked about by name.
    """
    decisions = list(bound)
    asked = {name.casefold() for name in asked_components}
    matches: dict[int, dict[str, PathMatch]] = defaultdict(dict)
    naming: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for at, (_, log_slug, scope) in enumerate(decisions):
        for name in scope.components:
            naming[log_slug, name.casefold()].append((at, name))
            if name.casefold() in asked:
                matches[at].setdefault("", PathMatch("", name, name))
    free: list[str] = []
    for path, positions in own.items():
        for at, pattern in positions.items():
            matches[at][path] = PathMatch(path, pattern)
        users = [(at, name, pattern) for key, pattern in by_component[path].items() for at, name in naming[key]]
        for at, name, pattern in users:
            matches[at].setdefault(path, PathMatch(path, pattern, name))
        if not positions and not users:
            free.append(path)
    found = tuple(Governing(decisions[at][0], tuple(matches[at].values())) for at in sorted(matches))
    return Governed(found, tuple(free))
