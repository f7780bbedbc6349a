"""Comparing, blame, roll-back and comments over the wire."""

from typing import Any
from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1 import versions_pb as texts
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsServiceClient

FIRST = "# Context\n\nWe use Kafka for events.\n\n# Decision\n\nKeep it."
SECOND = "# Context\n\nThere are many events.\nWe use NATS for events.\n\n# Decision\n\nKeep it."


@pytest.fixture
def records(address: str) -> Any:
    return client_of(DecisionsServiceClient, address)


@pytest.fixture
def versions(address: str) -> Any:
    return client_of(VersionsServiceClient, address)


@pytest.fixture
async def decision_id(records: Any) -> str:
    """A decision with two versions."""
    log = (await records.create_log(pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="L"))).log
    content = pb.Content(title="Use Kafka", status=pb.Status.PROPOSED, body=FIRST, tags=["bus"])
    made = (await records.create_decision(pb.CreateDecisionRequest(log_id=log.id, content=content))).decision
    content = pb.Content(title="Use NATS", status=pb.Status.PROPOSED, body=SECOND, tags=["bus"])
    await records.update_decision(pb.UpdateDecisionRequest(id=made.summary.id, expected_version=1, content=content))
    return made.summary.id


async def test_two_versions_are_compared_by_line_and_word(versions: Any, decision_id: str) -> None:
    found = await versions.diff_versions(texts.DiffVersionsRequest(decision_id=decision_id))
    assert (found.old_version, found.new_version, found.lines_added, found.lines_removed) == (1, 2, 2, 1)
    assert [(c.field, c.old, c.new) for c in found.fields] == [("title", "Use Kafka", "Use NATS")]
    [hunk] = found.hunks
    marked = [
        (
            "".join(f"[{s.text}]" if s.changed else s.text for s in row.old.spans) if row.old else None,
            "".join(f"[{s.text}]" if s.changed else s.text for s in row.new.spans) if row.new else None,
        )
        for row in hunk.rows
        if row.changed
    ]
    assert marked == [
        (None, "[There are many events.]"),
        ("We use [Kafka] for events.", "We use [NATS] for events."),
    ]
    back = await versions.diff_versions(
        texts.DiffVersionsRequest(decision_id=decision_id, old_version=2, new_version=1, context=0)
    )
    assert (back.lines_added, back.lines_removed, sum(len(h.rows) for h in back.hunks)) == (1, 2, 2)


async def test_an_unsaved_text_is_compared_with_the_current_one(versions: Any, decision_id: str) -> None:
    draft = pb.Content(title="Use NATS", status=pb.Status.PROPOSED, body=SECOND + "\nFor now.", tags=["bus"])
    found = await versions.diff_versions(texts.DiffVersionsRequest(decision_id=decision_id, draft=draft))
    assert (found.old_version, found.new_version, found.lines_added, found.lines_removed) == (2, 0, 1, 0)
    assert not found.fields


async def test_blame_names_the_version_of_each_line(versions: Any, decision_id: str) -> None:
    found = await versions.blame_version(texts.BlameVersionRequest(decision_id=decision_id))
    assert [line.text for line in found.lines] == SECOND.split("\n")
    assert [line.version for line in found.lines] == [1, 1, 2, 2, 1, 1, 1, 1]
    assert [version.version for version in found.versions] == [2, 1]
    old = await versions.blame_version(texts.BlameVersionRequest(decision_id=decision_id, version=1))
    assert {line.version for line in old.lines} == {1}


async def test_rolling_back_appends_a_version_equal_to_the_old_one(
    records: Any, versions: Any, decision_id: str
) -> None:
    request = texts.RollBackDecisionRequest(decision_id=decision_id, version=1, expected_version=2)
    rolled = (await versions.roll_back_decision(request)).decision
    assert (rolled.summary.version, rolled.summary.title, rolled.body) == (3, "Use Kafka", FIRST)
    listed = (await records.list_versions(pb.ListVersionsRequest(decision_id=decision_id))).versions
    assert [(v.version, v.message) for v in listed] == [(3, "Rolled back to version 1"), (2, ""), (1, "")]
    assert listed[0].content_hash == listed[2].content_hash
    with pytest.raises(ConnectError) as caught:
        await versions.roll_back_decision(request)
    assert caught.value.code is Code.ABORTED
    request.expected_version = 3
    assert (await versions.roll_back_decision(request)).decision.summary.version == 3
    request.version = 9
    with pytest.raises(ConnectError) as caught:
        await versions.roll_back_decision(request)
    assert caught.value.code is Code.NOT_FOUND


