"""Identifiers."""

import os
import time
import uuid

_RANDOM_BYTES = 10
_AT_ONCE = 400
# The kernel is asked for many at once: a question of its own for each id takes longer than all the rest of it.
_random: list[bytes] = []


def _take_random() -> bytes:
    try:
        # One operation, so that no two threads have the same.
        return _random.pop()
    except IndexError:
        drawn = os.urandom(_RANDOM_BYTES * _AT_ONCE)
        pieces = [drawn[at : at + _RANDOM_BYTES] for at in range(0, len(drawn), _RANDOM_BYTES)]
        _random.extend(pieces[1:])
        return pieces[0]


# A copy of this process would give out the same again.
os.register_at_fork(after_in_child=_random.clear)


def uuid7() -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(_take_random())
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    # What UUID's own __init__ comes to after it has looked for every other way to spell one.
    made = object.__new__(uuid.UUID)
    object.__setattr__(made, "int", value)
    object.__setattr__(made, "is_safe", uuid.SafeUUID.unknown)
    return made


def parse_uuid(text: str) -> uuid.UUID | None:
    """Return the UUID that `text` spells, or None when it spells none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
