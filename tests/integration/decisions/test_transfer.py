"""Files in and out over the wire: idempotence, edits kept, duplicates, what is not a record, byte-exact export."""

from uuid import uuid4

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceClient
from cairn.gen.cairn.decisions.v1.review_pb import GetCareRequest, SetReviewRequest

NYGARD = b"""# 3. Queue the mail

Date: 2025-02-03

## Status

Superseded by [ADR-0004](0004-stream-the-mail.md)

## Context

Mail is slow.
"""
MADR = b"""---
status: accepted
date: 2025-06-07
decision-makers: [Ada, Grace]
---

# Stream the mail

## Context and Problem Statement

Queued mail is late. See `0099-in-code.md` and [the queue](0003-queue-the-mail.md).
"""
FILES = {
    "docs/adr/0003-queue-the-mail.md": NYGARD,
    "docs/adr/0004-stream-the-mail.md": MADR,
    "docs/adr/README.md": b"# Decisions\n\n- [3](0003-queue-the-mail.md)\n- [4](0004-stream-the-mail.md)\n",
}


@pytest.fixture
def client(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


async def run_import(
    client: DecisionsServiceClient, log: str, files: dict[str, bytes]
) -> tuple[pb.Import, dict[str, pb.FileReport]]:
    opened = (await client.start_import(pb.StartImportRequest(log_slug=log, source="a folder"))).import_
    assert opened is not None
    sent = [pb.SourceFile(path=path, content=content) for path, content in files.items()]
    reports = (await client.import_files(pb.ImportFilesRequest(import_id=opened.id, files=sent))).reports
    finished = (await client.finish_import(pb.FinishImportRequest(import_id=opened.id))).import_
    assert finished is not None
    return finished, {report.path: report for report in reports}


async def export(client: DecisionsServiceClient, log: str) -> dict[str, bytes]:
    stream = client.export_log(pb.ExportLogRequest(log_slug=log))
    return {message.file.path: message.file.content async for message in stream if message.file}


def new_log() -> str:
    return f"log-{uuid4().hex[:8]}"


async def get(client: DecisionsServiceClient, log: str, ref: str) -> pb.Decision:
    found = (await client.get_decision(pb.GetDecisionRequest(ref=ref, log_slug=log))).decision
    assert found is not None
    return found


async def test_records_come_in_with_their_fields_and_links(client: DecisionsServiceClient) -> None:
    log = new_log()
    run, reports = await run_import(client, log, FILES)
    assert (run.created, run.left_out, run.failed) == (2, 1, 0)
    assert reports["docs/adr/README.md"].outcome is pb.FileOutcome.LEFT_OUT
    fields = {f.field: (f.outcome, f.value) for f in reports["docs/adr/0003-queue-the-mail.md"].fields}
    assert fields["date"] == (pb.FieldOutcome.READ, "2025-02-03")
    old, new = await get(client, log, "3"), await get(client, log, "4")
    assert (old.summary.status, old.summary.decided_on) == (pb.Status.SUPERSEDED, "2025-02-03")
    assert old.summary.successor.id == new.summary.id
    assert list(new.summary.deciders) == ["Ada", "Grace"]
    assert new.body.startswith("## Context and Problem Statement")
    assert "in-code" not in {link.target for link in new.links}
    assert new.source_path == "docs/adr/0004-stream-the-mail.md"


async def test_importing_again_changes_only_what_changed(client: DecisionsServiceClient) -> None:
    log = new_log()
    await run_import(client, log, FILES)
    again, _ = await run_import(client, log, FILES)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    changed, _ = await run_import(client, log, {**FILES, "docs/adr/0004-stream-the-mail.md": MADR + b"\nMore.\n"})
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    decision = await get(client, log, "4")
    assert decision.summary.version == 2
    assert decision.body.endswith("More.")


async def test_an_untouched_record_leaves_as_the_bytes_it_came_as(client: DecisionsServiceClient) -> None:
    log = new_log()
    odd = b"\xef\xbb\xbf# 5. Caf\xe9\r\n\r\n## Status\r\n\r\nAccepted\r\n\r\n## Context\r\n\r\nLatin-1 in it: \xe9.\r\n"
    await run_import(client, log, {**FILES, "5.md": odd})
    assert await export(client, log) == {path: FILES[path] for path in list(FILES)[:2]} | {"5.md": odd}
    decision = await get(client, log, "5")
    source = await client.get_source(pb.GetSourceRequest(decision_id=decision.summary.id, version=1))
    assert (source.path, source.content) == ("5.md", odd)


async def test_an_edited_record_survives_an_import_of_the_old_file_and_reads_back_the_same(
    client: DecisionsServiceClient,
) -> None:
    log = new_log()
    await run_import(client, log, FILES)
    decision = await get(client, log, "4")
    content = pb.Content(
        title="Stream all mail",
        status=pb.Status.DEPRECATED,
        decided_on="2026-01-02",
        deciders=["Ada"],
        tags=["mail"],
        body="## Decision\n\nNow: all of it.",
    )
    request = pb.UpdateDecisionRequest(id=decision.summary.id, expected_version=1, content=content)
    await client.update_decision(request)
    _, reports = await run_import(client, log, FILES)
    assert "edited here" in reports["docs/adr/0004-stream-the-mail.md"].message
    assert (await get(client, log, "4")).summary.title == "Stream all mail"
    written = (await export(client, log))["docs/adr/0004-stream-the-mail.md"]
    other = new_log()
    await run_import(client, other, {"docs/adr/0004-stream-the-mail.md": written})
    back = await get(client, other, "4")
    assert (back.summary.title, back.summary.status) == ("Stream all mail", pb.Status.DEPRECATED)
    assert (back.summary.decided_on, list(back.summary.deciders)) == ("2026-01-02", ["Ada"])
    assert (list(back.summary.tags), back.body) == (["mail"], content.body)


async def test_two_files_with_one_number_are_both_kept_and_said(client: DecisionsServiceClient) -> None:
    log = new_log()
    files = {"0007-a.md": b"# A\n\n## Status\n\nAccepted\n", "0007-b.md": b"# B\n\n## Status\n\nAccepted\n"}
    run, reports = await run_import(client, log, files)
    assert run.created == 2
    assert "also that of 0007-a.md" in reports["0007-b.md"].message
    with pytest.raises(ConnectError) as caught:
        await get(client, log, "7")
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert len(await export(client, log)) == 2
    made = await client.create_decision(
        pb.CreateDecisionRequest(log_id=run.log_id, content=pb.Content(title="C", status=pb.Status.DRAFT, body=""))
    )
    assert made.decision.summary.number == 8


async def test_a_prefix_in_file_names_is_a_scope_of_numbers(client: DecisionsServiceClient) -> None:
    log = new_log()
    body = b"\n\n## Status\n\nAccepted\n\n## Context\n\nSee ADR-0001 and [s](SEC-0001-lock.md).\n"
    files = {
        "0001-open.md": b"# 1. Open" + body,
        "SEC-0001-lock.md": b"# SEC-0001: Lock" + body,
        "ADR-SEC-0002-bolt.md": b"# Bolt\n\n* Status: supersedes SEC-0001" + body,
    }
    run, reports = await run_import(client, log, files)

    assert {path: (report.ref, report.title) for path, report in reports.items()} == {
        "0001-open.md": ("ADR-0001", "Open"),
        "SEC-0001-lock.md": ("SEC-0001", "Lock"),
        "ADR-SEC-0002-bolt.md": ("SEC-0002", "Bolt"),
    }
    assert not any("also that of" in report.message for report in reports.values())
    assert run.links_unresolved == 0
    assert (await get(client, log, "ADR-1")).summary.title == "Open"
    bolt = await get(client, log, "SEC-2")
    assert [link.decision.ref for link in bolt.links if link.kind == pb.LinkKind.SUPERSEDES] == ["SEC-0001"]


async def test_a_review_date_comes_in_and_one_set_here_stays(client: DecisionsServiceClient, address: str) -> None:
    log = new_log()
    reviews = client_of(ReviewServiceClient, address)

    async def import_with(day: str) -> str:
        file = f"---\nstatus: accepted\nreview-date: {day}\n---\n# Lock\n\n## Context\n\nWhy.\n".encode()
        _, reports = await run_import(client, log, {"0001-lock.md": file})
        decision_id = reports["0001-lock.md"].decision_id
        care = (await reviews.get_care(GetCareRequest(decision_id=decision_id))).care
        assert care is not None
        return care.review_on

    assert await import_with("2030-01-02") == "2030-01-02"
    assert await import_with("2031-01-02") == "2031-01-02"
    decision_id = (await get(client, log, "1")).summary.id
    await reviews.set_review(SetReviewRequest(decision_id=decision_id, review_on="2029-09-09"))
    assert await import_with("2032-01-02") == "2029-09-09"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64),
        b"",
        b"# 9. Broken\n\n---\nstatus: [unclosed\n---\n\n## Status\n\nAccepted\n\n" + b"x" * 300_000,
        b"---\n: : {\n---\n# 9. Not YAML\n\n## Status\n\nAccepted\n",
        b"# 9. Nul \x00 inside\n\n## Status\n\nAccepted\n\n## Context\n\na\x00b\n",
    ],
)
async def test_a_bad_file_is_reported_and_the_rest_goes_on(client: DecisionsServiceClient, content: bytes) -> None:
    log = new_log()
    run, reports = await run_import(client, log, {"0009-bad.md": content, **FILES})
    report = reports["0009-bad.md"]
    assert run.created >= 2
    assert report.decision_id or report.message
    kept = (await client.get_import(pb.GetImportRequest(id=run.id))).reports
    assert {r.path for r in kept} == reports.keys()


