"""`cairn doctor`: what is out of order in the logs, and mending it."""

from collections import Counter

import click

from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceServiceClientSync
from cairn.gen.cairn.decisions.v1.governance_pb import (
    ApplyFixesRequest,
    ChosenFix,
    Finding,
    FixKind,
    Problem,
    RunDoctorRequest,
    RunDoctorResponse,
    Severity,
)
from cairn.platform.client import (
    CALL_TIMEOUT_MS,
    CommandFailed,
    Connection,
    calling,
    find_connection,
    output,
    print_json,
    status_label,
    to_jsonable,
)

_PROBLEMS = {problem.name.lower(): problem for problem in Problem if problem is not Problem.UNSPECIFIED}
_LIMIT = 10_000
_BATCH = 500
_SHOWN_MAX = 100


@click.command("doctor")
@click.option("--log", "logs", multiple=True, help="Only this log; may be given several times.")
@click.option("--only", multiple=True, type=click.Choice(list(_PROBLEMS)), help="Only this problem.")
@click.option("--fix", is_flag=True, help="Mend what is shown, each finding by its first fix that changes something.")
@click.option("--acknowledge", is_flag=True, help="Leave what is shown as it is, and do not report it again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(*, logs: tuple[str, ...], only: tuple[str, ...], fix: bool, acknowledge: bool, as_json: bool) -> None:
    """Find what is out of order in the logs.

    Duplicate and missing numbers, links that lead nowhere or are told on one side only, superseded records without a
    successor, acceptances without approval, reviews that are due, words that contradict the status, and records that
    nothing links to. Each has a fix; --fix applies the first one, --acknowledge leaves the finding for good.

    \b
    Examples:
      cairn doctor
      cairn doctor --log payments --only duplicate_number --fix

    Exit code 1 when errors are left.
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    if fix and acknowledge:
        raise click.UsageError("--fix mends, --acknowledge leaves: choose one.")
    connection = find_connection()
    with calling(), GovernanceServiceClientSync(connection.url, timeout_ms=CALL_TIMEOUT_MS) as client:
        request = RunDoctorRequest(log_slugs=list(logs), limit=_LIMIT)
        answer = client.run_doctor(request, headers=connection.headers)
        found = [f for f in answer.findings if not only or f.problem in {_PROBLEMS[name] for name in only}]
        results: dict[str, tuple[bool, str]] = {}
        if fix or acknowledge:
            results = _mend(client, connection, found, acknowledge=acknowledge)
    if as_json:
        entries = [
            to_jsonable(finding)
            | ({"done": results[finding.key][0], "result": results[finding.key][1]} if finding.key in results else {})
            for finding in found
        ]
        print_json({"records": answer.records, "acknowledged": answer.acknowledged, "findings": entries})
    else:
        _print(answer, found, results)
    left = [f for f in found if f.severity == Severity.ERROR and not results.get(f.key, (False, ""))[0]]
    if left:
        raise CommandFailed(f"{len(left)} errors are left.")


def _mend(
    client: GovernanceServiceClientSync, connection: Connection, found: list[Finding], *, acknowledge: bool
) -> dict[str, tuple[bool, str]]:
    """Apply a fix to each finding; returns whether it was done, and what was said."""
    chosen: list[ChosenFix] = []
    for finding in found:
        kind = FixKind.ACKNOWLEDGE if acknowledge else finding.fixes[0].kind
        if acknowledge or kind is not FixKind.ACKNOWLEDGE:
            chosen.append(ChosenFix(key=finding.key, kind=kind))
    results: dict[str, tuple[bool, str]] = {}
    for start in range(0, len(chosen), _BATCH):
        request = ApplyFixesRequest(fixes=chosen[start : start + _BATCH])
        for result in client.apply_fixes(request, headers=connection.headers).results:
            results[result.key] = (result.done, result.message)
    return results


def _print(answer: RunDoctorResponse, found: list[Finding], results: dict[str, tuple[bool, str]]) -> None:
    console = output()
    for finding in found[:_SHOWN_MAX]:
        severity = status_label(Severity(finding.severity).name)
        console.print(f"{severity:<8} {finding.log_slug}: {finding.message}", markup=False, soft_wrap=True)
        if finding.key in results:
            done, told = results[finding.key]
            console.print(f"         {'mended' if done else 'not mended'}: {told}", markup=False, soft_wrap=True)
        else:
            console.print(f"         fix: {finding.fixes[0].description}", markup=False, soft_wrap=True)
    if len(found) > _SHOWN_MAX:
        console.print(f"and {len(found) - _SHOWN_MAX} more; --json lists all")
    counts = Counter(status_label(Problem(finding.problem).name) for finding in found)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "all in order"
    left = f" {answer.acknowledged} were left as they are." if answer.acknowledged else ""
    console.print(f"{answer.records} records: {told}.{left}")
