"""The life of a decision over the wire, by people of several roles."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of, run_server
from support.tenants import create_person, create_tenant

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1 import lifecycle_pb as life
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.lifecycle_connect import LifecycleServiceClient
from cairn.kernel.identity import Role
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token


@dataclass
class Someone:
    """A person's two clients."""

    records: Any
    lives: Any

    async def make(self, log: pb.Log, title: str, **fields: Any) -> pb.DecisionSummary:
        content = pb.Content(**{"title": title, "status": pb.Status.PROPOSED, "body": "Because.", **fields})
        made = await self.records.create_decision(pb.CreateDecisionRequest(log_id=log.id, content=content))
        return made.decision.summary

    async def move(self, which: pb.DecisionSummary, status: pb.Status) -> life.TransitionDecisionResponse:
        return await self.lives.transition_decision(
            life.TransitionDecisionRequest(decision_id=which.id, status=status, message="As agreed.")
        )

    async def relate(
        self, source: pb.DecisionSummary, kind: pb.LinkKind, target: pb.DecisionSummary, section: str = ""
    ) -> life.RelateDecisionsResponse:
        return await self.lives.relate_decisions(
            life.RelateDecisionsRequest(source_id=source.id, kind=kind, target_id=target.id, section=section)
        )

    async def read(self, which: pb.DecisionSummary) -> pb.Decision:
        return (await self.records.get_decision(pb.GetDecisionRequest(ref=which.id))).decision

    async def life(self, which: pb.DecisionSummary) -> life.GetLifecycleResponse:
        return await self.lives.get_lifecycle(life.GetLifecycleRequest(decision_id=which.id))


@dataclass
class Team:
    """An organisation with a log and one person of each role."""

    log: pb.Log
    author: Someone
    reviewer: Someone
    second: Someone
    maintainer: Someone


@pytest.fixture
async def team(database_urls: DatabaseUrls, database: Database, tmp_path: Path) -> AsyncIterator[Team]:
    maintainer = await create_tenant(database, role=Role.MAINTAINER)
    people = [
        await create_person(database, maintainer.tenant_id, role=role, name=name)
        for role, name in ((Role.AUTHOR, "Ada"), (Role.REVIEWER, "Grace"), (Role.REVIEWER, "Edsger"))
    ]
    async with run_server(database_urls, tmp_path, local=False) as address:
        made: list[Someone] = []
        for person in [*people, maintainer]:
            token = await create_token(database, person, "test")
            made.append(
                Someone(
                    client_of(DecisionsServiceClient, address, token), client_of(LifecycleServiceClient, address, token)
                )
            )
        request = pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="A log")
        log = (await made[3].records.create_log(request)).log
        yield Team(log, *made)


async def refused(call: Any, code: Code) -> str:
    with pytest.raises(ConnectError) as caught:
        await call
    assert caught.value.code is code
    return caught.value.message


async def test_a_decision_lives_from_draft_to_deprecated_in_versions(team: Team) -> None:
    made = await team.author.make(team.log, "Use a queue", status=pb.Status.DRAFT)
    await team.author.move(made, pb.Status.PROPOSED)
    assert "Those who may: reviewers" in await refused(
        team.author.move(made, pb.Status.ACCEPTED), Code.PERMISSION_DENIED
    )
    accepted = (await team.reviewer.move(made, pb.Status.ACCEPTED)).decision
    assert accepted.summary.decided_on
    assert "one step" in await refused(team.maintainer.move(made, pb.Status.REJECTED), Code.FAILED_PRECONDITION)
    await team.maintainer.move(made, pb.Status.DEPRECATED)
    moves = (await team.author.lives.list_transitions(life.ListTransitionsRequest(decision_id=made.id))).transitions
    assert [(t.version, t.to, t.author_name) for t in moves] == [
        (1, pb.Status.DRAFT, "Ada"),
        (2, pb.Status.PROPOSED, "Ada"),
        (3, pb.Status.ACCEPTED, "Grace"),
        (4, pb.Status.DEPRECATED, "Test's person"),
    ]
    assert [moves[0].from_, moves[1].from_] == [pb.Status.UNSPECIFIED, pb.Status.DRAFT]


