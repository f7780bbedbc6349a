"""The commands of a decision's life, as processes that call a real server."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.command import Ran, run_cairn


class Shell:
    """Runs commands on one log."""

    def __init__(self, address: str, home: Path) -> None:
        self.address = address
        self.home = home
        self.log = f"log-{uuid4().hex[:8]}"

    async def __call__(self, *arguments: str, code: int = 0, **named: Any) -> Ran:
        ran = await run_cairn(self.address, self.home, *arguments, "--log", self.log, **named)
        assert ran.code == code, ran.err + ran.out
        return ran

    async def new(self, title: str, body: str) -> None:
        await self("new", title, "--create-log", "--status", "proposed", "--body", body)


@pytest.fixture
def cairn(address: str, tmp_path: Path) -> Shell:
    return Shell(address, tmp_path)


async def test_a_decision_is_reserved_accepted_superseded_and_taken_back(cairn: Shell) -> None:
    await cairn.new("Poll", "We poll.")
    assert (await cairn("reserve", "--for", "my-branch")).out == "ADR-0002\n"
    assert (await cairn("reserve", "--json")).json["ref"] == "ADR-0003"
    await cairn.new("Push", "We push.")
    assert (await cairn("accept", "1")).out == "ADR-0001 is accepted (version 2).\n"
    told = await cairn("supersede", "1", "--by", "4")
    assert told.out == "ADR-0004 supersedes ADR-0001 once it is accepted.\n"
    told = await cairn("accept", "4", "-m", "Measured.")
    assert told.out == "ADR-0004 is accepted (version 2).\nADR-0001 is superseded by ADR-0004 (version 3).\n"
    refused = await cairn("deprecate", "1", code=1)
    assert "Take that relation back first" in refused.err
    undone = await cairn("supersede", "1", "--by", "4", "--undo")
    assert "ADR-0001 is accepted (version 4)." in undone.out
    assert (await cairn("deprecate", "4", "--json")).json["decision"]["summary"]["status"] == "STATUS_DEPRECATED"
    history = await cairn("history", "1", "--json")
    assert [v["message"] for v in history.json["versions"]] == [
        "No longer superseded",
        "Superseded by ADR-0004",
        "",
        "",
    ]
    assert "Superseded by ADR-0004" in (await cairn("history", "1")).out


async def test_versions_are_compared_blamed_and_rolled_back(cairn: Shell) -> None:
    await cairn.new("Poll", "We poll every minute.\n\nIt is simple.")
    await cairn("accept", "1")
    diff = await cairn("diff", "1")
    assert "-status: proposed\n+status: accepted\n" in diff.out
    whole = await cairn("diff", "1", "1", "2", "--json")
    assert {change["field"] for change in whole.json["fields"]} == {"status", "decided_on"}
    assert "v1" in (await cairn("blame", "1")).out
    blamed = (await cairn("blame", "1", "--json")).json
    assert [line["text"] for line in blamed["lines"]] == ["We poll every minute.", "", "It is simple."]
    await cairn("propose", "1")
    rolled = await cairn("rollback", "1", "1")
    assert rolled.out == "ADR-0001 says what version 1 said, as version 4.\n"
    assert "nothing was changed" in (await cairn("rollback", "1", "1")).out
    assert "They are equal." in (await cairn("diff", "1", "1", "4", "--side-by-side")).out


async def test_reviews_are_set_listed_and_confirmed(cairn: Shell) -> None:
    await cairn.new("Poll", "We poll.")
    await cairn("review", "1", code=2)
    assert (await cairn("review", "1", "--on", "2026-01-02", "--every", "12")).out == "ADR-0001 is due on 2026-01-02.\n"
    assert "2026-01-02" in (await cairn("due")).out
    assert (await cairn("due", "--json")).json["reviews"][0]["decision"]["title"] == "Poll"
    inbox = await run_cairn(cairn.address, cairn.home, "inbox")
    assert "ADR-0001 was due for review" in inbox.out
    await cairn("review", "1", "--confirm")
    assert "Nothing is due" in (await cairn("due")).out
    feed = await cairn("due", "--calendar", "--json")
    assert feed.json["address"].startswith(f"{cairn.address}/calendar/")


async def test_ones_own_text_is_not_approved_and_a_wrong_name_is_said(cairn: Shell) -> None:
    await cairn.new("Poll", "We poll.")
    assert "another person has to approve it" in (await cairn("approve", "1", code=1)).err
    assert (await cairn("approve", "1", "--withdraw")).out == "0 approvals of ADR-0001 taken back.\n"
    assert "There is no decision" in (await cairn("accept", "99", code=1)).err


async def test_a_log_gets_its_own_names_and_number_of_approvals(cairn: Shell) -> None:
    await cairn.new("Poll", "We poll.")
    assert (await cairn("policy")).out == f"{cairn.log} asks for 0 approvals.\n"
    changed = await cairn("policy", "--approvals", "1", "--name", "accepted=Adopted")
    assert changed.out == f"{cairn.log} asks for 1 approvals.\naccepted is called Adopted.\n"
    assert "this text has 0" in (await cairn("accept", "1", code=1)).err
    await cairn("policy", "--approvals", "0")
    assert (await cairn("policy", "--json")).json["statusNames"][0]["name"] == "Adopted"
    assert "names no status" in (await cairn("policy", "--name", "ratified=x", code=2)).err
