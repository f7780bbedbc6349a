"""What each page is for, done once at every size and in both themes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
Step = Callable[[Page], None]
SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (360, 780)}
MANIFEST = "One manifest takes every seat"
QUAYS = "Run on two quays"


def _title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def _ask_from_home(page: Page) -> None:
    page.goto("/")
    page.evaluate("localStorage.setItem('cairn.model', 'harbour/harbour')")
    page.get_by_role("textbox").first.fill("Why does one manifest take every seat?")
    page.get_by_role("main").get_by_role("button", name="Ask").click()
    expect(page.locator(".answer a.cite").first).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Asking")).to_have_count(0)


def _filter_the_log(page: Page) -> None:
    page.goto("/decisions?log=tidewater")
    page.get_by_label("Filter by title or number").fill("two quays")
    expect(page.locator("main tbody tr[data-row]")).to_have_count(1)
    page.get_by_role("link", name=QUAYS).click()
    _title(page, QUAYS)


def _choose_rows(page: Page) -> None:
    page.goto("/decisions?log=tidewater")
    page.locator("main tbody tr[data-row]").nth(1).get_by_role("checkbox").check()
    expect(page.get_by_role("toolbar", name="Selection")).to_contain_text("1 selected")
    page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Clear").click()
    expect(page.get_by_role("toolbar", name="Selection")).to_have_count(0)


def _open_a_card(page: Page) -> None:
    page.goto("/decisions?log=tidewater&view=board")
    page.get_by_role("link", name="Keep card numbers at the payment company").click()
    _title(page, "Keep card numbers at the payment company")


def _follow_a_link(page: Page) -> None:
    page.goto("/decisions/ADR-0012")
    page.get_by_role("article").get_by_role("link", name="the nightly merge").click()
    _title(page, "Merge passenger lists at night")
    expect(page.get_by_text("No longer in force").first).to_be_visible()


def _write_and_leave(page: Page) -> None:
    page.goto("/decisions/ADR-0012/edit")
    page.get_by_label("Title").fill("One manifest takes every berth")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("One manifest takes every berth")
    page.get_by_role("button", name="Begin again with version").click()
    expect(page.get_by_label("Title")).to_have_value(MANIFEST)


def _begin_a_record(page: Page) -> None:
    page.goto("/decisions/new?log=tidewater")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_text("Say in one line what is decided")).to_be_visible()


def _search(page: Page) -> None:
    page.goto("/search")
    page.get_by_label("Search in all decisions").fill("certificate allows")
    page.locator("li.result").filter(has_text=MANIFEST).locator("a.passage").first.click()
    _title(page, MANIFEST)


def _look_at_a_report(page: Page) -> None:
    page.goto("/import")
    page.locator(".imp a.row").filter(has_text="tidewater").first.click()
    page.get_by_role("button", name="0009-run-on-two-quays.md").click()
    expect(page.get_by_role("region", name="Fields of 0009-run-on-two-quays.md")).to_contain_text(QUAYS)


def _look_up_paths(page: Page) -> None:
    page.goto("/governs")
    page.get_by_label("Paths that change").fill("services/manifest/seats.py")
    page.get_by_role("main").get_by_role("button", name="Look").click()
    expect(page.get_by_text("No decision governs these paths")).to_be_visible()


def _walk_the_graph(page: Page) -> None:
    page.goto("/graph?log=tidewater&alone=yes")
    expect(page.locator("canvas")).to_have_attribute("data-drawn", "18")
    page.get_by_role("table").get_by_role("link", name=QUAYS).first.click()
    _title(page, QUAYS)


def _turn_the_timeline(page: Page) -> None:
    page.goto("/timeline?log=tidewater")
    page.get_by_role("button", name="Oldest first").click()
    expect(page.locator(".story .year > h2").first).to_have_text("2024")


def _find_by_name(page: Page) -> None:
    page.goto("/doctor")
    page.get_by_role("button", name="Find a decision").filter(visible=True).first.click()
    palette = page.get_by_role("dialog", name="Go to")
    palette.get_by_role("combobox").fill("two quays")
    expect(palette.get_by_role("option", selected=True)).to_contain_text(QUAYS)
    page.keyboard.press("Enter")
    _title(page, QUAYS)


def _begin_a_token(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("main").get_by_role("link", name="Tokens").first.click()
    page.get_by_role("button", name="Create a token").click()
    expect(page.get_by_role("dialog").get_by_label("What it is for")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def _choose_a_folder(page: Page, folder: Path) -> None:
    page.goto("/import")
    page.get_by_label("Choose a folder of decisions").set_input_files(folder)
    expect(page.get_by_role("button", name="Import 1 file")).to_be_visible()


STEPS: tuple[Step, ...] = (
    _ask_from_home,
    _filter_the_log,
    _choose_rows,
    _open_a_card,
    _follow_a_link,
    _write_and_leave,
    _begin_a_record,
    _search,
    _look_at_a_report,
    _look_up_paths,
    _walk_the_graph,
    _turn_the_timeline,
    _find_by_name,
    _begin_a_token,
)
STANDS = {
    "/inbox": "Reviews in the next three months",
    "/doctor": "Doctor",
    "/logs/tidewater": "Approvals",
    "/settings/people": "Mara Solheim",
    "/settings/jobs": "Imports",
    "/settings/models": "harbour",
    "/settings/spending": "Limits",
    "/decisions/ADR-0012/history": "Versions",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_each_page_does_what_it_is_for(
    open_page: OpenPage,
    site: Site,
    tmp_path: Path,
    size: str,
    dark: bool,  # noqa: FBT001 - parametrized.
) -> None:
    (tmp_path / "0001-keep-a-keeper.md").write_text("# 1. Keep a keeper\n\n## Status\n\nAccepted\n")
    page = open_page("/nowhere", size=SIZES[size], dark=dark, touch=size == "phone")
    for step in STEPS:
        step(page)
    _choose_a_folder(page, tmp_path)
    for path, words in STANDS.items():
        page.goto(path)
        expect(page.get_by_role("main").get_by_text(words).filter(visible=True).first).to_be_visible()
    for conversation in site.call("chat.v1.ChatService", "ListConversations").get("conversations", []):
        site.call("chat.v1.ChatService", "DeleteConversation", id=conversation["id"])


def test_at_twice_the_size_nothing_is_lost(open_page: OpenPage) -> None:
    """200 % of a window of 1280 is a window of 640 whose letters are twice as large to their reader."""
    page = open_page("/", size=(640, 400))
    for path in (
        "/",
        "/decisions?log=tidewater",
        "/decisions/ADR-0012",
        "/decisions/ADR-0012/edit",
        "/search?q=seat",
        "/ask",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        expect(page.get_by_role("button", name="Find a decision").filter(visible=True).first).to_be_in_viewport()


def test_letters_that_are_twice_as_large_stay_in_their_boxes(open_page: OpenPage) -> None:
    """A browser's own text size of 200 %: what is measured in rem grows, and no control hides its words."""
    page = open_page("/", size=(1280, 900))
    for path in ("/", "/decisions?log=tidewater", "/decisions/ADR-0012", "/settings/tokens"):
        page.goto(path)
        page.add_style_tag(content="html { font-size: 200% }")
        page.wait_for_load_state("networkidle")
        cut = page.evaluate(
            """() => [...document.querySelectorAll("button, .btn")].filter((one) => one.checkVisibility()
              && getComputedStyle(one).overflow !== "visible" && one.scrollHeight > one.clientHeight + 2)
              .map((one) => one.outerHTML.slice(0, 120))"""
        )
        assert cut == [], path


