"""From a link as written to the record it means, among the records of one log."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote, urlsplit

from cairn.decisions.formats.links import RECORD_SUFFIXES
from cairn.decisions.formats.titles import number_prefix, read_file_name, slugify

Key = TypeVar("Key", bound=Hashable)

_REF = re.compile(r"^(?:(?P<scope>[A-Za-z][\w-]*?)[-_ #]{0,2})?0*(?P<number>\d{1,6})$")
_LEADING_NUMBER = re.compile(r"^(?:[A-Za-z]{2,8}[-_ ]?)?0*(\d{1,6})(?=[-_. ]|$)")


@dataclass(frozen=True, slots=True)
class Known(Generic[Key]):
    """A record that links may mean. `path` is empty for one from no file, `prefix` for one of the log's own numbers."""

    key: Key
    path: str
    number: int | None
    slug: str
    title: str = ""
    prefix: str = ""


class LinkIndex(Generic[Key]):
    """The records of a log by everything a link may call them. Building is linear, a look-up is constant."""

    def __init__(self, records: Iterable[Known[Key]]) -> None:
        self._paths: dict[str, Key] = {}
        self._parts: dict[tuple[str, str], Key] = {}
        self._stems: dict[str, list[Known[Key]]] = defaultdict(list)
        self._numbers: dict[int, list[Known[Key]]] = defaultdict(list)
        self._names: dict[str, list[Known[Key]]] = defaultdict(list)
        for record in records:
            if record.path:
                self._paths[record.path] = record.key
                self._stems[_stem(record.path).lower()].append(record)
                file, _, anchor = record.path.partition("#")
                if anchor:
                    self._parts[_without_suffix(file), _plain_anchor(anchor)] = record.key
            if record.number is not None:
                self._numbers[record.number].append(record)
            for name in {record.slug, slugify(record.title)} - {""}:
                self._names[name].append(record)

    def match(self, target: str, from_path: str) -> Key | None:
        """Find the record that `target`, written in the file `from_path`, means; None when that is not certain."""
        try:
            parts = urlsplit(target.strip().strip("<>"))
        except ValueError:
            return None
        path = unquote(parts.path).strip()
        if parts.fragment and self._parts and not parts.scheme:
            part = self._by_part(path, unquote(parts.fragment), from_path.partition("#")[0])
            if part is not None:
                return part
        if not path:
            return None
        if not parts.scheme and not parts.netloc:
            exact = self._by_path(posixpath.normpath(posixpath.join(posixpath.dirname(from_path), path.lstrip("/"))))
            exact = exact or self._by_path(posixpath.normpath(path.lstrip("/")))
            if exact is not None:
                return exact
        found = self._by_stem(path, from_path)
        if found is not None:
            return found
        return self._by_name(path, from_path)

    def _by_part(self, path: str, anchor: str, from_file: str) -> Key | None:
        """By the anchor of one decision of a file that holds several, in that file or from another."""
        file = posixpath.normpath(posixpath.join(posixpath.dirname(from_file), path)) if path else from_file
        return self._parts.get((_without_suffix(file), _plain_anchor(anchor)))

    def _by_path(self, path: str) -> Key | None:
        if path in self._paths:
            return self._paths[path]
        stem, suffix = posixpath.splitext(path)
        base = stem if suffix.lower() in RECORD_SUFFIXES else path
        for candidate in RECORD_SUFFIXES:
            if base + candidate in self._paths:
                return self._paths[base + candidate]
        return None

    def _by_stem(self, path: str, from_path: str) -> Key | None:
        """By file name wherever it lies; among several the one that shares most of the path's end."""
        stem = _stem(path.rstrip("/")).lower()
        if stem in {"index", "readme"}:
            stem = posixpath.basename(posixpath.dirname(path)).lower()
        candidates = self._stems.get(stem, [])
        if len(candidates) < 2:  # noqa: PLR2004 - nothing to choose
            return candidates[0].key if candidates else None
        folders = posixpath.dirname(path).split("/")[::-1]
        return _only_best(
            candidates, lambda record: _shared(posixpath.dirname(record.path).split("/")[::-1], folders)
        ) or (_nearest(candidates, from_path))

    def _by_name(self, path: str, from_path: str) -> Key | None:
        last = _stem(path.rstrip("/"))
        match = _REF.match(last)
        number = int(match["number"]) if match else None
        if number is None:
            leading = _LEADING_NUMBER.match(last)
            slug = slugify(last[leading.end() :]) if leading else slugify(last)
            named = self._names.get(slug, [])
            if leading and len(named) != 1:
                named = [record for record in named if record.number == int(leading[1])]
            return named[0].key if len(named) == 1 else None
        candidates = self._numbers.get(number, [])
        if len(candidates) > 1 and match:
            candidates = _of_scope(candidates, match["scope"] or "", from_path)
        return candidates[0].key if len(candidates) == 1 else _nearest(candidates, from_path)


def _of_scope(candidates: list[Known[Key]], scope: str, from_path: str) -> list[Known[Key]]:
    """Keep those of a number's scope: of the prefix written, of the writer's own for a bare number, or of none."""
    prefix = number_prefix(f"{scope}-000") if scope else read_file_name(from_path).prefix
    same = [record for record in candidates if record.prefix == prefix]
    if same or not prefix:
        return same or candidates
    return [record for record in candidates if scope.lower() in record.path.lower()]


def _without_suffix(path: str) -> str:
    stem, suffix = posixpath.splitext(path)
    return stem if suffix.lower() in RECORD_SUFFIXES else path


def _plain_anchor(anchor: str) -> str:
    """Sites write "9.1 Keep it" as `91-keep-it`, `9-1-keep-it` or `_9_1_keep_it`."""
    return "".join(c for c in anchor.lower() if c.isalnum())


def _stem(path: str) -> str:
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    return stem if suffix.lower() in RECORD_SUFFIXES else stem + suffix


def _shared(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other or one in {"", ".", ".."}:
            break
        count += 1
    return count


def _nearest(candidates: list[Known[Key]], from_path: str) -> Key | None:
    """Take the one in the same folder as the writer, when there is exactly one."""
    folder = posixpath.dirname(from_path)
    same = [record for record in candidates if posixpath.dirname(record.path) == folder]
    return same[0].key if len(same) == 1 else None


def _only_best(candidates: list[Known[Key]], score: Callable[[Known[Key]], int]) -> Key | None:
    scored = sorted(((score(record), at) for at, record in enumerate(candidates)), reverse=True)
    if scored[0][0] > 0 and (len(scored) == 1 or scored[0][0] > scored[1][0]):
        return candidates[scored[0][1]].key
    return None
