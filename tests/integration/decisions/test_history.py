"""`cairn import --history`: every commit of a record is a version, with its author and date, through renames."""

import subprocess
import time
from pathlib import Path
from uuid import uuid4

import pytest
from support.command import run_cairn
from support.server import client_of

from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient

RECORD = "# {number}. Use {what}\n\n## Status\n\n{status}\n\n## Context\n\nWork piles up.\n\n## Decision\n\n{text}\n"


class Repository:
    """A git repository with authors and dates of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.adr = root / "docs" / "adr"
        self.adr.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, author: str = "Ada", day: int = 1) -> str:
        at = f"2024-01-{day:02d}T12:00:00+02:00"
        identity = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "a@example.test", "GIT_AUTHOR_DATE": at}
        committer = {"GIT_COMMITTER_NAME": "Bot", "GIT_COMMITTER_EMAIL": "b@example.test", "GIT_COMMITTER_DATE": at}
        environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(self.root), **identity, **committer}
        command = ["git", "-c", "commit.gpgsign=false", *arguments]
        done = subprocess.run(command, cwd=self.root, env=environment, check=True, capture_output=True)  # noqa: S603 - ours.
        return done.stdout.decode()

    def write(self, name: str, text: str = "Go.", status: str = "Accepted", number: int = 1) -> None:
        (self.adr / name).write_text(RECORD.format(number=number, what=f"thing {number}", status=status, text=text))

    def commit(self, message: str, *, author: str = "Ada", day: int = 1) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, author=author, day=day)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / f"repo-{uuid4().hex[:8]}")


@pytest.fixture
def client(address: str) -> DecisionsServiceClient:
    return client_of(DecisionsServiceClient, address)


async def history_of(client: DecisionsServiceClient, log: str, ref: str) -> list[tuple[int, str, str, str]]:
    decision = (await client.get_decision(pb.GetDecisionRequest(ref=ref, log_slug=log))).decision
    assert decision is not None
    assert decision.summary is not None
    answer = await client.list_versions(pb.ListVersionsRequest(decision_id=decision.summary.id, page_size=500))
    return [
        (v.version, v.author_name, v.created_at.to_datetime().date().isoformat() if v.created_at else "", v.message)
        for v in reversed(answer.versions)
    ]


async def test_commits_become_versions_through_renames(
    address: str, repository: Repository, client: DecisionsServiceClient, tmp_path: Path
) -> None:
    repository.write("0001-one.md", status="Proposed")
    (repository.adr / "README.md").write_text("# Decisions\n")
    repository.commit("Propose one", author="Ada Lovelace", day=1)
    repository.write("0001-one.md", status="Accepted")
    repository.commit("Accept one\n\nAt last.", author="Grace", day=2)
    repository.git("mv", "docs/adr/0001-one.md", "docs/adr/0001-first.md")
    repository.write("0001-first.md", text="Go now.")
    repository.write("0002-two.md", number=2)
    repository.commit("Name it better: ä", author="Åsa", day=3)
    (repository.adr / "0002-two.md").unlink()
    repository.commit("Drop two", day=4)
    ran = await run_cairn(address, tmp_path, "import", repository.adr, "--history", "--json")
    assert ran.code == 0, ran.err
    assert {key: ran.json[key] for key in ("commits", "versions", "created", "renamed", "deleted")} == {
        "commits": 4,
        "versions": 4,
        "created": 2,
        "renamed": 1,
        "deleted": 1,
    }
    log = ran.json["log"]
    assert await history_of(client, log, "1") == [
        (1, "Ada Lovelace", "2024-01-01", "Imported"),
        (2, "Grace", "2024-01-02", "Accept one"),
        (3, "Åsa", "2024-01-03", "Name it better: ä"),
    ]
    listed = (await client.list_decisions(pb.ListDecisionsRequest(text="thing"))).decisions
    assert [summary.ref for summary in listed if summary.log_slug == log] == ["ADR-0001"]
    again = await run_cairn(address, tmp_path, "import", repository.adr, "--history", "--json")
    assert (again.json["versions"], again.json["created"]) == (0, 0)
    plain = await run_cairn(address, tmp_path, "import", repository.adr, "--log", log, "--json")
    assert plain.json["totals"]["unchanged"] == 1, plain.json["totals"]


async def test_what_a_merge_decided_is_the_last_version(
    address: str, repository: Repository, client: DecisionsServiceClient, tmp_path: Path
) -> None:
    repository.write("0001-one.md", text="Start.")
    repository.commit("Start")
    repository.git("checkout", "-q", "-b", "side")
    repository.write("0001-one.md", text="Side.")
    repository.commit("Side", author="Sid", day=2)
    repository.git("checkout", "-q", "main")
    repository.write("0001-one.md", text="Main.")
    repository.commit("Main", author="Mae", day=3)
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "-q", "side", day=4)
    repository.write("0001-one.md", text="Both.")
    repository.commit("Merge", author="Joiner", day=4)
    ran = await run_cairn(address, tmp_path, "import", repository.adr, "--history", "--json")
    assert ran.code == 0, ran.err
    history = await history_of(client, ran.json["log"], "1")
    assert sorted(author for _, author, _, _ in history) == ["Ada", "Joiner", "Mae", "Sid"]
    assert history[-1][1:] == ("Joiner", "2024-01-04", "As merged")
    decision = (await client.get_decision(pb.GetDecisionRequest(ref="1", log_slug=ran.json["log"]))).decision
    assert decision is not None
    assert "Both." in decision.body


async def test_five_hundred_commits_are_read_in_time(
    address: str, repository: Repository, client: DecisionsServiceClient, tmp_path: Path
) -> None:
    lines: list[str] = []
    for at in range(500):
        number = at % 40 + 1
        text = RECORD.format(number=number, what=f"thing {number}", status="Accepted", text=f"Edit {at}.")
        lines.append(
            f"commit refs/heads/main\nauthor Ada <a@example.test> {1_700_000_000 + at} +0000\n"
            f"committer Ada <a@example.test> {1_700_000_000 + at} +0000\ndata 4\nEdit\n"
            f"M 100644 inline docs/adr/{number:04d}-thing.md\ndata {len(text)}\n{text}\n"
        )
    command = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(command, cwd=repository.root, input="".join(lines).encode(), check=True)  # noqa: ASYNC221, S603 - ours.
    started = time.perf_counter()
    ran = await run_cairn(address, tmp_path, "import", repository.adr, "--history", "--json")
    assert time.perf_counter() - started < 20
    assert (ran.json["commits"], ran.json["versions"], ran.json["created"]) == (500, 500, 40)
    assert len(await history_of(client, ran.json["log"], "1")) == 13


async def test_a_folder_without_a_repository_is_told(address: str, tmp_path: Path) -> None:
    ran = await run_cairn(address, tmp_path, "import", tmp_path, "--history")
    assert (ran.code, "is in no git repository" in ran.err) == (1, True)
