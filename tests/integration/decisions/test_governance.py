"""Which decisions govern a change, over the wire."""

from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1 import governance_pb as governance
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceServiceClient

BODY = "## Context\n\nWork piles up.\n\n## Decision\n\nWe use **one** queue.\n\nMore."


@pytest.fixture
def records(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


@pytest.fixture
def client(address: str) -> GovernanceServiceClient:
    return client_of(GovernanceServiceClient, address)


async def make_log(records: DecisionsServiceClient) -> pb.Log:
    log = (await records.create_log(pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}"))).log
    assert log is not None
    return log


async def make(records: DecisionsServiceClient, log: pb.Log, scope: pb.Scope, status: pb.Status) -> pb.Decision:
    content = pb.Content(title="Use a queue", status=status, body=BODY, scope=scope)
    decision = (await records.create_decision(pb.CreateDecisionRequest(log_id=log.id, content=content))).decision
    assert decision is not None
    return decision


async def test_decisions_in_force_govern_paths_and_components(
    records: DecisionsServiceClient, client: GovernanceServiceClient
) -> None:
    log = await make_log(records)
    await make(records, log, pb.Scope(paths=["src/**/*.py", "!src/tests/"]), pb.Status.ACCEPTED)
    await make(records, log, pb.Scope(components=["billing"]), pb.Status.ACCEPTED)
    await make(records, log, pb.Scope(paths=["*.py"]), pb.Status.PROPOSED)
    component = governance.Component(name="billing", paths=["src/billing/**"])
    saved = (await client.save_component(governance.SaveComponentRequest(log_id=log.id, component=component))).component
    assert saved is not None
    assert saved.decision_count == 1

    request = governance.GovernsPathsRequest(
        paths=["src/billing/charge.py", "src/tests/x.py", "./README.md"], log_slugs=[log.slug]
    )
    answer = await client.governs_paths(request)
    assert [
        (found.decision.ref if found.decision else "", [(m.path, m.pattern, m.component) for m in found.matches])
        for found in answer.decisions
    ] == [
        ("ADR-0001", [("src/billing/charge.py", "src/**/*.py", "")]),
        ("ADR-0002", [("src/billing/charge.py", "src/billing/**", "billing")]),
    ]
    assert answer.decisions[0].gist == "We use one queue."
    assert list(answer.free_paths) == ["src/tests/x.py", "README.md"]
    request.all_statuses = True
    assert len((await client.governs_paths(request)).decisions) == 3
    by_name = governance.GovernsPathsRequest(components=["Billing"], log_slugs=[log.slug])
    assert [m.component for found in (await client.governs_paths(by_name)).decisions for m in found.matches] == [
        "billing"
    ]


async def test_an_edit_that_says_nothing_of_the_scope_leaves_it(records: DecisionsServiceClient) -> None:
    log = await make_log(records)
    made = await make(records, log, pb.Scope(paths=["src/"], categories=["data"]), pb.Status.ACCEPTED)
    assert made.summary is not None

    async def update(version: int, **fields: pb.Scope) -> pb.Decision:
        content = pb.Content(title=f"Use queue {version}", status=pb.Status.ACCEPTED, body=BODY, **fields)
        request = pb.UpdateDecisionRequest(id=made.summary.id, expected_version=version, content=content)
        decision = (await records.update_decision(request)).decision
        assert decision is not None
        return decision

    kept = await update(1)
    assert kept.scope is not None
    assert (list(kept.scope.paths), list(kept.scope.categories)) == (["src/"], ["data"])
    emptied = await update(2, scope=pb.Scope())
    assert emptied.scope is not None
    assert (list(emptied.scope.paths), list(emptied.scope.categories)) == ([], [])


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (governance.GovernsPathsRequest(paths=["/etc/passwd"]), Code.INVALID_ARGUMENT),
        (governance.GovernsPathsRequest(paths=["a"] * 2001), Code.INVALID_ARGUMENT),
        (governance.GovernsPathsRequest(paths=["a"], log_slugs=["nowhere"]), Code.NOT_FOUND),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: GovernanceServiceClient, request_: governance.GovernsPathsRequest, code: Code
) -> None:
    with pytest.raises(ConnectError) as caught:
        await client.governs_paths(request_)
    assert caught.value.code is code


async def test_a_pattern_that_means_nothing_is_refused(records: DecisionsServiceClient) -> None:
    log = await make_log(records)
    with pytest.raises(ConnectError) as caught:
        await make(records, log, pb.Scope(paths=["[z-a]"]), pb.Status.ACCEPTED)
    assert caught.value.code is Code.INVALID_ARGUMENT


async def test_components_are_listed_and_removed(
    records: DecisionsServiceClient, client: GovernanceServiceClient
) -> None:
    log = await make_log(records)
    for name in ("web", "billing"):
        component = governance.Component(name=name, paths=[f"src/{name}/**"])
        await client.save_component(governance.SaveComponentRequest(log_id=log.id, component=component))
    await client.delete_component(governance.DeleteComponentRequest(log_id=log.id, name="web"))
    left = (await client.list_components(governance.ListComponentsRequest(log_id=log.id))).components
    assert [(component.name, list(component.paths)) for component in left] == [("billing", ["src/billing/**"])]
    with pytest.raises(ConnectError) as caught:
        await client.delete_component(governance.DeleteComponentRequest(log_id=log.id, name="web"))
    assert caught.value.code is Code.NOT_FOUND
