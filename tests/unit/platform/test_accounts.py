import os
from pathlib import Path

import pytest

from cairn.kernel.errors import Unavailable
from cairn.platform.postgres import accounts
from cairn.platform.postgres.accounts import Account

STRANGER = Account(uid=65533, gid=65533)


def test_an_account_reads_what_the_permission_bits_allow(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    file = folder / "file"
    file.touch(mode=0o644)
    owner = Account(uid=os.getuid(), gid=os.getgid())
    assert owner.reads(file)
    file.chmod(0o640)
    assert not STRANGER.reads(file)
    assert Account(uid=65533, gid=file.stat().st_gid)._may(file, 0o4)


def test_a_closed_folder_on_the_way_is_in_the_way(tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    inner = outer / "inner"
    inner.mkdir(parents=True)
    outer.chmod(0o700)
    assert not STRANGER.walks_to(inner)
    assert not STRANGER.walks_to(tmp_path)  # pytest's own folder is closed too.
    assert STRANGER.walks_to(Path("/usr/bin"))


def test_an_account_that_cannot_be_made_is_said_with_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "ACCOUNT_NAME", "cairn-no-such-account")
    monkeypatch.setattr(accounts, "_CREATE_ATTEMPTS", 2)
    for command in (["false"], ["/nonexistent/useradd"]):
        with pytest.raises(Unavailable, match=r"Run Cairn as an ordinary user.*CAIRN_DATABASE_URL"):
            accounts._create(command)


def test_only_root_needs_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert accounts.postgres_account() is None