async def test_an_edit_cannot_change_a_status_past_the_table(team: Team) -> None:
    made = await team.author.make(team.log, "Use a queue")
    content = pb.Content(title="Use a queue", status=pb.Status.ACCEPTED, body="Because.")
    request = pb.UpdateDecisionRequest(id=made.id, expected_version=1, content=content)
    await refused(team.author.records.update_decision(request), Code.PERMISSION_DENIED)
    create = pb.CreateDecisionRequest(log_id=team.log.id, content=content)
    await refused(team.author.records.create_decision(create), Code.PERMISSION_DENIED)


async def test_the_page_is_told_what_may_come_next_and_why_not(team: Team) -> None:
    policy = life.LogPolicy(
        log_id=team.log.id, status_names=[life.StatusName(status=pb.Status.ACCEPTED, name="In force")]
    )
    await refused(team.reviewer.lives.set_log_policy(life.SetLogPolicyRequest(policy=policy)), Code.PERMISSION_DENIED)
    await team.maintainer.lives.set_log_policy(life.SetLogPolicyRequest(policy=policy))
    made = await team.author.make(team.log, "Use a queue")
    seen = await team.author.life(made)
    told = {n.name: bool(n.refusal) for n in seen.next}
    assert told == {"draft": False, "In force": True, "rejected": True}
    assert {n.name: n.refusal for n in (await team.reviewer.life(made)).next}["In force"] == ""


async def test_approvals_are_of_one_text_by_others_and_counted(team: Team) -> None:
    policy = life.LogPolicy(log_id=team.log.id, required_approvals=2)
    await team.maintainer.lives.set_log_policy(life.SetLogPolicyRequest(policy=policy))
    made = await team.author.make(team.log, "Use a queue")

    async def approve(who: Someone, version: int) -> life.ApproveDecisionResponse:
        return await who.lives.approve_decision(life.ApproveDecisionRequest(decision_id=made.id, version=version))

    await refused(approve(team.author, 1), Code.PERMISSION_DENIED)
    assert (await approve(team.reviewer, 1)).approvals_count == 1
    assert (await approve(team.reviewer, 1)).approvals_count == 1
    assert "this text has 1" in await refused(team.maintainer.move(made, pb.Status.ACCEPTED), Code.FAILED_PRECONDITION)
    content = pb.Content(title="Use a queue", status=pb.Status.PROPOSED, body="Other words.")
    await team.author.records.update_decision(pb.UpdateDecisionRequest(id=made.id, expected_version=1, content=content))
    await refused(approve(team.second, 1), Code.ABORTED)
    assert (await approve(team.second, 2)).approvals_count == 1
    seen = await team.author.life(made)
    told = [(a.person_name, a.version, a.counts, a.void_since) for a in seen.approvals]
    assert told == [("Grace", 1, False, 2), ("Edsger", 2, True, 0)]
    assert len(seen.approvals[0].content_hash) == 64
    assert (await approve(team.reviewer, 2)).approvals_count == 2
    await team.reviewer.lives.withdraw_approval(life.WithdrawApprovalRequest(decision_id=made.id))
    await refused(team.maintainer.move(made, pb.Status.ACCEPTED), Code.FAILED_PRECONDITION)
    await approve(team.reviewer, 2)
    await team.maintainer.move(made, pb.Status.ACCEPTED)
    edit = pb.Content(title="Use a queue", status=pb.Status.ACCEPTED, body="Behind their backs.")
    request = pb.UpdateDecisionRequest(id=made.id, expected_version=3, content=edit)
    assert "approvals of the text" in await refused(
        team.maintainer.records.update_decision(request), Code.FAILED_PRECONDITION
    )


