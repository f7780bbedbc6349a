"""Files that a test compares what it made with. `pytest --rewrite-snapshots` rewrites them, for review like code."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

REPOSITORY = Path(__file__).parent.parent.parent
Snapshot: TypeAlias = Callable[[Path, str], None]


def compare(path: Path, text: str) -> None:
    assert path.exists(), f"{path} is missing; run the test with --rewrite-snapshots."
    assert text == path.read_text(encoding="utf-8"), f"{path} differs; if that is right: --rewrite-snapshots."


def rewrite(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
