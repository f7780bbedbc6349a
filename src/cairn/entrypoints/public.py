"""Public pages over HTTP: /public/ADDRESS and what stands below it, /sitemap.xml, /robots.txt.

What may be shown is asked of the database at every request, so that what is withdrawn is gone at once; only the work of
drawing it is remembered.
"""

import asyncio
import gzip
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

from cairn.decisions.domain.publishing import PublicRecord, PublicSite
from cairn.decisions.formats.public_pages import pages
from cairn.decisions.formats.public_pages.pictures import Pictures
from cairn.decisions.formats.public_pages.words import Linked, Relations, Site
from cairn.decisions.postgres.publishing import PublicLink, PublicReader, find_site, list_sites, reader_of
from cairn.entrypoints.asgi import Headers, Receive, Scope, Send
from cairn.kernel.errors import CairnError
from cairn.platform.database import Database
from cairn.tenancy.domain import LOCAL_ORGANISATION

_HTML, _XML, _TEXT = "text/html; charset=utf-8", "application/xml; charset=utf-8", "text/plain; charset=utf-8"
_KINDS = {".md": "text/markdown; charset=utf-8", ".json": "application/json", ".png": "image/png"}
_LOG = re.compile(r"/public/(?P<address>[a-z0-9-]{1,80})(?P<picture>\.png)?/?")
_BELOW = re.compile(r"/public/(?P<address>[a-z0-9-]{1,80})/(?P<name>[^/]{1,220})")
# A reader's browser and proxies between may keep a page for a minute, and show it while they ask for a newer one.
_CACHING = b"public, max-age=60, stale-while-revalidate=600"
_REMEMBERED_MOST = 500
_REMEMBERED_BYTES_MOST = 32 * 1024 * 1024
_COUNTED_FOR_S = 60.0
_PAGE_MOST = 1_000
_MAP_RECORDS_MOST = 50_000
_ZIPPED_FROM_BYTES = 500


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    kind: str
    zipped: bytes | None
    etag: bytes
    changed: datetime | None
    indexed: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database showed: what the answer is drawn from, and how."""

    key: Hashable
    draw: Callable[[], _Answer]


class _Remembered:
    """Drawn answers by what they were drawn from, the least used forgotten first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._bytes = 0

    async def get(self, found: _Found) -> _Answer:
        """Return what is remembered, or draw it beside the loop."""
        if (kept := self._answers.get(found.key)) is not None:
            self._answers.move_to_end(found.key)
            return kept
        answer = await asyncio.to_thread(found.draw)
        if found.key not in self._answers:
            self._answers[found.key] = answer
            self._bytes += _size(answer)
        while len(self._answers) > _REMEMBERED_MOST or self._bytes > _REMEMBERED_BYTES_MOST:
            _, old = self._answers.popitem(last=False)
            self._bytes -= _size(old)
        return answer


