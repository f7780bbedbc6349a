import os
import stat
from pathlib import Path

from cairn.platform.files import FileLock, write_private


def test_a_private_file_is_its_owners_only_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_is_held_by_one_and_names_it(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert second.probe()
    assert second.holder() is None
    with first:
        assert first.acquire()
        assert not second.acquire()
        assert not second.probe()
        assert second.holder() == os.getpid()
    assert second.probe()
    assert second.acquire()
    second.release()
    second.release()