async def test_nobody_approves_their_own_text_even_after_others_moved_it(team: Team) -> None:
    made = await team.reviewer.make(team.log, "Use a queue", status=pb.Status.DRAFT)
    await team.maintainer.move(made, pb.Status.PROPOSED)
    request = life.ApproveDecisionRequest(decision_id=made.id, version=2)
    assert "another person" in await refused(team.reviewer.lives.approve_decision(request), Code.PERMISSION_DENIED)
    assert (await team.second.lives.approve_decision(request)).approvals_count == 1


async def test_a_supersession_takes_effect_with_its_acceptance_and_is_undone_cleanly(team: Team) -> None:
    old = await team.author.make(team.log, "Poll")
    await team.reviewer.move(old, pb.Status.ACCEPTED)
    new = await team.author.make(team.log, "Push")
    stated = await team.author.relate(new, pb.LinkKind.SUPERSEDES, old)
    assert (stated.relation.in_force, list(stated.also_changed)) == (False, [])
    assert (await team.author.read(old)).summary.status is pb.Status.ACCEPTED
    accepted = await team.reviewer.move(new, pb.Status.ACCEPTED)
    assert [(s.id, s.status, s.successor.ref) for s in accepted.also_changed] == [
        (old.id, pb.Status.SUPERSEDED, new.ref)
    ]
    ends = [(await team.author.life(which)).relations for which in (old, new)]
    assert ends[0] == ends[1]
    assert [(r.kind, r.source.id, r.target.id, r.in_force) for r in ends[0]] == [
        (pb.LinkKind.SUPERSEDES, new.id, old.id, True)
    ]
    seen = await team.author.read(old)
    assert [(k.kind, k.decision.id, k.relation_id) for k in seen.backlinks] == [
        (pb.LinkKind.SUPERSEDED_BY, new.id, ends[0][0].id)
    ]
    assert "superseded by" in await refused(team.maintainer.move(old, pb.Status.ACCEPTED), Code.FAILED_PRECONDITION)
    undo = life.UnrelateDecisionsRequest(relation_id=ends[0][0].id)
    undone = await team.maintainer.lives.unrelate_decisions(undo)
    assert [(s.id, s.status) for s in undone.also_changed] == [(old.id, pb.Status.ACCEPTED)]
    after = await team.author.read(old)
    assert after.content_hash == (await team.author.records.get_version(
        pb.GetVersionRequest(decision_id=old.id, version=2))).version.content_hash  # fmt: skip
    assert not after.backlinks


async def test_a_relation_can_be_stated_from_either_end_and_a_circle_cannot(team: Team) -> None:
    first, second, third = [await team.maintainer.make(team.log, title) for title in ("One", "Two", "Three")]
    passive = await team.maintainer.relate(first, pb.LinkKind.SUPERSEDED_BY, second)
    active = await team.maintainer.relate(second, pb.LinkKind.SUPERSEDES, first)
    assert passive.relation.id == active.relation.id
    await team.maintainer.relate(third, pb.LinkKind.SUPERSEDES, second)
    message = await refused(team.maintainer.relate(first, pb.LinkKind.SUPERSEDES, third), Code.FAILED_PRECONDITION)
    path = f"{first.ref} supersedes {third.ref} supersedes {second.ref} supersedes {first.ref}"
    assert path in message
    part = await team.maintainer.relate(first, pb.LinkKind.AMENDS, third, "Consequences")
    assert part.relation.section == "Consequences"


async def test_two_halves_of_a_circle_stated_side_by_side_do_not_both_stand(team: Team) -> None:
    first, second = [await team.maintainer.make(team.log, title) for title in ("One", "Two")]
    outcomes = await asyncio.gather(
        team.maintainer.relate(first, pb.LinkKind.SUPERSEDES, second),
        team.maintainer.relate(second, pb.LinkKind.SUPERSEDES, first),
        return_exceptions=True,
    )
    errors = [outcome for outcome in outcomes if isinstance(outcome, ConnectError)]
    assert [error.code for error in errors] == [Code.FAILED_PRECONDITION]
    assert len((await team.author.life(first)).relations) == 1


