"""The HTTP server keeps its bounds: heads in size and time, silent clients, readers that do not read, and its end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.ports import free_port

from cairn.platform import listening
from cairn.platform.listening import HttpServer

HEAD = b"GET / HTTP/1.1\r\nhost: localhost\r\n"
SOON_S = 0.05


class Application:
    """Answers `ok`, once `may_end` is set; `/endless` streams until the client is gone."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.gone = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.begun.set()
        await self.may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-path", scope["path"].encode())]})
        if scope["path"] == "/endless":
            watching = asyncio.ensure_future(self._watch(receive))
            while not watching.done():
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
                await asyncio.sleep(0)
            return
        await send({"type": "http.response.body", "body": b"ok"})

    async def _watch(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone.set()


@asynccontextmanager
async def serving(application: Any) -> AsyncGenerator[tuple[HttpServer, int]]:
    port = free_port()
    server = HttpServer(application, host="127.0.0.1", port=port)
    task = asyncio.create_task(server.run_until_stopped())
    try:
        async with asyncio.timeout(30):
            yield server, port
    finally:
        application.may_end.set()
        server.stop()
        await task


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def test_a_head_that_does_not_end_is_refused_by_its_size() -> None:
    async with serving(Application()) as (_, port):
        reader, writer = await connect(port)
        head = HEAD + b"x-long: "
        # One byte too many, so that nothing is left unread, which would end the connection before its answer is read.
        writer.write(head + b"a" * (64 * 1024 + 1 - len(head)))
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")
        writer.close()


async def test_a_head_that_does_not_go_on_is_refused_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_HEAD_S", SOON_S)
    async with serving(Application()) as (_, port):
        reader, writer = await connect(port)
        writer.write(HEAD)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


@pytest.mark.parametrize("said", [b"", b"\r\n\r\n"])
async def test_a_client_that_asks_nothing_is_left(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_IDLE_S", SOON_S)
    async with serving(Application()) as (_, port):
        reader, writer = await connect(port)
        writer.write(said)
        assert await reader.read() == b""
        writer.close()


async def test_a_client_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_STALLED_S", SOON_S)
    application = Application()
    async with serving(application) as (_, port):
        reader, writer = await connect(port)
        writer.transport.pause_reading()
        writer.write(b"GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await application.gone.wait()
        del reader
        writer.close()


async def test_requests_sent_together_are_answered_in_order() -> None:
    async with serving(Application()) as (_, port):
        reader, writer = await connect(port)
        writer.write(b"".join(b"GET /%d HTTP/1.1\r\nhost: localhost\r\n\r\n" % number for number in range(3)))
        for number in range(3):
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"x-path: /%d\r\n" % number in head
            assert await reader.readuntil(b"0\r\n\r\n") == b"2\r\nok\r\n0\r\n\r\n"
        writer.close()


async def test_what_was_asked_is_answered_before_the_end() -> None:
    application = Application()
    application.may_end.clear()
    async with serving(application) as (server, port):
        reader, writer = await connect(port)
        writer.write(HEAD + b"\r\n")
        await application.begun.wait()
        server.stop()
        application.may_end.set()
        # To the end of the connection.
        answered = await reader.read()
        assert answered.startswith(b"HTTP/1.1 200 ")
        assert answered.endswith(b"2\r\nok\r\n0\r\n\r\n")
        writer.close()


async def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    async with serving(Application()) as (_, port):
        with pytest.raises(OSError, match="in use"):
            HttpServer(Application(), host="127.0.0.1", port=port)
