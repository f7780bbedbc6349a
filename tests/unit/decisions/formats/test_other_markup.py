"""AsciiDoc and reStructuredText records, read as Markdown with the lines of their source."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.formats.asciidoc import asciidoc_to_markdown
from cairn.decisions.formats.reader import read_file
from cairn.decisions.formats.restructured import restructured_to_markdown

ASCIIDOC = """= ADR 7: Keep it
:status: Superseded by link:0009-other.adoc[ADR-9]
:date: 2024-05-06
:toc:

[[ctx]]
== Context

// hidden
We *must* keep it, see xref:0003-old.adoc[the old one] and <<0004-x.adoc,new>>.

* one
** two
. first

[source,java]
----
int a; // == no heading
----

[cols="1,2"]
|===
|Name |Value

|a
|b
|===

NOTE: Careful.

== Decision

Do.
"""
RST = """=======
Keep it
=======

:Status: Accepted
:Date: 2024-05-06
:Deciders: Ada, Bob

Context
-------

We use ``x`` and `docs <https://x.example>`_; see :doc:`0003-old`.

.. note:: Careful
   with this.

.. hidden words

Example::

    int a = 1;

.. code-block:: java

   int b;

Decision
--------

#. Do.
"""


def test_asciidoc() -> None:
    found = read_file("adr/0007-keep-it.adoc", ASCIIDOC.encode())

    assert (found.kind, found.format, found.title, found.number) == ("record", "nygard", "Keep it", 7)
    assert (found.status, found.decided_on) == ("superseded", date(2024, 5, 6))
    assert (
        found.body
        == """## Context


We **must** keep it, see [the old one](0003-old.adoc) and [new](0004-x.adoc).

- one
  - two
1. first


```java
int a; // == no heading
```



| Name | Value |
|---|---|
| a | b |


> **Note:** Careful.

## Decision

Do."""
    )
    assert [(link.kind, link.target, link.line) for link in found.links] == [
        ("supersedes", "0009-other.adoc", 2),
        ("relates_to", "0003-old.adoc", 10),
        ("relates_to", "0004-x.adoc", 10),
    ]
    assert "AsciiDoc was turned into Markdown" in found.message


def test_restructured_text() -> None:
    found = read_file("adr/0007-keep-it.rst", RST.encode())

    assert (found.kind, found.format, found.title, found.number) == ("record", "nygard", "Keep it", 7)
    assert (found.status, found.decided_on, found.deciders) == ("accepted", date(2024, 5, 6), ("Ada", "Bob"))
    assert (
        found.body
        == """## Context

We use `x` and [docs](https://x.example); see [0003-old](0003-old.rst).

> **Note:** Careful
> with this.



Example:

```
int a = 1;
```

```java
int b;
```

## Decision

1. Do."""
    )
    status = next(entry for entry in found.fields if entry.field == "status")
    assert status.line == 5


def test_sections_of_status_in_both() -> None:
    asciidoc = read_file("adr/0001-a.adoc", b"= A\n\n== Status\n\nRejected\n\n== Context\n\nWhy.\n")
    rst = read_file(
        "adr/0001-a.rst", b"A\n=\n\nA title\n=======\n\nStatus\n------\n\nRejected\n\nContext\n-------\n\nWhy.\n"
    )

    assert (asciidoc.status, asciidoc.body) == ("rejected", "## Context\n\nWhy.")
    assert rst.status == "rejected"


def test_definition_lists_carry_fields() -> None:
    found = read_file("adr/0001-a.adoc", b"= A\n\nStatus:: Accepted\nDate:: 2024-05-06\n\n== Context\n\nWhy.\n")

    assert (found.status, found.decided_on) == ("accepted", date(2024, 5, 6))


_PIECES = st.sampled_from(
    ["= T", "== S", "|===", "----", "....", "[source,x]", "////", "// c", "* a", ".. x", ".. note::", "   indented"]
) | st.sampled_from(
    ["x::", "====", "T", "", ":status: a", "#. x", "a|b|c", "NOTE: x", "image::x[]", "<<a,b>>", "`a <b>`_"]
)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(_PIECES | st.text(max_size=20), max_size=40))
def test_every_line_keeps_a_place(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    for convert in (asciidoc_to_markdown, restructured_to_markdown):
        converted = convert(text)
        last = text.count("\n")
        assert all(0 <= place <= last for place in converted.places)
        assert len(converted.places) == len(converted.lines)


_HOSTILE = ["[[" * 30_000, "|" * 60_000, "a\n-\n" * 20_000, "``" * 30_000, "<<" * 30_000, "x::\n" + " y\n" * 50_000]


@pytest.mark.parametrize("suffix", ["adoc", "rst"])
@pytest.mark.parametrize("text", _HOSTILE, ids=lambda text: text[:4])
def test_hostile_markup_is_read(suffix: str, text: str) -> None:
    assert read_file(f"adr/0001-a.{suffix}", text.encode()).kind in {"record", "left_out"}


def test_a_table_written_with_commas_keeps_its_words() -> None:
    text = '= Keep it\n\n== Decision\n\n[%header,format="csv"]\n|===\nOld, New\na *b*, c\nd\n|===\n'
    found = read_file("adr/0007-x.adoc", text.encode())

    assert "| Old | New |\n|---|---|\n| a **b** | c |\n| d |  |" in found.body


@pytest.mark.parametrize("line", ["a,\x00b", '"', '"' + "x" * 200_000, "a" * 200_000 + ",b"])
def test_a_line_that_is_no_csv_stops_nothing(line: str) -> None:
    asciidoc = f"= K\n\n== Decision\n\n|===\n{line}\n|===\n"
    rst = f"K\n=\n\nDecision\n--------\n\n.. csv-table::\n\n   {line}\n"

    assert asciidoc_to_markdown(asciidoc).text.count("\n") >= 5
    assert restructured_to_markdown(rst).text.count("\n") >= 5


def test_a_title_that_is_no_heading() -> None:
    text = "14. Keep it as it is\n\nStatus\n------\nIn Review\n\nContext\n-------\nWhy.\n"
    found = read_file("adr/0014-keep.rst", text.encode())

    assert (found.title, found.number, found.status) == ("Keep it as it is", 14, "proposed")
    assert read_file("adr/0015-keep.rst", text.encode()).title == "Keep"
