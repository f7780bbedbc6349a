"""How many tokens a request may have, told from its bytes before anybody counts them."""

import re
from dataclasses import dataclass

# Media inside of a request, and media that it points to.
_MEDIA = re.compile(rb"[A-Za-z0-9+/=]{2000,}")
_POINTERS = re.compile(rb'"(?:url|image_url|file_url|file_uri)"\s*:\s*"http|"file_id"')
# How PNG, JPEG, GIF and WebP begin in base64.
_IMAGES = (b"iVBOR", b"/9j/", b"R0lG", b"UklG")
# Providers count a picture as some hundred to a few thousand tokens.
_IMAGE_TOKENS_MOST = 8_000
_MEDIA_CHARACTERS = 8_000
_MEDIA_SHARE = 100
# What a provider adds of its own: marks around messages, and the words that teach a model to use tools.
_ADDED_TOKENS = 64
_TOOLS_TOKENS = 1_024


@dataclass(frozen=True, slots=True)
class Size:
    """A request's length. `characters` is for estimates; its tokens cannot be more than `tokens_most`."""

    characters: int
    tokens_most: int


def measure(body: bytes) -> Size:
    """Measure a request.

    Every tokenizer in use makes at most one token of a byte, so that bytes are the upper bound for texts, and for
    documents, whose bytes are packed texts. Pictures have bounds of their own.
    """
    pointed = len(_POINTERS.findall(body)) * _IMAGE_TOKENS_MOST
    added = _ADDED_TOKENS + (_TOOLS_TOKENS if b'"tools"' in body else 0)
    if len(body) <= _MEDIA_CHARACTERS // 4:
        # Too short to hold any.
        return Size(len(body), len(body) + pointed + added)
    media = [match.group() for match in _MEDIA.finditer(body)]
    inside = sum(len(one) for one in media)
    characters = len(body) - inside + sum(max(_MEDIA_CHARACTERS, len(one) // _MEDIA_SHARE) for one in media)
    pictures = sum(len(one) - min(len(one), _IMAGE_TOKENS_MOST) for one in media if one.startswith(_IMAGES))
    return Size(characters, len(body) - pictures + pointed + added)
