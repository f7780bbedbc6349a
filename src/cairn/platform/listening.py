"""Inbound HTTP/1.1 for an ASGI application, in the thread of the event loop: uvicorn, with bounds on what comes in.

ADR-0044: what another thread hands over costs more than the work itself.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.flow_control import FlowControl, service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from cairn.platform.line import Line, lay_line

_log = logging.getLogger("uvicorn.error")
# A stream holds its connection.
_CONNECTIONS_MOST = 4_096
_HEAD_BYTES_MOST = 64 * 1024
_HEAD_S = 30.0
# Longer than the pools of SDKs keep theirs, so that it is they who close, and no request meets a closing connection.
_IDLE_S = 75
_TICKS_A_LOOK = 10
# How long a client may read nothing of what is there for it.
_STALLED_S = 60.0


class BoundedConnection(HttpToolsProtocol):
    """One connection of uvicorn's, which leaves it to a proxy to end one that begins a request and does not go on."""

    _in_head = False
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _line: Line | None = None
    # When it began, until anything has come.
    silent_since: float | None = None

    def __init__(  # pyright: ignore[reportMissingSuperCall] - it looks up loggers and settings for each connection.
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.config = config
        self.app = cast("Any", config).loaded_app
        self.loop = _loop or asyncio.get_event_loop()
        self.logger = self.access_logger = _log
        self.access_log = False
        self.parser = httptools.HttpRequestParser(self)
        # As uvicorn has it: a client that asks to close may send more than it said.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.ws_protocol_class = None
        self.root_path = config.root_path
        self.asgi_version = config.asgi_version
        self.limit_concurrency = config.limit_concurrency
        self.app_state = app_state
        self.timeout_keep_alive_task = None
        self.timeout_keep_alive = config.timeout_keep_alive
        self.server_state = server_state
        self.connections = server_state.connections
        self.tasks = server_state.tasks
        self.server = self.client = None
        self.scheme = "http"
        self.pipeline = deque()
        self.expect_100_continue = False
        # Of a connection without a request.
        self.cycle = None  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin. uvicorn's own looks addresses up, which nobody asks for here and which take longer than the rest."""
        self.connections.add(self)
        self.transport = transport
        self.flow = FlowControl(transport)
        # Nearly always a request is there already: the server looks now and then for those who wait in vain.
        self.silent_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Take what came, within the bounds of a head."""
        self.silent_since = None
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
        if self._line is not None:
            self._line.lose()

    def on_message_begin(self) -> None:
        """Note that a head comes."""
        self._in_head = True
        self._head_bytes = 0
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Begin to answer, as uvicorn does in more steps, with a limit and with all that comes on one connection."""
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        version = self.parser.get_http_version()
        self.scope = self._read_scope(version)
        crowded = max(len(self.connections), len(self.tasks)) >= _CONNECTIONS_MOST
        if crowded:
            self.logger.warning("There are %d connections: no more requests are taken.", len(self.connections))
        app = service_unavailable if crowded else self.app
        running = self.cycle
        self.cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        # uvicorn begins with no cycle, whatever its types say.
        if running is None or running.response_complete:  # pyright: ignore[reportUnnecessaryComparison]
            self._start_asgi_task(self.cycle, app)
        else:
            # The next of several that were sent together.
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, app))

    def _read_scope(self, version: str) -> HTTPScope:
        url = self.url
        if url.startswith(b"/") and b"#" not in url:
            raw_path, _, query = url.partition(b"?")
        else:
            parsed = httptools.parse_url(url)
            raw_path, query = parsed.path, parsed.query or b""
        path = raw_path.decode("ascii")
        scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "method": self.parser.get_method().decode("ascii"),
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
            "client": None,
            "server": None,
            "state": self.app_state.copy(),
        }
        return cast("HTTPScope", scope)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - ASGI has no one type.
        self._line = lay_line(cycle)
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

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

    async def on_tick(self, counter: int) -> bool:
        """Do as uvicorn does ten times a second, and once a second end connections on which nothing is asked."""
        if counter % _TICKS_A_LOOK == 0:
            begun_before = asyncio.get_running_loop().time() - _IDLE_S
            for connection in list(cast("set[BoundedConnection]", self.server_state.connections)):
                if connection.silent_since is not None and connection.silent_since <= begun_before:
                    connection.transport.close()
        return await super().on_tick(counter)

    def stop(self) -> None:
        """Take no more connections, and end once the open ones have what they asked for."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the entry point."""
        yield
