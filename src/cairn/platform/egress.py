"""Outbound HTTP: the one place that opens connections to elsewhere, and that knows where none may go."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self, cast
from urllib.parse import quote, urlsplit

from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType] - its addresses are any.

from cairn.platform.connection import Connection, ConnectionBroken, EgressError, Reply

__all__ = [
    "AddressRefused",
    "ConnectFailed",
    "ConnectTimedOut",
    "ConnectionBroken",
    "EgressError",
    "EgressSession",
    "Reply",
    "Untrusted",
    "address_allowed",
]

_CONNECTIONS_MOST = 2_000
_CONNECT_S = 10.0
# Of the next address of a name, while the one before is still being tried.
_NEXT_ADDRESS_S = 0.25
_IDLE_S = 15.0
_NAMES_S = 60.0
_NAMES_MOST = 1_000
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?"

# As `socket.getaddrinfo` says it.
_Address = tuple[int, int, int, str, Any]
_open_socket = cast("Callable[..., Awaitable[socket.socket]]", start_connection)


class AddressRefused(EgressError):
    """The address is one that this session may not reach."""


class ConnectFailed(EgressError):
    """No connection came about, so that nothing was sent."""


class ConnectTimedOut(ConnectFailed, TimeoutError):
    """No connection came about in time."""


class Untrusted(ConnectFailed):
    """The other side could not prove who it is."""


def address_allowed(address: str, *, private_allowed: bool) -> bool:
    """Tell whether an IP address may be called.

    Link-local addresses never are: cloud machines keep their credentials there. An IPv4 address inside an IPv6 one
    is judged as the IPv4 address that it is.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return private_allowed or ip.is_global


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where connections lead."""

    host: str
    port: int
    tls: bool


@lru_cache(maxsize=1_000)
def _read_url(url: str) -> tuple[_Origin, str]:
    """Return where a URL leads, and how requests to it begin."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.isascii():
        host = host.encode("idna").decode()
    tls = parts.scheme == "https"
    origin = _Origin(host, parts.port or (443 if tls else 80), tls)
    named = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        named += f":{parts.port}"
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    if parts.query:
        path += f"?{quote(parts.query, safe=_QUERY_SAFE)}"
    return origin, f"POST {path} HTTP/1.1\r\nhost: {named}\r\nuser-agent: cairn\r\naccept-encoding: identity\r\n"


def _write_head(start: str, headers: Iterable[tuple[str, str]], length: int) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    head = f"{start}{''.join(lines)}content-length: {length}\r\n\r\n"
    ends = start.count("\n") + len(lines) + 2
    if head.count("\n") != ends or head.count("\r") != ends or "\0" in head:
        raise ValueError("A header holds the end of a line.")
    return head.encode("latin-1")


