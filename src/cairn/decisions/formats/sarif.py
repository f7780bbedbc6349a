"""Governing decisions as SARIF 2.1.0, the format in which code hosts and editors read findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# A code host takes no more results than this from one run.
RESULTS_MAX = 5000

Level = Literal["note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A decision that governs a path. `rule` is the decision's name, `record` the path of its file or empty."""

    rule: str
    title: str
    gist: str
    path: str
    reason: str
    level: Level
    record: str = ""
    first_line: int = 1


def write_sarif(findings: Sequence[Finding], *, version: str) -> dict[str, Any]:
    """Return a SARIF log with one rule a decision and one result a path it governs, at most 5,000 results."""
    kept = findings[:RESULTS_MAX]
    rules: dict[str, dict[str, Any]] = {}
    for finding in kept:
        rules.setdefault(finding.rule, _rule(finding))
    positions = {rule: at for at, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "Cairn",
                "semanticVersion": version,
                "rules": list(rules.values()),
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, positions[finding.rule]) for finding in kept],
    }
    if len(findings) > RESULTS_MAX:
        run["properties"] = {"resultsLeftOut": len(findings) - RESULTS_MAX}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding) -> dict[str, Any]:
    text = f"{finding.rule}: {finding.title}"
    more = f"{text}. {finding.gist}" if finding.gist else text
    if finding.record:
        more += f" Read it in {finding.record}."
    return {
        "id": finding.rule,
        "name": finding.rule.replace("/", "_"),
        "shortDescription": {"text": text},
        "fullDescription": {"text": more},
        "help": {"text": more},
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["architecture-decision"]},
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    said = f"{finding.rule} governs this: {finding.title}."
    text = " ".join(part for part in (said, finding.gist, finding.reason) if part)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.level,
        "message": {"text": text},
        "partialFingerprints": {"cairn/v1": f"{finding.rule}:{finding.path}"},
    }
    if finding.path:
        place = {"uri": quote(finding.path), "uriBaseId": "%SRCROOT%"}
        region = {"startLine": finding.first_line}
        result["locations"] = [{"physicalLocation": {"artifactLocation": place, "region": region}}]
    return result
