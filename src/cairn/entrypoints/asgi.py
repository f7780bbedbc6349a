"""The outer ASGI application: RPCs by their path, everything else from the built web pages."""

import gzip
import hashlib
import mimetypes
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# Styles set from scripts are attributes, which 'unsafe-inline' covers; scripts come from us alone.
_POLICY = (
    b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    b"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS: Headers = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
_BROTLI = ".br"
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    # By the coding that a browser may accept, the smallest first.
    coded: Mapping[bytes, bytes]
    headers: Headers
    etag: bytes


class WebFiles:
    """The built web pages, read once. A path without a file is a page of the application, which index.html draws."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            "/" + path.relative_to(folder).as_posix(): _read(path, "/assets/" in f"/{path.relative_to(folder)}")
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix != _BROTLI
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET or HEAD."""
        path: str = scope["path"]
        if scope["method"] not in {"GET", "HEAD"}:
            await respond(send, HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.")
            return
        file = self._files.get(path) or (None if path.startswith("/assets/") else self._files.get("/index.html"))
        if file is None:
            missing = "There is nothing here." if self._files else "The web pages are not built. Run `make web`."
            await respond(send, HTTPStatus.NOT_FOUND, missing)
            return
        asked = {name: value for name, value in scope["headers"] if name in {b"if-none-match", b"accept-encoding"}}
        if asked.get(b"if-none-match") == file.etag:
            await _send(send, HTTPStatus.NOT_MODIFIED, file.headers, b"")
            return
        content, headers = file.content, file.headers
        accepted = {one.strip() for one in asked.get(b"accept-encoding", b"").split(b",")}
        coding = next((name for name in file.coded if name in accepted), None)
        if coding is not None:
            content, headers = file.coded[coding], [*headers, (b"content-encoding", coding)]
        headers = [*headers, (b"content-length", str(len(content)).encode())]
        await _send(send, HTTPStatus.OK, headers, b"" if scope["method"] == "HEAD" else content)


def _read(path: Path, immutable: bool) -> _File:  # noqa: FBT001 - one caller, right above.
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    zips = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
    etag = b'"' + hashlib.sha256(content).hexdigest()[:32].encode() + b'"'
    headers: Headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode() if zips else kind.encode()),
        (b"cache-control", b"public, max-age=31536000, immutable" if immutable else b"no-cache"),
        (b"etag", etag),
        (b"vary", b"accept-encoding"),
        (b"content-security-policy", _policy(content if kind == "text/html" else b"")),
        *_PAGE_HEADERS,
    ]
    return _File(content, _code(path, content) if zips else {}, headers, etag)


def _code(path: Path, content: bytes) -> dict[bytes, bytes]:
    """Return a text as gzip, and before it as Brotli where the build has put that beside it."""
    beside = path.with_name(path.name + _BROTLI)
    brotli = {b"br": beside.read_bytes()} if beside.exists() else {}
    return {**brotli, b"gzip": gzip.compress(content, 9, mtime=0)}


def _policy(page: bytes) -> bytes:
    """Return what the page may load: of scripts, our files and those that stand in this very page."""
    hashes = [b64encode(hashlib.sha256(script).digest()) for script in _INLINE_SCRIPT.findall(page)]
    if not hashes:
        return _POLICY
    return b"; ".join([_POLICY, b"script-src 'self' " + b" ".join(b"'sha256-" + digest + b"'" for digest in hashes)])


class Root:
    """Sends each request to the service it names, and the rest to the web pages.

    A local server answers only requests that name it by a loopback address, and only its own pages may call it:
    a page elsewhere that points its own name at this machine gets nothing (DNS rebinding).
    """

    def __init__(self, services: Mapping[str, AsgiApp], pages: AsgiApp, *, local: bool) -> None:
        self._services = services
        self._pages = pages
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path == "/healthz":
            await respond(send, HTTPStatus.OK, "ok")
            return
        if self._local and (refusal := _refuse_foreign(scope)):
            await respond(send, HTTPStatus.FORBIDDEN, refusal)
            return
        service = self._services.get("/" + path.split("/", 2)[1])
        if service is not None:
            await service(scope, receive, send)
        elif path.startswith("/cairn."):
            await respond(send, HTTPStatus.NOT_FOUND, "There is no such service.")
        else:
            await self._pages(scope, receive, send)


class Metrics:
    """Metrics in Prometheus' text format, for this machine only: they name organisations and what they spend."""

    def __init__(self, expose: Callable[[], bytes]) -> None:
        self._expose = expose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET."""
        if refusal := _refuse_foreign(scope):
            await respond(send, HTTPStatus.FORBIDDEN, refusal)
            return
        kind = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
        await _send(send, HTTPStatus.OK, [kind], self._expose())


def _refuse_foreign(scope: Scope) -> str:
    host = origin = b""
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
        elif name == b"origin":
            origin = value
    return _judge(host.decode("latin-1"), origin.decode("latin-1"))


# Clients are few, and say the same at every call.
@lru_cache(maxsize=256)
def _judge(host: str, origin: str) -> str:
    if urlsplit(f"//{host}").hostname not in _LOOPBACK_NAMES:
        return "This Cairn is local. Open it under 127.0.0.1 or localhost."
    if origin and urlsplit(origin).netloc != host:
        return "This Cairn answers its own pages only."
    return ""


async def respond(send: Send, status: HTTPStatus, text: str) -> None:
    """Send a short plain text."""
    body = text.encode()
    length = str(len(body)).encode()
    await _send(send, status, [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)], body)


async def _send(send: Send, status: HTTPStatus, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
