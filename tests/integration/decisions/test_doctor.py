"""`cairn doctor` over the wire: every problem is found, and its fix makes it go."""

from uuid import uuid4

import pytest
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1 import governance_pb as governance
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceServiceClient
from cairn.platform.database import Database
from cairn.tenancy.api import ensure_local_owner

Problem, Kind = governance.Problem, governance.FixKind
TAIL = "\n\n## Context\n\nWhy.\n\n## Decision\n\n{text}\n"


def file(path: str, title: str, status: str, text: str) -> pb.SourceFile:
    return pb.SourceFile(path=path, content=f"# {title}\n\n## Status\n\n{status}{TAIL.format(text=text)}".encode())


FILES = [
    file("0001-one.md", "1. One", "Accepted", "See [7](0007-gone.md) and [two](0002-two.md)."),
    file("0002-two.md", "2. Two", "Accepted", "It supersedes [one](0001-one.md)."),
    file("a/0003-three.md", "3. Three", "Accepted", "See [two](../0002-two.md)."),
    file("b/0003-other.md", "3. Other", "Accepted", "See [two](../0002-two.md)."),
    file("0005-five.md", "5. Five", "Superseded", "See [two](0002-two.md)."),
    file("0006-six.md", "6. Six", "Accepted", "Alone."),
]


@pytest.fixture
def records(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


@pytest.fixture
def client(address: str) -> GovernanceServiceClient:
    return client_of(GovernanceServiceClient, address)


async def fill(records: DecisionsServiceClient, files: list[pb.SourceFile]) -> str:
    log = f"log-{uuid4().hex[:8]}"
    opened = (await records.start_import(pb.StartImportRequest(log_slug=log, source="test"))).import_
    assert opened is not None
    await records.import_files(pb.ImportFilesRequest(import_id=opened.id, files=files))
    await records.finish_import(pb.FinishImportRequest(import_id=opened.id))
    return log


async def examine(client: GovernanceServiceClient, log: str) -> dict[Problem, list[governance.Finding]]:
    answer = await client.run_doctor(governance.RunDoctorRequest(log_slugs=[log]))
    found: dict[Problem, list[governance.Finding]] = {}
    for finding in answer.findings:
        found.setdefault(Problem(finding.problem), []).append(finding)
    assert {count.problem: count.count for count in answer.counts} == {p: len(f) for p, f in found.items()}
    return found


async def mend(client: GovernanceServiceClient, *chosen: tuple[governance.Finding, Kind]) -> list[tuple[bool, str]]:
    fixes = [governance.ChosenFix(key=finding.key, kind=kind) for finding, kind in chosen]
    results = (await client.apply_fixes(governance.ApplyFixesRequest(fixes=fixes))).results
    return [(result.done, result.message) for result in results]


async def test_every_problem_is_found_and_mended(
    records: DecisionsServiceClient, client: GovernanceServiceClient
) -> None:
    log = await fill(records, FILES)
    found = await examine(client, log)
    assert {problem: [finding.ref for finding in findings] for problem, findings in found.items()} == {
        Problem.DUPLICATE_NUMBER: ["ADR-0003"],
        Problem.NO_SUCCESSOR: ["ADR-0005"],
        Problem.DANGLING_LINK: ["ADR-0001"],
        Problem.ONE_SIDED_LINK: ["ADR-0001"],
        Problem.MISSING_NUMBER: [""],
        Problem.UNLINKED: ["ADR-0006"],
    }
    fixes = {problem: findings[0].fixes[0] for problem, findings in found.items()}
    assert fixes[Problem.NO_SUCCESSOR].status is pb.Status.DEPRECATED
    one_sided = fixes[Problem.ONE_SIDED_LINK]
    assert (one_sided.status, one_sided.target_ref) == (pb.Status.SUPERSEDED, "ADR-0002")
    done = await mend(client, *[(findings[0], Kind(findings[0].fixes[0].kind)) for findings in found.values()])
    assert [message for ok, message in done if ok] == [
        "it is ADR-0007 now",
        "it is deprecated now",
        "left as it is",
        "it is superseded now",
        "left as it is",
        "left as it is",
    ]
    after = await client.run_doctor(governance.RunDoctorRequest(log_slugs=[log]))
    assert [(finding.problem, finding.message) for finding in after.findings] == []
    assert (after.records, after.acknowledged) == (6, 3)
    again = await mend(client, (found[Problem.NO_SUCCESSOR][0], Kind.SET_STATUS))
    assert again == [(False, "This is in order by now, or was left as it is. Examine again.")]


async def test_a_fix_that_does_not_fit_is_told_and_the_others_are_done(
    records: DecisionsServiceClient, client: GovernanceServiceClient
) -> None:
    log = await fill(records, FILES)
    found = await examine(client, log)
    refused, done = await mend(
        client,
        (found[Problem.UNLINKED][0], Kind.RENUMBER),
        (found[Problem.MISSING_NUMBER][0], Kind.ACKNOWLEDGE),
    )
    assert refused == (False, "renumber does not mend this. What does: acknowledge.")
    assert done == (True, "left as it is")


async def test_words_approvals_and_reviews(
    records: DecisionsServiceClient, client: GovernanceServiceClient, database: Database
) -> None:
    log = await fill(records, [FILES[1], file("0001-one.md", "1. One", "Accepted", "See [2](0002-two.md).")])
    one = (await records.get_decision(pb.GetDecisionRequest(ref="1", log_slug=log))).decision
    assert one is not None
    assert one.summary is not None
    async with database.transaction(await ensure_local_owner(database)) as connection:
        await connection.execute("update log set required_approvals = 1 where slug = $1", log)
        await connection.execute(
            "insert into decision_care (tenant_id, decision_id, review_on)"
            " values (app_tenant(), $1::uuid, '2020-01-01')",
            one.summary.id,
        )
    found = await examine(client, log)
    assert [finding.ref for finding in found[Problem.NO_APPROVAL]] == ["ADR-0001", "ADR-0002"]
    [stale] = found[Problem.STALE_REVIEW]
    [(done, told)] = await mend(client, (stale, Kind.POSTPONE_REVIEW))
    assert done
    assert told.startswith("the review is due on 20")
    assert Problem.STALE_REVIEW not in await examine(client, log)
