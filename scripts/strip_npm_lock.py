"""Take the addresses out of web/package-lock.json; what is left is versions and integrity hashes.

npm records where each package asks for donations; a lock file of ours names no host at all. npm also leaves out
optional packages of other platforms when the registry at hand has none, and `npm ci` then refuses the lock file:
they are named here by the version their parent pins.
"""

import json
from pathlib import Path

LOCK = Path(__file__).parent.parent / "web" / "package-lock.json"
SYSTEMS = ("android", "darwin", "freebsd", "linux", "win32", "wasm32")
PROCESSORS = ("arm64", "arm", "x64", "wasm32")


def main() -> None:
    """Rewrite the lock file in place."""
    lock = json.loads(LOCK.read_text())
    packages = lock["packages"]
    for package in packages.values():
        package.pop("funding", None)
        package.pop("resolved", None)
    packages |= other_platforms(packages)
    lock["packages"] = dict(sorted(packages.items()))
    LOCK.write_text(json.dumps(lock, indent=2) + "\n")


def other_platforms(packages: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """Entries for optional packages that are pinned exactly and named after a platform, and are not in the lock."""
    added: dict[str, dict[str, object]] = {}
    for package in packages.values():
        optional = package.get("optionalDependencies")
        for name, version in optional.items() if isinstance(optional, dict) else ():
            words = str(name).rsplit("/", maxsplit=1)[-1].split("-")
            system = next((word for word in SYSTEMS if word in words), None)
            processor = next((word for word in PROCESSORS if word in words), None)
            path = f"node_modules/{name}"
            if path in packages or system is None or processor is None or not str(version)[0].isdigit():
                continue
            entry: dict[str, object] = {"version": version, "dev": True, "optional": True, "cpu": [processor]}
            added[path] = entry if system == "wasm32" else entry | {"os": [system]}
    return added


if __name__ == "__main__":
    main()
