"""Load: a small HTTP/1.1 client that costs little itself, and the percentiles of what it saw."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

_ENVELOPE_BYTES = 5
_END_OF_STREAM = 2
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True)
class Load:
    """How long each request of a run took, in milliseconds, and how many a second there were."""

    times_ms: Sequence[float]
    per_second: float

    @property
    def p50(self) -> float:
        """The median, in milliseconds."""
        return percentile(self.times_ms, 0.50)

    @property
    def p95(self) -> float:
        """What 95 % did not exceed, in milliseconds."""
        return percentile(self.times_ms, 0.95)


class Client:
    """One keep-alive connection. Bodies come with a length; answers with a length or in chunks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Open a connection to a loopback port."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(reader, writer, f"127.0.0.1:{port}")

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def request(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        """Send one request and return the body of its answer. Raises RuntimeError unless that is a 200."""
        status, length = await self._send(method, path, body, kind)
        if length is None:
            answer = b"".join([chunk async for chunk in self._chunks()])
        else:
            answer = await self._reader.readexactly(length)
        if status != HTTPStatus.OK:
            raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")
        return answer

    async def stream(self, method: str, message: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        """Call a streaming RPC with JSON and yield its messages as they come."""
        body = json.dumps(message).encode()
        envelope = b"\0" + len(body).to_bytes(4, "big") + body
        status, _ = await self._send("POST", f"/{method}", envelope, "application/connect+json")
        if status != HTTPStatus.OK:
            raise RuntimeError(f"{method} answered {status}")
        buffer = b""
        async for chunk in self._chunks():
            buffer += chunk
            while len(buffer) >= _ENVELOPE_BYTES:
                end = _ENVELOPE_BYTES + int.from_bytes(buffer[1:_ENVELOPE_BYTES], "big")
                if len(buffer) < end:
                    break
                flags, text, buffer = buffer[0], buffer[_ENVELOPE_BYTES:end], buffer[end:]
                parsed = json.loads(text)
                if flags & _END_OF_STREAM:
                    if "error" in parsed:
                        raise RuntimeError(f"{method} ended with {parsed['error']}")
                else:
                    yield parsed

    async def _send(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, int | None]:
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: {kind}\r\n"
        self._writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        return await self._read_head()

    async def call(self, method: str, message: dict[str, Any]) -> dict[str, Any]:
        """Call an RPC, named as in `cairn.decisions.v1.DecisionsService/ListLogs`, with JSON."""
        return json.loads(await self.request("POST", f"/{method}", json.dumps(message).encode()))

    async def _read_head(self) -> tuple[int, int | None]:
        """Return the status and the body's length, None when it comes in chunks. Only what is asked for is read."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = _LENGTH.search(head)
        return int(head.split(b" ", 2)[1]), int(length[1]) if length else None

    async def _chunks(self) -> AsyncGenerator[bytes]:
        while size := int(await self._reader.readline(), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()


async def drive(
    port: int, work: Callable[[Client, int], Awaitable[object]], *, clients: int, requests: int, warm_up: int = 50
) -> Load:
    """Let `clients` connections each do `work(client, number)` one after the other, `requests` times in all."""
    numbers = iter(range(-warm_up, requests))
    times: list[float] = []

    async def run() -> None:
        client = await Client.connect(port)
        for number in numbers:
            started = time.perf_counter()
            await work(client, number)
            if number >= 0:
                times.append((time.perf_counter() - started) * 1000)
        client.close()

    started = time.perf_counter()
    await asyncio.gather(*(run() for _ in range(clients)))
    return Load(times, (requests + warm_up) / (time.perf_counter() - started))
