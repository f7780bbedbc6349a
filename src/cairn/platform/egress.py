"""Outbound HTTP: the one place that opens connections to elsewhere, and that knows where none may go."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_CONNECTIONS_MOST = 2_000
_CONNECT_S = 10


class AddressRefused(aiohttp.ClientConnectionError):
    """The address is one that this session may not reach."""


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


class _GuardedResolver(AbstractResolver):
    """Resolves names and keeps only the addresses that are allowed, so that a name cannot lead inside."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._inner = ThreadedResolver()
        self._private_allowed = private_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [one for one in found if address_allowed(one["host"], private_allowed=self._private_allowed)]
        if not kept:
            message = f"{host} leads to an address that may not be called."
            raise AddressRefused(message)
        return kept

    async def close(self) -> None:
        await self._inner.close()


class EgressSession:
    """A pool of outbound connections without cookies, proxies from the environment, or redirects."""

    def __init__(self, session: aiohttp.ClientSession, *, private_allowed: bool) -> None:
        self._session = session
        self._private_allowed = private_allowed

    @classmethod
    def open(cls, *, private_allowed: bool) -> Self:
        """Make a session. It must be closed, and belongs to the running event loop."""
        connector = aiohttp.TCPConnector(
            limit=_CONNECTIONS_MOST,
            resolver=_GuardedResolver(private_allowed=private_allowed),
            ttl_dns_cache=60,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_S, sock_connect=_CONNECT_S),
            headers={"User-Agent": "cairn", "Accept-Encoding": "identity"},
            trust_env=False,
        )
        return cls(session, private_allowed=private_allowed)

    async def post(self, url: str, *, body: bytes, headers: Iterable[tuple[str, str]]) -> aiohttp.ClientResponse:
        """Send `body` and return the response once its headers are there; the caller closes it.

        Raises `AddressRefused` and aiohttp's `ClientError`s and `TimeoutError`. A redirect is returned as it is.
        """
        host = urlsplit(url).hostname or ""
        # aiohttp resolves no literal address, so its resolver cannot refuse one.
        if _is_address(host) and not address_allowed(host, private_allowed=self._private_allowed):
            message = f"{host} may not be called."
            raise AddressRefused(message)
        return await self._session.post(url, data=body, headers=dict(headers), allow_redirects=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
