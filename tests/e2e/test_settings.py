"""Settings, and what is public: people, tokens, jobs, publishing from the page, and the pages that strangers read."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.site import AXE, Site

OpenPage = Callable[..., Page]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def test_a_person_is_added_with_a_token_and_removed(open_page: OpenPage) -> None:
    page = open_page("/settings/people")
    page.get_by_role("button", name="Add a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Wim Aalto")
    dialog.get_by_label("E-mail address").fill("not an address")
    dialog.get_by_role("button", name="Add a person").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nobody was added.")
    dialog.get_by_label("E-mail address").fill("wim@example.org")
    dialog.get_by_role("button", name="Add a person").click()
    expect(page.get_by_role("dialog", name="The first token of Wim Aalto").locator("code")).to_contain_text("cairn_")
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("list", name="People").get_by_role("listitem").filter(has_text="Wim Aalto")
    row.get_by_label("Role of Wim Aalto").select_option("reviewer")
    expect(page.get_by_role("status").filter(has_text="Wim Aalto is Reviewer now.")).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_token_is_shown_once_and_revoked(open_page: OpenPage) -> None:
    page = open_page("/settings/tokens")
    page.get_by_role("button", name="Create a token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill("harbour pipeline")
    dialog.get_by_label("Ask models").check()
    dialog.get_by_role("button", name="Create a token").click()
    expect(page.get_by_role("dialog", name="The new token").locator("code")).to_contain_text("cairn_")
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("list", name="Tokens").get_by_role("listitem").filter(has_text="harbour pipeline")
    expect(row).to_contain_text("Ask models")
    expect(page.locator("body")).not_to_contain_text("cairn_")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)


def test_the_work_in_the_background_is_shown(open_page: OpenPage) -> None:
    page = open_page("/settings/jobs")
    expect(page.get_by_role("progressbar", name="Findable by words")).to_be_visible()
    expect(page.get_by_role("list", name="Imports").get_by_role("listitem").first).to_contain_text("Finished")
    page.get_by_role("button", name="Check the index").click()
    expect(page.get_by_text("The index is complete")).to_be_visible()


def test_a_log_is_published_from_its_settings_and_taken_back_with_an_undo(open_page: OpenPage, site: Site) -> None:
    site.create("Ring the bell", log="quayside", status="ACCEPTED")
    page = open_page("/logs/quayside")
    page.get_by_role("button", name="Publish this log").click()
    link = page.get_by_role("link", name="its address")
    expect(link).to_have_attribute("href", "/public/quayside")
    page.get_by_role("button", name="Take it back").click()
    expect(link).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()
    page.goto("/public/quayside")
    expect(page.get_by_role("link", name="Ring the bell")).to_be_visible()


def test_a_record_is_published_from_its_page(open_page: OpenPage, site: Site) -> None:
    made = site.create("Light the lantern", log="lanterns", status="ACCEPTED")
    page = open_page(f"/decisions/{made['summary']['id']}")
    page.get_by_role("button", name="Publish this record").click()
    expect(page.get_by_role("link", name="version 1", exact=True)).to_have_attribute(
        "href", "/public/lanterns/adr-0001"
    )
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Publish this record")).to_be_visible()


@pytest.fixture
def published(site: Site) -> str:
    service = "decisions.v1.PublishingService"
    log = site.log("tidewater")
    return site.call(service, "PublishLog", logId=log["id"], whole=True)["publication"]["path"]


@pytest.fixture
def read(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page as a stranger without JavaScript."""
    contexts = []

    def open_one(path: str, *, dark: bool = False, width: int = 1440) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            base_url=site.url,
            java_script_enabled=False,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()


def test_strangers_read_without_javascript(read: Callable[..., Page], published: str) -> None:
    page = read(published, width=390)
    page.get_by_role("link", name=re.compile("One manifest")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("manifest")
    expect(page.get_by_text("Supersedes")).to_be_visible()
    assert page.url.endswith("/adr-0012")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_public_pages_have_no_barrier_and_never_scroll_sideways(
    open_page: OpenPage,
    published: str,
    dark: bool,  # noqa: FBT001 - parametrized.
) -> None:
    for path in ("", "/adr-0012", "/adr-0004", "/nowhere"):
        page = open_page(published + path, dark=dark)
        page.evaluate(AXE.read_text())
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 800})
            found: dict[str, Any] = page.evaluate("tags => axe.run(document, { runOnly: tags })", TAGS)
            assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]] == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
