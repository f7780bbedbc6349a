"""Which decisions govern what: their own paths, their components', and what is asked by name."""

import hashlib
import json
from dataclasses import replace
from datetime import date

from cairn.decisions.domain import Content, Status
from cairn.decisions.domain.governing import Governing, PathMatch
from cairn.decisions.domain.scopes import Component, Scope
from cairn.decisions.formats.gist import find_gist
from cairn.decisions.formats.governs import find_governing
from cairn.decisions.formats.reader import read_file

BILLING = Component("billing", ("src/billing/**", "!src/billing/tests/"))


def test_paths_and_components_govern_and_the_rest_is_free() -> None:
    bound = [
        ("queue", "log", Scope(paths=("src/**/worker.py",))),
        ("money", "log", Scope(components=("Billing",))),
        ("other log", "elsewhere", Scope(components=("billing",))),
    ]
    paths = ["src/billing/worker.py", "src/billing/tests/x.py", "README.md"]
    governed = find_governing(bound, {"log": [BILLING]}, paths=paths)
    assert governed.decisions == (
        Governing("queue", (PathMatch("src/billing/worker.py", "src/**/worker.py"),)),
        Governing("money", (PathMatch("src/billing/worker.py", "src/billing/**", "Billing"),)),
    )
    assert governed.free_paths == ("src/billing/tests/x.py", "README.md")


def test_a_component_is_asked_about_by_name_in_any_case() -> None:
    bound = [("money", "log", Scope(components=("Billing",))), ("queue", "log", Scope(paths=("a",)))]
    governed = find_governing(bound, {}, paths=[], asked_components=["BILLING"])
    assert governed.decisions == (Governing("money", (PathMatch("", "Billing", "Billing"),)),)


def test_a_record_without_a_scope_keeps_its_hash() -> None:
    content = Content("Use a queue", Status.ACCEPTED, "Text.", date(2026, 3, 14), ("Ada",), ("data",))
    before = ["Use a queue", "accepted", "Text.", "2026-03-14", ["Ada"], ["data"], ""]
    assert content.hash() == hashlib.sha256(json.dumps(before).encode()).digest()
    by_path = replace(content, scope=Scope(paths=("a",)))
    by_component = replace(content, scope=Scope(components=("a",)))
    assert len({content.hash(), by_path.hash(), by_component.hash()}) == 3


def test_front_matter_says_what_a_record_governs() -> None:
    source = b"""---
status: accepted
applies-to:
  - src/billing/**
  - "!src/billing/tests/"
  - "[z-a]"
components: billing, ledger
---
# Use a queue

## Decision

We *use* a queue, because [work](x.md) piles up.
"""
    read = read_file("0001-use-a-queue.md", source)
    assert read.scope == Scope(("src/billing/**", "!src/billing/tests/"), ("billing", "ledger"))
    ignored = [report for report in read.fields if report.field == "applies-to" and report.outcome == "ignored"]
    assert [(report.value, report.line) for report in ignored] == [("[z-a]", 3)]
    assert find_gist(read.body) == "We use a queue, because work piles up."


def test_front_matter_may_name_paths_and_components_together() -> None:
    read = read_file("1-x.md", b"---\napplies-to: {paths: [a/], components: [b]}\n---\n# T\n\n## Decision\n\nD.\n")
    assert read.scope == Scope(("a/",), ("b",))
