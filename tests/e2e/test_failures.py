"""What every page does when it cannot read: it says what did not happen, and reads again on request."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (360, 780)}


@dataclass(frozen=True)
class Broken:
    """A page, the method that fails under it, what it says then, and what it shows once that is answered again."""

    path: str
    method: str
    says: str
    shows: str


PAGES = {
    "home": Broken("/", "ListDecisions", "The latest changes could not be read.", "Recent changes"),
    "log": Broken(
        "/decisions?log=tidewater", "ListDecisions", "The decisions could not be read.", "One manifest takes every seat"
    ),
    "log-of-unread-logs": Broken(
        "/decisions?log=tidewater", "ListLogs", "The decisions could not be read.", "One manifest takes every seat"
    ),
    "record": Broken("/decisions/ADR-0012", "GetDecision", "The record could not be read.", "Options weighed"),
    "discussion": Broken("/decisions/ADR-0012", "ListComments", "The discussion could not be read.", "Discussion"),
    "edit": Broken("/decisions/ADR-0012/edit", "GetDecision", "The record could not be read.", "What it governs"),
    "new": Broken("/decisions/new", "ListLogs", "The logs could not be read.", "What it governs"),
    "history": Broken("/decisions/ADR-0012/history", "ListVersions", "The history could not be read.", "Versions"),
    "search": Broken("/search?q=seat", "Search", "The search did not run.", "One manifest takes every seat"),
    "conversation": Broken(
        "/ask/01900000-0000-7000-8000-000000000001", "GetConversation", "The conversation could not be read.", ""
    ),
    "imports": Broken("/import", "ListImports", "The past imports could not be read.", "tidewater/docs/decisions"),
    "inbox": Broken("/inbox", "ListInbox", "The inbox could not be read.", "Needs you"),
    "due": Broken("/inbox", "ListDue", "The reviews could not be read.", "Reviews in the next three months"),
    "governs": Broken(
        "/governs?paths=services/manifest/seats.py", "GovernsPaths", "The decisions could not be looked up.", "Governs"
    ),
    "doctor": Broken("/doctor", "RunDoctor", "The logs were not examined.", "Doctor"),
    "graph": Broken("/graph", "GetGraph", "The relations could not be read.", "One manifest takes every seat"),
    "timeline": Broken("/timeline", "GetGraph", "The decisions could not be read.", "One manifest takes every seat"),
    "log-settings": Broken("/logs/tidewater", "GetLogPolicy", "The rules could not be read.", "Approvals"),
    "settings": Broken("/settings", "ListLogs", "The logs could not be read.", "tidewater"),
    "people": Broken("/settings/people", "ListMembers", "The people could not be read.", "Mara Solheim"),
    "tokens": Broken("/settings/tokens", "ListTokens", "The tokens could not be read.", "A token lets a program act"),
    "jobs": Broken("/settings/jobs", "ListImports", "The imports could not be read.", "Imports"),
    "models": Broken("/settings/models", "ListProviders", "The providers could not be read.", "harbour"),
    "spending": Broken("/settings/spending", "GetSpending", "What was spent could not be read.", "Limits"),
}
_LOOKS = cycle([(size, dark) for size in SIZES for dark in (False, True)])


def _refuse(route: Route) -> None:
    route.fulfill(status=500, content_type="application/json", body='{"code":"internal","message":"It broke."}')


@pytest.mark.parametrize(
    ("name", "size", "dark"),
    # Every look comes about four times; a page's failure does not depend on it.
    [
        pytest.param(name, *look, id=f"{name}-{look[0]}-{'dark' if look[1] else 'light'}")
        for name, look in zip(PAGES, _LOOKS, strict=False)
    ],
)
def test_a_page_that_cannot_read_says_so_and_tries_again(
    open_page: OpenPage,
    name: str,
    size: str,
    dark: bool,  # noqa: FBT001 - parametrized.
) -> None:
    broken = PAGES[name]
    page = open_page("/nowhere", size=SIZES[size], dark=dark, touch=size == "phone")
    page.route(f"**/{broken.method}*", _refuse)
    page.goto(broken.path)
    alert = page.get_by_role("alert").filter(has_text=broken.says)
    expect(alert).to_contain_text("It broke.")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.unroute(f"**/{broken.method}*")
    if not broken.shows:
        return
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    expect(page.get_by_role("main").get_by_text(broken.shows).filter(visible=True).first).to_be_visible()


def test_a_log_that_cannot_be_read_counts_nothing(open_page: OpenPage) -> None:
    page = open_page("/nowhere")
    for method in ("ListDecisions", "CountFacets"):
        page.route(f"**/{method}*", _refuse)
    page.goto("/decisions?log=tidewater")
    alert = page.get_by_role("alert").filter(has_text="The decisions could not be read.")
    expect(alert).to_be_visible()
    facets = page.get_by_role("complementary", name="Facets")
    expect(facets.get_by_role("checkbox", name="Accepted")).to_be_visible()
    # What is not known is not 0.
    assert not re.search(r"\d", facets.inner_text())
    page.unroute("**/ListDecisions*")
    alert.get_by_role("button", name="Try again").click()
    expect(facets.get_by_role("checkbox", name=re.compile("Accepted [1-9]"))).to_be_visible()
    again = facets.get_by_role("button", name="Owners could not be counted. Try again")
    expect(again).to_be_visible()
    page.unroute("**/CountFacets*")
    again.click()
    expect(facets.get_by_role("button")).to_have_count(0)


def test_a_session_that_ends_loses_no_text(open_page: OpenPage, site: Site, author: Site) -> None:
    decision = site.create("Trim the wick", "## Decision\n\nAt dawn.\n", log="drills")
    page = open_page(f"/decisions/{decision['summary']['id']}/edit", person=author)
    text = page.get_by_label("Text, in Markdown")
    text.fill("## Decision\n\nAt dusk.\n")
    page.context.set_extra_http_headers({"Authorization": "Bearer cairn_ended"})
    page.get_by_role("button", name="Save version").click()
    note = page.get_by_role("status").filter(has_text="Your session has ended.")
    expect(note).to_contain_text("What you wrote is kept")
    expect(page.get_by_role("alert")).to_contain_text("Your text is kept here.")
    expect(text).to_contain_text("At dusk.")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("could not be read")
    # The first move of the pointer has the inbox read, whose answer would end the notice before it is pressed.
    with page.expect_response("**/ListInbox*"):
        page.mouse.move(200, 200)
    page.context.set_extra_http_headers(author.credentials)
    note.get_by_role("button", name="I have signed in").click()
    expect(note).to_have_count(0)
    expect(text).to_contain_text("At dusk.")
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("article").get_by_text("At dusk.")).to_be_visible()
    site.delete(site.decision(decision["summary"]["id"]))


def test_a_session_that_lives_again_reads_what_was_refused(open_page: OpenPage, site: Site, author: Site) -> None:
    decision = site.create("Fill the lamp", "## Decision\n\nOn Mondays.\n", log="drills")
    page = open_page("/nowhere", person=author)
    page.context.set_extra_http_headers({"Authorization": "Bearer cairn_ended"})
    page.goto(f"/decisions/{decision['summary']['id']}/edit")
    note = page.get_by_role("status").filter(has_text="Your session has ended.")
    expect(note).to_be_visible()
    page.context.set_extra_http_headers(author.credentials)
    # Nobody presses anything: the pointer moves, and the number beside the inbox is asked for.
    page.mouse.move(200, 200)
    expect(page.get_by_label("Text, in Markdown")).to_contain_text("On Mondays.")
    expect(note).to_have_count(0)
    site.delete(site.decision(decision["summary"]["id"]))


@pytest.mark.parametrize("act", ["people", "tokens", "bulk", "status"])
def test_what_was_not_done_is_told_and_taken_back(open_page: OpenPage, act: str) -> None:
    """Optimistic or not: when a write is refused, the page shows what is so."""
    if act == "people":
        page = open_page("/settings/people")
        page.route("**/AddMember", _refuse)
        page.get_by_role("button", name="Add a person").click()
        page.get_by_role("dialog").get_by_label("Name").fill("Wim Aalto")
        page.get_by_role("dialog").get_by_role("button", name="Add a person").click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("It broke.")
        expect(page.get_by_role("dialog").get_by_label("Name")).to_have_value("Wim Aalto")
    elif act == "tokens":
        page = open_page("/settings/tokens")
        page.route("**/CreateToken", _refuse)
        page.get_by_role("button", name="Create a token").click()
        page.get_by_role("dialog").get_by_label("What it is for").fill("harbour")
        page.get_by_role("dialog").get_by_role("button", name="Create a token").click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("It broke.")
        expect(page.get_by_role("dialog").get_by_label("What it is for")).to_have_value("harbour")
    elif act == "bulk":
        page = open_page("/decisions?log=tidewater")
        page.route("**/BulkEdit", _refuse)
        page.get_by_role("row").nth(1).get_by_role("checkbox").check()
        page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Edit").click()
        page.get_by_label("Add tags").fill("coffee")
        page.get_by_role("dialog").get_by_role("button", name="Change", exact=False).last.click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("It broke.")
        expect(page.get_by_label("Add tags")).to_have_value("coffee")
    else:
        page = open_page("/decisions/ADR-0023")
        page.route("**/TransitionDecision", _refuse)
        page.get_by_role("button", name="Change the status").click()
        page.get_by_role("menuitem", name="Reject").click()
        page.get_by_role("dialog").get_by_label("Why").fill("Too dear.")
        page.get_by_role("dialog").get_by_role("button", name="Reject").click()
        expect(page.get_by_text("It broke.")).to_be_visible()
        expect(page.get_by_role("article").get_by_text("Proposed").first).to_be_visible()
