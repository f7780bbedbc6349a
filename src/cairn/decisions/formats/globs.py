"""Path patterns with the meaning they have in a `.gitignore`, matched in linear time.

pathspec gives the meaning, RE2 the matching: a pattern comes from a person, and with a backtracking engine
`*a*a*a*a*b` would stop a server. Of several patterns that match a path the last one holds.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

import re2
from pathspec.patterns.gitignore.base import GitIgnorePatternError
from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase

PATH_MOST = 4096
# RE2 gives up on a set whose automaton outgrows its memory, so sets are small and their memory is ample.
_SET_SIZE = 256
_MEMORY_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pattern stands: its group, its position there, and whether it takes paths in or out."""

    group: int
    position: int
    takes_in: bool


class GlobIndex:
    """Groups of patterns, asked together which of them a path belongs to."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        """Compile the groups. Raises `InvalidArgument` for a pattern that means nothing."""
        self._groups = groups
        places: dict[str, list[_Place]] = {}
        for group, patterns in enumerate(groups):
            for position, pattern in enumerate(patterns):
                regex, takes_in = _translate(pattern)
                if regex is not None:
                    places.setdefault(regex, []).append(_Place(group, position, takes_in))
        regexes = list(places)
        self._places = [places[regex] for regex in regexes]
        self._sets = [_compile(regexes[at : at + _SET_SIZE]) for at in range(0, len(regexes), _SET_SIZE)]

    def match(self, path: str) -> dict[int, str]:
        """Return the groups that a path belongs to, each with the pattern that decided."""
        last: dict[int, _Place] = {}
        for at, compiled in enumerate(self._sets):
            for index in compiled.Match(path) or ():
                for place in self._places[at * _SET_SIZE + index]:
                    if place.group not in last or last[place.group].position < place.position:
                        last[place.group] = place
        return {group: self._groups[group][place.position] for group, place in sorted(last.items()) if place.takes_in}


def check_glob(pattern: str, *, field: str) -> None:
    """Raise `InvalidArgument` when a pattern cannot be used."""
    try:
        GlobIndex([[pattern]])
    except InvalidArgument as error:
        raise InvalidArgument(error.message, field=field) from error


def clean_path(path: str) -> str:
    """Return a path relative to the repository, with forward slashes. Raises `InvalidArgument` when it leaves it."""
    plain = posixpath.normpath(path.replace("\\", "/").strip())
    if (
        len(plain) > PATH_MOST
        or "\x00" in plain
        or plain in {"", "."}
        or plain.startswith(("/", "../"))
        or plain == ".."
    ):
        message = Phrase(
            "path_form", "'{path}' is no path inside a repository. Write it like src/billing/charge.py.", path=path[:80]
        )
        raise InvalidArgument(message, field="paths")
    return plain


def _translate(pattern: str) -> tuple[str | None, bool]:
    try:
        regex, takes_in = GitIgnoreBasicPattern.pattern_to_regex(pattern)
    except GitIgnorePatternError as error:
        message = Phrase(
            "pattern_form",
            "'{pattern}' is no path pattern. Write it as in a .gitignore, like src/billing/** or *.sql.",
            pattern=pattern[:80],
        )
        raise InvalidArgument(message, field="applies_to") from error
    return regex, bool(takes_in)


def _compile(regexes: Sequence[str]) -> "re2.Set":
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY_BYTES
    compiled = re2.Set.SearchSet(options)
    for regex in regexes:
        try:
            compiled.Add(regex)
        except re2.error as error:
            message = Phrase(
                "pattern_unusable",
                "A path pattern cannot be used ({problem}). Write it as in a .gitignore, like src/billing/**.",
                problem=error,
            )
            raise InvalidArgument(message, field="applies_to") from error
    compiled.Compile()
    return compiled
