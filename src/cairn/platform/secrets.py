"""Secrets at rest, by envelope encryption: every secret has a data key of its own, and the master key wraps those.

The master key stays outside the database, so a copy of the database opens nothing.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cairn.kernel.errors import FailedPrecondition, InvalidArgument

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_FINGERPRINT_BYTES = 8
_WRAPPED_BYTES = _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES
_FORMAT = b"\x01"
_VARIABLE = "CAIRN_SECRET_KEY"
_FILE = "secret.key"


class SecretUnreadable(FailedPrecondition):
    """A stored secret was sealed with another master key, or was changed since."""

    def __init__(self) -> None:
        super().__init__(
            f"A stored key cannot be opened: {_VARIABLE} or the file {_FILE} is not the one it was sealed with. "
            "Enter the key again."
        )


class SecretBox:
    """Seals and opens secrets with one master key (AES-256-GCM)."""

    def __init__(self, master_key: bytes) -> None:
        self._master = AESGCM(master_key)
        self._fingerprint = sha256(b"cairn master key" + master_key).digest()[:_FINGERPRINT_BYTES]

    @classmethod
    def open(cls, home: Path, environment: Mapping[str, str] = os.environ) -> Self:
        """Take the master key from CAIRN_SECRET_KEY (32 bytes in base64), or from `home`/secret.key, made on first use.

        Raises `InvalidArgument` for a value that is no key.
        """
        if text := environment.get(_VARIABLE):
            return cls(_decode_key(text, _VARIABLE))
        path = home / _FILE
        _make_key_file(path)
        return cls(_decode_key(path.read_text(encoding="ascii"), str(path)))

    def seal(self, secret: str, *, context: str) -> bytes:
        """Encrypt `secret`. It opens only with the same `context`, so that it cannot be moved to another row."""
        bound = context.encode()
        data_key = AESGCM.generate_key(bit_length=_KEY_BYTES * 8)
        wrap_nonce, nonce = os.urandom(_NONCE_BYTES), os.urandom(_NONCE_BYTES)
        wrapped = self._master.encrypt(wrap_nonce, data_key, bound)
        sealed = AESGCM(data_key).encrypt(nonce, secret.encode(), bound)
        return _FORMAT + self._fingerprint + wrap_nonce + wrapped + nonce + sealed

    def unseal(self, sealed: bytes, *, context: str) -> str:
        """Decrypt what `seal` made. Raises `SecretUnreadable`."""
        bound = context.encode()
        head = _FORMAT + self._fingerprint
        start = len(head) + _WRAPPED_BYTES
        if not sealed.startswith(head) or len(sealed) < start + _NONCE_BYTES + _TAG_BYTES:
            raise SecretUnreadable
        wrap_nonce, wrapped = sealed[len(head) :][:_NONCE_BYTES], sealed[len(head) + _NONCE_BYTES : start]
        try:
            data_key = self._master.decrypt(wrap_nonce, wrapped, bound)
            secret = AESGCM(data_key).decrypt(sealed[start:][:_NONCE_BYTES], sealed[start + _NONCE_BYTES :], bound)
        except InvalidTag as error:
            raise SecretUnreadable from error
        return secret.decode()


def _decode_key(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        message = f"{where} must hold 32 random bytes in base64. Make one with: openssl rand -base64 32"
        raise InvalidArgument(message, field=_VARIABLE)
    return key


def _make_key_file(path: Path) -> None:
    """Write a new key unless there is one. Two processes that race end up with the same file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(staged, path)
    except FileExistsError:
        return  # Another process was first; its key is the one.
    finally:
        staged.unlink()
