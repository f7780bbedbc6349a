"""`cairn governs` and `cairn check` on a real repository, without a server, and what calls them in CI."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from cairn.decisions.cli.governance import check, governs

ROOT = Path(__file__).parents[3]
QUEUE = """---
status: accepted
applies-to: ["src/**/worker.py", "*.sql"]
---
# Use a queue

## Decision

We use one queue.
"""
MONEY = "---\nstatus: accepted\ncomponents: [billing]\n---\n# Keep money in cents\n\n## Decision\n\nCents.\n"
OLD = '---\nstatus: superseded\napplies-to: ["src/**"]\n---\n# Use cron\n\n## Decision\n\nCron.\n'


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.test", "-c", "commit.gpgsign=false"]
    command = ["git", *settings, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours.


def write(folder: Path, path: str, text: str) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    for name, text in (("0001-use-a-queue", QUEUE), ("0002-cents", MONEY), ("0003-cron", OLD)):
        write(tmp_path, f"docs/decisions/{name}.md", text)
    write(tmp_path, "docs/decisions/components.yaml", "billing: [src/billing/**]\n")
    write(tmp_path, "src/billing/charge.py", "one")
    write(tmp_path, "README.md", "one")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Begin")
    git(tmp_path, "checkout", "-qb", "change")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(repository: Path, message: str, *paths: str) -> None:
    for path in paths:
        write(repository, path, message)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", message)


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--from", "docs/decisions"])


def found(result: Result) -> dict[str, list[str]]:
    assert result.exit_code == 0, result.output
    decisions = json.loads(result.stdout)["decisions"]
    return {decision["ref"]: [match["path"] for match in decision["matches"]] for decision in decisions}


@pytest.mark.usefixtures("repository")
def test_governs_takes_files_folders_and_components() -> None:
    assert found(run(governs, "src/billing/charge.py", "--format", "json")) == {"ADR-0002": ["src/billing/charge.py"]}
    assert found(run(governs, "src", "--format", "json")) == {"ADR-0002": ["src/billing/charge.py"]}
    assert found(run(governs, "src", "--all", "--format", "json"))["ADR-0003"] == ["src/billing/charge.py"]
    assert found(run(governs, "--component", "billing", "--format", "json")) == {"ADR-0002": [""]}
    text = run(governs, "new/x.sql", "README.md").output
    assert text.splitlines() == [
        "ADR-0001  Use a queue",
        "    We use one queue.",
        "    new/x.sql  (applies to *.sql)",
        "1 paths are governed by no decision.",
    ]
    assert run(governs, "../elsewhere").exit_code == 2
    assert run(governs).exit_code == 2


def test_check_sees_the_branch_and_both_names_of_a_renamed_file(repository: Path) -> None:
    git(repository, "checkout", "-q", "main")
    change(repository, "Elsewhere", "db/not-mine.sql")
    git(repository, "checkout", "-q", "change")
    (repository / "src" / "paying").mkdir()
    git(repository, "mv", "src/billing/charge.py", "src/paying/charge.py")
    change(repository, "Move", "src/ä b/worker.py")
    assert found(run(check, "--diff", "main", "--format", "json")) == {
        "ADR-0001": ["src/ä b/worker.py"],
        "ADR-0002": ["src/billing/charge.py"],
    }
    assert run(check, "--diff", "nowhere").exit_code == 1
    assert run(check, "--diff", "--output=x").exit_code in {1, 2}
    assert not (repository / "x").exists()


def test_check_fails_until_a_commit_names_the_decision(repository: Path) -> None:
    change(repository, "Charge twice", "src/billing/charge.py")
    refused = run(check, "--diff", "main", "--fail-on", "unmentioned")
    assert refused.exit_code == 1
    assert "1 decisions govern this change: ADR-0002." in refused.output
    assert run(check, "--diff", "main", "--fail-on", "governed").exit_code == 1
    assert run(check, "--diff", "main").exit_code == 0
    change(repository, "Charge once\n\nAs adr-2 says, but not ADR-12.", "src/billing/charge.py")
    assert run(check, "--diff", "main", "--fail-on", "unmentioned").exit_code == 0
    change(repository, "More", "a.sql")
    assert "ADR-0001" in run(check, "--diff", "main", "--fail-on", "unmentioned").output


def test_check_takes_the_change_of_its_own_record_as_named(repository: Path) -> None:
    change(repository, "Amend", "a.sql")
    change(repository, QUEUE.replace("one", "two"), "docs/decisions/0001-use-a-queue.md")
    assert run(check, "--diff", "main", "--fail-on", "unmentioned").exit_code == 0


def test_check_sees_what_is_staged(repository: Path) -> None:
    write(repository, "a.sql", "x")
    assert "No decision" in run(check, "--staged").output
    git(repository, "add", "a.sql")
    assert "ADR-0001" in run(check, "--staged").output


def test_sarif_names_a_rule_a_decision_and_a_result_a_path(repository: Path) -> None:
    change(repository, "Charge", "src/billing/charge.py", "db/ä b.sql", "db/c.sql")
    target = repository / "out.sarif"
    options = ["--format", "sarif", "--output", str(target), "--fail-on", "governed"]
    assert run(check, "--diff", "main", *options).exit_code == 1
    written = json.loads(target.read_text())
    assert (written["version"], len(written["runs"])) == ("2.1.0", 1)
    driver = written["runs"][0]["tool"]["driver"]
    assert [(rule["id"], rule["shortDescription"]["text"]) for rule in driver["rules"]] == [
        ("decisions/ADR-0001", "decisions/ADR-0001: Use a queue"),
        ("decisions/ADR-0002", "decisions/ADR-0002: Keep money in cents"),
    ]
    results = written["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results]
    assert places == ["db/c.sql", "db/%C3%A4%20b.sql", "src/billing/charge.py"]
    assert [(r["ruleId"], r["ruleIndex"], r["level"]) for r in results] == [
        ("decisions/ADR-0001", 0, "error"),
        ("decisions/ADR-0001", 0, "error"),
        ("decisions/ADR-0002", 1, "error"),
    ]
    assert "We use one queue." in results[0]["message"]["text"]


def run_action(repository: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(repository),
        "GITHUB_ACTION_PATH": str(ROOT / ".github" / "actions" / "cairn-check"),
        "GITHUB_OUTPUT": str(repository / ".git" / "output"),
        "GITHUB_STEP_SUMMARY": str(repository / ".git" / "summary"),
        "PYTHONPATH": str(ROOT / "src"),
        "INPUT_COMMAND": f"{sys.executable} -m cairn.entrypoints.cli",
        "INPUT_RECORDS": "docs/decisions",
        **inputs,
    }
    command = ["bash", str(ROOT / ".github" / "actions" / "cairn-check" / "run.sh")]
    return subprocess.run(  # noqa: S603 - ours.
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=100
    )


def test_the_github_action_reports_and_fails(repository: Path) -> None:
    change(repository, "Charge", "src/billing/charge.py")
    done = run_action(repository, INPUT_BASE="main", INPUT_FAIL_ON="unmentioned", INPUT_SARIF_FILE=".git/x.sarif")
    assert done.returncode == 1, done.stderr
    assert "ADR-0002" in done.stderr
    assert (repository / ".git" / "output").read_text() == "decisions=1\n"
    assert "ADR-0002  Keep money in cents" in (repository / ".git" / "summary").read_text()
    assert json.loads((repository / ".git" / "x.sarif").read_text())["runs"][0]["results"][0]["level"] == "error"
    assert run_action(repository).returncode == 2


def test_the_action_and_the_hooks_name_what_there_is() -> None:
    action = yaml.safe_load((ROOT / ".github" / "actions" / "cairn-check" / "action.yml").read_text())
    step = action["runs"]["steps"][-1]
    taken = {value.split("inputs.")[1].removesuffix(" }}") for value in step["env"].values() if "inputs." in value}
    assert taken == set(action["inputs"])
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["entry"].split()[:2] for hook in hooks] == [["cairn", "check"], ["cairn", "governs"]]
