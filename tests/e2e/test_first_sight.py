"""What stands there before the code of a page does, and what answers a press before the page it leads to."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

OpenPage = Callable[..., Page]
UNLOADED = {
    "en-GB": "This page could not be loaded. Check the connection, then load it again.",
    "de-DE": "Diese Seite konnte nicht geladen werden. Prüfe die Verbindung und lade sie neu.",
}
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
    expect(page.get_by_role("alert")).to_have_text(UNLOADED[locale])
    page.unroute("**/assets/*.js")
    page.reload()
    expect(page.locator("main")).to_be_visible()
    assert page.evaluate(FRAME) == before


@pytest.mark.parametrize(
    ("path", "shown", "first"),
    [
        ("/decisions/ADR-0012", ".prose p", ["GetDecision", "GetSession", "ListLogs"]),
        ("/", ".home li", ["GetSession", "ListConversations", "ListDecisions", "ListInbox", "ListLogs"]),
    ],
)
def test_what_a_page_begins_with_is_asked_for_once_and_before_its_code_is_there(
    open_page: OpenPage, path: str, shown: str, first: list[str]
) -> None:
    page = open_page("/nowhere")
    held: list[Route] = []
    asked: list[str] = []
    page.route("**/assets/ground-*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it.
    page.goto("about:blank")
    page.on("request", lambda request: asked.append(request.url) if "/cairn." in request.url else None)
    with page.expect_response("**/ListLogs"):
        page.goto(path, wait_until="commit")
    names = [url.rpartition("/")[2] for url in asked]
    assert sorted(names) == first
    for route in held:
        route.continue_()
    expect(page.locator(shown).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    again = [url.rpartition("/")[2] for url in asked]
    assert {name: again.count(name) for name in first} == dict.fromkeys(first, 1)


# What is read of a record, and where it stands.
TEXT = """() => [...document.querySelectorAll(".rec :is(h1, .prose > *)")].map((part) => {
  const { x, y, width, height } = part.getBoundingClientRect();
  return [part.textContent.replace(/#$/, ""), ...[x, y, width, height].map(Math.round)].join(" "); })"""


@pytest.mark.parametrize(("size", "locale"), [("desktop", "en-GB"), ("phone", "en-GB"), ("phone", "de-DE")])
def test_a_record_is_read_before_the_code_is_there_where_the_code_leaves_it(
    open_page: OpenPage, size: str, locale: str
) -> None:
    page = open_page("/nowhere", size=SIZES[size], locale=locale)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/ground-*.js", hold)
    page.goto("/decisions/ADR-0018", wait_until="commit")
    early = page.locator("article.rec[inert]")
    expect(early.locator("h1")).to_be_visible()
    page.evaluate("document.fonts.ready")
    before = page.evaluate(TEXT)
    assert len(before) > 3
    # Nothing in it leads anywhere, or is asked for.
    assert early.locator("[href]:not([href='']), [src], [srcset]").count() == 0
    for route in held:
        route.continue_()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    expect(early).to_have_count(0)
    assert page.evaluate(TEXT) == before


def test_a_record_that_cannot_be_read_is_left_to_the_code_which_says_so(open_page: OpenPage) -> None:
    page = open_page("/nowhere")
    page.route("**/GetDecision", lambda route: route.abort())
    # What fails unheard fails this test.
    page.goto("/decisions/ADR-0018")
    expect(page.get_by_role("alert")).to_contain_text("The record could not be read.")


def test_what_would_move_its_text_leaves_a_record_to_the_code(open_page: OpenPage) -> None:
    page = open_page("/nowhere")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/ground-*.js", hold)
    with page.expect_response("**/GetDecision"), page.expect_response("**/assets/record-*.css"):
        # Another took its place, which stands above its text.
        page.goto("/decisions/ADR-0004", wait_until="commit")
    page.evaluate("document.fonts.ready")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect(page.locator("article.rec")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.get_by_role("navigation", name="Lineage")).to_be_visible()


def test_an_address_that_names_nothing_keeps_no_page_from_beginning(open_page: OpenPage) -> None:
    for path in ("/decisions/%E0%A4%A", f"/decisions/{'x' * 200}"):
        page = open_page(path)
        expect(page.get_by_role("main")).to_be_visible()
        expect(page.locator("main h2, main h1").first).to_be_visible()


def test_the_face_with_optical_sizes_is_for_the_visits_after_the_first(open_page: OpenPage) -> None:
    page = open_page("/")
    root = page.locator("html")
    expect(root).not_to_have_attribute("data-sized", "")
    page.wait_for_function("() => localStorage.getItem('cairn.sized') === 'yes'")
    page.reload()
    expect(root).to_have_attribute("data-sized", "")
    assert "Sized" in page.locator("main textarea").evaluate("box => getComputedStyle(box).fontFamily")


def test_a_link_shows_that_it_was_pressed_before_its_page_is_there(open_page: OpenPage) -> None:
    page = open_page("/settings")
    expect(page.get_by_role("main")).to_be_visible()
    held: list[Route] = []
    page.route("**/assets/timeline-page-*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it.
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Timeline")
    with page.expect_request("**/assets/timeline-page-*.js"):
        link.click()
    expect(link).to_have_attribute("data-going", "")
    assert held != []
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name="Timeline", level=1)).to_be_attached()
    expect(link).not_to_have_attribute("data-going", "")
