"""Path patterns mean what they mean in a .gitignore, and cannot stop a server."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import PathSpec

from cairn.decisions.formats.globs import GlobIndex, clean_path
from cairn.kernel.errors import InvalidArgument

_PARTS = st.sampled_from(["src", "tests", "a", "b.py", "c.sql", "ä"])
_PATHS = st.lists(_PARTS, min_size=1, max_size=4).map("/".join)
_WILD = st.sampled_from(["src", "tests", "*", "**", "*.py", "?", "a", "[ab]*", "c.sql"])
_PATTERNS = st.builds(
    lambda out, root, parts, folder: out + root + "/".join(parts) + folder,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(_WILD, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
)


@settings(max_examples=400, deadline=None)
@given(groups=st.lists(st.lists(_PATTERNS, max_size=4), max_size=4), path=_PATHS)
def test_many_groups_at_once_match_as_each_alone(groups: list[list[str]], path: str) -> None:
    expected = {at for at, patterns in enumerate(groups) if PathSpec.from_lines("gitignore", patterns).match_file(path)}
    found = GlobIndex(groups).match(path)
    assert set(found) == expected
    assert all(pattern in groups[at] and not pattern.startswith("!") for at, pattern in found.items())


def test_the_last_pattern_that_matches_holds() -> None:
    index = GlobIndex([["src/billing/**", "!src/billing/tests/"], ["*.sql"], ["/docs"]])
    assert index.match("src/billing/charge.py") == {0: "src/billing/**"}
    assert index.match("src/billing/tests/test_charge.py") == {}
    assert index.match("db/001.sql") == {1: "*.sql"}
    assert index.match("docs/a.md") == {2: "/docs"}
    assert index.match("lib/docs/a.md") == {}


def test_more_patterns_than_one_set_holds() -> None:
    index = GlobIndex([[f"part{number}/**", f"!part{number}/x"] for number in range(700)])
    assert index.match("part0/a") == {0: "part0/**"}
    assert index.match("part699/a") == {699: "part699/**"}
    assert index.match("part699/x") == {}


def test_a_pattern_made_to_backtrack_takes_no_time() -> None:
    started = time.perf_counter()
    assert GlobIndex([["*a" * 90 + "b"]]).match("a" * 4000) == {}
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("pattern", ["[z-a]", "a\\", "!"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidArgument, match=r"\.gitignore"):
        GlobIndex([[pattern]])


@pytest.mark.parametrize("path", ["", ".", "..", "../x", "/etc/passwd", "a/../../x", "a\x00b", "a" * 5000])
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    with pytest.raises(InvalidArgument, match="inside a repository"):
        clean_path(path)


def test_a_path_is_made_plain() -> None:
    assert clean_path("./src//a/../b.py") == "src/b.py"
    assert clean_path("src\\b.py") == "src/b.py"
