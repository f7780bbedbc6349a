"""Templates, saved filters, bulk edits and old names, over the wire."""

from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import curation_pb as pb
from cairn.gen.cairn.decisions.v1 import decisions_pb as decisions
from cairn.gen.cairn.decisions.v1 import exchange_pb as exchange
from cairn.gen.cairn.decisions.v1 import review_pb as review
from cairn.gen.cairn.decisions.v1.curation_connect import CurationServiceClient
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.exchange_connect import ExchangeServiceClient
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceClient

SOURCE = (
    b"# 3. Queue the mail\r\n\r\n## Status\r\n\r\nAccepted\r\n\r\n## 2. Context\r\n\r\nSlow, see [4](0004-x.md).\r\n"
)


@pytest.fixture
def records(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


@pytest.fixture
def client(address: str) -> CurationServiceClient:
    return client_of(CurationServiceClient, address)


async def make_log(records: DecisionsServiceClient) -> decisions.Log:
    log = (await records.create_log(decisions.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}"))).log
    assert log is not None
    return log


async def import_one(records: DecisionsServiceClient, log: decisions.Log, path: str = "0003-queue.md") -> str:
    opened = (await records.start_import(decisions.StartImportRequest(log_slug=log.slug, source="x"))).import_
    assert opened is not None
    files = [decisions.SourceFile(path=path, content=SOURCE)]
    [report] = (await records.import_files(decisions.ImportFilesRequest(import_id=opened.id, files=files))).reports
    return report.decision_id


async def get(records: DecisionsServiceClient, ref: str) -> decisions.Decision:
    decision = (await records.get_decision(decisions.GetDecisionRequest(ref=ref))).decision
    assert decision is not None
    assert decision.summary is not None
    return decision


async def test_a_log_has_four_templates_and_its_own(
    records: DecisionsServiceClient, client: CurationServiceClient
) -> None:
    log = await make_log(records)

    async def listed() -> list[tuple[str, bool, bool]]:
        answer = await client.list_templates(pb.ListTemplatesRequest(log_id=log.id))
        return [(t.name, t.builtin, t.chosen) for t in answer.templates]

    brought = [
        ("madr", True, True),
        ("madr-minimal", True, False),
        ("nygard", True, False),
        ("y-statement", True, False),
    ]
    assert await listed() == brought
    own = pb.Template(name="ours", description="Our form", body="## Why\n", chosen=True)
    await client.save_template(pb.SaveTemplateRequest(log_id=log.id, template=own))
    assert await listed() == [("madr", True, False), *brought[1:], ("ours", False, True)]
    choice = pb.Template(name="nygard", chosen=True)
    chosen = (await client.save_template(pb.SaveTemplateRequest(log_id=log.id, template=choice))).template
    assert chosen is not None
    assert "## Consequences" in chosen.body
    await client.delete_template(pb.DeleteTemplateRequest(log_id=log.id, name="ours"))
    assert [name for name, _, is_chosen in await listed() if is_chosen] == ["nygard"]
    with pytest.raises(ConnectError) as caught:
        await client.delete_template(pb.DeleteTemplateRequest(log_id=log.id, name="madr"))
    assert caught.value.code is Code.NOT_FOUND


async def test_a_filter_is_kept_under_its_name(client: CurationServiceClient) -> None:
    owner = str(uuid4())
    for text in ("old", "kafka"):
        saved = pb.SavedFilter(name=" Mine ", tags=["data"], statuses=[decisions.Status.ACCEPTED], text=text)
        saved.owner_ids, saved.governs = [owner], True
        await client.save_filter(pb.SaveFilterRequest(filter=saved))
    [kept] = (await client.list_filters(pb.ListFiltersRequest())).filters
    assert (kept.name, kept.own, kept.shared, list(kept.tags), kept.text) == ("Mine", True, False, ["data"], "kafka")
    assert (list(kept.statuses), list(kept.owner_ids), kept.governs) == ([decisions.Status.ACCEPTED], [owner], True)
    await client.delete_filter(pb.DeleteFilterRequest(id=kept.id))
    assert list((await client.list_filters(pb.ListFiltersRequest())).filters) == []


async def test_a_bulk_edit_is_taken_back_but_for_what_changed_since(
    records: DecisionsServiceClient, client: CurationServiceClient, address: str
) -> None:
    log = await make_log(records)
    first, second = await import_one(records, log), await import_one(records, log, "0004-x.md")
    edited = await client.bulk_edit(
        pb.BulkEditRequest(
            decision_ids=[first, second],
            add_tags=["mail"],
            add_scope=decisions.Scope(paths=["mail/**"], components=["mail"]),
            message="Sort the mail",
        )
    )
    assert [(result.done, result.version) for result in edited.results] == [(True, 2), (True, 2)]
    changed = await get(records, first)
    assert changed.summary is not None
    assert changed.scope is not None
    assert (list(changed.summary.tags), list(changed.scope.components)) == (["mail"], ["mail"])
    assert len(changed.links) == 1
    again = await client.bulk_edit(pb.BulkEditRequest(decision_ids=[first], add_tags=["mail"]))
    assert (again.id, again.results[0].message) == ("", "nothing to change")
    await client.bulk_edit(pb.BulkEditRequest(decision_ids=[second], remove_tags=["mail"]))

    undone = await client.undo_bulk_edit(pb.UndoBulkEditRequest(id=edited.id))
    told = {result.decision_id: (result.done, result.message) for result in undone.results}
    assert told[first] == (True, "")
    assert told[second][0] is False
    assert "was changed since, in version 3" in told[second][1]
    stream = client_of(ExchangeServiceClient, address).export(exchange.ExportRequest(log_slug=log.slug, ref=first))
    files = [answer.file.content async for answer in stream if answer.file]
    assert files == [SOURCE]
    with pytest.raises(ConnectError) as caught:
        await client.undo_bulk_edit(pb.UndoBulkEditRequest(id=edited.id))
    assert caught.value.code is Code.FAILED_PRECONDITION


async def test_many_get_an_owner_and_a_review_and_lose_them_again_but_for_those_that_changed_since(
    records: DecisionsServiceClient, client: CurationServiceClient, address: str
) -> None:
    log = await make_log(records)
    first, second = await import_one(records, log), await import_one(records, log, "0004-x.md")
    cares = client_of(ReviewServiceClient, address)
    [me, *_] = (await cares.list_people(review.ListPeopleRequest())).people

    async def upkeep(decision_id: str) -> tuple[str, str, int, bool]:
        care = (await cares.get_care(review.GetCareRequest(decision_id=decision_id))).care
        assert care is not None
        return care.owner.name if care.owner else "", care.review_on, care.every_months, care.watching

    await cares.set_review(review.SetReviewRequest(decision_id=second, review_on="2027-01-01"))
    plan = pb.ReviewPlan(review_on="2027-03-31", every_months=12)
    edited = await client.bulk_edit(pb.BulkEditRequest(decision_ids=[first, second], owner_id=me.id, review=plan))
    assert [(result.done, result.version) for result in edited.results] == [(True, 1), (True, 1)]
    assert await upkeep(first) == await upkeep(second) == (me.name, "2027-03-31", 12, True)
    again = await client.bulk_edit(pb.BulkEditRequest(decision_ids=[first], owner_id=me.id, review=plan))
    assert (again.id, again.results[0].message) == ("", "nothing to change")

    await cares.set_review(review.SetReviewRequest(decision_id=first, review_on="2028-01-01"))
    undone = await client.undo_bulk_edit(pb.UndoBulkEditRequest(id=edited.id))
    told = {result.decision_id: (result.done, result.message) for result in undone.results}
    assert told[first][0] is False
    assert "has another owner or review since" in told[first][1]
    assert told[second] == (True, "")
    assert (await upkeep(first))[:3] == (me.name, "2028-01-01", 0)
    assert (await upkeep(second))[:3] == ("", "2027-01-01", 0)

    nobody = await client.bulk_edit(pb.BulkEditRequest(decision_ids=[first], owner_id="", add_tags=["mail"]))
    assert (nobody.results[0].version, (await upkeep(first))[0]) == (2, "")
    await client.undo_bulk_edit(pb.UndoBulkEditRequest(id=nobody.id))
    back = await get(records, first)
    assert back.summary is not None
    assert (list(back.summary.tags), (await upkeep(first))[0]) == ([], me.name)


async def test_an_owner_whom_nobody_knows_or_a_day_that_is_none_changes_nothing(
    records: DecisionsServiceClient, client: CurationServiceClient
) -> None:
    decision_id = await import_one(records, await make_log(records))
    for request, field in (
        (pb.BulkEditRequest(decision_ids=[decision_id], owner_id=str(uuid4()), add_tags=["x"]), "person"),
        (pb.BulkEditRequest(decision_ids=[decision_id], review=pb.ReviewPlan(review_on="soon")), "not a date"),
        (pb.BulkEditRequest(decision_ids=[decision_id], review=pb.ReviewPlan(every_months=121)), "121"),
    ):
        with pytest.raises(ConnectError) as caught:
            await client.bulk_edit(request)
        assert field in caught.value.message
    kept = await get(records, decision_id)
    assert kept.summary is not None
    assert (kept.summary.version, list(kept.summary.tags)) == (1, [])


async def test_names_and_anchors_that_were_still_lead_there(
    records: DecisionsServiceClient, client: CurationServiceClient, address: str
) -> None:
    log = await make_log(records)
    decision_id = await import_one(records, log)
    moved = decisions.SourceFile(path="new/0003-queue.md", content=SOURCE.replace(b"2. Context", b"5. Context"))
    push = exchange.PushFileRequest(decision_id=decision_id, expected_version=1, file=moved)
    await client_of(ExchangeServiceClient, address).push_file(push)

    async def resolve(name: str, anchor: str = "") -> pb.ResolveNameResponse:
        return await client.resolve_name(pb.ResolveNameRequest(name=name, log_slug=log.slug, anchor=anchor))

    for name, former in (("0003-queue.md", True), ("new/0003-queue.md", False), ("ADR-3", False), ("3", False)):
        found = await resolve(name)
        assert found.decision is not None
        assert (found.decision.id, found.former) == (decision_id, former), name
    section = await resolve("3", "2-context")
    assert (section.section, section.anchor, section.page_anchor) == ("5. Context", "context", "5-context")
    with pytest.raises(ConnectError) as caught:
        await resolve("never.md")
    assert caught.value.code is Code.NOT_FOUND