class PublicPages:
    """Answers GET and HEAD of anybody. `web` is the folder of the built pages: their style and their faces."""

    def __init__(self, database: Database, web: Path) -> None:
        self._database = database
        sheet = next(iter(sorted((web / "assets").glob("public-*.css"))), None)
        self._style = pages.Style(sheet.read_text(encoding="utf-8").strip() if sheet else "")
        self._pictures = Pictures(web / "assets")
        self._remembered = _Remembered()
        self._counts: OrderedDict[UUID, tuple[float, int]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature.
        """Serve one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            refusal = _text("Only GET and HEAD are answered here.", _TEXT)
            await self._send(scope, send, HTTPStatus.METHOD_NOT_ALLOWED, refusal)
            return
        try:
            found = await self._find(scope)
        except CairnError as error:
            await self._send(scope, send, HTTPStatus.SERVICE_UNAVAILABLE, _text(error.message, _TEXT))
            return
        if found is None:
            missing = _text(pages.write_missing(self._style), _HTML, indexed=False)
            await self._send(scope, send, HTTPStatus.NOT_FOUND, missing)
        else:
            await self._send(scope, send, HTTPStatus.OK, await self._remembered.get(found))

    async def _find(self, scope: Scope) -> _Found | None:
        path, origin = str(scope["path"]), _origin(scope)
        if path == "/robots.txt":
            return _Found(("robots", origin), lambda: _text(pages.write_robots(origin), _TEXT))
        if path == "/sitemap.xml":
            async with self._database.unauthenticated() as connection:
                addresses = tuple(site.address for site in await list_sites(connection))
            return _Found(("maps", origin, addresses), lambda: _text(pages.write_map_of_maps(origin, addresses), _XML))
        match = _LOG.fullmatch(path) or _BELOW.fullmatch(path)
        return await self._find_public(match, origin, _page(scope)) if match else None

    async def _find_public(self, match: re.Match[str], origin: str, page: int) -> _Found | None:
        async with self._database.unauthenticated() as connection:
            public = await find_site(connection, match["address"])
        if public is None:
            return None
        async with self._database.transaction(reader_of(public)) as connection:
            reader = PublicReader(connection, public.log_id)
            total = await self._count(reader, public)
            if total == 0 and not public.whole:
                return None
            site = await _site(reader, public, origin)
            if match.re is _LOG:
                return await self._log(reader, site, total, picture=bool(match["picture"]), page=page)
            return await self._below(reader, site, total, match["name"])

    async def _count(self, reader: PublicReader, public: PublicSite) -> int:
        """Return how many records readers see, as it was a minute ago at most: it takes 5 us a record to count them."""
        counted = self._counts.get(public.log_id)
        if counted is None or counted[0] < time.monotonic() or counted[1] == 0:
            counted = (time.monotonic() + _COUNTED_FOR_S, await reader.count())
            self._counts[public.log_id] = counted
            while len(self._counts) > _REMEMBERED_MOST:
                self._counts.popitem(last=False)
        return counted[1]

    async def _log(self, reader: PublicReader, site: Site, total: int, *, picture: bool, page: int) -> _Found | None:
        if picture:
            return _Found(("picture", site), lambda: self._picture(site, None))
        skipped = (page - 1) * pages.PAGE_RECORDS
        records = tuple(await reader.list_records(most=pages.PAGE_RECORDS, skipped=skipped))
        if page > 1 and not records:
            return None
        if page == 1 and len(records) < pages.PAGE_RECORDS:
            total = len(records)
        style = self._style
        return _Found(
            ("log", site, records, total, page),
            lambda: _page_of(pages.write_index(site, records, total=total, page=page, style=style), site, records),
        )

    async def _below(self, reader: PublicReader, site: Site, total: int, name: str) -> _Found | None:
        if name == "feed.xml":
            records = tuple(await reader.list_newest(pages.FEED_RECORDS))
            return _Found(
                ("feed", site, records),
                lambda: replace(_page_of(pages.write_feed(site, records), site, records), kind="application/atom+xml"),
            )
        if name == "sitemap.xml":
            listed = tuple(await reader.list_records(most=_MAP_RECORDS_MOST, skipped=0)) if site.indexed else ()
            return _Found(("map", site, listed), lambda: _text(pages.write_map(site, listed), _XML))
        suffix = next((one for one in _KINDS if name.endswith(one)), "")
        record = await reader.find_record(name.removesuffix(suffix))
        if record is None:
            return None
        if suffix:
            return _Found((suffix, site, record), lambda: self._as_file(site, record, suffix))
        # Links and relations are of the latest text: what a later version than this one says is nobody's business.
        links = tuple(await reader.list_links(record.id)) if record.current else ()
        edges = tuple(await reader.list_edges(record.id)) if record.current else ()
        return _Found(
            ("record", site, record, links, edges, total), lambda: self._record(site, record, links, edges, total)
        )

    def _record(
        self, site: Site, record: PublicRecord, links: Sequence[PublicLink], edges: Sequence[PublicLink], total: int
    ) -> _Answer:
        html = pages.write_record(
            site,
            record,
            links={link.why: _linked(site, link) for link in links},
            relations=_relations(site, edges),
            total=total,
            style=self._style,
        )
        return _page_of(html, site, [record])

    def _as_file(self, site: Site, record: PublicRecord, suffix: str) -> _Answer:
        if suffix == ".png":
            return self._picture(site, record)
        text = pages.write_json(site, record) if suffix == ".json" else pages.write_markdown(record)
        # Search engines are to know the page, not its copies.
        return _text(text, _KINDS[suffix], changed=record.published_at, indexed=False)

    def _picture(self, site: Site, record: PublicRecord | None) -> _Answer:
        title, ref = (record.title, record.ref) if record else (site.log, "")
        foot = f"{site.organisation} · {site.log}" if site.organisation else site.log
        drawn = self._pictures.draw(title=title, ref=ref, status=record.status if record else None, foot=foot)
        return _answer(drawn, "image/png", changed=record.published_at if record else None, indexed=site.indexed)

    async def _send(self, scope: Scope, send: Send, status: HTTPStatus, answer: _Answer) -> None:
        asked: dict[bytes, bytes] = dict(scope["headers"])
        headers: Headers = [
            (b"content-type", answer.kind.encode()),
            (b"cache-control", _CACHING if status is HTTPStatus.OK else b"no-store"),
            (b"etag", answer.etag),
            (b"vary", b"accept-encoding"),
            (b"content-security-policy", self._style.policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
        ]
        if not answer.indexed:
            headers.append((b"x-robots-tag", b"noindex"))
        if answer.changed is not None:
            headers.append((b"last-modified", format_datetime(answer.changed.astimezone(UTC), usegmt=True).encode()))
        body = answer.body
        if status is HTTPStatus.OK and answer.etag in _etags(asked.get(b"if-none-match", b"")):
            status, body = HTTPStatus.NOT_MODIFIED, b""
        else:
            if answer.zipped is not None and b"gzip" in asked.get(b"accept-encoding", b""):
                body = answer.zipped
                headers.append((b"content-encoding", b"gzip"))
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _answer(body: bytes, kind: str, *, changed: datetime | None = None, indexed: bool = True) -> _Answer:
    zips = len(body) >= _ZIPPED_FROM_BYTES and not kind.startswith("image/")
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    return _Answer(body, kind, gzip.compress(body, 6, mtime=0) if zips else None, etag, changed, indexed)


def _text(text: str, kind: str, *, changed: datetime | None = None, indexed: bool = True) -> _Answer:
    return _answer(text.encode("utf-8", "replace"), kind, changed=changed, indexed=indexed)


def _page_of(html: str, site: Site, records: Sequence[PublicRecord]) -> _Answer:
    changed = max((record.published_at for record in records), default=None)
    return _text(html, _HTML, changed=changed, indexed=site.indexed)


def _size(answer: _Answer) -> int:
    return len(answer.body) + len(answer.zipped or b"")


def _etags(header: bytes) -> set[bytes]:
    return {one.strip().removeprefix(b"W/") for one in header.split(b",")}


def _origin(scope: Scope) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'').decode('latin-1')}"


def _page(scope: Scope) -> int:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("page", ["1"])[0]
    return min(_PAGE_MOST, max(1, int(asked))) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 1  # noqa: PLR2004 - as many digits as the most has.


async def _site(reader: PublicReader, public: PublicSite, origin: str) -> Site:
    organisation, log = await reader.get_names()
    # A person's own machine has an organisation that nobody named.
    named = "" if public.tenant_id == LOCAL_ORGANISATION.id else organisation
    return Site(origin, public.address, named, log, public.indexed)


def _linked(site: Site, link: PublicLink) -> Linked:
    return Linked(f"{site.path}/{link.name}", link.ref, link.title, link.status)


def _relations(site: Site, edges: Sequence[PublicLink]) -> Relations:
    def those(kind: str, *, outward: bool) -> tuple[Linked, ...]:
        return tuple(_linked(site, edge) for edge in edges if edge.why == kind and edge.outward is outward)

    return Relations(
        superseded_by=those("supersedes", outward=False),
        supersedes=those("supersedes", outward=True),
        amended_by=those("amends", outward=False),
        amends=those("amends", outward=True),
    )
