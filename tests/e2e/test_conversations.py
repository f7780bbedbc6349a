"""Conversations in the browser: two tabs, a restart, Stop from anywhere, branches, undo, sharing, scope, marks."""

import json
import re
import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect
from support.providers.server import TestProviders

from e2e.site import Site

OpenPage = Callable[..., Page]
QUESTION = "Why does one manifest take every seat?"


def _ask(page: Page, model: str, question: str = QUESTION) -> None:
    page.get_by_label("Model").select_option(model)
    page.get_by_role("textbox", name=re.compile("^Ask")).fill(question)
    page.keyboard.press("Enter")


def _wait_until_answered(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/ask/[0-9a-f-]{36}$"))
    expect(page.get_by_role("list", name="Steps taken").last).to_be_visible()
    expect(page.locator(".steps .now")).to_have_count(0)


def _words(page: Page) -> Locator:
    return page.locator(".answer .prose")


def _second_tab(page: Page) -> Page:
    context: BrowserContext = page.context
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    tab.goto(page.url)
    return tab


def test_two_tabs_read_the_same_answer_and_either_stops_it(open_page: OpenPage, providers: TestProviders) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/endless")
    expect(page).to_have_url(re.compile(r"/ask/[0-9a-f-]{36}$"))
    expect(_words(page)).to_contain_text("word word word")
    other = _second_tab(page)
    expect(_words(other)).to_contain_text("word word word")
    other.get_by_role("button", name="Stop").click()
    for one in (page, other):
        expect(one.get_by_text("You stopped this answer.")).to_be_visible()
    assert _words(page).inner_text() == _words(other).inner_text()
    call = next(call for call in reversed(providers.calls) if call.model == "endless")
    assert call.over.wait(20)


def test_a_dropped_connection_reads_on_to_the_same_words(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/harbour-waits")
    expect(_words(page)).to_contain_text("rare enough to ignore")
    other = _second_tab(page)
    expect(_words(other)).to_contain_text("rare enough to ignore")
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.reload()
    expect(_words(page)).to_contain_text("rare enough to ignore")
    assert _words(page).inner_text() == _words(other).inner_text()
    page.get_by_role("button", name="Stop").click()
    expect(other.get_by_text("You stopped this answer.")).to_be_visible()


def test_an_answer_asked_again_and_edited_branches(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "quotes")
    _wait_until_answered(page)
    page.get_by_role("button", name="Ask again").click()
    branches = page.get_by_role("group", name="Branches of this question")
    expect(branches).to_contain_text("2 of 2")
    page.get_by_role("button", name="Edit question").click()
    dialog = page.get_by_role("dialog", name="Edit question")
    dialog.get_by_role("textbox").fill("Why are prices checked at the gate?")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(branches).to_contain_text("3 of 3")
    expect(page.get_by_role("heading", level=1)).to_have_text("Why are prices checked at the gate?")
    page.get_by_role("button", name="Earlier branch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(branches).to_contain_text("2 of 3")
    page.reload()
    expect(branches).to_contain_text("3 of 3")


def test_a_citation_shows_its_passage_and_leads_to_its_place(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "quotes")
    _wait_until_answered(page)
    marker = page.locator("a.cite").first
    marker.hover()
    card = page.get_by_role("dialog", name="Source 1")
    expect(card.locator("mark")).to_be_visible()
    expect(card).to_contain_text("Exact match")
    marker.click()
    expect(page.get_by_role("article")).to_be_visible()
    anchor = page.url.split("#")[1]
    expect(page.locator(f"[id='{anchor}']")).to_be_in_viewport()


def test_figures_without_a_source_are_marked_and_links_are_words(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/makes-up")
    _wait_until_answered(page)
    marked = page.locator(".answer .un")
    expect(marked).to_have_text(["4711", "Zurich", "4711", "Zurich"])
    expect(page.locator(".answer .unf").first).to_have_text("no source found")
    expect(page.locator(".answer a:not(.cite)")).to_have_count(0)
    expect(page.locator(".answer img")).to_have_count(0)
    expect(_words(page)).not_to_contain_text("evil.example")
    expect(page.locator(".acts")).to_contain_text("2 claims have no source")


def test_silence_offers_to_draft_the_missing_decision(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "quotes", "Which payroll provider pays the zyzzyva crew?")
    expect(page.get_by_text("The logs do not say.").first).to_be_visible()
    page.get_by_role("link", name="Draft this decision").click()
    expect(page).to_have_url(re.compile(r"/decisions/new\?about="))


def test_a_conversation_is_found_renamed_shared_deleted_and_brought_back(open_page: OpenPage, author: Site) -> None:
    page = open_page("/ask")
    _ask(page, "quotes", "Which question is the heliotrope one?")
    _wait_until_answered(page)
    page.get_by_role("button", name="This conversation").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title").fill("The one about colours")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="This conversation").click()
    page.get_by_role("menuitem", name="Share within the organisation").click()
    expect(page.get_by_text("Everybody in the organisation can read")).to_be_visible()

    theirs = open_page("/ask", person=author)
    theirs.get_by_role("button", name="Shared with me").click()
    theirs.get_by_role("link", name="The one about colours").click()
    expect(theirs.get_by_role("heading", name="Which question is the heliotrope one?")).to_be_visible()
    expect(theirs.get_by_role("textbox", name=re.compile("^Ask"))).to_have_count(0)

    page.goto("/ask")
    page.get_by_role("searchbox", name="Search questions").fill("heliotrope")
    link = page.get_by_role("link", name="The one about colours")
    expect(link).to_be_visible()
    page.get_by_role("button", name="More on “The one about colours”").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(link).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()


def test_a_scope_is_chosen_and_told(open_page: OpenPage) -> None:
    page = open_page("/ask")
    page.get_by_role("button", name="Change scope").click()
    dialog = page.get_by_role("dialog", name="Change scope")
    dialog.get_by_label("As of").fill("2001-01-01")
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator(".ask")).to_contain_text("as of 1 January 2001")
    _ask(page, "quotes")
    expect(page.get_by_text("The logs do not say.").first).to_be_visible()
    expect(page.get_by_role("list", name="Steps taken")).to_contain_text("as of 1 January 2001")


def _read_on_in_two_tabs(page: Page, end: Callable[[], None]) -> None:
    _ask(page, "harbour/harbour-goes-on")
    expect(page).to_have_url(re.compile(r"/ask/[0-9a-f-]{36}$"))
    expect(_words(page)).to_contain_text("rare enough to ignore")
    tabs = (page, _second_tab(page))
    expect(_words(tabs[1])).to_contain_text("rare enough to ignore")
    before = _words(page).inner_text()
    assert _words(tabs[1]).inner_text() == before
    end()
    for tab in tabs:
        # Nobody touches a tab: it finds the server by itself, and the words go on behind those that were there.
        expect(_words(tab)).to_contain_text("What the manifest needs is two quays.", timeout=60_000)
        expect(tab.locator(".steps .now")).to_have_count(0)
        expect(tab.get_by_role("list", name="Steps taken")).to_contain_text("Took up after a restart")
        expect(tab.get_by_role("alert")).to_have_count(0)
        after = _words(tab).inner_text()
        assert after.startswith(before)
        assert after.count("What the manifest needs") == 1
        expect(tab.locator("a.cite")).to_have_text(["1", "1", "2", "1"])
    page.locator("a.cite").nth(2).focus()
    expect(page.get_by_role("dialog", name="Source 2")).to_contain_text("Superseded by ADR-0012")
    page.reload()
    expect(_words(page)).to_contain_text("two quays.")
    assert _words(page).inner_text() == _words(tabs[1]).inner_text()


def test_two_tabs_read_on_after_a_restart(open_page: OpenPage, restart: Callable[[], None]) -> None:
    _read_on_in_two_tabs(open_page("/ask"), restart)


def test_two_tabs_read_on_after_the_server_was_killed(open_page: OpenPage, kill_server: Callable[[], None]) -> None:
    _read_on_in_two_tabs(open_page("/ask"), kill_server)


def test_two_tabs_read_on_after_all_of_it_was_killed(open_page: OpenPage, kill_everything: Callable[[], None]) -> None:
    _read_on_in_two_tabs(open_page("/ask"), kill_everything)


def test_stop_works_from_another_tab_after_a_restart(
    open_page: OpenPage, kill_server: Callable[[], None], providers: TestProviders
) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/endless")
    expect(page).to_have_url(re.compile(r"/ask/[0-9a-f-]{36}$"))
    expect(_words(page)).to_contain_text("word word word")
    other = _second_tab(page)
    expect(_words(other)).to_contain_text("word word word")
    kill_server()
    expect(page.get_by_role("list", name="Steps taken")).to_contain_text("Went on with", timeout=60_000)
    other.get_by_role("button", name="Stop").click()
    for one in (page, other):
        expect(one.get_by_text("You stopped this answer.")).to_be_visible()
    assert _words(page).inner_text() == _words(other).inner_text()
    call = next(call for call in reversed(providers.calls) if call.model == "endless")
    assert call.over.wait(20)


def test_stop_takes_less_than_a_blink(site: Site, open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/endless")
    expect(_words(page)).to_contain_text("word word word")
    id_ = page.url.rsplit("/", 1)[1]
    generation = site.call("chat.v1.ChatService", "GetConversation", id=id_)["turns"][0]["generationId"]
    begun = time.perf_counter()
    assert json.dumps(site.call("chat.v1.ChatService", "StopGeneration", generationId=generation)) == "{}"
    took_ms = (time.perf_counter() - begun) * 1000
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    # The rest of the suite runs beside this; alone it takes some 5 ms.
    assert took_ms < 1_000
