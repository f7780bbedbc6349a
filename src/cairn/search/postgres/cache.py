"""What a server keeps of indexes in memory."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
# About what an entry takes besides its content.
_ENTRY_BYTES = 200


class Cache(Generic[_Key]):
    """Packed pieces of indexes, which never change, up to a number of bytes. Least recently used ones leave first.

    Whoever asks has seen the row that a piece belongs to in a transaction of its own, so row-level security has spoken
    already.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[_Key, bytes] = OrderedDict()

    def get(self, key: _Key) -> bytes | None:
        """Return what is kept under a key."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: _Key, content: bytes) -> None:
        """Keep a piece, unless it is larger than all that may be kept."""
        size = len(content) + _ENTRY_BYTES
        if key in self._entries or size > self._most_bytes:
            return
        self._entries[key] = content
        self._bytes += size
        while self._bytes > self._most_bytes:
            self._bytes -= len(self._entries.popitem(last=False)[1]) + _ENTRY_BYTES
