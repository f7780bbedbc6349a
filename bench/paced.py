"""A provider that costs next to nothing, and the barest relay, so that a measure is of what stands between.

`paced.py provider` serves OpenAI's chat completions: each token is the moment at which it was sent, 28.8 a second from
200 ms on; a reply in one piece comes after 20 ms. The model's name chooses a fault. `paced.py relay PORT` pipes bytes.
Both print their port. The models m0 to m47 and mfast say such tokens, "prose" an answer in Markdown with citations at
60 tokens a second, others a word of four characters; numbers behind a name mean nothing.
"""

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import dataclass
from typing import cast

import uvloop

FIRST_S = 0.2
GAP_S = 1 / 28.8
PROSE_GAP_S = 1 / 60
PROSE_TOKENS = 480
FAST_S = 0.005
WHOLE_S = 0.02
MODELS = 56
# How often a faulty model fails: less than always, as calls to such a one are not made at all.
FAULTY = 0.6
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_START = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'
)
_MIDDLE = b'},"finish_reason":null}]}\n\n'
# Four characters, which is what a token is taken for where nobody counts.
_WORD = b'{"content":"abc "'
_START_PIECE = b'{"content":%b'
# What people read: paragraphs, a list, a table and code, with its markers.
_PROSE = """The **manifest** decides, because a seat is taken in one place only [1]. Whoever sells asks it first, and a
sale without its answer is no sale; the `certificate` says how many seats there are, and nothing else does [2].

## What follows from it

- Every channel asks the manifest, and waits for the answer [3].
- A seat is held for eight minutes and then falls back [1].
- The limit is a constraint in the database, not a rule in a program.

| channel | asks | waits |
|---|---|---|
| web | the manifest | 20 ms |
| quay | the manifest | 35 ms |

```python
def take(seat: Seat, sailing: Sailing) -> Hold:
    return manifest.hold(seat, sailing, minutes=8)
```

"""
_PIECES = [_START_PIECE % json.dumps(piece).encode() for piece in re.findall(r"\s*\S{1,6}|\s+", _PROSE)]
_FAULTS = ("cut", "broken", "hangs", "empty", "nonsense", "html", "broken-json")


@dataclass
class Served:
    """What a provider has served, for the ledger to be held against: output tokens by how their streams ended."""

    whole: int = 0
    cut: int = 0
    left: int = 0
    calls: int = 0
    faults: int = 0


