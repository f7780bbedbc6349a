"""ASGI as the endpoints use it: bounded bodies, one reply, and noticing that the client has left."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from typing import Any, Protocol, cast

from cairn.kernel.errors import CairnError, Code

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

# Anthropic takes requests of up to 32 MB.
BODY_BYTES_MOST = 32 * 1024 * 1024
_BODY_S = 60.0
_STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class Line(Protocol):
    """What the server offers beyond ASGI: writing a stream where no task is there to await it."""

    @property
    def clear(self) -> bool:
        """Whether the client takes more, and all that was sent before has been written."""
        ...

    def begin(self, status: int, headers: Headers, piece: bytes) -> None:
        """Write the head of a stream and its first bytes at once."""
        ...

    def write(self, piece: bytes) -> None:
        """Write the next bytes of a stream."""
        ...


def find_line(scope: Scope) -> Line | None:
    """Return it, where the server offers it."""
    return scope.get("extensions", {}).get("cairn.line")


class BodyTooLarge(CairnError):
    """The request is larger than anything a provider takes."""

    code = Code.INVALID_ARGUMENT

    def __init__(self) -> None:
        super().__init__(f"The request is larger than {BODY_BYTES_MOST // 1024 // 1024} MB. Send less.")


class ClientLeft(Exception):
    """The client closed its connection."""


async def read_body(receive: Receive, length: bytes = b"") -> bytes:
    """Return the request's body, of the `length` that its header says.

    Raises `BodyTooLarge`, and `ClientLeft` also when the body does not come.
    """
    awaited = int(length) if length.isdigit() else -1
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

    def __init__(self, send: Send, headers: Headers, line: Line | None = None) -> None:
        self._asgi_send = send
        self._headers = headers
        self._line = line
        self.begun = False
        self.gone = False
        self.left: Callable[[], float] = lambda: 0.0

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if not self.gone:
            await self._asgi_send(message)

    async def whole(self, status: int, body: bytes, headers: Headers = ()) -> None:
        """Send everything at once, as JSON unless `headers` say otherwise."""
        length = (b"content-length", str(len(body)).encode())
        kind = [] if any(name == b"content-type" for name, _ in headers) else [(b"content-type", b"application/json")]
        await self._begin(status, [*kind, length, *headers])
        await self._send({"type": "http.response.body", "body": body})

    async def begin_stream(self, headers: Headers = ()) -> None:
        """Begin a stream of events. Proxies on the way must not collect it."""
        await self._begin(200, [*_STREAM, *headers])

    async def _begin(self, status: int, headers: Headers) -> None:
        self.begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": [*self._headers, *headers]})

    async def write(self, piece: bytes) -> None:
        """Send the next bytes of a stream."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self, piece: bytes = b"") -> None:
        """End a stream, with its last bytes."""
        await self._send({"type": "http.response.body", "body": piece})

    @property
    def ready(self) -> bool:
        """Whether the next bytes of a stream may be sent without awaiting, as nothing before them waits."""
        return self.gone or (self._line is not None and self._line.clear)

    def write_now(self, piece: bytes, headers: Headers = ()) -> None:
        """Send the next bytes of a stream that is `ready`, and its beginning, with these headers, before the first."""
        if self.gone or self._line is None:
            return
        if self.begun:
            self._line.write(piece)
        else:
            self.begun = True
            self._line.begin(200, [*self._headers, *_STREAM, *headers], piece)


async def while_client_is_there(receive: Receive, work: Coroutine[Any, Any, None], response: Response) -> None:
    """Do the work, unless the client leaves: then it is cancelled when `response` says, and this returns at its end."""
    working = cast("asyncio.Task[Any]", asyncio.current_task())
    timer: asyncio.TimerHandle | None = None

    def leave(_: object) -> None:
        nonlocal timer
        response.gone = True
        if goes_on_s := response.left():
            timer = asyncio.get_running_loop().call_later(goes_on_s, working.cancel)
        else:
            working.cancel()

    # It begins when the work first waits, so that it is not in its way.
    watching = asyncio.ensure_future(_until_gone(receive))
    watching.add_done_callback(leave)
    try:
        await work
    except asyncio.CancelledError:
        if not response.gone or working.uncancel():
            raise
    finally:
        if timer is not None:
            timer.cancel()
        watching.remove_done_callback(leave)
        watching.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
