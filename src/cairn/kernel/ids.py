"""Identifiers."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
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
