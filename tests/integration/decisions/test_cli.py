"""The commands on records and logs, as processes that call a real server."""

import getpass
import json
from pathlib import Path
from uuid import uuid4

import pytest
from support.command import run_cairn

RECORD = "# 3. Queue the mail\n\nDate: 2025-02-03\n\n## Status\n\n{status}\n\n## Context\n\nMail is slow.\n"
OTHER = "---\nstatus: accepted\ntags: [mail]\n---\n# Stream the mail\n\n## Decision\n\nStream.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of two records, a page, a broken file and a file of another kind."""
    root = tmp_path / f"log-{uuid4().hex[:8]}"
    adr = root / "docs" / "adr"
    adr.mkdir(parents=True)
    (adr / "0003-queue-the-mail.md").write_text(RECORD.format(status="Superseded by [4](0004-stream-the-mail.md)"))
    (adr / "0004-stream-the-mail.md").write_bytes(OTHER.replace("\n", "\r\n").encode())
    (adr / "README.md").write_text("# Decisions\n\n- [3](0003-queue-the-mail.md)\n")
    (adr / "0005-broken.md").write_bytes(b"\x00\x01\x02")
    (adr / "picture.png").write_bytes(b"\x89PNG")
    (root / ".git").mkdir()
    (root / ".git" / "0001-not-mine.md").write_text(RECORD)
    return root


async def test_import_reports_every_file_and_again_changes_nothing(address: str, folder: Path, tmp_path: Path) -> None:
    first = await run_cairn(address, tmp_path, "import", folder, "--json")
    again = await run_cairn(address, tmp_path, "import", folder, "--json")

    assert (first.code, again.code) == (0, 0), first.err + again.err
    totals = {"created": 2, "updated": 0, "unchanged": 0, "left_out": 1, "failed": 1}
    assert (first.json["log"], first.json["records"], first.json["totals"]) == (folder.name, 2, totals)
    assert first.json["fields"]["status"] == {"read": 2, "guessed": 0, "missing": 0, "ignored": 0}
    assert first.json["not_sent"] == {"docs/adr/picture.png": "not a document (.png)"}
    messages = {file["path"]: file["message"] for file in first.json["files"]}
    assert messages["docs/adr/0005-broken.md"] == "binary data, not text"
    assert again.json["totals"] == {**totals, "created": 0, "unchanged": 2}


async def test_import_prints_a_summary(address: str, folder: Path, tmp_path: Path) -> None:
    ran = await run_cairn(address, tmp_path, "import", folder, "--verbose")

    assert ran.code == 0, ran.err
    assert f"2 records in the log {folder.name}" in ran.out
    assert "docs/adr/README.md: a page about the log, not a record of it" in ran.out
    assert "docs/adr/0005-broken.md: binary data, not text" in ran.out
    assert "docs/adr/0004-stream-the-mail.md: line ends were Windows or old Mac ones" in ran.out


async def test_import_says_unasked_what_it_had_to_guess(address: str, folder: Path, tmp_path: Path) -> None:
    adr = folder / "docs" / "adr"
    (adr / "0006-latin.md").write_bytes(RECORD.format(status="Draft").replace("Mail", "Caf\xe9").encode("latin-1"))
    (adr / "0007-matter.md").write_text("---\nstatus: [accepted\n---\n# Split the mail\n\n## Context\n\nSlow.\n")
    (adr / "0003-twice.md").write_text(RECORD.format(status="Draft"))
    ran = await run_cairn(address, tmp_path, "import", folder)

    assert ran.code == 0, ran.err
    assert "docs/adr/0006-latin.md: line 11 is not valid UTF-8; 1 characters were replaced" in ran.out
    assert "docs/adr/0007-matter.md: the front matter is not valid YAML" in ran.out
    assert "docs/adr/0003-twice.md: The number 3 is also that of docs/adr/0003-queue-the-mail.md" in ran.out


