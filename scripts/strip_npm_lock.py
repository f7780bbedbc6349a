"""Take the addresses out of web/package-lock.json; what is left is versions and integrity hashes.

npm records where each package asks for donations; a lock file of ours names no host at all.
"""

import json
from pathlib import Path

LOCK = Path(__file__).parent.parent / "web" / "package-lock.json"


def main() -> None:
    """Rewrite the lock file in place."""
    lock = json.loads(LOCK.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    LOCK.write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    main()