def test_the_focus_begins_where_reading_begins_and_is_always_seen(open_page: OpenPage) -> None:
    page = open_page("/decisions/ADR-0012")
    _title(page, MANIFEST)
    expect(page.locator("main")).to_be_focused()
    page.evaluate("window.__stops = []")
    unseen: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        html = page.evaluate(
            """() => { const at = document.activeElement; const style = getComputedStyle(at);
            if (at === document.body) return "";
            window.__stops.push(at);
            return style.outlineStyle !== "none" || style.boxShadow !== "none" ? "" : at.outerHTML.slice(0, 120); }"""
        )
        unseen += [html] if html else []
    assert unseen == []
    # As the page is read: each stop stands after the one before it, until the page begins anew.
    turns = page.evaluate(
        """() => window.__stops.slice(1).filter((at, place) =>
          window.__stops[place].compareDocumentPosition(at) & Node.DOCUMENT_POSITION_PRECEDING).length"""
    )
    assert turns <= 1
    page.locator("a.skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_nothing_moves_for_who_asks_for_stillness(open_page: OpenPage) -> None:
    page = open_page("/ask")
    page.get_by_label("Model").select_option("harbour/harbour-waits")
    page.get_by_role("textbox").fill("Why does one manifest take every seat?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("rare enough to ignore")
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/", "/decisions?log=tidewater", "/decisions/ADR-0012", "/search?q=seat", "/settings/tokens"]
)
def test_what_is_touched_is_large_enough(open_page: OpenPage, path: str) -> None:
    """WCAG 2.5.8: 24 px either way, links within sentences are free. Checks and fields lie in larger targets."""
    page = open_page(path, size=(360, 780), touch=True)
    page.wait_for_load_state("networkidle")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([type=search], .check), nav a, .btn")]
          .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
          .map((one) => [one, one.getBoundingClientRect()])
          .filter(([one, box]) => box.width > 1 && (box.width < 24 || box.height < 24))
          .filter(([one]) => getComputedStyle(one).display !== "inline")
          .map(([one, box]) => `${one.outerHTML.slice(0, 100)} ${box.width}x${box.height}`)"""
    )
    assert small == []