async def test_an_unreadable_file_is_named_and_the_rest_goes_on(address: str, folder: Path, tmp_path: Path) -> None:
    (folder / "docs" / "adr" / "0006-long.md").write_text(RECORD.format(status="Draft") + "words " * 400_000)
    ran = await run_cairn(address, tmp_path, "import", folder, "--json")

    assert (ran.code, ran.json["records"], ran.json["totals"]["failed"]) == (0, 2, 2)
    assert ran.json["unreadable"] == {"docs/adr/0006-long.md": "larger than 2 MB"}


async def test_a_folder_without_records_says_so_and_makes_no_log(address: str, tmp_path: Path) -> None:
    empty = tmp_path / f"empty-{uuid4().hex[:8]}"
    empty.mkdir()
    (empty / "notes.md").write_text("Only words.\n")
    ran = await run_cairn(address, tmp_path, "import", empty)
    listed = await run_cairn(address, tmp_path, "list", "--log", empty.name)

    assert ran.code == 3
    assert "has no decision records (1 files were looked at)" in ran.err
    assert "notes.md: not a decision" in ran.err
    assert (listed.code, f"There is no log '{empty.name}'" in listed.err) == (1, True)


async def test_list_and_show(address: str, folder: Path, tmp_path: Path) -> None:
    log = (await run_cairn(address, tmp_path, "import", folder, "--json")).json["log"]
    listed = await run_cairn(address, tmp_path, "list", "--log", log, "--status", "superseded", "--json")
    table = await run_cairn(address, tmp_path, "list", "--log", log, "--tag", "mail")
    shown = await run_cairn(address, tmp_path, "show", f"{log}/ADR-0003")
    as_json = await run_cairn(address, tmp_path, "show", "4", "--log", log, "--json")

    assert [found["ref"] for found in listed.json["decisions"]] == ["ADR-0003"]
    assert "ADR-0004" in table.out
    assert "ADR-0003" not in table.out
    assert "superseded by  ADR-0004 Stream the mail" in shown.out
    assert shown.out.endswith("## Context\n\nMail is slow.\n")
    assert (as_json.json["summary"]["title"], as_json.json["body"]) == ("Stream the mail", "## Decision\n\nStream.")


async def test_show_of_nothing_fails_clearly(address: str, tmp_path: Path) -> None:
    ran = await run_cairn(address, tmp_path, "show", "no-such-record")

    assert ran.code == 1
    assert "no-such-record" in ran.err


async def test_new_takes_its_text_from_everywhere(address: str, tmp_path: Path) -> None:
    log = f"log-{uuid4().hex[:8]}"
    refused = await run_cairn(address, tmp_path, "new", "A", "--log", log, "--body", "x")
    first = await run_cairn(address, tmp_path, "new", "A", "--log", log, "--create-log", "--body", "From an option.")
    file = tmp_path / "body.md"
    file.write_text("From a file.")
    second = await run_cairn(
        address, tmp_path, "new", "B", "--log", log, "--body-file", file, "--status", "accepted",
        "--date", "2025-01-02", "--decider", "Ada", "--tag", "x", "--json",
    )  # fmt: skip
    third = await run_cairn(address, tmp_path, "new", "C", "--log", log, "--json", given="From standard input.")

    assert (refused.code, "--create-log makes it" in refused.err) == (1, True)
    assert first.out == f"ADR-0001 A ({log})\n"
    summary = second.json["summary"]
    assert (summary["ref"], summary["status"], summary["decidedOn"], summary["deciders"], summary["tags"]) == (
        "ADR-0002", "STATUS_ACCEPTED", "2025-01-02", ["Ada"], ["x"],
    )  # fmt: skip
    assert (second.json["body"], third.json["body"]) == ("From a file.", "From standard input.")


