"""One outbound HTTP/1.1 connection: it writes a request, and hands its reply on as it is read.

httptools, which wraps Node's llhttp, reads what is HTTP; here it is about time limits, bounds, and when a connection
may serve again.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

import httptools

# Heads, trailers and chunks' own marks: whatever comes without a byte of a body.
_MARKS_BYTES_MOST = 64 * 1024
# A provider that is faster than our client waits once so much is unread.
_UNREAD_BYTES_MOST = 256 * 1024
_FIRST_FINAL_STATUS = 200

Made = TypeVar("Made")


class EgressError(ConnectionError):
    """An outbound call came to nothing on its way."""


class ConnectionBroken(EgressError):
    """The connection ended before its reply did, or what came is no HTTP. The request may have arrived."""


class Reply:
    """A reply that comes in. `close` it, whatever became of it."""

    __slots__ = (
        "_broken",
        "_connection",
        "_deadline",
        "_leaving",
        "_loop",
        "_maker",
        "_pieces",
        "_timer",
        "_timer_at",
        "_unread",
        "_waiter",
        "headers",
        "status",
        "whole",
    )

    def __init__(self, connection: "Connection", loop: asyncio.AbstractEventLoop) -> None:
        # 0 until the head has come. Names of headers are in small letters.
        self.status = 0
        self.headers: dict[str, str] = {}
        # All of it has come, read or not.
        self.whole = False
        self._connection: Connection | None = connection
        self._loop = loop
        self._pieces: list[bytes] = []
        self._unread = 0
        self._broken: ConnectionBroken | None = None
        self._waiter: asyncio.Future[Any] | None = None
        self._maker: Callable[[bytes], object] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._leaving = False

    async def begin(self, deadline: float) -> None:
        """Wait for the head, until then by the loop's clock. Raises `ConnectionBroken` and `TimeoutError`."""
        while not self.status:
            if self._broken is not None:
                raise self._broken
            self.postpone(deadline)
            await self._wait()

    async def read(self, deadline: float) -> bytes:
        """Return what has come since the last read, or b"" at the end. Raises as `begin` does."""
        return await self.make(bytes, deadline) or b""

    async def make(self, take: Callable[[bytes], Made | None], deadline: float) -> Made | None:
        """Return what `take` makes of what comes, or None at the end. Raises as `begin` does, and what `take` raises.

        `take` is called as each read comes, without a task being woken for it, until it makes something. While it does
        not, it keeps the time with `postpone`.
        """
        self.postpone(deadline)
        while True:
            if self._pieces:
                if (made := take(self._collect())) is not None:
                    return made
                continue
            if self.whole:
                return None
            if self._broken is not None:
                raise self._broken
            self._maker = take
            try:
                made = await self._wait()
            finally:
                self._maker = None
            if made is not None:
                return made

    def postpone(self, deadline: float) -> None:
        """Wait for more until then, from now on."""
        self._deadline = deadline
        # One timer serves all reads, as a timer for each costs more than a read.
        if self._timer is None or deadline < self._timer_at:
            self._rest()
            self._timer, self._timer_at = self._loop.call_at(deadline, self._look), deadline

    def _collect(self) -> bytes:
        pieces = self._pieces
        read = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._unread > _UNREAD_BYTES_MOST and self._connection is not None:
            self._connection.resume()
        self._unread = 0
        return read

    def close(self, *, linger_s: float = 0.0) -> None:
        """Give the connection back if the reply is whole, else end it, after `linger_s` more for the reply's end."""
        connection = self._connection
        if connection is None or self._leaving:
            return
        self._pieces.clear()
        if linger_s and not self.whole and self._broken is None:
            self._leaving = True
            self._rest()
            self._timer = self._loop.call_later(linger_s, self._leave)
        else:
            self._leave()

    def take(self, body: bytes) -> bool:
        """Take a piece of the body; tell whether no more should come for now."""
        if self._leaving:
            return False
        self._pieces.append(body)
        before, self._unread = self._unread, self._unread + len(body)
        return before <= _UNREAD_BYTES_MOST < self._unread

    def end(self, broken: ConnectionBroken | None = None) -> None:
        """Note that no more will come."""
        if broken is None:
            self.whole = True
        elif not self.whole:
            self._broken = broken
        if self._leaving:
            self._leave()

    def wake(self) -> None:
        """Let whoever waits look again, unless all there is can be taken here and now."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        made = None
        if self._maker is not None and self._pieces:
            try:
                made = self._maker(self._collect())
            except Exception as error:  # noqa: BLE001 - it is raised where the reply is waited for.
                waiter.set_exception(error)
                return
            if made is None and not self.whole and self._broken is None:
                return
        waiter.set_result(made)

    async def _wait(self) -> Any:  # noqa: ANN401 - what the current `take` makes.
        self._waiter = self._loop.create_future()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def _look(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._timer, self._timer_at = self._loop.call_at(self._deadline, self._look), self._deadline
        else:
            self._waiter.set_exception(TimeoutError())

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self) -> None:
        self._rest()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.release()


class Connection(asyncio.Protocol):
    """One connection, and one reply at a time. `released` is told when it is done with one."""

    def __init__(self, released: Callable[["Connection"], None], lost: Callable[["Connection"], None]) -> None:
        self._released = released
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._reply: Reply | None = None
        self._keeps = True
        self._interim = False
        self._marks = 0
        self._came = False
        self._paused = False

    @property
    def usable(self) -> bool:
        """Whether another request may be written."""
        return self._keeps and not self._transport.is_closing()

    def ask(self, request: bytes) -> Reply:
        """Write a request. One that is under way has to be closed before."""
        self._reply = reply = Reply(self, self._loop)
        self._marks = 0
        if self.usable:
            self._transport.write(request)
        else:
            # It was closed as soon as it was made.
            reply.end(ConnectionBroken("The connection ended before anything was asked."))
        return reply

    def resume(self) -> None:
        """Read on, after what came has been taken."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def abort(self) -> None:
        """End the connection at once."""
        self._keeps = False
        self._transport.abort()

    def release(self) -> None:
        """Be done with a reply: its end makes room for another, anything else ends the connection."""
        reply, self._reply = self._reply, None
        if reply is None or not reply.whole or not self.usable:
            self.abort()
        self.resume()
        self._released(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read on in the reply."""
        reply = self._reply
        if reply is None:
            # Nobody has asked.
            self.abort()
            return
        self._came = False
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._give_up(reply, "What came is no reply of HTTP/1.1.")
        self._marks = 0 if self._came else self._marks + len(data)
        if self._marks > _MARKS_BYTES_MOST:
            self._give_up(reply, "The head of the reply has no end.")
        reply.wake()

    def _give_up(self, reply: Reply, reason: str) -> None:
        reply.end(ConnectionBroken(reason))
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the reply, which some servers mark by nothing else."""
        self._keeps = False
        self._lost(self)
        reply = self._reply
        if reply is None:
            return
        unmarked = reply.status and not {"content-length", "transfer-encoding"} & reply.headers.keys()
        broken = None if unmarked and exc is None else ConnectionBroken("The connection ended before its reply did.")
        reply.end(broken)
        reply.wake()

    def on_message_begin(self) -> None:
        """Begin a reply, if there is one to come."""
        if self._reply is None or self._reply.whole:
            raise ConnectionBroken("More came than was asked for.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; those after the body say nothing that is asked for here."""
        reply = self._reply
        if reply is not None and not reply.status:
            reply.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Note the end of a head; those of interim replies only announce another."""
        reply = self._reply
        status = self._parser.get_status_code()
        if reply is None:
            return
        self._interim = status < _FIRST_FINAL_STATUS
        if self._interim:
            reply.headers.clear()
        else:
            self._came = True
            reply.status = status

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._came = True
        if self._reply is not None and self._reply.take(body):
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """Note that the reply is whole."""
        if self._interim:
            self._interim = False
        elif self._reply is not None:
            self._keeps = self._keeps and self._parser.should_keep_alive()
            self._reply.end()
