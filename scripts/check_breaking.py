"""Fail when proto/ breaks clients of the previous commit."""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASE = "HEAD~1"


def main() -> int:
    """Compare the working files with the previous commit; return the exit code."""
    command = ["git", "archive", "--format=zip", BASE, "proto", "buf.yaml"]
    archived = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=60)  # noqa: S603 - fixed.
    if archived.returncode != 0:
        print(f"Nothing to compare with: {archived.stderr.decode().strip()}")
        return 0
    with tempfile.TemporaryDirectory() as before:
        with zipfile.ZipFile(io.BytesIO(archived.stdout)) as archive:
            archive.extractall(before)
        command = ["buf", "breaking", "--against", before]
        return subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode  # noqa: S603 - fixed.


if __name__ == "__main__":
    sys.exit(main())