async def test_templates_bulk_and_where(address: str, folder: Path, tmp_path: Path) -> None:
    log = (await run_cairn(address, tmp_path, "import", folder, "--json")).json["log"]
    chosen = await run_cairn(address, tmp_path, "templates", log, "--choose", "nygard")
    shown = await run_cairn(address, tmp_path, "templates", log, "--show", "y-statement")
    listed = await run_cairn(address, tmp_path, "templates", log, "--json")
    edited = await run_cairn(address, tmp_path, "bulk", "3", "4", "--log", log, "--add-tag", "post", "--json")
    undone = await run_cairn(address, tmp_path, "bulk", "--undo", edited.json["id"])
    owned = await run_cairn(
        address,
        tmp_path,
        "bulk",
        "4",
        "--log",
        log,
        "--owner",
        getpass.getuser(),
        "--review-on",
        "2031-05-06",
        "--every",
        "6",
        "--json",
    )
    planned = await run_cairn(address, tmp_path, "due", "--until", "2031-05-06", "--log", log, "--json")
    strange = await run_cairn(address, tmp_path, "bulk", "3", "--log", log, "--owner", "Nobody We Know")
    rhythm = await run_cairn(address, tmp_path, "bulk", "3", "--log", log, "--every", "6")
    found = await run_cairn(address, tmp_path, "where", "docs/adr/0003-queue-the-mail.md#2-context", "--log", log)
    examined = await run_cairn(address, tmp_path, "doctor", "--log", log, "--json")

    assert "* nygard" in chosen.out
    assert "In the context of" in shown.out
    assert [one["name"] for one in listed.json["templates"] if one.get("chosen")] == ["nygard"]
    assert [result["done"] for result in edited.json["results"]] == [True, True], edited.err
    assert undone.out == "2 of 2 records taken back.\n", undone.err
    assert [result["done"] for result in owned.json["results"]] == [True], owned.err
    assert [(one["reviewOn"], one["ownerName"]) for one in planned.json["reviews"]] == [
        ("2031-05-06", getpass.getuser())
    ]
    assert (strange.code, f"0 people are called Nobody We Know. There are: {getpass.getuser()}" in strange.err) == (
        2,
        True,
    ), strange.err
    assert (rhythm.code, "--every goes with --review-on" in rhythm.err) == (2, True), rhythm.err
    assert found.out == "ADR-0003  Queue the mail, section “Context” (#context)\n"
    assert [finding["problem"] for finding in examined.json["findings"]] == ["PROBLEM_ONE_SIDED_LINK"]
    assert (examined.code, examined.json["records"]) == (0, 2)


async def test_saved_filters(address: str, folder: Path, tmp_path: Path) -> None:
    log = (await run_cairn(address, tmp_path, "import", folder, "--json")).json["log"]
    name = f"open in {log}"
    saved = await run_cairn(
        address, tmp_path, "filters", "--save", name, "--log", log, "--status", "accepted", "--shared"
    )
    listed = await run_cairn(address, tmp_path, "list", "--filter", name, "--json")
    narrowed = await run_cairn(address, tmp_path, "list", "--filter", name, "--status", "superseded", "--json")
    kept = await run_cairn(address, tmp_path, "filters", "--json")
    gone = await run_cairn(address, tmp_path, "filters", "--delete", name)
    missing = await run_cairn(address, tmp_path, "list", "--filter", name)
    misused = await run_cairn(address, tmp_path, "filters", "--status", "draft")

    assert f"{name}  (shared):  --log {log} --status accepted" in saved.out
    assert [one["title"] for one in listed.json["decisions"]] == ["Stream the mail"]
    assert [one["title"] for one in narrowed.json["decisions"]] == ["Queue the mail"]
    assert [one["logSlugs"] for one in kept.json if one["name"] == name] == [[log]]
    assert (gone.code, name in gone.out) == (0, False)
    assert (missing.code, "no saved filter" in missing.err) == (1, True)
    assert (misused.code, "--save" in misused.err) == (2, True)


async def test_export_gives_the_bytes_back_and_overwrites_nothing(address: str, folder: Path, tmp_path: Path) -> None:
    log = (await run_cairn(address, tmp_path, "import", folder, "--json")).json["log"]
    target = tmp_path / "out"
    first = await run_cairn(address, tmp_path, "export", log, target, "--json")
    records = ["docs/adr/0003-queue-the-mail.md", "docs/adr/0004-stream-the-mail.md"]

    assert (first.code, sorted(first.json["written"])) == (0, records)
    assert all((target / path).read_bytes() == (folder / path).read_bytes() for path in records)
    (target / records[0]).write_text("mine")
    second = await run_cairn(address, tmp_path, "export", log, target)
    forced = await run_cairn(address, tmp_path, "export", log, target, "--force")
    assert (second.code, forced.code) == (1, 0)
    assert records[0] in second.out
    assert (target / records[0]).read_bytes() == (folder / records[0]).read_bytes()


