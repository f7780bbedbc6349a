"""ASGI as the endpoints use it: bounded bodies, one reply, and noticing that the client has left."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, cast

from cairn.kernel.errors import CairnError, Code
from cairn.platform.line import Headers, Line

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Anthropic takes requests of up to 32 MB.
BODY_BYTES_MOST = 32 * 1024 * 1024
_BODY_S = 60.0
_STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class BodyTooLarge(CairnError):
    """The request is larger than anything a provider takes."""

    code = Code.INVALID_ARGUMENT

    def __init__(self) -> None:
        super().__init__(f"The request is larger than {BODY_BYTES_MOST // 1024 // 1024} MB. Send less.")


class ClientLeft(Exception):
    """The client closed its connection."""


async def read_body(receive: Receive, line: Line, length: bytes = b"") -> bytes:
    """Return the request's body, of the `length` that its header says.

    Raises `BodyTooLarge`, and `ClientLeft` also when the body does not come.
    """
    whole = line.take_body()
    if whole is None:
        return await _await_body(receive, int(length) if length.isdigit() else -1)
    if len(whole) > BODY_BYTES_MOST:
        raise BodyTooLarge
    return whole


async def _await_body(receive: Receive, awaited: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientLeft
                piece: bytes = message.get("body", b"")
                size += len(piece)
                if size > BODY_BYTES_MOST:
                    raise BodyTooLarge
                pieces.append(piece)
                # Its end is a message of its own, for which nobody has to wait.
                if size == awaited or not message.get("more_body"):
                    return b"".join(pieces)
    except TimeoutError as error:
        raise ClientLeft from error


class Response:
    """The reply to one request. `begun` is true once its headers are out.

    `left` is told when the client leaves, and says for how many seconds the work goes on; nothing is sent any more.
    """

    def __init__(self, line: Line, headers: Headers) -> None:
        self.line = line
        self._headers = headers
        self.begun = False
        self.left: Callable[[], float] = lambda: 0.0

    async def whole(self, status: int, body: bytes, headers: Headers = ()) -> None:
        """Send everything at once, as JSON unless `headers` say otherwise."""
        self.begun = True
        kind = [] if any(name == b"content-type" for name, _ in headers) else [(b"content-type", b"application/json")]
        if self.line.waits:
            await self.line.drain()
        self.line.whole(status, [*self._headers, *kind, *headers], body)

    async def write(self, piece: bytes, head: bytes = b"") -> None:
        """Send the next bytes of a stream, as `write_now` does, once the client takes more."""
        if self.line.waits:
            await self.line.drain()
        self.write_now(piece, head)

    def write_now(self, piece: bytes, head: bytes = b"") -> None:
        """Send the next bytes of a stream of events; the first go out with its head."""
        if not self.begun:
            self.begun = True
            self.line.begin(head, piece)
        elif piece:
            self.line.write(piece)

    def head_stream(self, headers: Headers) -> bytes:
        """Return the head of a stream of events. Proxies on the way must not collect it."""
        return self.line.head_stream(200, [*self._headers, *_STREAM, *headers])

    async def end(self, piece: bytes = b"") -> None:
        """End a stream, with its last bytes."""
        if self.line.waits:
            await self.line.drain()
        self.line.end(piece)


async def while_client_is_there(line: Line, work: Coroutine[Any, Any, None], response: Response) -> None:
    """Do the work, unless the client leaves: then it is cancelled when `response` says, and this returns at its end."""
    working = cast("asyncio.Task[Any]", asyncio.current_task())
    timer: asyncio.TimerHandle | None = None

    def leave() -> None:
        nonlocal timer
        if goes_on_s := response.left():
            timer = asyncio.get_running_loop().call_later(goes_on_s, working.cancel)
        else:
            working.cancel()

    line.watch(leave)
    try:
        await work
    except asyncio.CancelledError:
        if not line.gone or working.uncancel():
            raise
    finally:
        if timer is not None:
            timer.cancel()
        line.watch(None)
