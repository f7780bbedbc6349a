"""Nothing a file can hold makes the reader fail, hang or lose the text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.formats.decode import decode
from cairn.decisions.formats.reader import FILE_BYTES_MAX, normalise_body, read_file

_SHORT = """---
...
# Title
## Status
## Décision
Accepted
Superseded by [7](0007-x.md)
Status: Draft
* Status: accepted
  * Ada
| Status | Date |
|---|---|
| Accepted | 2024-01-02 |
```
~~~
<!--
-->
> Status: x
Title
=====
-----
    code
status: [
status: {a: *b}
&a [*a]
date: 2024-023-2706
**Status**
1. ## Context
ADR-0012
[[wiki|x]]
[a]: <b.md>
## ADR-1: A
## ADR-2: B
### Context
### Decision
cairn:
  format: 1
- - - - x
Deciders:"""
_ODD = ["", "\t", "\ufeff", "\u2028", "\u202e", "\x85", "é" * 50, "x" * 300]
_FRAGMENTS = st.sampled_from([*_SHORT.splitlines(), *_ODD])
_TEXT = st.lists(_FRAGMENTS | st.text(max_size=30), max_size=40).map("\n".join)
_PATHS = st.sampled_from(
    ["adr/0001-a.md", "a.md", "README.md", "x/0002-template.md", "a.adoc", "2024-01-02-é.md"]
) | st.text(max_size=30)


@settings(max_examples=500, deadline=None)
@given(path=_PATHS, text=_TEXT)
def test_any_text_is_read(path: str, text: str) -> None:
    found = read_file(path, text.encode(errors="replace"))

    assert found.kind in {"record", "left_out", "failed"}
    assert found.message or found.kind == "record"
    if found.kind == "record":
        assert found.title
        assert {entry.field for entry in found.fields} >= {"title", "status", "body"}
        lines = decode(text.encode(errors="replace")).text.count("\n") + 1
        assert all(0 <= entry.line <= lines for entry in found.fields)


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read(content: bytes) -> None:
    assert read_file("adr/0001-a.md", content).kind in {"record", "left_out", "failed"}


@settings(max_examples=300, deadline=None)
@given(text=_TEXT)
def test_no_line_of_prose_is_lost(text: str) -> None:
    """Whatever the head looks like, the words of the sections stay in the body."""
    prose = "The quick zebra jumps.\n\n- one giraffe\n- two ostriches"
    found = read_file(
        "adr/0001-a.md", f"# A\n\n{prose}\n\n## Notes of ours\n\n{prose}\n\n{text}".encode(errors="replace")
    )

    if found.kind == "record" and not found.parts:
        assert found.body.count("The quick zebra jumps.") >= 2
        assert found.body.count("- one giraffe\n- two ostriches") >= 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[a](" * 25_000,
        "* " * 50_000,
        "> " * 50_000,
        "`" * 100_000,
        "<!--" * 25_000,
        "Status: accepted\n" * 6_000,
        "- Status: accepted\n" * 5_000,
        "- a\n" * 25_000,
        "|a" * 50_000,
        "|a|b|\n|-|-|\n" + "|x|y|\n" * 15_000,
        "---\na: " + "[" * 50_000 + "\n---\n# x",
        "---\na: &a [x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n---\n# x",
        "[[" * 50_000,
        "[i]: <data:image/png;base64," + "A" * 300_000 + ">\n",
        "# " + "*a_" * 30_000,
        "## Deciders\n\n" + "- a\n" * 20_000,
        "a/" * 50_000 + ".md",
        "\n".join(" " * depth + "- x" for depth in range(400)),
        "".join(f"## ADR-{number}: x\n### Context\n" for number in range(2_000)),
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    started = time.process_time()
    found = read_file("adr/0001-a.md", f"# A\n\n## Status\n\nAccepted\n\n{text}".encode())

    assert time.process_time() - started < 5
    assert found.kind == "record"


def test_windows_files_read_like_others() -> None:
    text = "# 1. A\n\nDate: 2024-01-02\n\n## Status\n\nAccepted\n\n## Context\n\nWhy é.\n"
    plain = read_file("adr/0001-a.md", text.encode())
    windows = read_file("adr/0001-a.md", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert (windows.title, windows.status, windows.body) == (plain.title, plain.status, plain.body)
    assert "byte order mark" in windows.message


def test_invalid_utf8_is_told_with_its_line() -> None:
    found = read_file("adr/0001-a.md", b"# 1. A\n\n## Status\n\nAccepted\n\n## Context\n\nCaf\xe9.\n")

    assert found.kind == "record"
    assert "line 9 is not valid UTF-8" in found.message
    assert "Caf\ufffd." in found.body


def test_utf16_is_read() -> None:
    found = read_file("adr/0001-a.md", "# 1. A\n\n## Status\n\nAccepted\n".encode("utf-16"))

    assert (found.kind, found.status) == ("record", "accepted")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", bytes(range(256)) * 40, b"# A\x00\n"])
def test_binary_data_fails_with_its_reason(content: bytes) -> None:
    found = read_file("adr/0001-a.md", content)

    assert (found.kind, found.message) == ("failed", "binary data, not text")


def test_a_file_beyond_the_bound_fails() -> None:
    assert read_file("adr/0001-a.md", b"a" * (FILE_BYTES_MAX + 1)).kind == "failed"


def test_a_record_of_300_kilobytes_is_read_whole() -> None:
    prose = "Many words stand here, one after another.\n" * 7_500
    found = read_file("adr/0001-a.md", f"# 1. A\n\n## Status\n\nAccepted\n\n## Context\n\n{prose}".encode())

    assert (found.status, found.body) == ("accepted", normalise_body(f"## Context\n\n{prose}"))


def test_yaml_bombs_do_not_expand() -> None:
    bomb = "a: &a [x, x, x, x]\n" + "".join(
        f"{n}: &{n} [*{p}, *{p}, *{p}, *{p}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)
    )
    found = read_file("adr/0001-a.md", f"---\nstatus: accepted\n{bomb}---\n# A\n\n## Decision\n\nDo.\n".encode())

    assert found.status == "accepted"
    assert "aliases are not read" in found.message
