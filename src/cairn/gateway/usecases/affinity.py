"""Keeping calls whose prompts begin the same at one target, as providers cache what they have read lately."""

from hashlib import blake2b
from uuid import UUID

from cairn.gateway.domain.calls import Native
from cairn.kernel.identity import Caller

# Providers cache from about 1,024 tokens on.
_CHARACTERS_LEAST = 4_096
# A conversation grows at its end: its beginning, with tools and instructions, is what its calls share.
_FIELDS = ("tools", "system", "instructions", "messages", "input")
_COMPARED_BYTES = 2_048
_NAMED = "prompt_cache_key"


def prefix_of(caller: Caller, native: Native, characters: int) -> bytes | None:
    """Return what calls with one beginning have in common, or None for a prompt too short to be cached."""
    fields = native.fields
    named = _NAMED in fields
    if not fields or (characters < _CHARACTERS_LEAST and not named):
        return None
    digest = blake2b(caller.tenant_id.bytes, digest_size=16)
    for name in (_NAMED,) if named else _FIELDS:
        if name in fields:
            digest.update(b"%b:%b;" % (name.encode(), bytes(fields[name])[:_COMPARED_BYTES]))
    return digest.digest()


def chance_of(prefix: bytes, target: tuple[UUID, str]) -> float:
    """Return a number in (0, 1], the same for one beginning and target in every process."""
    provider, model = target
    digest = blake2b(prefix + provider.bytes + model.encode(), digest_size=7).digest()
    return (int.from_bytes(digest, "big") + 1) / 2**56
