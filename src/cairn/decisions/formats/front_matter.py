"""Front matter: the block of YAML or TOML at the head of a file, read with bounds, line by line where it is neither."""

import re
import tomllib
from dataclasses import dataclass
from typing import cast

import yaml

from cairn.kernel.phrases import Phrase

Value = str | list["Value"] | dict[str, "Value"]

_SIZE_MAX = 65_536
_EVENTS_MAX = 5_000
_DEPTH_MAX = 20
_OPEN = re.compile(r"\s*^---[ \t]*\n", re.MULTILINE)
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_OPEN_TOML = re.compile(r"\s*^\+\+\+[ \t]*\n", re.MULTILINE)
_CLOSE_TOML = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
_KEY_TOML = re.compile(r"^([\w-]{1,60})[ \t]*=[ \t]*(.*)", re.MULTILINE)
_KEY = re.compile(r"([A-Za-z_À-ÿ][\wÀ-ÿ .-]{0,60}?)[ \t]*:(?:[ \t]+|$)(.*)")


class _TooComplex(Exception):
    """The YAML is valid but beyond what a record's head may hold."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values by key as written, the 1-based line of each key, and the line after the block (0-based)."""

    values: dict[str, Value]
    lines: dict[str, int]
    end: int
    problem: str = ""
    problem_line: int = 0


def read_front_matter(text: str) -> FrontMatter | None:
    """Read the front matter of `text`; None when there is none. Never raises: a problem is told in the result."""
    opening = _OPEN.match(text)
    if opening is None:
        return _read_toml(text)
    closing = _CLOSE.search(text, opening.end())
    if closing is None:
        return None
    block = text[opening.end() : closing.start()]
    first = text.count("\n", 0, opening.end())
    end = text.count("\n", 0, closing.start()) + 1
    if not _looks_like_keys(block):
        return None
    if len(block) > _SIZE_MAX:
        return FrontMatter({}, {}, end, _too_long(), first)
    try:
        values, lines = _read_yaml(block)
    except yaml.MarkedYAMLError as error:
        line = first + 1 + (error.problem_mark.line if error.problem_mark else 0)
        values, lines = _read_by_lines(block)
        problem = Phrase(
            "no_yaml",
            "the front matter is not valid YAML ({problem}); its lines were read one by one",
            problem=error.problem,
        )
    except (yaml.YAMLError, _TooComplex) as error:
        line = first
        values, lines = _read_by_lines(block)
        problem = Phrase(
            "unread_yaml",
            "the front matter could not be read as YAML ({problem}); its lines were read one by one",
            problem=error,
        )
    else:
        return FrontMatter(values, {key: first + 1 + at for key, at in lines.items()}, end)
    return FrontMatter(values, {key: first + 1 + at for key, at in lines.items()}, end, problem, line)


def _too_long() -> str:
    return Phrase("front_long", "the front matter is longer than {most} characters", most=_SIZE_MAX)


def _read_toml(text: str) -> FrontMatter | None:
    """Read the block between `+++` that Hugo and Zola write."""
    opening = _OPEN_TOML.match(text)
    closing = _CLOSE_TOML.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return None
    block = text[opening.end() : closing.start()]
    first = text.count("\n", 0, opening.end())
    end = text.count("\n", 0, closing.start()) + 1
    if len(block) > _SIZE_MAX:
        return FrontMatter({}, {}, end, _too_long(), first)
    keys = list(_KEY_TOML.finditer(block))
    lines = {match[1]: first + 1 + block.count("\n", 0, match.start()) for match in reversed(keys)}
    try:
        values = {key: _plain(value, 0) for key, value in tomllib.loads(block).items()}
    except (ValueError, RecursionError) as error:
        problem = Phrase(
            "no_toml",
            "the front matter is not valid TOML ({problem}); its lines were read one by one",
            problem=str(error)[:200],
        )
        by_line: dict[str, Value] = {match[1]: match[2].strip().strip("\"'") for match in reversed(keys)}
        return FrontMatter(by_line, lines, end, problem, first)
    return FrontMatter(values, lines, end)


def _plain(value: object, depth: int) -> Value:
    """Give what TOML holds as the strings that YAML would be read as."""
    if depth > _DEPTH_MAX:
        return ""
    if isinstance(value, dict):
        return {str(key): _plain(inner, depth + 1) for key, inner in cast("dict[object, object]", value).items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in cast("list[object]", value)]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _looks_like_keys(block: str) -> bool:
    """Two horizontal rules around prose are not front matter."""
    for line in block.split("\n", 200)[:200]:
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            return _KEY.match(stripped) is not None or stripped.startswith(("{", "}"))
    return True


def _read_yaml(block: str) -> tuple[dict[str, Value], dict[str, int]]:
    """Build strings, lists and mappings from the event stream, which unlike a loader lets us bound it."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    root: list[Value] = []
    stack: list[Value] = [root]
    keys: list[str | None] = [None]
    lines: dict[str, int] = {}
    for count, event in enumerate(yaml.parse(block, Loader=loader)):
        if count > _EVENTS_MAX or len(stack) > _DEPTH_MAX:
            raise _TooComplex("too many or too deeply nested values")
        if isinstance(event, yaml.AliasEvent):
            raise _TooComplex("aliases are not read")
        if isinstance(event, yaml.ScalarEvent):
            if len(stack) == 2 and isinstance(stack[-1], dict) and keys[-1] is None:  # noqa: PLR2004 - the top mapping
                lines[event.value] = event.start_mark.line if event.start_mark else 0
            _place(stack, keys, event.value)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            value: Value = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            _place(stack, keys, value)
            stack.append(value)
            keys.append(None)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            stack.pop()
            keys.pop()
    if not root:
        return {}, {}
    if not isinstance(root[0], dict):
        raise _TooComplex("it is not a mapping of keys to values")
    return root[0], lines


def _place(stack: list[Value], keys: list[str | None], value: Value) -> None:
    container = stack[-1]
    if isinstance(container, list):
        container.append(value)
    elif isinstance(container, dict):
        key = keys[-1]
        if key is None:
            keys[-1] = value if isinstance(value, str) else "?"
        else:
            container.setdefault(key, value)
            keys[-1] = None


def _read_by_lines(block: str) -> tuple[dict[str, Value], dict[str, int]]:
    values: dict[str, Value] = {}
    lines: dict[str, int] = {}
    key = ""
    for at, line in enumerate(block.split("\n")):
        if line.lstrip().startswith("#"):
            continue
        match = _KEY.match(line)
        if match:
            key = match[1].strip()
            if key not in values:
                values[key] = match[2].strip().strip("\"'")
                lines[key] = at
        elif key and line.strip():
            current = values[key]
            item = line.strip().removeprefix("- ").strip("\"'")
            if isinstance(current, list):
                current.append(item)
            else:
                values[key] = [*([current] if current else []), item]
    return values, lines


def flatten(value: Value) -> list[str]:
    """List the strings in a value. `{ accepted }` is YAML for a mapping; its key is what was meant."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, list):
        return [text for item in value for text in flatten(item)]
    found: list[str] = []
    called = next((names for key, item in value.items() if key.lower() == "name" and (names := flatten(item))), None)
    if called:
        return called
    for key, item in value.items():
        named = [text for text in flatten(item) if key.lower() in {"name", "login", "github", "title", "id"}]
        found.extend(named or [key.strip(), *([] if not flatten(item) else flatten(item))])
    return found