class _Names:
    """Resolves names and keeps only the addresses that are allowed, so that a name cannot lead inside."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed
        self._known: dict[tuple[str, int], tuple[float, asyncio.Future[Sequence[_Address]]]] = {}

    async def resolve(self, host: str, port: int) -> Sequence[_Address]:
        """Return where a host is. Raises `AddressRefused`, and `OSError` for a name that nobody knows."""
        loop = asyncio.get_running_loop()
        until, looking = self._known.get((host, port), (0.0, None))
        if looking is None or until < loop.time() or (looking.done() and looking.exception() is not None):
            if len(self._known) >= _NAMES_MOST:
                self._known.clear()
            looking = asyncio.ensure_future(self._look_up(host, port))
            # Whoever waits has its error; when nobody is left, nobody wants it.
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._known[host, port] = loop.time() + _NAMES_S, looking
        # Shielded, for many may wait for one answer.
        found = await asyncio.shield(looking)
        kept = [one for one in found if address_allowed(str(one[4][0]), private_allowed=self._private_allowed)]
        if not kept:
            message = f"{host} leads to an address that may not be called."
            raise AddressRefused(message)
        return kept

    async def _look_up(self, host: str, port: int) -> Sequence[_Address]:
        # An address needs no resolver, and no thread, which a busy machine may give late.
        with suppress(socket.gaierror):
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


class EgressSession:
    """A pool of outbound connections without cookies, proxies from the environment, or redirects."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._names = _Names(private_allowed=private_allowed)
        self._tls = ssl.create_default_context()
        self._room = asyncio.Semaphore(_CONNECTIONS_MOST)
        self._connections: dict[Connection, _Origin] = {}
        # Those that wait for a request, by where they lead, with the time at which they began to.
        self._idle: dict[_Origin, dict[Connection, float]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._emptied = asyncio.Event()

    @classmethod
    def open(cls, *, private_allowed: bool) -> Self:
        """Make a session. It must be closed, and belongs to the running event loop."""
        return cls(private_allowed=private_allowed)

    async def post(self, url: str, *, body: bytes, headers: Iterable[tuple[str, str]], deadline: float) -> Reply:
        """Send `body` and return the reply once its head is there; the caller closes it. A redirect is a reply.

        `deadline` is a time of the loop's. Raises `AddressRefused`, `ConnectFailed`, `ConnectionBroken` and
        `TimeoutError`.
        """
        origin, start = _read_url(url)
        request = _write_head(start, headers, len(body)) + body
        if self._room.locked():
            async with asyncio.timeout_at(deadline):
                await self._room.acquire()
        else:
            await self._room.acquire()
        try:
            connection = self._find_idle(origin) or await self._connect(origin, deadline)
        except BaseException:
            self._room.release()
            raise
        reply = connection.ask(request)
        try:
            await reply.begin(deadline)
        except BaseException:
            reply.close()
            raise
        return reply

    def _find_idle(self, origin: _Origin) -> Connection | None:
        waiting = self._idle.get(origin)
        while waiting:
            connection, _ = waiting.popitem()
            if connection.usable:
                return connection
        return None

    async def _connect(self, origin: _Origin, deadline: float) -> Connection:
        loop = asyncio.get_running_loop()
        if len(self._connections) >= _CONNECTIONS_MOST:
            self._end_idle()
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + _CONNECT_S)):
                addresses = await self._names.resolve(origin.host, origin.port)
                opened = await _open_socket(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_S, interleave=1, loop=loop)
                try:
                    _, connection = await loop.create_connection(
                        lambda: Connection(self._take_back, self._forget),
                        sock=opened,
                        ssl=self._tls if origin.tls else None,
                        server_hostname=origin.host if origin.tls else None,
                    )
                except BaseException:
                    opened.close()
                    raise
        except AddressRefused:
            raise
        except TimeoutError as error:
            raise ConnectTimedOut(f"{origin.host} took no connection in time.") from error
        except ssl.SSLError as error:
            raise Untrusted(f"{origin.host} could not prove who it is.") from error
        except (OSError, RuntimeError, UnicodeError) as error:
            # uvloop says RuntimeError here and there; a name that cannot be one is a UnicodeError.
            raise ConnectFailed(f"{origin.host} takes no connection.") from error
        if connection.usable:
            self._connections[connection] = origin
        return connection

    def _end_idle(self) -> None:
        """End one connection that waits, for another to take its place."""
        for waiting in self._idle.values():
            if waiting:
                next(iter(waiting)).abort()
                return

    def _take_back(self, connection: Connection) -> None:
        self._room.release()
        origin = self._connections.get(connection)
        if origin is None or not connection.usable:
            return
        loop = asyncio.get_running_loop()
        self._idle.setdefault(origin, {})[connection] = loop.time()
        if self._sweeping is None:
            self._sweeping = loop.call_later(_IDLE_S, self._sweep)

    def _forget(self, connection: Connection) -> None:
        origin = self._connections.pop(connection, None)
        if origin is not None:
            self._idle.get(origin, {}).pop(connection, None)
        if not self._connections:
            self._emptied.set()

    def _sweep(self) -> None:
        """End what has waited for too long."""
        loop = asyncio.get_running_loop()
        self._sweeping = None
        begun_before = loop.time() - _IDLE_S
        for origin, waiting in list(self._idle.items()):
            for connection in [one for one, since in waiting.items() if since <= begun_before]:
                del waiting[connection]
                connection.abort()
            if not waiting:
                del self._idle[origin]
        if self._idle:
            self._sweeping = loop.call_later(_IDLE_S / 3, self._sweep)

    async def close(self) -> None:
        """Close every connection."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._idle.clear()
        self._emptied.clear()
        for connection in list(self._connections):
            connection.abort()
        if self._connections:
            # Their ends are called back from the loop.
            await self._emptied.wait()
