"""Every RPC, called by organisation B with organisation A's ids, tells B nothing and changes nothing of A's.

The RPCs come from the contracts' descriptors: a new one fails here until it has a case.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of, run_server
from support.services import Rpc, all_rpcs
from support.tenants import create_person, create_tenant

from cairn.entrypoints.authorization import ACTIONS
from cairn.gen.cairn.chat.v1 import chat_pb as chat
from cairn.gen.cairn.chat.v1 import writing_pb as writing
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClient
from cairn.gen.cairn.decisions.v1 import curation_pb as curation
from cairn.gen.cairn.decisions.v1 import decisions_pb as decisions
from cairn.gen.cairn.decisions.v1 import governance_pb as governance
from cairn.gen.cairn.decisions.v1 import lifecycle_pb as lifecycle
from cairn.gen.cairn.decisions.v1 import review_pb as review
from cairn.gen.cairn.decisions.v1 import versions_pb as versions
from cairn.gen.cairn.decisions.v1.curation_connect import CurationServiceClient
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.lifecycle_connect import LifecycleServiceClient
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceClient
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsServiceClient
from cairn.gen.cairn.gateway.v1 import gateway_pb as gateway
from cairn.gen.cairn.gateway.v1 import spending_pb as spending
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceClient
from cairn.gen.cairn.tenancy.v1 import people_pb as people
from cairn.gen.cairn.tenancy.v1 import tenancy_pb as tenancy
from cairn.gen.cairn.tenancy.v1.people_connect import PeopleServiceClient
from cairn.gen.cairn.tenancy.v1.tenancy_connect import TenancyServiceClient
from cairn.kernel.identity import Role
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token
from cairn.tenancy.domain import PERMISSIONS

SECRET = "Heliotrope"
CONTENT = decisions.Content(
    title=f"{SECRET} queue",
    status=decisions.Status.ACCEPTED,
    body=f"The {SECRET} text.",
    scope=decisions.Scope(paths=["heliotrope/**"]),
)
PROVIDER = {
    "kind": gateway.ProviderKind.ANTHROPIC,
    "name": "heliotrope-models",
    "models": ["m"],
    "key": "sk-heliotrope",
}


@dataclass(frozen=True, slots=True)
class World:
    """Two organisations: A with a decision, and tokens for people of both."""

    address: str
    token_a: str
    token_b: str
    token_author: str
    ids: dict[str, str]


# What B sends, made from A's ids. `not_found` cases must be refused so; `nothing` cases answer without a trace of A.
NOT_FOUND: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "cairn.chat.v1.ChatService/Ask": lambda a: {"question": SECRET, "conversation_id": a["conversation"]},
    "cairn.chat.v1.ChatService/DeleteConversation": lambda a: {"id": a["conversation"]},
    "cairn.chat.v1.ChatService/FollowGeneration": lambda a: {"generation_id": a["generation"]},
    "cairn.chat.v1.ChatService/GetConversation": lambda a: {"id": a["conversation"]},
    "cairn.chat.v1.ChatService/ExportConversation": lambda a: {"id": a["conversation"]},
    "cairn.chat.v1.ChatService/RenameConversation": lambda a: {"id": a["conversation"], "title": "Ours"},
    "cairn.chat.v1.ChatService/RestoreConversation": lambda a: {"id": a["conversation"]},
    "cairn.chat.v1.ChatService/ShareConversation": lambda a: {"id": a["conversation"], "shared": True},
    "cairn.chat.v1.ChatService/StopGeneration": lambda a: {"generation_id": a["generation"]},
    "cairn.chat.v1.WritingService/Draft": lambda a: {"text": SECRET, "decision_id": a["decision"], "model": "quotes"},
    "cairn.chat.v1.WritingService/Revise": lambda a: {
        "text": SECRET,
        "revision": writing.Revision.SUMMARISE,
        "model": "quotes",
        "decision_id": a["decision"],
    },
    "cairn.chat.v1.WritingService/Sweep": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.CurationService/BulkEdit": lambda a: {"decision_ids": [a["decision"]], "add_tags": ["x"]},
    "cairn.decisions.v1.CurationService/DeleteFilter": lambda a: {"id": a["filter"]},
    "cairn.decisions.v1.CurationService/DeleteTemplate": lambda a: {"log_id": a["log"], "name": "heliotrope"},
    "cairn.decisions.v1.CurationService/ListTemplates": lambda a: {"log_id": a["log"]},
    "cairn.decisions.v1.CurationService/ResolveName": lambda a: {"name": a["decision"]},
    "cairn.decisions.v1.CurationService/SaveTemplate": lambda a: {
        "log_id": a["log"],
        "template": curation.Template(name="x", body="x"),
    },
    "cairn.decisions.v1.CurationService/UndoBulkEdit": lambda a: {"id": a["bulk_edit"]},
    "cairn.decisions.v1.DecisionsService/CreateDecision": lambda a: {"log_id": a["log"], "content": CONTENT},
    "cairn.decisions.v1.DecisionsService/DeleteDecision": lambda a: {"id": a["decision"]},
    "cairn.decisions.v1.DecisionsService/ExportLog": lambda a: {"log_slug": a["log_slug"]},
    "cairn.decisions.v1.DecisionsService/FinishImport": lambda a: {"import_id": a["import"]},
    "cairn.decisions.v1.DecisionsService/GetDecision": lambda a: {"ref": a["decision"]},
    "cairn.decisions.v1.DecisionsService/GetImport": lambda a: {"id": a["import"]},
    "cairn.decisions.v1.DecisionsService/GetSource": lambda a: {"decision_id": a["imported"], "version": 1},
    "cairn.decisions.v1.DecisionsService/GetVersion": lambda a: {"decision_id": a["decision"], "version": 1},
    "cairn.decisions.v1.DecisionsService/ImportFiles": lambda a: {
        "import_id": a["import"],
        "files": [decisions.SourceFile(path="0009-x.md", content=b"# X\n\n## Status\n\nAccepted\n")],
    },
    "cairn.decisions.v1.DecisionsService/ListVersions": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.DecisionsService/RestoreDecision": lambda a: {"id": a["decision"]},
    "cairn.decisions.v1.DecisionsService/UpdateDecision": lambda a: {
        "id": a["decision"],
        "expected_version": 1,
        "content": CONTENT,
    },
    "cairn.decisions.v1.ExchangeService/Export": lambda a: {"log_slug": a["log_slug"]},
    "cairn.decisions.v1.ExchangeService/ImportHistory": lambda a: {"import_id": a["import"]},
    "cairn.decisions.v1.ExchangeService/PushFile": lambda a: {
        "decision_id": a["decision"],
        "expected_version": 1,
        "file": decisions.SourceFile(path="x.md", content=b"# X\n\n## Status\n\nAccepted\n"),
    },
    "cairn.decisions.v1.GovernanceService/DeleteComponent": lambda a: {"log_id": a["log"], "name": "heliotrope"},
    "cairn.decisions.v1.GovernanceService/ListComponents": lambda a: {"log_id": a["log"]},
    "cairn.decisions.v1.GovernanceService/SaveComponent": lambda a: {
        "log_id": a["log"],
        "component": governance.Component(name="x", paths=["x"]),
    },
    "cairn.decisions.v1.LifecycleService/ApproveDecision": lambda a: {"decision_id": a["decision"], "version": 1},
    "cairn.decisions.v1.LifecycleService/GetGraph": lambda a: {"log_slugs": [a["log_slug"]]},
    "cairn.decisions.v1.LifecycleService/GetLifecycle": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.LifecycleService/GetLogPolicy": lambda a: {"log_id": a["log"]},
    "cairn.decisions.v1.LifecycleService/ListReservations": lambda a: {"log_id": a["log"]},
    "cairn.decisions.v1.LifecycleService/ListTransitions": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.LifecycleService/RelateDecisions": lambda a: {
        "source_id": a["decision"],
        "kind": decisions.LinkKind.SUPERSEDES,
        "target_id": a["imported"],
    },
    "cairn.decisions.v1.LifecycleService/ReserveNumber": lambda a: {"log_id": a["log"]},
    "cairn.decisions.v1.LifecycleService/SetLogPolicy": lambda a: {
        "policy": lifecycle.LogPolicy(log_id=a["log"], required_approvals=1)
    },
    "cairn.decisions.v1.LifecycleService/TransitionDecision": lambda a: {
        "decision_id": a["decision"],
        "status": decisions.Status.DEPRECATED,
    },
    "cairn.decisions.v1.LifecycleService/UnrelateDecisions": lambda a: {"relation_id": a["relation"]},
    "cairn.decisions.v1.LifecycleService/WithdrawApproval": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.PublishingService/FollowLog": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.PublishingService/GetPublication": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.PublishingService/PublishDecision": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.PublishingService/PublishLog": lambda a: {"log_id": a["log"], "whole": True},
    "cairn.decisions.v1.PublishingService/WithdrawDecision": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.PublishingService/WithdrawLog": lambda a: {"log_id": a["log"]},
    "cairn.decisions.v1.ReviewService/ConfirmReview": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.ReviewService/GetCare": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.ReviewService/MarkSeen": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.ReviewService/SetOwner": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.ReviewService/SetReview": lambda a: {"decision_id": a["decision"], "review_on": "2027-01-01"},
    "cairn.decisions.v1.ReviewService/WatchDecision": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.VersionsService/AddComment": lambda a: {"decision_id": a["decision"], "body": "Ours."},
    "cairn.decisions.v1.VersionsService/BlameVersion": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.VersionsService/DiffVersions": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.VersionsService/ListComments": lambda a: {"decision_id": a["decision"]},
    "cairn.decisions.v1.VersionsService/ResolveComment": lambda a: {"comment_id": a["comment"]},
    "cairn.decisions.v1.VersionsService/RollBackDecision": lambda a: {"decision_id": a["decision"], "version": 1},
    "cairn.decisions.v1.GovernanceService/RunDoctor": lambda a: {"log_slugs": [a["log_slug"]]},
    "cairn.gateway.v1.GatewayService/DeleteProvider": lambda a: {"id": a["provider"]},
    "cairn.gateway.v1.GatewayService/SaveProvider": lambda a: {"id": a["provider"], **PROVIDER},
    "cairn.gateway.v1.GatewayService/TestProvider": lambda a: {"id": a["provider"]},
    "cairn.gateway.v1.SpendingService/SetSpendingRule": lambda a: {
        "rule": spending.SpendingRule(subject=a["person"], streams=1)
    },
    "cairn.search.v1.SearchService/GetIndexState": lambda a: {"decision_id": a["decision"]},
    "cairn.search.v1.SearchService/ListRelated": lambda a: {"decision_id": a["decision"]},
    "cairn.search.v1.SearchService/WatchIndexState": lambda a: {"decision_id": a["decision"]},
    "cairn.tenancy.v1.PeopleService/ChangeRole": lambda a: {"id": a["person"], "role": "author"},
    "cairn.tenancy.v1.PeopleService/RemoveMember": lambda a: {"id": a["person"]},
    "cairn.tenancy.v1.PeopleService/RevokeToken": lambda a: {"id": a["token"]},
}
NOTHING: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "cairn.chat.v1.ChatService/ListConversations": lambda _: {},
    "cairn.chat.v1.WritingService/Recall": lambda a: {"text": f"The {SECRET} queue text", "log_ids": [a["log"]]},
    # The same short name in another organisation is another log.
    "cairn.decisions.v1.DecisionsService/CreateLog": lambda a: {"slug": a["log_slug"], "name": "Ours"},
    "cairn.decisions.v1.CurationService/CountFacets": lambda a: {"log_ids": [a["log"]]},
    "cairn.decisions.v1.CurationService/ListFilters": lambda _: {},
    "cairn.decisions.v1.CurationService/SaveFilter": lambda _: {"filter": curation.SavedFilter(name="ours")},
    "cairn.decisions.v1.DecisionsService/ListDecisions": lambda a: {"log_ids": [a["log"]]},
    "cairn.decisions.v1.DecisionsService/ListImports": lambda _: {},
    "cairn.decisions.v1.DecisionsService/ListLogs": lambda _: {},
    "cairn.decisions.v1.DecisionsService/StartImport": lambda a: {"log_slug": a["log_slug"], "source": "ours"},
    "cairn.decisions.v1.GovernanceService/GovernsPaths": lambda _: {"paths": ["heliotrope/x"], "all_statuses": True},
    "cairn.decisions.v1.ReviewService/CreateCalendarFeed": lambda _: {},
    "cairn.decisions.v1.ReviewService/ListDue": lambda _: {"until": "2099-01-01"},
    "cairn.decisions.v1.ReviewService/ListInbox": lambda _: {},
    "cairn.decisions.v1.ReviewService/ListPeople": lambda _: {},
    "cairn.decisions.v1.GovernanceService/ApplyFixes": lambda a: {
        "fixes": [governance.ChosenFix(key=f"unlinked:{a['decision']}", kind=governance.FixKind.ACKNOWLEDGE)]
    },
    "cairn.decisions.v1.GovernanceService/ReportAgain": lambda a: {"keys": [f"unlinked:{a['decision']}"]},
    "cairn.gateway.v1.GatewayService/ListModels": lambda _: {},
    "cairn.gateway.v1.GatewayService/ListProviders": lambda _: {},
    "cairn.gateway.v1.SpendingService/GetSpending": lambda _: {},
    "cairn.gateway.v1.SpendingService/GetUsage": lambda _: {"by": "person"},
    "cairn.gateway.v1.SpendingService/ResumeCalls": lambda _: {"reason": "Ours."},
    "cairn.gateway.v1.SpendingService/StopCalls": lambda _: {"reason": "Ours."},
    "cairn.search.v1.SearchService/Search": lambda a: {"query": f"{SECRET} queue", "log_ids": [a["log"]]},
    "cairn.search.v1.SearchService/CheckIndex": lambda _: {},
    "cairn.search.v1.SearchService/Reindex": lambda _: {},
    "cairn.search.v1.SearchService/Suggest": lambda _: {"text": SECRET},
    "cairn.tenancy.v1.PeopleService/AddMember": lambda _: {"name": "Ours", "role": "author"},
    "cairn.tenancy.v1.PeopleService/CreateToken": lambda _: {"name": "ours"},
    "cairn.tenancy.v1.TenancyService/GetSession": lambda _: {},
    "cairn.tenancy.v1.PeopleService/ListMembers": lambda _: {},
    "cairn.tenancy.v1.PeopleService/ListTokens": lambda _: {},
}


@pytest.fixture
async def world(database_urls: DatabaseUrls, database: Database, tmp_path: Path) -> AsyncIterator[World]:
    a, b = await create_tenant(database, name=SECRET), await create_tenant(database, name="Other")
    author = await create_person(database, a.tenant_id, role=Role.AUTHOR)
    tokens = [await create_token(database, person, "test") for person in (a, b, author)]
    async with run_server(database_urls, tmp_path, local=False) as address:
        ids = await fill(address, tokens[0])
        yield World(address, *tokens, ids=ids)


async def fill(address: str, token: str) -> dict[str, str]:
    client = client_of(DecisionsServiceClient, address, token)
    log = (await client.create_log(decisions.CreateLogRequest(slug="heliotrope-log", name=SECRET))).log
    made = (await client.create_decision(decisions.CreateDecisionRequest(log_id=log.id, content=CONTENT))).decision
    import_ = (await client.start_import(decisions.StartImportRequest(log_slug=log.slug, source=SECRET))).import_
    file = decisions.SourceFile(
        path="0007-heliotrope.md", content=b"# 7. Heliotrope\n\n## Status\n\nAccepted\n\n## Context\n\nX\n"
    )
    request = decisions.ImportFilesRequest(import_id=import_.id, files=[file])
    [report] = (await client.import_files(request)).reports
    lives = client_of(LifecycleServiceClient, address, token)
    relate = lifecycle.RelateDecisionsRequest(
        source_id=made.summary.id, kind=decisions.LinkKind.DEPENDS_ON, target_id=report.decision_id
    )
    relation = (await lives.relate_decisions(relate)).relation
    texts = client_of(VersionsServiceClient, address, token)
    said = versions.AddCommentRequest(decision_id=made.summary.id, body=f"Is {SECRET} right?")
    comment = (await texts.add_comment(said)).comment
    due = review.SetReviewRequest(decision_id=made.summary.id, review_on="2026-01-01")
    await client_of(ReviewServiceClient, address, token).set_review(due)
    keeper = client_of(CurationServiceClient, address, token)
    saved = curation.SavedFilter(name=SECRET, shared=True, text=SECRET)
    filter_ = (await keeper.save_filter(curation.SaveFilterRequest(filter=saved))).filter
    many = await keeper.bulk_edit(curation.BulkEditRequest(decision_ids=[report.decision_id], add_tags=["heliotrope"]))
    models = client_of(GatewayServiceClient, address, token)
    provider = (await models.save_provider(gateway.SaveProviderRequest(**PROVIDER))).provider
    person = await client_of(TenancyServiceClient, address, token).get_session(tenancy.GetSessionRequest())
    tokens = await client_of(PeopleServiceClient, address, token).list_tokens(people.ListTokensRequest())
    stream = client_of(ChatServiceClient, address, token).ask(chat.AskRequest(question=f"Why {SECRET}?"))
    events = [message.event async for message in stream]
    started = events[0].event.value
    return {
        "filter": filter_.id,
        "bulk_edit": many.id,
        "provider": provider.id,
        "person": person.person_id,
        "token": tokens.tokens[0].id,
        "conversation": started.conversation_id,
        "generation": started.generation_id,
        "log": log.id,
        "log_slug": log.slug,
        "decision": made.summary.id,
        "relation": relation.id,
        "comment": comment.id,
        "import": import_.id,
        "imported": report.decision_id,
    }


async def call(world: World, rpc: Rpc, token: str | None, fields: dict[str, Any]) -> str:
    """Return what an RPC answers, as JSON; of a stream, which may go on for good, the first message."""
    client = client_of(rpc.client, world.address, token)
    answer = getattr(client, rpc.method)(rpc.request(**fields))
    if rpc.streams:
        async with contextlib.aclosing(answer):
            return (await anext(answer)).to_json()
    return (await answer).to_json()


def test_every_rpc_has_a_case_and_an_action() -> None:
    names = {rpc.name for rpc in all_rpcs()}
    assert names == NOT_FOUND.keys() | NOTHING.keys()
    assert not NOT_FOUND.keys() & NOTHING.keys()
    assert names == ACTIONS.keys()


async def test_another_organisation_finds_nothing_by_our_ids(world: World) -> None:
    answers: dict[str, object] = {}
    for rpc in all_rpcs():
        if rpc.name not in NOT_FOUND:
            continue
        try:
            answers[rpc.name] = await call(world, rpc, world.token_b, NOT_FOUND[rpc.name](world.ids))
        except ConnectError as error:
            answers[rpc.name] = error.code
    assert answers == dict.fromkeys(NOT_FOUND, Code.NOT_FOUND)


async def test_another_organisation_reads_nothing_of_ours(world: World) -> None:
    ours = {SECRET.lower(), world.ids["log"], world.ids["decision"], world.ids["import"], world.ids["imported"]}
    for rpc in all_rpcs():
        if rpc.name in NOTHING:
            fields = NOTHING[rpc.name](world.ids)
            sent = " ".join(str(value) for value in fields.values()).lower()
            answer = (await call(world, rpc, world.token_b, fields)).lower()
            leaked = [word for word in ours if word in answer.replace(world.ids["log_slug"], "") and word not in sent]
            assert not leaked, f"{rpc.name} leaked {leaked}"


async def test_what_another_organisation_tried_changed_nothing(world: World) -> None:
    client = client_of(DecisionsServiceClient, world.address, world.token_a)
    before = (await client.get_decision(decisions.GetDecisionRequest(ref=world.ids["decision"]))).to_json()
    for rpc in all_rpcs():
        if rpc.name in NOT_FOUND:
            with pytest.raises(ConnectError):
                await call(world, rpc, world.token_b, NOT_FOUND[rpc.name](world.ids))
    assert (await client.get_decision(decisions.GetDecisionRequest(ref=world.ids["decision"]))).to_json() == before
    listed = await client.list_decisions(decisions.ListDecisionsRequest(log_ids=[world.ids["log"]]))
    assert len(listed.decisions) == 2


@pytest.mark.parametrize("token", [None, "cairn_wrong", "not even a token"])
async def test_every_rpc_refuses_a_caller_it_does_not_know(world: World, token: str | None) -> None:
    codes = {}
    for rpc in all_rpcs():
        with pytest.raises(ConnectError) as caught:
            await call(world, rpc, token, {})
        codes[rpc.name] = caught.value.code
    assert set(codes.values()) == {Code.UNAUTHENTICATED}


async def test_every_rpc_refuses_a_role_that_may_not(world: World) -> None:
    refused = set()
    for rpc in all_rpcs():
        cases = NOT_FOUND.get(rpc.name) or NOTHING[rpc.name]
        try:
            await call(world, rpc, world.token_author, cases(world.ids))
        except ConnectError as error:
            # A right that depends on whose the decision is ends in a message of its own.
            if error.code is Code.PERMISSION_DENIED and "Ask an admin" in error.message:
                refused.add(rpc.name)
    assert refused == {name for name, action in ACTIONS.items() if Role.AUTHOR not in PERMISSIONS[action]}
