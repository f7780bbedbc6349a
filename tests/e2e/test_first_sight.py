"""What stands there before the code of a page does, and what answers a press before the page it leads to."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

OpenPage = Callable[..., Page]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
# What is seen of the frame: words without counts, and where they stand.
FRAME = """() => [...document.querySelectorAll(".brand svg, .rail .nav:first-of-type a, .tabs-bottom :is(a, button)")]
  .map((part) => { const { x, y, width, height } = part.getBoundingClientRect();
    const words = [...part.childNodes].filter((one) => !one.matches?.(".n")).map((one) => one.textContent).join("");
    return { words, x, y, width, height, current: part.ariaCurrent }; })
  .filter(({ width }) => width > 0)"""


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
@pytest.mark.parametrize("size", SIZES)
def test_the_frame_stands_before_the_code_where_the_code_leaves_it(open_page: OpenPage, size: str, locale: str) -> None:
    page = open_page("/nowhere", size=SIZES[size], locale=locale)
    page.evaluate("localStorage.setItem('cairn.theme', 'dark')")
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto("/decisions")
    before = page.evaluate(FRAME)
    here = {"en-GB": "Decisions", "de-DE": "Entscheidungen"}[locale]
    assert [part["words"] for part in before if part["current"]] == [here]
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("document.documentElement.lang") == locale[:2]
    page.unroute("**/assets/*.js")
    page.reload()
    expect(page.locator("main")).to_be_visible()
    assert page.evaluate(FRAME) == before


def test_a_link_shows_that_it_was_pressed_before_its_page_is_there(open_page: OpenPage) -> None:
    page = open_page("/settings")
    expect(page.get_by_role("main")).to_be_visible()
    held: list[Route] = []
    page.route("**/assets/timeline-page-*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it.
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Timeline")
    link.click()
    expect(link).to_have_attribute("data-going", "")
    assert held != []
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name="Timeline", level=1)).to_be_attached()
    expect(link).not_to_have_attribute("data-going", "")
