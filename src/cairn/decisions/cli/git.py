"""Asking git, by its own command and within bounds."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from cairn.platform.client import CommandFailed

OUTPUT_BYTES_MAX = 256 * 1024 * 1024
TIMEOUT_S = 120


def run_git(folder: Path, arguments: Sequence[str], *, stdin: bytes | None = None) -> bytes:
    """Run git in `folder` and return what it printed. Raises `CommandFailed` with git's own words."""
    # A name that looks like an option must never become one: callers put `--` or a full object name before it.
    command = ["git", "-c", "core.quotepath=off", "-c", "log.showSignature=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the arguments are ours.
            command, cwd=folder, input=stdin, capture_output=True, check=False, timeout=TIMEOUT_S
        )
    except FileNotFoundError:
        raise CommandFailed("git is not installed, or the folder is gone. This command reads a repository.") from None
    except subprocess.TimeoutExpired:
        message = f"git {arguments[0]} took longer than {TIMEOUT_S} s in {folder}."
        raise CommandFailed(message) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().split("\n")[0][:500]
        message = f"git {arguments[0]} failed in {folder}: {said}"
        raise CommandFailed(message)
    if len(done.stdout) > OUTPUT_BYTES_MAX:
        message = f"git {arguments[0]} printed more than {OUTPUT_BYTES_MAX // 1_000_000} MB; that is too much."
        raise CommandFailed(message)
    return done.stdout


def find_root(folder: Path) -> Path | None:
    """Return the top of the repository that holds `folder`; None outside of any."""
    try:
        found = run_git(folder, ["rev-parse", "--show-toplevel"]).decode(errors="surrogateescape").rstrip("\n")
    except CommandFailed:
        return None
    return Path(found)


def check_revision(root: Path, name: str) -> str:
    """Return the commit a revision means. Raises `CommandFailed` when there is none."""
    found = run_git(root, ["rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}"])
    return found.decode().strip()


def split_names(output: bytes) -> list[str]:
    """Return the names of a `-z` listing. A name that is no Unicode shows its odd bytes."""
    return [name.decode(errors="backslashreplace") for name in output.split(b"\0") if name]


def changed_paths(root: Path, base: str) -> list[str]:
    """Return every path that differs between HEAD and where it left `base`; a renamed file gives both its names."""
    commit = check_revision(root, base)
    found = run_git(root, ["diff", "--name-only", "--no-renames", "-z", f"{commit}...HEAD", "--"])
    return split_names(found)


def staged_paths(root: Path) -> list[str]:
    """Return the paths of the change that is about to be committed."""
    return split_names(run_git(root, ["diff", "--cached", "--name-only", "--no-renames", "-z", "--"]))


def commit_messages(root: Path, base: str) -> str:
    """Return the messages of the commits since `base`."""
    commit = check_revision(root, base)
    return run_git(root, ["log", "--format=%B", f"{commit}..HEAD", "--"]).decode(errors="replace")
