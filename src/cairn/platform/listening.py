"""Inbound HTTP/1.1 for an ASGI application, in the thread of the event loop: uvicorn, with bounds on what comes in.

ADR-0044: what another thread hands over costs more than the work itself.
"""

import asyncio
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

# A stream holds its connection.
_CONNECTIONS_MOST = 4_096
_HEAD_BYTES_MOST = 64 * 1024
_HEAD_S = 30.0
# Longer than the pools of SDKs keep theirs, so that it is they who close, and no request meets a closing connection.
_IDLE_S = 75
# How long a client may read nothing of what is there for it.
_STALLED_S = 60.0


class BoundedConnection(HttpToolsProtocol):
    """One connection of uvicorn's, which leaves it to a proxy to end one that begins a request and does not go on."""

    _in_head = False
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and wait for the first request no longer than for another."""
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Take what came, within the bounds of a head."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES_MOST:
                self._refuse(b"431 Request Header Fields Too Large")
            elif self._head_timer is None:
                self._head_timer = self.loop.call_later(_HEAD_S, self._refuse, b"408 Request Timeout")
        elif self._is_idle:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, with every timer."""
        for timer in (self._head_timer, self._stall_timer, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that a head comes."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that the head is there."""
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - ASGI has no one type.
        cycle.scope["extensions"] = {"cairn.line": Line(cycle)}  # type: ignore[typeddict-item]
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """Give a client that does not read a while to begin."""
        super().pause_writing()
        if self._stall_timer is None:
            self._stall_timer = self.loop.call_later(_STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
        super().resume_writing()

    @property
    def _is_idle(self) -> bool:
        # uvicorn begins with no cycle, whatever its types say.
        return self.cycle is None or self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]

    def _await_request(self) -> None:
        if self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(_IDLE_S, self.timeout_keep_alive_handler)

    def _refuse(self, status: bytes) -> None:
        self._head_timer = None
        if self._is_idle:
            self.transport.write(b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        self.transport.close()


class Line:
    """Writes the stream of one reply without a task: the extension "cairn.line" of a request's scope.

    uvicorn writes head and first bytes apart, and is asked by a coroutine for each piece: most of what a token costs.
    """

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    @property
    def clear(self) -> bool:
        """Whether the client is there, takes more, and awaits bytes of a stream, or a reply of any kind."""
        cycle = self._cycle
        open_ended = cycle.chunked_encoding or not cycle.response_started
        return not (cycle.disconnected or cycle.response_complete or cycle.flow.write_paused) and bool(open_ended)

    def begin(self, status: int, headers: Sequence[tuple[bytes, bytes]], piece: bytes) -> None:
        """Write the head of a stream and its first bytes at once. Raises `ValueError` for a header of several lines."""
        cycle = self._cycle
        head = STATUS_LINE[status] + b"".join([b"%b: %b\r\n" % header for header in headers])
        if head.count(b"\n") != len(headers) + 1 or head.count(b"\r") != len(headers) + 1:
            raise ValueError("A header holds the end of a line.")
        kept = b"" if cycle.keep_alive else b"connection: close\r\n"
        cycle.response_started = cycle.chunked_encoding = True
        cycle.waiting_for_100_continue = False
        first = b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
        cycle.transport.write(b"%b%btransfer-encoding: chunked\r\n\r\n%b" % (head, kept, first))

    def write(self, piece: bytes) -> None:
        """Write the next bytes of a stream, of which there are some."""
        self._cycle.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))


class HttpServer(uvicorn.Server):
    """Listens from the moment it is made, so that a port which is taken is an `OSError` there and then."""

    def __init__(self, application: Any, *, host: str, port: int) -> None:  # noqa: ANN401 - ASGI has no one type.
        self._socket = socket.create_server((host, port), backlog=_CONNECTIONS_MOST)
        super().__init__(
            uvicorn.Config(
                application,
                http=BoundedConnection,
                loop="none",
                ws="none",
                lifespan="off",
                interface="asgi3",
                access_log=False,
                log_config=None,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_CONNECTIONS_MOST,
                backlog=_CONNECTIONS_MOST,
                timeout_keep_alive=_IDLE_S,
            )
        )

    async def run_until_stopped(self) -> None:
        """Serve until `stop`, and until what was asked before it is answered."""
        await self.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Take no more connections, and end once the open ones have what they asked for."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the entry point."""
        yield
