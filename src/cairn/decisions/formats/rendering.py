"""A record's Markdown as HTML for the pages: what their own renderer makes of it, made here so that they need none.

`web/src/text/markdown.ts` is the other half: it makes the same of a text that is being written. What links, pictures
and headings become is told in `web/src/text/finish.ts`, for both.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType] - its options are any.
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String
from pygments.util import ClassNotFound

# Past this a text is left to the page: to render it here would keep everybody else waiting.
RENDERED_CHARS_MOST = 100_000
# Past this a block is shown uncoloured: colouring takes about 1 ms a kilobyte.
_COLOURED_CHARS_MOST = 20_000
_KEPT_TEXTS = 128
# What the page draws itself.
_DIAGRAM = "mermaid"
# The classes that the pages' style colours, and what they stand for; the first that holds a token counts.
_COLOURS = {
    Generic.Inserted: "hljs-addition",
    Generic.Deleted: "hljs-deletion",
    Generic.Heading: "hljs-meta",
    Generic.Subheading: "hljs-meta",
    Comment: "hljs-comment",
    Keyword.Constant: "hljs-literal",
    Keyword.Type: "hljs-type",
    Keyword: "hljs-keyword",
    Operator.Word: "hljs-keyword",
    Name.Tag: "hljs-name",
    Name.Attribute: "hljs-attr",
    Name.Builtin: "hljs-built_in",
    Name.Class: "hljs-title",
    Name.Function: "hljs-title",
    Name.Decorator: "hljs-meta",
    Name.Variable: "hljs-variable",
    Number: "hljs-number",
    String.Regex: "hljs-regexp",
    String.Symbol: "hljs-symbol",
    String: "hljs-string",
    Literal.Date: "hljs-number",
}
_CLASSES = frozenset(_COLOURS.values())
_PICTURES = ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
_SCHEMES = {"http", "https", "mailto", "tel", "data"}
_NO_CONTENT = {"script", "style", "iframe", "noembed", "noframes", "noscript", "template", "title", "video", "audio"}
_TAGS = (nh3.ALLOWED_TAGS | {"details", "summary", "section", "main", "label", "font", "big", "address"}) - _NO_CONTENT
_OURS = {"data-lines", "data-heading", "data-footnote", "data-footnotes", "data-back"}
_ATTRIBUTES = {
    "*": {"title", "lang", "dir", "align", "valign", "width", "height"} | _OURS,
    "a": {"href"},
    "code": {"data-language", "data-done"},
    "img": {"alt", "src"},
    "details": {"open"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "col": {"span"},
    "colgroup": {"span"},
    "time": {"datetime"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "span": {"class"},
}

_MARKDOWN = MarkdownIt("js-default", {"html": True, "linkify": True}).use(footnote_plugin)
if _MARKDOWN.linkify is None:
    raise RuntimeError("Addresses cannot be found in texts: linkify-it-py is missing.")
# As the pages: `README.md` is a file and no address, and mail goes to any domain.
_MARKDOWN.linkify.set({"fuzzy_link": False})  # pyright: ignore[reportUnknownMemberType] - it has no types.
_MARKDOWN.linkify.tlds(["[a-z]{2,63}"])  # pyright: ignore[reportUnknownMemberType] - as above.


def _number_lines(state: StateCore) -> None:
    """Let whole blocks and the items of lists say which lines of the text they are: those can be spoken about."""
    for token in state.tokens:
        block = token.level == 0 and not token.type.startswith(("bullet_list", "ordered_list"))
        item = token.level == 1 and token.type == "list_item_open"
        if token.map and token.nesting >= 0 and (block or item):
            token.attrSet("data-lines", f"{token.map[0] + 1}-{token.map[1]}")


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[at]
    language = (token.info.split() or [""])[0]
    lines = token.attrGet("data-lines")
    opened = "<pre>" if lines is None else f'<pre data-lines="{lines}">'
    if not language:
        return f"{opened}<code>{escape(token.content)}</code></pre>\n"
    coloured = _colour(token.content, language)
    done = "" if coloured is None else " data-done"
    code = escape(token.content) if coloured is None else coloured
    return f'{opened}<code data-language="{escape(language)}"{done}>{code}</code></pre>\n'


def _footnote(token: Token) -> tuple[int, str]:
    """Return a footnote's number and the name of the place that refers to it."""
    number, again = int(token.meta["id"]) + 1, int(token.meta.get("subId", 0))
    return number, f"{number}-{again}" if again else str(number)


def _footnote_ref(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    number, place = _footnote(tokens[at])
    return f'<sup><a href="#footnote-{number}" data-footnote="ref-{place}">{number}</a></sup>'


def _footnotes_open(
    _renderer: RendererHTML, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _env: EnvType
) -> str:
    return "<section data-footnotes><ol>\n"


def _footnote_open(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    return f'<li data-footnote="{_footnote(tokens[at])[0]}">'


def _footnote_back(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType
) -> str:
    return f' <a href="#footnote-ref-{_footnote(tokens[at])[1]}" data-back>\u21a9\ufe0e</a>'


def _heading(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    # Only headings written as Markdown are numbered as passages are; those of raw HTML come after.
    tokens[at].attrSet("data-heading", "")
    return renderer.renderToken(tokens, at, options, env)


_MARKDOWN.core.ruler.push("lines", _number_lines)
for _name, _rule in {
    "fence": _fence,
    "heading_open": _heading,
    "footnote_ref": _footnote_ref,
    "footnote_block_open": _footnotes_open,
    "footnote_open": _footnote_open,
    "footnote_anchor": _footnote_back,
}.items():
    _MARKDOWN.add_render_rule(_name, _rule)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


def _colour(code: str, language: str) -> str | None:
    """Return code with its words in classes; None where it stays as it is."""
    lexer = None if language == _DIAGRAM or len(code) > _COLOURED_CHARS_MOST else _lexer(language)
    return None if lexer is None else "".join(_spans(lexer, code))


def _spans(lexer: Lexer, code: str) -> Iterator[str]:
    for token, text in lexer.get_tokens(code):
        name = next((name for kind, name in _COLOURS.items() if token in kind), "")
        yield f'<span class="{name}">{escape(text)}</span>' if name and text.strip() else escape(text)


def _judge(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if value in _CLASSES else None
    if value.startswith("data:"):
        return value if (tag, attribute) == ("img", "src") and value.startswith(_PICTURES) else None
    return value


@lru_cache(maxsize=_KEPT_TEXTS)
def render_body(body: str) -> str:
    """Return safe HTML: no scripts, styles, forms or frames. Where links lead and what pictures become is left open.

    An empty string says that the text is left to the page, for it is longer than `RENDERED_CHARS_MOST`.
    """
    if len(body) > RENDERED_CHARS_MOST:
        return ""
    return nh3.clean(
        _MARKDOWN.render(body),
        tags=_TAGS,
        clean_content_tags=_NO_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_judge,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