async def test_what_a_text_says_takes_effect_when_it_is_accepted(team: Team) -> None:
    old = await team.maintainer.make(team.log, "Poll", status=pb.Status.ACCEPTED)
    new = await team.author.make(team.log, "Push", body=f"Supersedes {old.ref}.")
    assert (await team.author.read(old)).summary.status is pb.Status.ACCEPTED
    await team.reviewer.move(new, pb.Status.ACCEPTED)
    assert (await team.author.read(old)).summary.status is pb.Status.SUPERSEDED
    [relation] = (await team.author.life(old)).relations
    assert (relation.id, relation.in_text, relation.in_force) == ("", True, True)
    await team.maintainer.move(new, pb.Status.PROPOSED)
    assert (await team.author.read(old)).summary.status is pb.Status.ACCEPTED


async def test_a_stale_edit_brings_both_texts(team: Team) -> None:
    made = await team.author.make(team.log, "Use a queue")
    content = pb.Content(title="Use a queue", status=pb.Status.PROPOSED, body="Theirs.")
    await team.reviewer.records.update_decision(
        pb.UpdateDecisionRequest(id=made.id, expected_version=1, content=content)
    )
    with pytest.raises(ConnectError) as caught:
        await team.author.records.update_decision(
            pb.UpdateDecisionRequest(
                id=made.id, expected_version=1, content=pb.Content(title="T", status=pb.Status.PROPOSED, body="Mine.")
            )
        )
    assert caught.value.code is Code.ABORTED
    [detail] = caught.value.details
    texts = detail.value(pb.StaleEditDetail)
    assert texts is not None
    assert (texts.base.body, texts.current.body, texts.current.author_name) == ("Because.", "Theirs.", "Grace")
    assert (await team.author.read(made)).body == "Theirs."


async def test_a_reserved_number_is_for_one_decision(team: Team) -> None:
    async def reserve(**fields: Any) -> life.Reservation:
        request = life.ReserveNumberRequest(log_id=team.log.id, **fields)
        return (await team.author.lives.reserve_number(request)).reservation

    first = await reserve(purpose="branch queue")
    secure = await reserve(prefix="sec")
    assert [first.ref, secure.ref, (await reserve(prefix="SEC")).ref] == ["ADR-0001", "SEC-0001", "SEC-0002"]
    made = await team.author.make(team.log, "Not reserved")
    assert made.ref == "ADR-0002"
    content = pb.Content(title="Reserved", status=pb.Status.PROPOSED, body="B.")
    request = pb.CreateDecisionRequest(log_id=team.log.id, content=content, number=1, prefix="SEC")
    taken = (await team.author.records.create_decision(request)).decision.summary
    assert (taken.ref, taken.number) == ("SEC-0001", 1)
    assert "has a decision already" in await refused(
        team.author.records.create_decision(request), Code.FAILED_PRECONDITION
    )
    request.number = 40
    assert "was not reserved" in await refused(team.author.records.create_decision(request), Code.FAILED_PRECONDITION)
    found = await team.author.records.get_decision(pb.GetDecisionRequest(ref="SEC-1", log_slug=team.log.slug))
    assert found.decision.summary.id == taken.id
    listed = (await team.author.lives.list_reservations(life.ListReservationsRequest(log_id=team.log.id))).reservations
    assert {r.ref: r.decision_id for r in listed} == {"ADR-0001": "", "SEC-0001": taken.id, "SEC-0002": ""}


