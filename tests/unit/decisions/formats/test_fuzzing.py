"""Records of every format, cut, spliced and blown up: read within bounds of time and memory, and stable once read."""

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.formats.decode import decode
from cairn.decisions.formats.model import ReadFile, WritableRecord
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.writer import file_name, write_record

SAMPLES = sorted((Path(__file__).parent / "dialects").iterdir())
CPU_SECONDS_MOST = 4
MEMORY_BYTES_MOST = 128 * 1024 * 1024
_ODD = st.sampled_from(
    [
        *(b"", b"\x00", b"\xff\xfe", b"\r", b"\xef\xbb\xbf", b"+++\n", b"---\n", b"|===\n", b"```\n", b"<!--"),
        *("\u2028".encode(), "🟢".encode(), b"\t", b"[[", b"](", b"= ", b".. list-table::\n", b"* -", b"+---+\n"),
    ]
)


@st.composite
def _mutants(draw: st.DrawFn) -> tuple[str, bytes]:
    """One sample with pieces taken out, put in twice, or taken from another sample; the suffix may be another's too."""
    name = draw(st.sampled_from(SAMPLES))
    content = name.read_bytes()
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 200)))
        other = draw(st.sampled_from(SAMPLES)).read_bytes()
        at = draw(st.integers(0, len(other)))
        piece = draw(st.sampled_from([b"", content[start:end] * 2, other[at : at + 150]]) | _ODD)
        content = content[:start] + piece + content[end:]
    suffix = draw(st.sampled_from([name.suffix, ".md", ".adoc", ".rst"]))
    return f"adr/{name.stem}{suffix}", content


@settings(max_examples=400, deadline=None)
@given(mutant=_mutants())
def test_a_spoilt_record_is_read_within_bounds(mutant: tuple[str, bytes]) -> None:
    path, content = mutant
    started = time.process_time()
    found = read_file(path, content)

    assert time.process_time() - started < CPU_SECONDS_MOST
    assert found.kind in {"record", "left_out", "failed"}
    assert found.message or found.kind == "record"
    lines = decode(content).text.count("\n") + 1
    for record in (found, *found.parts):
        assert all(0 <= entry.line <= lines for entry in record.fields)
        assert all(0 <= link.line <= lines for link in record.links)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "head"])
def test_a_record_blown_up_takes_bounded_time_and_memory(sample: Path, whole: bool) -> None:  # noqa: FBT001 - a case
    content = sample.read_bytes()
    head = content if whole else b"".join(content.splitlines(keepends=True)[:8])
    blown_up = head * (80_000 // len(head))
    started = time.process_time()
    read_file(f"adr/{sample.name}", blown_up)
    spent = time.process_time() - started
    tracemalloc.start()
    try:
        found = read_file(f"adr/{sample.name}", blown_up[:30_000])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert spent < CPU_SECONDS_MOST
    assert peak < MEMORY_BYTES_MOST
    assert found.kind in {"record", "left_out"}


def _rewrite(read: ReadFile) -> ReadFile:
    record = WritableRecord(
        title=read.title,
        status=read.status,
        body=read.body,
        number=read.number,
        slug=read.slug,
        status_text=read.status_text,
        decided_on=read.decided_on,
        deciders=read.deciders,
        tags=read.tags,
        links=read.links,
        scope=read.scope,
        prefix=read.prefix,
    )
    return read_file(f"adr/{file_name(record.number, record.slug, record.prefix)}", write_record(record))


@settings(max_examples=300, deadline=None)
@given(mutant=_mutants())
def test_what_was_read_once_leaves_and_comes_back_the_same(mutant: tuple[str, bytes]) -> None:
    """Export then import loses nothing, whatever a record looked like before; doing it again changes nothing."""
    found = read_file(*mutant)
    for once in found.parts or ((found,) if found.kind == "record" else ()):
        twice = _rewrite(once)
        thrice = _rewrite(twice)

        assert twice.kind == "record"
        kept = ("title", "number", "prefix", "slug", "status", "decided_on", "deciders", "tags", "body", "scope")
        assert [getattr(twice, name) for name in kept] == [getattr(once, name) for name in kept]
        assert twice.status_text in {once.status_text, ""}
        assert _relations(once) <= _relations(twice)
        again = [*kept, "status_text"]
        assert [getattr(thrice, name) for name in again] == [getattr(twice, name) for name in again]
        assert _relations(thrice) == _relations(twice)


def _relations(read: ReadFile) -> set[tuple[str, str, bool]]:
    return {(link.kind, link.target, link.reverse) for link in read.links}
