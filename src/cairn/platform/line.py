"""What our HTTP server offers beyond ASGI: one request and its reply without a coroutine for each step."""

from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

Headers = Sequence[tuple[bytes, bytes]]

_EXTENSION = "cairn.line"


class Line:
    """One request's body, its client's leaving, and the writing of its reply.

    ASGI asks a coroutine for each of them, uvicorn writes a head and what follows it apart, and a task of its own would
    have to wait for the client to leave. Who uses it sends nothing through ASGI.
    """

    __slots__ = ("_cycle", "_lost", "_transport", "flow", "gone")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._transport = cycle.transport
        self.flow = cycle.flow
        self._lost: Callable[[], None] | None = None
        self.gone = False

    def take_body(self) -> bytes | None:
        """Return the request's body if all of it is here; None while more is to come, which ASGI's `receive` awaits."""
        cycle = self._cycle
        if cycle.more_body or self.gone:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def watch(self, lost: Callable[[], None] | None) -> None:
        """Call `lost` once when the client leaves, from now until it is something else."""
        self._lost = lost
        # uvicorn stops reading in the middle of a large body, and who does not read sees nobody leave.
        self._cycle.flow.resume_reading()

    def lose(self) -> None:
        """Note that the client has left."""
        self.gone = True
        if self._lost is not None:
            self._lost()

    @property
    def waits(self) -> bool:
        """Whether the client takes no more for now: who writes on fills memory."""
        return self.flow.write_paused and not self.gone

    async def drain(self) -> None:
        """Wait until the client takes more, or is gone."""
        await self._cycle.flow.drain()

    def head_stream(self, status: int, headers: Headers) -> bytes:
        """Return the head of a stream, to `begin` with. Raises `ValueError` for a header that has several lines."""
        return self._head(status, [*headers, (b"transfer-encoding", b"chunked")])

    def begin(self, head: bytes, piece: bytes) -> None:
        """Write the head of a stream and its first bytes."""
        self._start(b"%b%x\r\n%b\r\n" % (head, len(piece), piece) if piece else head)

    def write(self, piece: bytes) -> None:
        """Write the next bytes of a stream, of which there are some."""
        if not self.gone:
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def end(self, piece: bytes) -> None:
        """Write the last bytes of a stream, if there are any, and its end."""
        if not self.gone:
            last = b"%x\r\n%b\r\n0\r\n\r\n" % (len(piece), piece) if piece else b"0\r\n\r\n"
            self._cycle.transport.write(last)
        self._complete()

    def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Write a reply in one piece. Raises as `head_stream` does."""
        head = self._head(status, [*headers, (b"content-length", b"%d" % len(body))])
        self._start(head if self._cycle.scope["method"] == "HEAD" else head + body)
        self._complete()

    def _head(self, status: int, headers: Headers) -> bytes:
        cycle = self._cycle
        lines = [STATUS_LINE[status], *[b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)]]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines):
            raise ValueError("A header holds the end of a line.")
        return head + b"\r\n"

    def _start(self, written: bytes) -> None:
        cycle = self._cycle
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        if not self.gone:
            cycle.transport.write(written)

    def _complete(self) -> None:
        cycle = self._cycle
        cycle.response_complete = True
        cycle.message_event.set()
        if self.gone:
            return
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def lay_line(cycle: RequestResponseCycle) -> Line:
    """Give a request its line, and return it."""
    line = Line(cycle)
    cycle.scope["extensions"] = {_EXTENSION: line}  # type: ignore[typeddict-item]
    return line


def find_line(scope: Any) -> Line:  # noqa: ANN401 - ASGI has no one type.
    """Return the line of a request that our server received."""
    return scope["extensions"][_EXTENSION]
