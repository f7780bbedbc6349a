"""Asking many decisions at once which of them govern some paths."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from cairn.decisions.domain.governing import Governed, join_matches
from cairn.decisions.domain.scopes import Component, Scope
from cairn.decisions.formats.globs import GlobIndex

Key = TypeVar("Key")


def find_governing(
    bound: Sequence[tuple[Key, str, Scope]],
    components: Mapping[str, Sequence[Component]],
    *,
    paths: Sequence[str],
    asked_components: Sequence[str] = (),
) -> Governed[Key]:
    """Find the decisions that govern clean paths, or components by name.

    `bound` gives decisions with their log's slug and scope; `components` those of each log by its slug.
    """
    named = [(slug, component) for slug, kept in components.items() for component in kept]
    own = GlobIndex([scope.paths for _, _, scope in bound])
    shared = GlobIndex([component.paths for _, component in named])
    matched = {path: own.match(path) for path in dict.fromkeys(paths)}
    by_component = {
        path: {(named[at][0], named[at][1].name.casefold()): pattern for at, pattern in shared.match(path).items()}
        for path in matched
    }
    return join_matches(bound, matched, by_component, asked_components)
