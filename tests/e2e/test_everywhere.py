"""What holds on every page: no barrier that axe knows, no sideways scroll, and a small first visit."""

import gzip
import math
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from e2e.site import AXE, Site

OpenPage = Callable[..., Page]
DESKTOP = (1440, 900)
PHONE = (390, 844)
TABLET = (1024, 768)
# JavaScript, compressed: what a page begins with, and what has come once nothing more is asked for.
INITIAL_BYTES_MOST = 150 * 1024
FIRST_VISIT_BYTES_MOST = {
    "/": 147 * 1024,
    "/decisions": 149 * 1024,
    "/search?q=seat": 147 * 1024,
    "/ask": 150 * 1024,
    # What stands beside and below a record comes once its text stands.
    "/decisions/ADR-0012": 169 * 1024,
}
# What writes, compares or draws Markdown begins with more: the editor, the history and a conversation.
LIGHT = ["/graph", "/timeline", "/doctor", "/inbox", "/governs", "/import", "/logs/tidewater"]
LIGHT += ["/settings/models", "/settings/spending", "/settings/people", "/settings/tokens", "/settings/jobs"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PAGES = {
    "home": "/",
    "list": "/decisions?log=tidewater",
    "deleted": "/decisions?deleted=yes",
    "board": "/decisions?log=tidewater&view=board",
    "record": "/decisions/ADR-0012",
    "superseded": "/decisions/ADR-0004",
    "edit": "/decisions/ADR-0012/edit",
    "new": "/decisions/new",
    "history": "/decisions/ADR-0012/history",
    "search": "/search?q=seat+certificate",
    "ask": "/ask",
    "import": "/import",
    "report": "/import",
    "inbox": "/inbox",
    "governs": "/governs?paths=services/manifest/seats.py%0Aweb/boarding.ts",
    "doctor": "/doctor",
    "graph": "/graph?alone=yes",
    "graph-list": "/graph?view=list",
    "timeline": "/timeline",
    "log-settings": "/logs/tidewater",
    "models": "/settings/models",
    "settings": "/settings",
    "people": "/settings/people",
    "tokens": "/settings/tokens",
    "jobs": "/settings/jobs",
    "spending": "/settings/spending",
    "missing": "/nowhere",
}


def settle(page: Page, name: str) -> None:
    """Wait until the page shows what it is about."""
    page.wait_for_load_state("networkidle")
    if name == "report":
        page.locator(".imp a.row").filter(has_text="tidewater").first.click()
        expect(page.get_by_role("region", name="Files")).to_be_visible()
    page.evaluate("document.fonts.ready")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def _barriers(page: Page) -> list[str]:
    # The page allows no script but its own; the test's one is put in from outside, once a document.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("tags => axe.run(document, { runOnly: tags })", WCAG)
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


def _sideways(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_barrier(open_page: OpenPage, name: str) -> None:
    page = open_page(PAGES[name], size=DESKTOP)
    settle(page, name)
    for width, height in (DESKTOP, TABLET, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert _barriers(page) == [], (width, theme)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(open_page: OpenPage, name: str) -> None:
    page = open_page(PAGES[name], size=(360, 780), touch=True)
    for width in (360, 390, 768, 900, 1180, 1280):
        page.set_viewport_size({"width": width, "height": 780})
        settle(page, name if width == 360 else "")
        assert _sideways(page) <= 0, width


def test_the_palette_and_the_dialogs_have_no_barrier(open_page: OpenPage) -> None:
    page = open_page("/decisions/ADR-0012")
    page.get_by_role("button", name="See the bytes").click()
    expect(page.get_by_role("dialog")).to_contain_text("decision-makers")
    assert _barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    assert _barriers(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert _barriers(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("dialog", name="More")).to_be_visible()
    assert _barriers(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_opens_on_a_record_and_in_the_log_has_no_barrier(
    open_page: OpenPage,
    site: Site,
    reviewer: Site,
    dark: bool,  # noqa: FBT001 - parametrized.
) -> None:
    decision = site.create("Ring the bell at dawn", "## Decision\n\nIt rings at dawn.\n", log="drills")
    identity = decision["summary"]["id"]
    reviewer.call("decisions.v1.LifecycleService", "ApproveDecision", decisionId=identity, version=1)
    words = {"decisionId": identity, "firstLine": 3, "lastLine": 3, "body": "How?"}
    reviewer.call("decisions.v1.VersionsService", "AddComment", **words)
    site.update(decision, body="## Decision\n\nIt rings at noon.\n")
    page = open_page(f"/decisions/{identity}", dark=dark)
    expect(page.get_by_text("that text changed since")).to_be_visible()
    page.get_by_role("button", name="Change the status").click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert _barriers(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a relation").click()
    expect(page.get_by_role("listbox", name="Records").get_by_role("option").first).to_be_visible()
    assert _barriers(page) == []
    for view in ("sides", "lines", "blame"):
        page.goto(f"/decisions/{identity}/history?a=1&b=2&view={view}")
        expect(page.locator("table.lines")).to_be_visible()
        assert _barriers(page) == []
    page.goto("/decisions?log=drills")
    page.get_by_label("Select every decision shown").check()
    page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Add tags")).to_be_visible()
    assert _barriers(page) == []
    site.delete(decision)


def test_the_first_visit_is_small(open_page: OpenPage, site: Site) -> None:
    page = open_page("/nowhere")
    scripts: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.url.endswith(".js"):
            scripts[response.url] = len(gzip.compress(response.body(), 9))

    page.context.on("response", weigh)
    for path in [*FIRST_VISIT_BYTES_MOST, *LIGHT]:
        scripts.clear()
        fresh = page.context.new_page()
        fresh.goto(site.url + path)
        fresh.wait_for_load_state("networkidle")
        begun = fresh.evaluate("() => [...document.querySelectorAll('link[rel=modulepreload]')].map((one) => one.href)")
        assert 0 < sum(scripts[url] for url in begun) <= INITIAL_BYTES_MOST, (path, scripts)
        assert sum(scripts.values()) <= FIRST_VISIT_BYTES_MOST.get(path, math.inf), (path, scripts)
        fresh.close()


def test_the_theme_can_be_chosen_and_is_kept(open_page: OpenPage) -> None:
    page = open_page("/")
    switch = page.get_by_role("button", name="Theme:")
    switch.click()
    switch.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
