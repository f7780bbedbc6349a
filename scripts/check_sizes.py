"""Fail when a file passes 500 lines or a Python function 70."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MOST = 500
FUNCTION_LINES_MOST = 70
SUFFIXES = {".py", ".ts", ".tsx", ".css", ".sql"}
GENERATED = ("src/cairn/gen/", "web/src/api/gen/", "migrations/schema.sql")


def sources() -> list[Path]:
    """Return every source file that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 - fixed.
    kept = [name for name in listed.stdout.splitlines() if not name.startswith(GENERATED)]
    return [ROOT / name for name in kept if Path(name).suffix in SUFFIXES and (ROOT / name).is_file()]


def long_functions(path: Path, text: str) -> list[str]:
    """Return a complaint for each function over the limit, decorators and docstring included."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines."
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MOST
    ]


def main() -> int:
    """Print every complaint; return the exit code."""
    complaints = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES_MOST:
            complaints.append(f"{path.relative_to(ROOT)} has {lines} lines.")
        if path.suffix == ".py":
            complaints += long_functions(path, text)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
