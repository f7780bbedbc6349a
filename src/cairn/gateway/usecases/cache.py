"""Replies that were given already, for the very same request of the same person.

They stay in the memory of this process, for no table may hold what was said. A request has to ask for temperature 0: at
any other a caller wants a new reply each time.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cairn.gateway.domain.calls import Chunk, Native
from cairn.gateway.domain.messages import Continued, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from cairn.gateway.domain.routing import Route, Target
from cairn.kernel.identity import Caller

_BYTES_MOST = 64 * 1024 * 1024
_ENTRY_BYTES_MOST = 1024 * 1024
_TTL_S = 600.0
# What a chunk and its parts take besides their texts, roughly.
_OVERHEAD_BYTES = 300
_ZEROES = frozenset({b"0", b"0.0", b"0.00"})


@dataclass(frozen=True, slots=True)
class CachedReply:
    """A whole reply, where it came from, and what it had cost."""

    chunks: Sequence[Chunk]
    target: Target
    native: bool
    usage: Usage
    cost_micros: int
    size: int
    kept_until: float


def cache_key(caller: Caller, route: Route, native: Native) -> bytes | None:
    """Return what tells requests apart, of one person and all that is asked; None for one that is not to be kept."""
    if bytes(native.fields.get("temperature", b"")) not in _ZEROES:
        return None
    digest = sha256()
    scope = (caller.tenant_id.hex, caller.person_id.hex, caller.role.value, native.wire.value, route.name)
    places = [f"{target.name} {target.provider.url}" for target in route.targets]
    for text in (*scope, *places, *(part for header in sorted(native.headers) for part in header)):
        digest.update(b"%d:%b" % (len(text), text.encode()))
    for name, value in sorted(native.fields.items()):
        raw = bytes(value)
        digest.update(b"%d:%b%d:%b" % (len(name), name.encode(), len(raw), raw))
    return digest.digest()


class ReplyCache:
    """The latest whole replies, within a bound of bytes."""

    def __init__(self, *, bytes_most: int = _BYTES_MOST, ttl_s: float = _TTL_S) -> None:
        self._bytes_most = bytes_most
        self._ttl_s = ttl_s
        self._replies: OrderedDict[bytes, CachedReply] = OrderedDict()
        self._bytes = 0

    def find(self, key: bytes, now: float) -> CachedReply | None:
        """Return the reply to the same request, unless it is too old."""
        reply = self._replies.get(key)
        if reply is None:
            return None
        if reply.kept_until < now:
            self._drop(key)
            return None
        self._replies.move_to_end(key)
        return reply

    def keep(self, key: bytes, gathered: "Gathered", target: Target, cost_micros: int, now: float) -> None:
        """Keep a whole reply of one target, if it is not too large and its usage is known."""
        if gathered.too_large or gathered.continued or gathered.usage is None:
            return
        if key in self._replies:
            self._drop(key)
        self._replies[key] = CachedReply(
            gathered.chunks, target, gathered.native, gathered.usage, cost_micros, gathered.size, now + self._ttl_s
        )
        self._bytes += gathered.size
        while self._bytes > self._bytes_most:
            self._drop(next(iter(self._replies)))

    def _drop(self, key: bytes) -> None:
        self._bytes -= self._replies.pop(key).size


class Gathered:
    """A reply while it comes in."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.size = 0
        self.usage: Usage | None = None
        self.native = False
        self.continued = False

    @property
    def too_large(self) -> bool:
        """Whether it is larger than what is kept."""
        return self.size > _ENTRY_BYTES_MOST

    def add(self, chunk: Chunk) -> None:
        """Add what came."""
        self.size += len(chunk.raw) + _OVERHEAD_BYTES
        for part in chunk.parts:
            if isinstance(part, TextDelta | ThinkingDelta):
                self.size += len(part.text)
            elif isinstance(part, ToolCallDelta):
                self.size += len(part.arguments)
            elif isinstance(part, Usage):
                self.usage = part
            elif isinstance(part, Continued):
                self.continued = True
        if self.too_large:
            self.chunks.clear()
        else:
            self.chunks.append(chunk)
