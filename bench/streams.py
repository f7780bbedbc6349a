"""Many streams at once, read by a client that costs little: first tokens, gaps, and how old each token is."""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from load import percentile

_TOKEN = re.compile(rb'"(?:content|text)":\s*"((?:[0-9a-f]{8,} )+)"')
_MS = 1e6


@dataclass
class Seen:
    """What one or many streams saw, in milliseconds. `age` is the time from the provider's sending to our reading."""

    first: list[float] = field(default_factory=list[float])
    gaps: list[float] = field(default_factory=list[float])
    ages: list[float] = field(default_factory=list[float])
    tokens: int = 0
    whole: int = 0
    errors: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    def describe(self) -> str:
        """Return the figures in one line."""
        if not self.gaps:
            return f"nothing came: {self.errors[:1]}"
        return (
            f"{self.tokens / self.seconds:,.0f} tokens/s; first token p50 {percentile(self.first, 0.5):.1f}, "
            f"p95 {percentile(self.first, 0.95):.1f} ms; gap p95 {percentile(self.gaps, 0.95):.1f} ms; age p50 "
            f"{percentile(self.ages, 0.5):.2f}, p99 {percentile(self.ages, 0.99):.1f}, most {max(self.ages):.0f} ms"
        )


class Stream(asyncio.Protocol):
    """One request and its stream. `ended` is set when the reply is whole or the connection is gone."""

    def __init__(self, seen: Seen, request: bytes, leave_after: int = 0) -> None:
        self._seen = seen
        self._request = request
        self._leave_after = leave_after
        self._count = 0
        self._last_ns = 0
        self._tail = b""
        self.left_ns = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast("asyncio.Transport", transport)
        self._begun_ns = time.monotonic_ns()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note the tokens that came in one read."""
        now = time.monotonic_ns()
        text = self._tail + data
        # Tokens that were read together may be written as one piece.
        found = [one for piece in _TOKEN.findall(text) for one in piece.split()]
        seen = self._seen
        if found:
            if self._last_ns:
                seen.gaps.append((now - self._last_ns) / _MS)
            else:
                seen.first.append((now - self._begun_ns) / _MS)
            self._last_ns = now
            self._count += len(found)
            seen.tokens += len(found)
            seen.ages.extend((now - int(one, 16)) / _MS for one in found)
        # A token may be cut between two reads.
        self._tail = text[text.rfind(b"\n") + 1 :] if not found else text[text.rfind(b"\n\n") + 2 :]
        if self._leave_after and self._count >= self._leave_after:
            self.left_ns = time.monotonic_ns()
            self._transport.abort()
        elif b"[DONE]" in text or b"message_stop" in text:
            seen.whole += 1
            self._transport.close()
        elif b'"error"' in data and not found:
            seen.errors.append(data[-300:].decode("utf-8", "replace"))

    def leave(self) -> None:
        """Close the connection in the middle."""
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        if not self.ended.done():
            self.ended.set_result(self._count)


def request_of(
    port: int, model: str, tokens: int, *, stream: bool = True, key: str = "any", path: str = "/v1/chat/completions"
) -> bytes:
    """Return the bytes of a request."""
    message = {"role": "user", "content": "Why was a log chosen?"}
    body = json.dumps({"model": model, "stream": stream, "max_tokens": tokens, "messages": [message]}).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


async def open_stream(port: int, request: bytes, seen: Seen, leave_after: int = 0) -> Stream:
    """Begin one stream."""
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(lambda: Stream(seen, request, leave_after), "127.0.0.1", port)
    return stream


async def run_streams(
    ports: Sequence[int], models: Sequence[str], streams: int, tokens: int, *, path: str = "/v1/chat/completions"
) -> Seen:
    """Run so many streams at once, spread over ports and models, and begun within a token's time."""
    seen = Seen()
    begun = time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(number / streams)
        port = ports[number % len(ports)]
        stream = await open_stream(port, request_of(port, models[number % len(models)], tokens, path=path), seen)
        await stream.ended

    await asyncio.gather(*(one(number) for number in range(streams)))
    seen.seconds = time.perf_counter() - begun
    return seen
