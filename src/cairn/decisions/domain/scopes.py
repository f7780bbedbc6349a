"""What a decision binds: paths, components and categories. Pure, like all of the domain."""

from dataclasses import dataclass

from cairn.kernel.errors import InvalidArgument

PATTERNS_MOST = 100
PATTERN_MOST = 200
NAME_MOST = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """What a decision governs.

    `paths` are patterns as in a `.gitignore`, in order; the last that matches a path holds, so `!` takes paths out.
    `components` name parts of the system whose paths are kept once for all decisions; `categories` sort decisions.
    """

    paths: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.paths or self.components or self.categories)


NO_SCOPE = Scope()


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the system: a name, and the patterns of the paths that belong to it."""

    name: str
    paths: tuple[str, ...]


def check_scope(scope: Scope) -> Scope:
    """Return the scope with its edges trimmed. Raises `InvalidArgument` that names the field and the limit."""
    return Scope(
        paths=check_patterns(scope.paths, field="applies_to"),
        components=check_names(scope.components, field="components"),
        categories=check_names(scope.categories, field="categories"),
    )


def holds_control(text: str) -> bool:
    """Whether a text holds a control character, which no pattern or name may."""
    return any(character < " " or "\x7f" <= character <= "\x9f" for character in text)


def check_patterns(patterns: tuple[str, ...], *, field: str) -> tuple[str, ...]:
    """Return path patterns, trimmed, each once, in order. Raises `InvalidArgument`."""
    kept = tuple(dict.fromkeys(text for pattern in patterns if (text := pattern.strip())))
    if len(kept) > PATTERNS_MOST:
        raise InvalidArgument(f"There are {len(kept)} path patterns; at most {PATTERNS_MOST} fit.", field=field)
    for pattern in kept:
        if len(pattern) > PATTERN_MOST or holds_control(pattern):
            message = (
                f"The pattern {pattern[:40]!r} is longer than {PATTERN_MOST} characters or holds a control character."
            )
            raise InvalidArgument(message, field=field)
    return kept


def check_names(names: tuple[str, ...], *, field: str) -> tuple[str, ...]:
    """Return names with single spaces, each once, in order. Raises `InvalidArgument`."""
    kept = tuple(dict.fromkeys(text for name in names if (text := " ".join(name.split()))))
    if len(kept) > PATTERNS_MOST:
        raise InvalidArgument(f"There are {len(kept)} {field}; at most {PATTERNS_MOST} fit.", field=field)
    for name in kept:
        if len(name) > NAME_MOST or holds_control(name):
            message = (
                f"{name[:40]!r} among the {field} is longer than {NAME_MOST} characters or holds a control character."
            )
            raise InvalidArgument(message, field=field)
    return kept
