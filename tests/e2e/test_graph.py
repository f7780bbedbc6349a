"""The graph and the timeline: what led to what, and what was decided when."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
LIFE = "decisions.v1.LifecycleService"


@pytest.fixture
def lamps(site: Site) -> Iterator[dict[str, Any]]:
    """Three decisions of a log of their own: one superseded, one in conflict, and one that nothing leads to."""
    made = {
        name: site.create(f"Light the {name} with {what}", log="lamps", status="ACCEPTED")
        for name, what in (("quay", "oil"), ("pier", "gas"), ("deck", "electricity"), ("shed", "nothing"))
    }
    ids = {name: decision["summary"]["id"] for name, decision in made.items()}
    site.call(LIFE, "RelateDecisions", sourceId=ids["pier"], kind="LINK_KIND_SUPERSEDES", targetId=ids["quay"])
    site.call(LIFE, "RelateDecisions", sourceId=ids["deck"], kind="LINK_KIND_CONFLICTS_WITH", targetId=ids["pier"])
    yield ids
    for identity in ids.values():
        site.delete(site.decision(identity))


@pytest.mark.usefixtures("lamps")
def test_the_graph_is_walked_by_keyboard_and_read_as_a_table(open_page: OpenPage) -> None:
    page = open_page("/graph?log=lamps")
    expect(page.get_by_text("3 decisions, 2 relations")).to_be_visible()
    expect(page.locator("canvas")).to_have_attribute("data-drawn", "3")
    rows = page.get_by_role("table", name="Relations").get_by_role("row")
    expect(rows.filter(has_text="superseded by")).to_contain_text("with gas")
    expect(rows.filter(has_text="conflicts with")).to_contain_text("with electricity")
    here = page.get_by_role("group", name="Graph.").get_by_role("link").first
    here.focus()
    first = here.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.node:focus")).not_to_have_attribute("aria-label", first or "")
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile("focus="))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("focus="))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Light the")


def test_a_decision_of_the_graph_is_looked_at_alone(open_page: OpenPage, lamps: dict[str, Any]) -> None:
    page = open_page(f"/graph?log=lamps&focus={lamps['quay']}")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(page.locator(".chosen")).to_contain_text("with oil")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="conflicts with").click()
    expect(page.get_by_text("2 decisions, 1 relation")).to_be_visible()
    page.get_by_role("button", name="without relations").click()
    expect(page.get_by_role("heading", name="Without relations")).to_be_visible()
    page.get_by_role("button", name="List only").click()
    expect(page.locator("canvas")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="Light the shed with nothing")).to_be_visible()


@pytest.mark.usefixtures("lamps")
def test_a_tap_chooses_and_a_second_one_opens(open_page: OpenPage) -> None:
    page = open_page("/graph?log=lamps", size=(390, 844), touch=True)
    expect(page.locator("canvas")).to_have_attribute("data-drawn", "3")
    page.locator("a.node").first.tap()
    expect(page.locator(".chosen")).to_be_visible()
    page.get_by_role("link", name="Open").tap()
    expect(page).to_have_url(re.compile("/decisions/"))


def test_the_timeline_tells_what_took_the_place_of_what(open_page: OpenPage) -> None:
    page = open_page("/timeline?log=tidewater")
    entry = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="One manifest takes every seat"))
    expect(entry).to_contain_text("took the place of ADR-0004")
    heads = page.locator(".story .year > h2")
    expect(heads.first).to_have_text("2026")
    page.get_by_role("button", name="Oldest first").click()
    expect(heads.first).to_have_text("2024")
    page.get_by_role("group", name="Status").get_by_role("button", name="Rejected").click()
    expect(page.locator(".told")).to_have_count(1)
    expect(page).to_have_url(re.compile("status=rejected"))


def test_keys_lead_everywhere_and_are_listed(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.get_by_role("heading", name="Recent changes")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Next and previous row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile("/timeline$"))
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/decisions/new$"))
    title = page.get_by_label("Title")
    title.press_sequentially("cg?")
    expect(title).to_have_value("cg?")


def test_the_palette_does_what_the_page_can_do(open_page: OpenPage) -> None:
    page = open_page("/decisions/ADR-0012")
    expect(page.get_by_role("button", name="Add a relation")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("add a rel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="Records")).to_be_visible()


def test_every_page_is_reached_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/", size=(360, 780), touch=True)
    for name, path in (("Graph", "/graph"), ("Timeline", "/timeline"), ("Inbox", "/inbox"), ("Doctor", "/doctor")):
        page.get_by_role("button", name="More", exact=True).tap()
        page.get_by_role("dialog", name="More").get_by_role("link", name=name).tap()
        expect(page).to_have_url(re.compile(path))
        expect(page.get_by_role("dialog")).to_have_count(0)