async def test_a_finished_import_takes_no_more_files(client: DecisionsServiceClient) -> None:
    run, _ = await run_import(client, new_log(), FILES)
    with pytest.raises(ConnectError) as caught:
        await client.import_files(pb.ImportFilesRequest(import_id=run.id, files=[]))
    assert (caught.value.code, "Start another" in caught.value.message) == (Code.FAILED_PRECONDITION, True)
    listed = (await client.list_imports(pb.ListImportsRequest())).imports
    assert run.id in {import_.id for import_ in listed}


async def test_a_file_without_a_path_and_an_import_without_a_source_are_refused(client: DecisionsServiceClient) -> None:
    with pytest.raises(ConnectError) as caught:
        await client.start_import(pb.StartImportRequest())
    assert "where the files come from" in caught.value.message
    opened = (await client.start_import(pb.StartImportRequest(source="x"))).import_
    assert opened is not None
    with pytest.raises(ConnectError) as caught:
        await client.import_files(pb.ImportFilesRequest(import_id=opened.id, files=[pb.SourceFile(content=b"x")]))
    assert "needs a path" in caught.value.message


async def test_a_deleted_record_stays_deleted_when_its_file_comes_again(client: DecisionsServiceClient) -> None:
    log = new_log()
    await run_import(client, log, FILES)
    decision = await get(client, log, "4")
    await client.delete_decision(pb.DeleteDecisionRequest(id=decision.summary.id))
    _, reports = await run_import(client, log, FILES)
    assert "restore it" in reports["docs/adr/0004-stream-the-mail.md"].message
    assert "docs/adr/0004-stream-the-mail.md" not in await export(client, log)
