"""What `cairn check` writes is SARIF 2.1.0: the rules of its schema for every object that we write.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html, section 3.
An object is closed in the schema, so a property that it does not know makes a whole log invalid.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.formats.sarif import RESULTS_MAX, Finding, write_sarif

Check = Callable[[Any], None]


def text(value: Any) -> None:
    assert isinstance(value, str)


def whole(least: int) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, int)
        assert not isinstance(value, bool)
        assert value >= least

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any) -> None:
        assert value in allowed

    return check


def uri_reference(value: Any) -> None:
    text(value)
    assert not re.search(r"[\x00-\x20<>\"{}|\\^`\x7f-\uffff]", value), value
    assert not re.search(r"%(?![0-9A-Fa-f]{2})", value), value
    urlsplit(value)


def array(item: Check, *, distinct: bool = False) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, list)
        for one in value:
            item(one)
        if distinct:
            assert len({json.dumps(one) for one in value}) == len(value)

    return check


def strings(value: Any) -> None:
    assert isinstance(value, dict)
    assert all(isinstance(key, str) and isinstance(one, str) for key, one in value.items())


def bag(value: Any) -> None:
    assert isinstance(value, dict)
    array(text, distinct=True)(value.get("tags", []))


def closed(required: str, **known: Check) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, dict)
        assert set(required.split()) <= value.keys() <= known.keys()
        for key, one in value.items():
            known[key](one)

    return check


LEVEL = one_of("none", "note", "warning", "error")
MESSAGE = closed("text", text=text, markdown=text)
RULE = closed(
    "id",
    id=text,
    name=text,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    helpUri=uri_reference,
    defaultConfiguration=closed("", level=LEVEL),
    properties=bag,
)
PLACE = closed(
    "artifactLocation",
    artifactLocation=closed("uri", uri=uri_reference, uriBaseId=text),
    region=closed("startLine", startLine=whole(1)),
)
RESULT = closed(
    "message ruleId ruleIndex level",
    ruleId=text,
    ruleIndex=whole(0),
    level=LEVEL,
    message=MESSAGE,
    locations=array(closed("physicalLocation", physicalLocation=PLACE)),
    partialFingerprints=strings,
)
DRIVER = closed("name", name=text, semanticVersion=text, rules=array(RULE, distinct=True))
RUN = closed(
    "tool results",
    tool=closed("driver", driver=DRIVER),
    columnKind=one_of("utf16CodeUnits", "unicodeCodePoints"),
    results=array(RESULT),
    properties=bag,
)
LOG = closed("$schema version runs", **{"$schema": uri_reference, "version": one_of("2.1.0"), "runs": array(RUN)})

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from(["ADR-0001", "shop/SEC-0002", "use-a-queue"]),
        title=_TEXT,
        gist=_TEXT,
        path=_TEXT | st.sampled_from(["src/a b.py", "docs/ä#1%.md", ""]),
        reason=_TEXT,
        level=st.sampled_from(["note", "warning", "error"]),
        record=_TEXT,
        first_line=st.integers(1, 10_000),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(findings=_FINDINGS)
def test_whatever_is_found_makes_a_valid_log(findings: list[Finding]) -> None:
    log = json.loads(json.dumps(write_sarif(findings, version="1.2.3")))

    LOG(log)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [finding.rule for finding in findings]
    assert all("%" in result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"]
               for result in run["results"] if "locations" in result)  # fmt: skip


def test_more_than_a_code_host_takes_are_counted() -> None:
    finding = Finding("ADR-0001", "A", "", "a.py", "", "note")
    log = write_sarif([finding] * (RESULTS_MAX + 2), version="1")

    LOG(log)
    assert (len(log["runs"][0]["results"]), log["runs"][0]["properties"]) == (RESULTS_MAX, {"resultsLeftOut": 2})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.update(version="2.0.0"),
        lambda log: log["runs"][0].update(results=None),
        lambda log: log["runs"][0]["results"][0].update(severity="note"),
        lambda log: log["runs"][0]["results"][0].update(level="info"),
        lambda log: log["runs"][0]["tool"]["driver"]["rules"][0].pop("id"),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(
            uri="a b"
        ),
    ],
)
def test_the_rules_refuse_what_the_schema_refuses(spoil: Callable[[Any], None]) -> None:
    log = write_sarif([Finding("ADR-0001", "A", "", "a.py", "", "note")], version="1")
    LOG(log)
    spoil(log)

    with pytest.raises((AssertionError, KeyError)):
        LOG(log)