async def test_what_was_exported_imports_unchanged(address: str, folder: Path, tmp_path: Path) -> None:
    log = (await run_cairn(address, tmp_path, "import", folder, "--json")).json["log"]
    await run_cairn(address, tmp_path, "new", "Written: here", "--log", log, "--body", "# Odd\n\nStatus: x\n\n---\n")
    first, second = tmp_path / "first", tmp_path / "second"
    await run_cairn(address, tmp_path, "export", log, first)
    other = f"log-{uuid4().hex[:8]}"
    imported = await run_cairn(address, tmp_path, "import", first, "--log", other, "--json")
    await run_cairn(address, tmp_path, "export", other, second)

    assert imported.json["records"] == 3
    files = sorted(path.relative_to(first) for path in first.rglob("*.md"))
    assert files == sorted(path.relative_to(second) for path in second.rglob("*.md"))
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


async def test_what_was_exported_as_json_imports_unchanged(address: str, folder: Path, tmp_path: Path) -> None:
    log = (await run_cairn(address, tmp_path, "import", folder, "--json")).json["log"]
    await run_cairn(address, tmp_path, "new", "Written: here", "--log", log, "--body", "# Odd\n\nStatus: x\n\n---\n")
    await run_cairn(address, tmp_path, "review", "4", "--log", log, "--on", "2031-02-03")
    await run_cairn(address, tmp_path, "export", log, tmp_path / "first")
    await run_cairn(address, tmp_path, "export", log, tmp_path / "out", "--format", "json")
    other = f"log-{uuid4().hex[:8]}"
    imported = await run_cairn(address, tmp_path, "import", tmp_path / "out", "--log", other, "--json")
    await run_cairn(address, tmp_path, "export", other, tmp_path / "second")
    await run_cairn(address, tmp_path, "export", other, tmp_path / "again", "--format", "json")

    assert (imported.json["records"], imported.json["unreadable"]) == (3, {})
    first, second = tmp_path / "first", tmp_path / "second"
    files = sorted(path.relative_to(first) for path in first.rglob("*.md"))
    assert files == sorted(path.relative_to(second) for path in second.rglob("*.md"))
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)
    one, two = (json.loads(file.read_text()) for file in (tmp_path / "out" / f"{log}.json", *again(tmp_path)))
    told = ("number", "title", "status", "status_text", "body", "deciders", "tags", "path", "content_hash", "review_on")
    assert [[record[key] for key in told] for record in one["records"]] == [
        [record[key] for key in told] for record in two["records"]
    ]
    assert "2031-02-03" in {record["review_on"] for record in two["records"]}
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "cairn-log", "version": 1, "records": [{"title": 7}]}')
    refused = await run_cairn(address, tmp_path, "import", broken, "--json")
    assert refused.code == 3
    assert "title" in refused.err


def again(folder: Path) -> list[Path]:
    return list((folder / "again").glob("*.json"))


async def test_an_address_where_nobody_listens_counts_as_not_running(tmp_path: Path) -> None:
    ran = await run_cairn("http://127.0.0.1:9", tmp_path, "list")

    assert ran.code == 4
    assert "cairn up --detach" in ran.err


async def test_a_wrong_address_and_a_wrong_token_are_named(address: str, tmp_path: Path) -> None:
    wrong = await run_cairn("localhost:7766", tmp_path, "list")
    refused = await run_cairn(address, tmp_path, "list", CAIRN_TOKEN="cairn_nobody")

    assert (wrong.code, "CAIRN_URL is 'localhost:7766'" in wrong.err) == (2, True)
    assert (refused.code, "CAIRN_TOKEN" in refused.err) == (1, True)
