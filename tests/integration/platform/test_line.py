"""The line of a request: its body, its client's leaving, and replies without a coroutine for each step."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.ports import free_port

from cairn.platform.line import Line, find_line
from cairn.platform.listening import HttpServer

HEAD = b"POST / HTTP/1.1\r\nhost: localhost\r\n"
ASKED = HEAD + b"content-length: 2\r\n\r\n{}"


class Lines:
    """Lets `answer` answer every request over its line; the reply ends once `may_end` is set."""

    def __init__(self, answer: Callable[[Line], None]) -> None:
        self._answer = answer
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.lost = asyncio.Event()
        self.bodies: list[bytes] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, _send: Any) -> None:
        line = find_line(scope)
        body = line.take_body()
        if body is None:
            body = await self._await_body(receive)
        self.bodies.append(body)
        line.watch(self.lost.set)
        self._answer(line)
        self.begun.set()
        await self.may_end.wait()
        if line.waits:
            await line.drain()
        line.end(b"last")

    async def _await_body(self, receive: Any) -> bytes:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        return body


@asynccontextmanager
async def serving(application: Any) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Serve, and give a connection."""
    port = free_port()
    server = HttpServer(application, host="127.0.0.1", port=port)
    task = asyncio.create_task(server.run_until_stopped())
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            yield reader, writer
            writer.close()
    finally:
        server.stop()
        await task


def stream(line: Line) -> None:
    line.begin(line.head_stream(200, [(b"x-one", b"1")]), b"first")
    line.write(b"second")


async def test_a_head_leaves_with_the_first_bytes_of_its_stream() -> None:
    application = Lines(stream)
    async with serving(application) as (reader, writer):
        writer.write(ASKED)
        assert (await reader.readuntil(b"\r\ndate: ")) == b"HTTP/1.1 200 OK\r\ndate: "
        assert (await reader.readuntil(b"second\r\n")).partition(b"\r\n")[2] == (
            b"x-one: 1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n"
        )
        application.may_end.set()
        assert await reader.readuntil(b"0\r\n\r\n") == b"4\r\nlast\r\n0\r\n\r\n"
        # The connection serves again, and closes when it is asked to.
        writer.write(HEAD + b"connection: close\r\n\r\n")
        answered = await reader.read()
        assert b"\r\nconnection: close\r\n" in answered
        assert answered.endswith(b"4\r\nlast\r\n0\r\n\r\n")
    assert application.bodies == [b"{}", b""]


async def test_a_body_is_taken_once_it_is_whole() -> None:
    application = Lines(stream)
    application.may_end.set()
    async with serving(application) as (reader, writer):
        # The server reads no more for a while once so much is there.
        writer.write(HEAD + b"content-length: 200000\r\n\r\n" + b"a" * 200_000)
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(HEAD + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        await reader.readuntil(b"0\r\n\r\n")
    assert application.bodies == [b"a" * 200_000, b"{}"]


async def test_a_line_waits_for_a_client_that_does_not_read() -> None:
    written = 0

    def fill(line: Line) -> None:
        nonlocal written
        line.begin(line.head_stream(200, []), b"x")
        while not line.waits:
            line.write(b"x" * 65_536)
            written += 65_536

    application = Lines(fill)
    async with serving(application) as (reader, writer):
        writer.transport.pause_reading()
        writer.write(HEAD + b"connection: close\r\n\r\n")
        await application.begun.wait()
        application.may_end.set()
        writer.transport.resume_reading()
        assert (await reader.read()).count(b"x") == written + 1


async def test_who_watches_is_told_once_that_the_client_has_left() -> None:
    application = Lines(stream)
    async with serving(application) as (_, writer):
        # Large enough that reading was paused, in which state nobody would see the client leave.
        writer.write(HEAD + b"content-length: 200000\r\n\r\n" + b"a" * 200_000)
        await application.begun.wait()
        writer.transport.abort()
        await application.lost.wait()
        # Nothing is written any more, and nothing raised.
        application.may_end.set()


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_a_whole_reply_is_one(method: bytes) -> None:
    async def answer(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        find_line(scope).whole(200, [(b"x-one", b"1")], b"{}")

    async with serving(answer) as (reader, writer):
        writer.write(method + b" / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        status, date, *headers = head.split(b"\r\n")
        assert (status, date[:6]) == (b"HTTP/1.1 200 OK", b"date: ")
        assert headers == [b"x-one: 1", b"content-length: 2", b"connection: close"]
        assert body == (b"" if method == b"HEAD" else b"{}")


async def test_requests_sent_together_are_answered_in_order() -> None:
    async def answer(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        find_line(scope).whole(200, [], scope["path"].encode())

    async with serving(answer) as (reader, writer):
        writer.write(b"".join(b"GET /%d HTTP/1.1\r\nhost: localhost\r\n\r\n" % number for number in range(3)))
        for number in range(3):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(2) == b"/%d" % number


async def test_a_header_is_one_line() -> None:
    async def answer(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        line = find_line(scope)
        with pytest.raises(ValueError, match="end of a line"):
            line.head_stream(200, [(b"x-one", b"1\r\nset-cookie: a=b")])
        line.whole(500, [], b"")

    async with serving(answer) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 500 ")