async def test_an_imported_text_comes_back_with_its_bytes(records: Any, versions: Any) -> None:
    source = b"\xef\xbb\xbf# 7. Old\r\n\r\n## Status\r\n\r\nAccepted\r\n\r\n## Context\r\n\r\nX\r\n"
    opened = (await records.start_import(pb.StartImportRequest(source=f"s-{uuid4().hex}"))).import_
    file = pb.SourceFile(path="0007-old.md", content=source)
    request = pb.ImportFilesRequest(import_id=opened.id, files=[file])
    [report] = (await records.import_files(request)).reports
    content = pb.Content(title="Old", status=pb.Status.ACCEPTED, body="Other.")
    await records.update_decision(pb.UpdateDecisionRequest(id=report.decision_id, expected_version=1, content=content))
    await versions.roll_back_decision(
        texts.RollBackDecisionRequest(decision_id=report.decision_id, version=1, expected_version=2)
    )
    got = await records.get_source(pb.GetSourceRequest(decision_id=report.decision_id, version=3))
    assert got.content == source


async def test_comments_follow_their_lines_and_stay_open_until_resolved(versions: Any, decision_id: str) -> None:
    async def say(**fields: Any) -> texts.Comment:
        request = texts.AddCommentRequest(**{"decision_id": decision_id, "body": "Why?", **fields})
        return (await versions.add_comment(request)).comment

    async def listed(version: int = 0, *, only_open: bool = False) -> texts.ListCommentsResponse:
        return await versions.list_comments(
            texts.ListCommentsRequest(decision_id=decision_id, version=version, only_open=only_open)
        )

    changed = await say(version=1, first_line=3, body="Why Kafka?")
    section = await say(version=1, section="Decision")
    whole = await say(body="All in all.")
    answer = await say(parent_id=changed.id, body="It was there.")
    found = await listed()
    assert found.open == 3
    by_id = {comment.id: comment for comment in found.comments}
    assert [c.id for c in found.comments] == [changed.id, section.id, whole.id, answer.id]
    placed = by_id[changed.id]
    assert (placed.shown_first_line, placed.outdated, placed.quote) == (4, True, "We use Kafka for events.")
    assert placed.section == "Context"
    moved = by_id[section.id]
    assert (moved.first_line, moved.shown_first_line, moved.shown_last_line, moved.outdated) == (5, 6, 8, False)
    assert (by_id[whole.id].shown_first_line, by_id[whole.id].version) == (0, 2)
    assert by_id[answer.id].parent_id == changed.id
    original = {c.id: c for c in (await listed(1)).comments}[changed.id]
    assert (original.shown_first_line, original.outdated) == (3, False)
    resolved = (await versions.resolve_comment(texts.ResolveCommentRequest(comment_id=answer.id))).comment
    assert resolved.id == changed.id
    assert resolved.resolved_by
    still = await listed(only_open=True)
    assert ([c.id for c in still.comments], still.open) == ([section.id, whole.id], 2)
    await say(parent_id=changed.id, body="Not so fast.")
    assert (await listed()).open == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"body": " "}, Code.INVALID_ARGUMENT),
        ({"first_line": 99}, Code.INVALID_ARGUMENT),
        ({"first_line": 3, "last_line": 2}, Code.INVALID_ARGUMENT),
        ({"section": "No such heading"}, Code.NOT_FOUND),
        ({"version": 9}, Code.NOT_FOUND),
        ({"parent_id": str(uuid4())}, Code.NOT_FOUND),
    ],
)
async def test_a_comment_on_nothing_is_refused(
    versions: Any, decision_id: str, fields: dict[str, Any], code: Code
) -> None:
    with pytest.raises(ConnectError) as caught:
        await versions.add_comment(texts.AddCommentRequest(**{"decision_id": decision_id, "body": "Why?", **fields}))
    assert caught.value.code is code
    assert not (await versions.list_comments(texts.ListCommentsRequest(decision_id=decision_id))).comments
