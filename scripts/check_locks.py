"""Fail when a lock file names a host, lacks a hash, or does not hold what its manifest asks for."""

import json
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bootstrap.lock", "requirements-node.lock")
NPM_LOCK = "web/package-lock.json"
_ADDRESS = re.compile(r"[a-z+]+://|\bgit@|--(extra-)?index-url|--find-links", re.IGNORECASE)


def pins(name: str) -> dict[str, str]:
    """Return package -> version of a Python lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {
        canonicalize_name(match[1]): match[2] for match in re.finditer(r"^([\w.-]+)==([^ ;\\]+)", text, re.MULTILINE)
    }


def python_problems() -> list[str]:
    """Compare pyproject.toml with its two lock files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    wanted = [("requirements.lock", runtime, text) for text in project["dependencies"]]
    wanted += [("requirements-dev.lock", development, text) for text in project["optional-dependencies"]["dev"]]
    problems = []
    for lock, found, text in wanted:
        requirement = Requirement(text)
        version = found.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{lock} has {requirement.name} {version}, and pyproject.toml asks for {text}.")
    for package, version in runtime.items():
        if development.get(package) != version:
            problems.append(
                f"requirements-dev.lock has {package} {development.get(package)}, requirements.lock {version}."
            )
    return problems


def hash_problems() -> list[str]:
    """Look for pins without a hash."""
    problems = []
    for name in PYTHON_LOCKS:
        logical = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        problems += [
            f"{name}: no hash for {line.split()[0]}" for line in logical if "==" in line and "--hash=" not in line
        ]
    # strip_npm_lock.py names packages of other platforms that the registry at hand did not have.
    packages = json.loads((ROOT / NPM_LOCK).read_text(encoding="utf-8"))["packages"]
    problems += [
        f"{NPM_LOCK}: no integrity for {path}"
        for path, package in packages.items()
        if path and "integrity" not in package and not (package.get("optional") and "cpu" in package)
    ]
    return problems


def npm_problems() -> list[str]:
    """Compare web/package.json with its lock file."""
    manifest = json.loads((ROOT / "web/package.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / NPM_LOCK).read_text(encoding="utf-8"))["packages"][""]
    return [
        f"{NPM_LOCK} holds other {kind} than web/package.json."
        for kind in ("dependencies", "devDependencies")
        if manifest.get(kind, {}) != locked.get(kind, {})
    ]


def address_problems() -> list[str]:
    """Look for anything that names a host."""
    return [
        f"{name}:{number}: names an address: {line.strip()[:100]}"
        for name in (*PYTHON_LOCKS, NPM_LOCK)
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if _ADDRESS.search(line)
    ]


def main() -> int:
    """Print every problem; return the exit code."""
    problems = address_problems() + hash_problems() + python_problems() + npm_problems()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
