"""A log as a static site: HTML that needs no script, no server and nothing from elsewhere.

Every page forbids scripts and foreign content by its own policy, and raw HTML in a record is shown as text.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from urllib.parse import quote
from uuid import UUID

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cairn.decisions.formats.anchors import list_sections
from cairn.decisions.formats.exports import ExportedRecord
from cairn.decisions.formats.resolve import Known, LinkIndex
from cairn.decisions.formats.titles import slugify

# `html: False` shows raw HTML as text; the library's own check keeps `javascript:` and the like out of links.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--quiet:#777}
body{font:16px/1.6 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
pre{overflow:auto;padding:.8rem;border:1px solid var(--line);border-radius:.4rem}code{font-size:.92em}
blockquote{margin-left:0;padding-left:1rem;border-left:3px solid var(--line)}
.meta{color:var(--quiet)}
.status{border:1px solid var(--line);border-radius:1rem;padding:.05rem .6rem;white-space:nowrap}
.superseded,.rejected,.deprecated{text-decoration:line-through}
img{max-width:100%}a.skip{position:absolute;left:-99rem}a.skip:focus{left:1rem}
@media print{nav{display:none}}
"""


def write_site(name: str, records: Sequence[ExportedRecord]) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of a log as paths and bytes: the index, a page a record, and one for each former name."""
    pages = _page_names(records)
    index = LinkIndex(
        Known(
            key=r.id,
            path=r.path,
            number=r.record.number,
            slug=r.record.slug,
            title=r.record.title,
            prefix=r.record.prefix,
        )
        for r in records
    )
    yield "index.html", _index(name, records, pages)
    for record in records:
        yield pages[record.id], _record_page(name, record, pages, index)
    taken = {"index.html", *pages.values()}
    for record in records:
        for former in record.former_names:
            path = f"{slugify(posixpath.splitext(former)[0])}.html"
            if path not in taken:
                taken.add(path)
                yield path, _redirect(pages[record.id], record.record.title)


def _page_names(records: Sequence[ExportedRecord]) -> dict[UUID, str]:
    names: dict[UUID, str] = {}
    taken = {"index"}
    for record in records:
        stem = slugify(f"{record.ref} {record.record.title}"[:100]) or record.id.hex
        if stem in taken:
            stem = f"{stem}-{record.id.hex[-8:]}"
        taken.add(stem)
        names[record.id] = f"{stem}.html"
    return names


def _page(title: str, body: str, *, head: str = "") -> bytes:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n{head}<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">To the text</a>\n{body}\n</body>\n</html>\n'
    ).encode(errors="replace")


def _index(name: str, records: Sequence[ExportedRecord], pages: Mapping[UUID, str]) -> bytes:
    rows = [
        f'<tr><td>{escape(r.ref)}</td><td><a href="{quote(pages[r.id])}">{escape(r.record.title)}</a></td>'
        f"<td>{_status(r)}</td><td>{r.record.decided_on.isoformat() if r.record.decided_on else ''}</td>"
        f"<td>{escape(', '.join(r.record.tags))}</td></tr>"
        for r in records
    ]
    head = "<tr><th>Number</th><th>Decision</th><th>Status</th><th>Decided</th><th>Tags</th></tr>"
    table = f"<table>\n<thead>{head}</thead>\n<tbody>\n{''.join(f'{row}{chr(10)}' for row in rows)}</tbody>\n</table>"
    count = f"{len(records)} decision{'s' * (len(records) != 1)}"
    return _page(name, f'<main id="main">\n<h1>{escape(name)}</h1>\n<p class="meta">{count}</p>\n{table}\n</main>')


def _status(record: ExportedRecord) -> str:
    status = record.record.status
    after = f" by {escape(record.successor)}" if record.successor else ""
    return f'<span class="status"><span class="{status}">{status}</span>{after}</span>'


def _record_page(name: str, exported: ExportedRecord, pages: Mapping[UUID, str], index: LinkIndex[UUID]) -> bytes:
    record = exported.record
    facts = [
        _status(exported),
        f"decided {record.decided_on.isoformat()}" if record.decided_on else "",
        f"by {escape(', '.join(record.deciders))}" if record.deciders else "",
        escape(", ".join(record.tags)),
    ]
    scope = record.scope
    bound = [*(f"<code>{escape(path)}</code>" for path in scope.paths), *(escape(part) for part in scope.components)]
    links = "".join(
        f'<li>{escape(link.kind.replace("_", " "))} <a href="{quote(page)}">{escape(link.ref)}</a></li>'
        for link in exported.links
        if link.decision_id is not None and (page := pages.get(link.decision_id))
    )
    parts = [
        f'<nav><a href="index.html">{escape(name)}</a></nav>',
        f'<main id="main">\n<h1>{escape(exported.ref)}: {escape(record.title)}</h1>',
        f'<p class="meta">{" · ".join(fact for fact in facts if fact)}</p>',
        f'<p class="meta">Governs {", ".join(bound)}</p>' if bound else "",
        render_body(record.body, exported.path, pages, index),
        f"<h2>Related decisions</h2>\n<ul>{links}</ul>" if links else "",
        f'<p class="meta">Version {exported.version}, {exported.updated_at.date().isoformat()}</p>\n</main>',
    ]
    return _page(f"{exported.ref}: {record.title}", "\n".join(part for part in parts if part))


def render_body(body: str, path: str, pages: Mapping[UUID, str], index: LinkIndex[UUID]) -> str:
    """Render a record's Markdown as safe HTML: lasting anchors at headings, links to records lead to their pages."""
    tokens = _MARKDOWN.parse(body)
    anchors = {section.line: section.anchor for section in list_sections(body)}
    for token in tokens:
        if token.type == "heading_open":
            anchor = anchors.get(token.map[0]) if token.map else None
            if anchor:
                token.attrSet("id", anchor)
        for child in token.children or []:
            _point(child, path, pages, index)
    return _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})


def _point(token: Token, path: str, pages: Mapping[UUID, str], index: LinkIndex[UUID]) -> None:
    """Let a link to a record lead to its page; any other relative one leads nowhere in a site, so it goes."""
    target = str(token.attrGet("href") or "") if token.type == "link_open" else ""
    if not target or target.startswith(("#", "http://", "https://", "mailto:")):
        return
    plain, _, anchor = target.partition("#")
    meant = index.match(plain, path)
    if meant is not None:
        token.attrSet("href", quote(pages[meant]) + (f"#{anchor}" if anchor else ""))
    else:
        token.attrs = {}


def _redirect(target: str, title: str) -> bytes:
    place = quote(target)
    head = f'<meta http-equiv="refresh" content="0; url={place}">\n<link rel="canonical" href="{place}">\n'
    body = f'<main id="main"><p>This record is now at <a href="{place}">{escape(title)}</a>.</p></main>'
    return _page(title, body, head=head)