async def test_deleting_a_successor_gives_the_status_back(team: Team) -> None:
    old, new = [await team.maintainer.make(team.log, t, status=pb.Status.ACCEPTED) for t in ("Poll", "Push")]
    await team.maintainer.relate(new, pb.LinkKind.SUPERSEDES, old)
    assert (await team.author.read(old)).summary.status is pb.Status.SUPERSEDED
    await refused(team.author.records.delete_decision(pb.DeleteDecisionRequest(id=new.id)), Code.PERMISSION_DENIED)
    await team.maintainer.records.delete_decision(pb.DeleteDecisionRequest(id=new.id))
    assert (await team.author.read(old)).summary.status is pb.Status.ACCEPTED
    await team.maintainer.records.restore_decision(pb.RestoreDecisionRequest(id=new.id))
    assert (await team.author.read(old)).summary.status is pb.Status.SUPERSEDED


async def test_what_people_stated_survives_an_export_and_an_import(team: Team) -> None:
    old, new, plan = [
        await team.maintainer.make(team.log, title, status=pb.Status.ACCEPTED) for title in ("Poll", "Push", "Plan")
    ]
    await team.maintainer.relate(new, pb.LinkKind.SUPERSEDES, old)
    await team.maintainer.relate(plan, pb.LinkKind.IMPLEMENTS, new)
    files = [
        message.file
        async for message in team.maintainer.records.export_log(pb.ExportLogRequest(log_slug=team.log.slug))
    ]
    start = pb.StartImportRequest(log_slug=f"{team.log.slug}-copy", source="export")
    opened = (await team.maintainer.records.start_import(start)).import_
    await team.maintainer.records.import_files(pb.ImportFilesRequest(import_id=opened.id, files=files))
    await team.maintainer.records.finish_import(pb.FinishImportRequest(import_id=opened.id))
    request = pb.ListDecisionsRequest(log_ids=[opened.log_id])
    copies = {d.title: d for d in (await team.author.records.list_decisions(request)).decisions}
    assert (copies["Poll"].status, copies["Poll"].successor.id) == (pb.Status.SUPERSEDED, copies["Push"].id)
    edges = (await team.author.life(copies["Push"])).relations
    assert {(r.kind, r.source.title, r.target.title, r.in_text) for r in edges} == {
        (pb.LinkKind.SUPERSEDES, "Push", "Poll", True),
        (pb.LinkKind.IMPLEMENTS, "Plan", "Push", True),
    }
    assert len(edges) == 2


async def test_the_graph_of_a_log_holds_each_edge_once_and_none_to_what_is_gone(team: Team) -> None:
    ada = team.maintainer
    old = await ada.make(team.log, "Old", status=pb.Status.ACCEPTED, decided_on="2024-03-01")
    new = await ada.make(team.log, "New", decided_on="2025-03-01", body=f"Supersedes {old.ref}.")
    other = await ada.make(team.log, "Other", decided_on="2023-03-01")
    gone = await ada.make(team.log, "Gone")
    await ada.relate(new, pb.LinkKind.SUPERSEDES, old)
    await ada.relate(other, pb.LinkKind.CONFLICTS_WITH, new)
    await ada.relate(other, pb.LinkKind.DEPENDS_ON, gone)
    await ada.records.delete_decision(pb.DeleteDecisionRequest(id=gone.id))
    graph = await ada.lives.get_graph(life.GetGraphRequest(log_slugs=[team.log.slug]))
    assert [one.title for one in graph.decisions] == ["Other", "Old", "New"]
    edges = {(one.kind, graph.decisions[one.source].title, graph.decisions[one.target].title) for one in graph.edges}
    assert edges == {(pb.LinkKind.SUPERSEDES, "New", "Old"), (pb.LinkKind.CONFLICTS_WITH, "Other", "New")}
    assert len(graph.edges) == len(edges)
    assert not graph.truncated
    await refused(ada.lives.get_graph(life.GetGraphRequest(log_slugs=["nowhere"])), Code.NOT_FOUND)
