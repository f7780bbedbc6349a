"""Fail when the generated code is not what buf makes of proto/."""

import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src/cairn/gen", "web/src/api/gen")


def files(folder: Path) -> set[Path]:
    """Return the paths of all files below `folder`, but for Python's own."""
    return {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def main() -> int:
    """Generate into a folder of its own and compare; return the exit code."""
    stale: list[str] = []
    with tempfile.TemporaryDirectory() as made:
        command = ["buf", "generate", "--output", made]
        subprocess.run(command, cwd=ROOT, check=True, timeout=120)  # noqa: S603 - fixed.
        for folder in FOLDERS:
            ours, fresh = ROOT / folder, Path(made) / folder
            stale += [f"{folder}/{path}" for path in files(ours) ^ files(fresh)]
            same = sorted(map(str, files(ours) & files(fresh)))
            stale += [f"{folder}/{path}" for path in filecmp.cmpfiles(ours, fresh, same, shallow=False)[1]]
    for path in sorted(stale):
        print(f"{path} is not what `buf generate` makes.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