class Provider(asyncio.Protocol):
    """One connection, one request after the other."""

    served = Served()
    lost_ns: list[int] = []  # noqa: RUF012 - of all connections.

    def __init__(self) -> None:
        self._buffer = b""
        self._timer: asyncio.TimerHandle | None = None
        self._tokens = self._most = 0
        self._due = 0.0
        self._cut_at = 0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note when a client left in the middle."""
        del exc
        if self._timer is not None:
            self._timer.cancel()
            self.served.left += self._tokens
            self.lost_ns.append(time.monotonic_ns())

    def data_received(self, data: bytes) -> None:
        """Take requests as they come whole."""
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(head.split(b" ", 2)[1].decode(), rest[:length])

    def _answer(self, path: str, body: bytes) -> None:
        if path.startswith("/_"):
            self._json({"lost_ns": self.lost_ns, **vars(self.served)})
            return
        if not body:
            # As a look for models, which a proxy may take.
            self._json({"error": {"message": "Not here.", "type": "not_found"}}, b"404 Not Found")
            return
        asked = json.loads(body)
        self.served.calls += 1
        model = asked["model"].rstrip("0123456789")
        faulty = random.random() < FAULTY  # noqa: S311 - a fault, no secret.
        if model in _FAULTS and model != "cut" and faulty:
            self.served.faults += 1
            self._fault(model)
            return
        self._prose = model == "prose"
        self._gap_s = PROSE_GAP_S if self._prose else GAP_S
        tokens = PROSE_TOKENS if self._prose else asked.get("max_tokens") or 100
        if not asked.get("stream"):
            self._timer = self._loop.call_later(WHOLE_S, self._whole, tokens)
            return
        self._transport.write(_HEAD)
        self._tokens, self._most = 0, tokens
        self._cut_at = random.randint(1, tokens - 1) if model == "cut" and faulty else 0  # noqa: S311 - a fault, no secret.
        self._timed = model in {"m", "mfast"}
        self._due = self._loop.time() + (FAST_S if model == "mfast" else FIRST_S)
        self._chunk(_START + b'{"role":"assistant","content":""' + _MIDDLE)
        self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        if self._tokens == self._cut_at and self._cut_at:
            self._timer = None
            self.served.cut += self._tokens
            self.served.faults += 1
            # Everything so far arrives, and then nothing: so that both sides can count the same.
            self._transport.close()
            return
        if self._tokens == self._most:
            self._timer = None
            self.served.whole += self._tokens
            usage = b'"prompt_tokens":10,"completion_tokens":%d,"total_tokens":%d' % (self._most, self._most + 10)
            end = _START + b'{},"finish_reason":"stop"}]}\n\n'
            self._chunk(end)
            self._chunk(b'data: {"id":"1","choices":[],"usage":{%b}}\n\ndata: [DONE]\n\n' % usage)
            self._transport.write(b"0\r\n\r\n")
            return
        self._tokens += 1
        self._chunk(_START + self._word() + _MIDDLE)
        self._due += self._gap_s
        self._timer = self._loop.call_at(self._due, self._tick)

    def _word(self) -> bytes:
        if self._prose:
            return _PIECES[(self._tokens - 1) % len(_PIECES)]
        return b'{"content":"%x "' % time.monotonic_ns() if self._timed else _WORD

    def _chunk(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _whole(self, tokens: int) -> None:
        self._timer = None
        self.served.whole += tokens
        message = {"role": "assistant", "content": "word " * 20}
        usage = {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": tokens + 10}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._json(
            {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]} | {"usage": usage}
        )

    def _json(self, value: dict[str, object], status: bytes = b"200 OK") -> None:
        self._body(json.dumps(value).encode(), b"application/json", status)

    def _body(self, body: bytes, kind: bytes, status: bytes = b"200 OK") -> None:
        head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n" % (status, kind, len(body))
        self._transport.write(head + body)

    def _fault(self, model: str) -> None:
        match model:
            case "broken":
                self._json({"error": {"message": "Broken.", "type": "server_error"}}, b"500 Internal Server Error")
            case "hangs":
                self._transport.close()
            case "html":
                self._body(b"<html>A proxy speaks.</html>", b"text/html")
            case "broken-json":
                self._body(b'{"id": 1, "choi', b"application/json")
            case "empty":
                self._transport.write(_HEAD + b"0\r\n\r\n")
            case _:
                self._transport.write(_HEAD)
                self._chunk(b"data: {not json\n\n")
                self._transport.write(b"0\r\n\r\n")


class Pipe(asyncio.Protocol):
    """One side of a relay."""

    def __init__(self, port: int, other: "Pipe | None" = None) -> None:
        self._port = port
        self.other = other
        self.waiting: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the other side, or send what waits for it."""
        self.transport = cast("asyncio.Transport", transport)
        if self.other is None:
            self.other = Pipe(self._port, self)
            loop = asyncio.get_running_loop()
            self._opening = loop.create_task(
                loop.create_connection(lambda: cast("Pipe", self.other), "127.0.0.1", self._port)
            )
        elif self.other.waiting:
            self.transport.write(b"".join(self.other.waiting))
            self.other.waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)
        else:
            self.waiting.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side."""
        del exc
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


async def _serve(arguments: list[str]) -> None:
    loop = asyncio.get_running_loop()
    if arguments[0] == "provider":
        server = await loop.create_server(Provider, "127.0.0.1", 0, backlog=2_000)
    else:
        server = await loop.create_server(lambda: Pipe(int(arguments[1])), "127.0.0.1", 0, backlog=2_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1:]))
