"""`applies-to`, `components` and `categories` in front matter: what a record governs.

applies-to: [src/billing/**, "!src/billing/tests/"]     or     applies-to: {paths: [...], components: [...]}
components: [billing]
"""

from dataclasses import dataclass

from cairn.decisions.domain.scopes import NAME_MOST, PATTERN_MOST, PATTERNS_MOST, Scope, holds_control
from cairn.decisions.formats.front_matter import FrontMatter, Value, flatten
from cairn.decisions.formats.globs import check_glob
from cairn.decisions.formats.model import FieldReport
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase

PATHS_KEY = "applies-to"
COMPONENTS_KEY = "components"
CATEGORIES_KEY = "categories"
_PATH_KEYS = frozenset([PATHS_KEY, "applies_to", "appliesto", "applies to", "governs"])
_COMPONENT_KEYS = frozenset([COMPONENTS_KEY, "component"])
SCOPE_KEYS = _PATH_KEYS | _COMPONENT_KEYS


@dataclass(frozen=True, slots=True)
class ReadScope:
    """The scope a file states, and what is to be said about it."""

    scope: Scope
    reports: tuple[FieldReport, ...] = ()


def read_scope(front: FrontMatter | None, *, with_categories: bool = False) -> ReadScope:
    """Read the scope of a record. `with_categories` is for files that Cairn wrote; elsewhere they are read as tags."""
    if front is None:
        return ReadScope(Scope())
    reports: list[FieldReport] = []
    paths: list[str] = []
    components: list[str] = []
    categories: list[str] = []
    for key, value in front.values.items():
        name = key.strip().lower()
        line = front.lines.get(key, 0)
        if name in _PATH_KEYS:
            parts = value if isinstance(value, dict) else {"paths": value}
            paths += _paths(parts.get("paths", []), line, reports)
            components += _names(parts.get("components", []), COMPONENTS_KEY, line, reports)
        elif name in _COMPONENT_KEYS:
            components += _names(value, COMPONENTS_KEY, line, reports)
        elif with_categories and name == CATEGORIES_KEY:
            categories += _names(value, CATEGORIES_KEY, line, reports)
    scope = Scope(_once(paths), _once(components), _once(categories))
    return ReadScope(scope, tuple(reports))


def write_scope(scope: Scope) -> dict[str, object]:
    """Return the front matter that `read_scope` reads back."""
    written = {PATHS_KEY: scope.paths, COMPONENTS_KEY: scope.components, CATEGORIES_KEY: scope.categories}
    return {key: list(values) for key, values in written.items() if values}


def _paths(value: Value, line: int, reports: list[FieldReport]) -> list[str]:
    # Written as one string, patterns stand between commas.
    found = [part.strip() for part in value.split(",")] if isinstance(value, str) else flatten(value)
    if isinstance(value, list) and any(item == "" for item in value):
        told = Phrase("pattern_quotes", "a pattern that begins with ! or * needs quotes")
        reports.append(FieldReport(PATHS_KEY, "ignored", "", told, line))
    kept: list[str] = []
    for pattern in found:
        too_long = Phrase("pattern_long", "longer than a pattern may be")
        problem = too_long if len(pattern) > PATTERN_MOST or holds_control(pattern) else ""
        try:
            check_glob(pattern, field=PATHS_KEY)
        except InvalidArgument as error:
            problem = error.message
        if problem:
            reports.append(FieldReport(PATHS_KEY, "ignored", pattern[:PATTERN_MOST], problem, line))
        elif pattern:
            kept.append(pattern)
    if kept:
        reports.append(FieldReport(PATHS_KEY, "read", ", ".join(kept)[:PATTERN_MOST], "", line))
    return kept


def _names(value: Value, key: str, line: int, reports: list[FieldReport]) -> list[str]:
    found = [part.strip() for part in value.split(",")] if isinstance(value, str) else flatten(value)
    kept = [" ".join(name.split()) for name in found if name and len(name) <= NAME_MOST and not holds_control(name)]
    if kept:
        reports.append(FieldReport(key, "read", ", ".join(kept)[:PATTERN_MOST], "", line))
    return kept


def _once(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:PATTERNS_MOST]
