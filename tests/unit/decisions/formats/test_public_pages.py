"""What public pages are made of: text made safe, stones, pictures."""

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from cairn.decisions.domain import Status
from cairn.decisions.domain.publishing import PublicRecord, check_address, page_name, parse_page_name, suggest_address
from cairn.decisions.formats.public_pages.pages import Style, write_index, write_record
from cairn.decisions.formats.public_pages.pictures import HEIGHT, WIDTH, Pictures
from cairn.decisions.formats.public_pages.stones import SHAPES
from cairn.decisions.formats.public_pages.text import render_text
from cairn.decisions.formats.public_pages.words import Linked, Relations, Site
from cairn.kernel.errors import InvalidArgument

REPOSITORY = Path(__file__).parents[4]
OTHER = Linked("/public/open/adr-0002", "ADR-0002", "The other", Status.ACCEPTED)
SITE = Site("https://example.org", "open", "Northmoor", "Open decisions", indexed=True)
RECORD = PublicRecord(
    id=UUID(int=7),
    ref="ADR-0001",
    name="adr-0001",
    version=3,
    title='Money is "whole" <minor> units',
    status=Status.ACCEPTED,
    decided_on=date(2026, 3, 14),
    deciders=("Inés Okafor",),
    tags=("money",),
    content_hash=bytes(32),
    written_at=datetime(2026, 3, 14, tzinfo=UTC),
    published_at=datetime(2026, 3, 15, tzinfo=UTC),
    body="## Decision\n\nAmounts are whole.\n",
)


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        "[x](javascript:alert(1))",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<iframe src="https://evil.example"></iframe>',
        "<style>body{display:none}</style>",
        '<form action="https://evil.example"><input name="a"></form>',
        '<svg><use href="https://evil.example/x.svg#a"/></svg>',
        '<svg onload="alert(1)"></svg>',
        '<p style="background:url(https://evil.example)">x</p>',
        "<img src='https://evil.example/pixel.png'>",
        "![pixel](https://evil.example/pixel.png)",
    ],
)
def test_nothing_runs_loads_or_sends(evil: str) -> None:
    html = render_text(f"Before.\n\n{evil}\n\nAfter.", {})
    assert "Before." in html
    assert "After." in html
    for sign in (
        "<script",
        'href="javascript:',
        "onerror",
        "onload",
        "<iframe",
        "<style",
        "style=",
        "<form",
        "<use",
        "data:",
    ):
        assert sign not in html, html
    assert not re.search(r'src="(?!data:image)', html)


def test_links_lead_where_readers_may_go_and_no_further() -> None:
    html = render_text(
        "[one](0002-other.md#why) [two](../src/secret.py) [three](https://example.org) [four](#decision)",
        {"0002-other.md": OTHER},
    )
    assert '<a href="/public/open/adr-0002#why" data-record="ADR-0002"' in html
    assert 'aria-label="Accepted"' in html
    assert "secret.py" not in html
    assert "two" in html
    assert 'href="https://example.org"' in html
    assert 'href="#decision"' in html


def test_pictures_inside_stay_and_those_from_elsewhere_become_links() -> None:
    html = render_text("![in](data:image/png;base64,AAAA)\n\n![out](https://example.org/a.png)", {})
    assert '<img src="data:image/png;base64,AAAA" alt="in">' in html
    assert '<a href="https://example.org/a.png"' in html
    assert html.count("<img") == 1


def test_code_is_coloured_and_an_unknown_language_is_left_as_it_is() -> None:
    assert '<span class="k">return</span>' in render_text("```python\nreturn 1 < 2\n```", {})
    assert "1 &lt; 2" in render_text("```klingon\n1 < 2\n```", {})


def test_headings_stand_below_the_title_of_the_page() -> None:
    html = render_text("# Context\n\n## Detail\n", {})
    assert '<h2 id="context">Context</h2>' in html
    assert '<h3 id="detail">Detail</h3>' in html


def test_a_page_escapes_what_it_is_given() -> None:
    html = write_record(SITE, RECORD, links={}, relations=Relations(superseded_by=(OTHER,)), total=2, style=Style())
    assert "<h1>Money is &#34;whole&#34; &lt;minor&gt; units</h1>" in html
    assert "\\u003cminor\\u003e" in html
    assert "<minor>" not in html
    assert "Superseded by" in html
    assert "Inés Okafor" in html
    assert "Decided <time" in html
    index = write_index(SITE, [RECORD], total=401, page=2, style=Style())
    assert '<link rel="prev" href="/public/open">' in index
    assert '<link rel="next" href="/public/open?page=3">' in index
    assert "&lt;minor&gt;" in index


def test_the_policy_lets_in_the_style_of_the_page_only() -> None:
    policy = Style("a{color:red}").policy
    assert "'sha256-6hWWMOcF+mJesSJGYhmK2lkIIEw9Xc5XKGLPVzh8yxs='" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_the_stones_are_those_of_the_application() -> None:
    source = (REPOSITORY / "web" / "src" / "ui" / "stone-shapes.ts").read_text(encoding="utf-8")
    paths = {path for shape in SHAPES.values() for path in re.findall(r' d="([^"]+)"', shape)}
    # The outline stands once in the other file, as a constant.
    assert paths == {one or other for one, other in re.findall(r'd="(M[^"$]+)"|OUTLINE = "(M[^"]+)"', source)}


@pytest.mark.parametrize("status", [*Status, None])
def test_a_picture_is_drawn_for_every_status_and_any_title(status: Status | None, tmp_path: Path) -> None:
    pictures = Pictures(tmp_path)
    for title in ("Short", "A title that goes on and on " * 20, "Onewordthatisfartoolongforanyline" * 6, ""):
        drawn = pictures.draw(title=title, ref="ADR-0001", status=status, foot="Northmoor · Open decisions")
        with Image.open(io.BytesIO(drawn)) as picture:
            assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))


def test_addresses_and_names() -> None:
    assert check_address(" Open-Decisions ") == "open-decisions"
    for wrong in ("", "-a", "a-", "a b", "ä", "a" * 81):
        with pytest.raises(InvalidArgument):
            check_address(wrong)
    assert suggest_address("my.log_of-things") == "my-log-of-things"
    assert suggest_address("...") == "decisions"
    assert page_name("ADR-0046", UUID(int=0xABCD), doubled=True) == "adr-0046.0000abcd"
    assert parse_page_name("adr-0046.0000abcd") == (46, "adr-0046.0000abcd")
    assert parse_page_name("some-slug") == (None, "some-slug")
