"""A record's Markdown as HTML for strangers: sanitised, its links leading only where readers may go."""

from collections.abc import Mapping
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType] - its options are any.
from pygments.util import ClassNotFound

from cairn.decisions.formats.anchors import list_sections
from cairn.decisions.formats.public_pages.stones import stone
from cairn.decisions.formats.public_pages.words import Linked

# Past this a text is shown uncoloured: colouring takes about 1 ms a kilobyte.
_COLOURED_CHARS_MOST = 20_000
_ELSEWHERE = ("http://", "https://", "mailto:")
_TAGS = nh3.ALLOWED_TAGS | {"details", "summary", "svg", "path", "g", "input", "section"}
_SVG = {"viewBox", "d", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-dasharray"}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"id", "class", "role", "aria-label", "data-s", "data-record", "tabindex", "align"},
    "svg": _SVG,
    "path": _SVG,
    "g": _SVG,
    "img": {"alt", "src", "width", "height", "title"},
    "details": {"open"},
    "ol": {"start"},
}
_PICTURES = ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
_FORMATTER = HtmlFormatter[str](nowrap=True)


def _colour(code: str, language: str, _attributes: str) -> str:
    """Return code with its words in classes; an empty string lets the renderer escape it as it is."""
    if not language or len(code) > _COLOURED_CHARS_MOST:
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return highlight(code, lexer, _FORMATTER)


# Raw HTML is let through here and sanitised as a whole below.
_MARKDOWN = MarkdownIt("commonmark", {"html": True, "highlight": _colour}).enable(["table", "strikethrough"])


def render_text(body: str, links: Mapping[str, Linked]) -> str:
    """Return safe HTML. `links` tells by what the text writes where a link leads; any other keeps its words only.

    Pictures from elsewhere become links: a page must not tell strangers who reads it.
    """
    tokens = _MARKDOWN.parse(body)
    anchors = {section.line: section.anchor for section in list_sections(body)}
    # The page's own heading is the first; a text that begins with one of its own gives way.
    highest = min((int(t.tag[1]) for t in tokens if t.type == "heading_open"), default=2)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) - highest + 2)}"
        if token.type == "heading_open" and token.map and (anchor := anchors.get(token.map[0])):
            token.attrSet("id", anchor)
        if token.children:
            token.children = _lead(token.children, links)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    html = html.replace("<table>", '<div class="table-frame" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )
    return nh3.clean(
        html.replace("<pre>", '<pre tabindex="0">'),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if tag == "img" and value.startswith(_PICTURES) else None
    if attribute == "href" and not value.startswith(("#", "/", *_ELSEWHERE)):
        return None
    return value


def _lead(children: list[Token], links: Mapping[str, Linked]) -> list[Token]:
    kept: list[Token] = []
    for token in children:
        if token.type == "link_open":
            mark = _point(token, links)
            kept.append(token)
            if mark:
                kept.append(Token("html_inline", "", 0, content=mark))
            continue
        if token.type == "image" and not str(token.attrGet("src") or "").startswith(_PICTURES):
            kept += _as_link(token)
            continue
        kept.append(token)
    return kept


def _point(token: Token, links: Mapping[str, Linked]) -> str:
    """Let a link lead where readers may go. Returns the stone that stands before a link to a record."""
    href = str(token.attrGet("href") or "")
    if href.startswith(("#", *_ELSEWHERE)):
        return ""
    plain, _, anchor = unquote(href).partition("#")
    linked = links.get(unquote(href)) or links.get(plain)
    if linked is None:
        token.attrs = {}
        return ""
    token.attrSet("href", linked.path + (f"#{anchor}" if anchor else ""))
    token.attrSet("data-record", linked.ref)
    return stone(linked.status, alone=True)


def _as_link(token: Token) -> list[Token]:
    source = str(token.attrGet("src") or "")
    words = token.content or source
    if not source.startswith(("http://", "https://")):
        return [Token("text", "", 0, content=words)]
    opened = Token("link_open", "a", 1, attrs={"href": source})
    return [opened, Token("text", "", 0, content=words), Token("link_close", "a", -1)]
