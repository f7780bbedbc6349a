"""The pages themselves, from templates that escape what they are given."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cairn.decisions.domain import Status
from cairn.decisions.domain.publishing import PublicRecord
from cairn.decisions.formats.gist import find_gist
from cairn.decisions.formats.public_pages.stones import stone
from cairn.decisions.formats.public_pages.text import render_text
from cairn.decisions.formats.public_pages.words import Linked, Relations, Site, long_date, short_hash
from cairn.decisions.formats.titles import plain_title

PAGE_RECORDS = 200
FEED_RECORDS = 30
_MAP_RECORDS_MOST = 50_000


def _as_script_data(value: object) -> Markup:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - escaped right here.


def _draw_stone(status: Status) -> Markup:
    return Markup(stone(status, alone=False))  # noqa: S704 - our own drawing.


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("cairn.decisions.formats.public_pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(long_date=long_date, script_data=_as_script_data, rfc3339=_rfc3339)
    own: dict[str, Any] = {"stone": _draw_stone, "short_hash": short_hash}
    made.globals.update(own)
    return made


_TEMPLATES = _environment()


@dataclass(frozen=True, slots=True)
class Style:
    """The style sheet that every page carries, and the policy that lets exactly it in."""

    css: str = ""

    @property
    def policy(self) -> str:
        """What a page may load: its own style, our fonts, and pictures that it holds itself. No script at all."""
        digest = base64.b64encode(hashlib.sha256(self.css.encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; font-src 'self'; img-src 'self' data:; "
            # Chromium holds also what an examination of the page asks for, such as robots.txt, to this.
            "connect-src 'self'; "
            "manifest-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    @property
    def markup(self) -> Markup:
        """The sheet as it stands in the page. It comes from our own build."""
        return Markup(self.css)  # noqa: S704 - built by us, and it holds no `<`.


def write_record(
    site: Site, record: PublicRecord, *, links: Mapping[str, Linked], relations: Relations, total: int, style: Style
) -> str:
    """Return a record's page."""
    url = f"{site.url}/{record.name}"
    told = describe(record)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": record.title,
        "name": f"{record.ref}: {record.title}",
        "description": told,
        "url": url,
        "image": f"{url}.png",
        "datePublished": _rfc3339(record.published_at),
        "dateModified": _rfc3339(record.written_at),
        "version": str(record.version),
        "keywords": list(record.tags),
        "author": [{"@type": "Person", "name": name} for name in record.deciders],
        "publisher": {"@type": "Organization", "name": site.organisation or site.log},
        "isPartOf": {"@type": "CreativeWork", "name": site.log, "url": site.url},
    }
    return _TEMPLATES.get_template("record.html").render(
        site=site,
        record=record,
        url=url,
        told=told,
        data=data,
        text=Markup(render_text(record.body, links)),  # noqa: S704 - sanitised.
        relations=relations,
        total=total,
        style=style.markup,
    )


def write_index(site: Site, records: Sequence[PublicRecord], *, total: int, page: int, style: Style) -> str:
    """Return one page of a log's records."""
    pages = max(1, -(-total // PAGE_RECORDS))
    data = {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "name": site.log,
        "url": site.url,
        "publisher": {"@type": "Organization", "name": site.organisation or site.log},
        "hasPart": [
            {"@type": "TechArticle", "name": f"{record.ref}: {record.title}", "url": f"{site.url}/{record.name}"}
            for record in records
        ],
    }
    return _TEMPLATES.get_template("index.html").render(
        site=site,
        records=records,
        total=total,
        page=page,
        pages=pages,
        url=site.url if page == 1 else f"{site.url}?page={page}",
        data=data,
        style=style.markup,
    )


def write_missing(style: Style) -> str:
    """Return the page that stands where nothing is public."""
    return _TEMPLATES.get_template("missing.html").render(style=style.markup)


def write_feed(site: Site, records: Sequence[PublicRecord]) -> str:
    """Return the changes of a log as an Atom feed (RFC 4287), newest first."""
    newest = max((record.published_at for record in records), default=datetime(1970, 1, 1, tzinfo=UTC))
    return _TEMPLATES.get_template("feed.xml").render(
        site=site, records=[(record, describe(record)) for record in records], newest=newest
    )


def write_map(site: Site, records: Sequence[PublicRecord]) -> str:
    """Return a log's pages for search engines (sitemaps.org)."""
    return _TEMPLATES.get_template("map.xml").render(site=site, records=records[:_MAP_RECORDS_MOST])


def write_map_of_maps(origin: str, addresses: Sequence[str]) -> str:
    """Return where the maps of all public logs are."""
    return _TEMPLATES.get_template("maps.xml").render(origin=origin, addresses=addresses)


def write_robots(origin: str) -> str:
    """Return what robots may visit: the public pages and what those are made of."""
    return (
        "User-agent: *\nAllow: /public/\nAllow: /assets/\nAllow: /icon.svg\nDisallow: /\n\n"
        f"Sitemap: {origin}/sitemap.xml\n"
    )


def write_json(site: Site, record: PublicRecord) -> str:
    """Return a record for programs."""
    shown = {
        "ref": record.ref,
        "title": record.title,
        "status": record.status,
        "decided_on": record.decided_on.isoformat() if record.decided_on else None,
        "deciders": list(record.deciders),
        "tags": list(record.tags),
        "version": record.version,
        "content_hash": record.content_hash.hex(),
        "written_at": _rfc3339(record.written_at),
        "published_at": _rfc3339(record.published_at),
        "url": f"{site.url}/{record.name}",
        "log": site.log,
        "body": record.body,
    }
    return json.dumps(shown, ensure_ascii=False, indent=2) + "\n"


def write_markdown(record: PublicRecord) -> str:
    """Return a record's text with the head that any reader of decision records knows."""
    facts = [f"* Status: {record.status}"]
    if record.decided_on:
        facts.append(f"* Date: {record.decided_on.isoformat()}")
    if record.deciders:
        facts.append(f"* Deciders: {', '.join(record.deciders)}")
    if record.tags:
        facts.append(f"* Tags: {', '.join(record.tags)}")
    return f"# {record.ref}: {record.title}\n\n{chr(10).join(facts)}\n\n{record.body.strip()}\n"


def describe(record: PublicRecord) -> str:
    """Return what a record says, in a sentence for previews."""
    return find_gist(record.body) or f"{record.ref}, {record.status}: {plain_title(record.title)}"
