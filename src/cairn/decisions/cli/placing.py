"""Writing files where a server says, and never outside of the folder."""

from pathlib import Path, PurePosixPath

from cairn.platform.client import CommandFailed


def place_of(folder: Path, path: str) -> Path:
    """Return where a path of the server's lies in a folder. Raises `CommandFailed` when it would leave it."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts or "\x00" in path:
        message = f"The server named a file outside the folder: {path!r}. Nothing more was written."
        raise CommandFailed(message)
    place = folder.joinpath(*parts.parts)
    if not place.parent.resolve().is_relative_to(folder.resolve()) or place.is_symlink():
        message = f"{path!r} leads out of the folder by a link. Nothing more was written."
        raise CommandFailed(message)
    return place


def write_file(folder: Path, path: str, content: bytes) -> None:
    """Write one file, and the folders to it."""
    place = place_of(folder, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
