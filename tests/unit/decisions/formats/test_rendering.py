"""Records as HTML for the pages. `web/src/text/rendered.test.ts` holds the pages' own renderer to the same texts."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cairn.decisions.formats.rendering import RENDERED_CHARS_MOST, render_body

TEXTS = Path(__file__).parent / "rendered"


class Tags(HTMLParser):
    """Collects the elements of a text and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.seen.append((tag, dict(attrs)))


def test_a_record_is_rendered_as_the_pages_render_it() -> None:
    assert render_body((TEXTS / "record.md").read_text()) == (TEXTS / "record.html").read_text()


def test_a_record_runs_nothing_styles_nothing_and_asks_for_nothing() -> None:
    html = render_body((TEXTS / "hostile.md").read_text())
    for tag, attributes in Tags(html).seen:
        assert tag not in {"script", "style", "iframe", "form", "input", "button", "svg", "math", "object"}
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in {"style", "id", "srcset"}, (tag, name)
            assert name != "class" or str(value).startswith("hljs-"), value
            assert not re.match(r"\s*(javascript:|data:(?!image/(png|jpeg|gif|webp)))", value or ""), value
    for kept in ("over everything", "Raw heading", "steal()</"):
        assert kept.removesuffix("</") in re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize("language", ["python", "js", "yaml", "sql", "sh", "ts", "dockerfile", "go"])
def test_code_is_coloured_and_stays_as_it_was_written(language: str) -> None:
    code = '\n  a = "x"  # & <b>\n\n'
    html = render_body(f"```{language}\n{code}```\n")
    found = re.search(r'<code data-language="[^"]+" data-done="">(.*)</code>', html, re.DOTALL)
    assert found is not None
    assert '<span class="hljs-' in found[1]
    plain = re.sub(r"<[^>]+>", "", found[1]).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == code


def test_what_a_page_draws_itself_and_what_nobody_knows_stays_plain() -> None:
    for language in ("mermaid", "nosuchlanguage"):
        assert f'<code data-language="{language}">a b\n</code>' in render_body(f"```{language}\na b\n```\n")


def test_a_very_long_text_is_left_to_the_page() -> None:
    assert render_body("a" * (RENDERED_CHARS_MOST + 1)) == ""
    assert render_body("word " * (RENDERED_CHARS_MOST // 5)) != ""
