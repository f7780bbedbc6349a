import base64
import os
import stat
from pathlib import Path

import pytest

from cairn.kernel.errors import InvalidArgument
from cairn.platform.secrets import SecretBox, SecretUnreadable


def test_a_sealed_secret_opens_again_and_hides_its_text(tmp_path: Path) -> None:
    box = SecretBox.open(tmp_path, {})
    sealed = box.seal("sk-very-secret", context="provider 1")
    assert b"sk-very-secret" not in sealed
    assert box.unseal(sealed, context="provider 1") == "sk-very-secret"
    assert SecretBox.open(tmp_path, {}).unseal(sealed, context="provider 1") == "sk-very-secret"


def test_the_same_secret_is_never_sealed_the_same_way_twice(tmp_path: Path) -> None:
    box = SecretBox.open(tmp_path, {})
    assert box.seal("a", context="") != box.seal("a", context="")


def test_the_key_file_is_for_its_owner_only(tmp_path: Path) -> None:
    SecretBox.open(tmp_path / "home", {})
    assert stat.S_IMODE((tmp_path / "home" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret.key"]


def test_a_secret_moved_to_another_row_does_not_open(tmp_path: Path) -> None:
    box = SecretBox.open(tmp_path, {})
    with pytest.raises(SecretUnreadable):
        box.unseal(box.seal("a", context="provider 1"), context="provider 2")


@pytest.mark.parametrize("at", [0, 5, 15, 40, 75, -1])
def test_a_changed_secret_does_not_open(tmp_path: Path, at: int) -> None:
    box = SecretBox.open(tmp_path, {})
    sealed = bytearray(box.seal("a secret", context=""))
    sealed[at] ^= 1
    with pytest.raises(SecretUnreadable):
        box.unseal(bytes(sealed), context="")


def test_a_cut_secret_does_not_open(tmp_path: Path) -> None:
    box = SecretBox.open(tmp_path, {})
    sealed = box.seal("a secret", context="")
    for length in range(len(sealed)):
        with pytest.raises(SecretUnreadable):
            box.unseal(sealed[:length], context="")


def test_another_master_key_says_what_to_do(tmp_path: Path) -> None:
    sealed = SecretBox.open(tmp_path, {}).seal("a", context="")
    variable = base64.b64encode(os.urandom(32)).decode()
    with pytest.raises(SecretUnreadable, match="Enter the key again"):
        SecretBox.open(tmp_path, {"CAIRN_SECRET_KEY": variable}).unseal(sealed, context="")


@pytest.mark.parametrize("text", ["short", "not base64 at all!", base64.b64encode(b"x" * 31).decode()])
def test_a_bad_variable_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidArgument, match="CAIRN_SECRET_KEY must hold 32 random bytes"):
        SecretBox.open(tmp_path, {"CAIRN_SECRET_KEY": text})
