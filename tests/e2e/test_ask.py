"""Questions and their answers: streamed, cited, stopped, followed after a reload; and the models they come from."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
from support.providers.server import KEY, TestProviders

from e2e.site import Site

OpenPage = Callable[..., Page]
QUESTION = "Why does one manifest take every seat?"


def _ask(page: Page, model: str, question: str = QUESTION) -> None:
    page.get_by_label("Model").select_option(model)
    page.get_by_role("textbox").fill(question)
    page.keyboard.press("Enter")


def _wait_until_answered(page: Page) -> None:
    """The question is stored once its conversation has an address; the answer has ended once no step is under way."""
    expect(page).to_have_url(re.compile(r"/ask/[0-9a-f-]{36}$"))
    expect(page.get_by_role("list", name="Steps taken").last).to_be_visible()
    expect(page.locator(".steps .now")).to_have_count(0)


def test_quotes_answers_with_extracts_and_their_sources(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "quotes")
    _wait_until_answered(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(page.get_by_text("no language model wrote this")).to_be_visible()
    marker = page.locator("a.cite").first
    marker.hover()
    card = page.get_by_role("dialog", name="Source 1")
    expect(card.locator("mark")).to_be_visible()
    card.get_by_role("link", name="Open passage").click()
    expect(page.get_by_role("article")).to_be_visible()
    assert "#" in page.url


def test_quotes_says_when_the_records_hold_no_answer(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "quotes", "zzyzx qwortle?")
    expect(page.locator(".turn")).to_contain_text("The logs do not say.")
    expect(page.get_by_text("no language model wrote this")).to_have_count(0)
    expect(page.locator("a.cite")).to_have_count(0)


def test_a_model_answers_and_every_marker_names_its_passage(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/harbour")
    _wait_until_answered(page)
    expect(page.locator(".answer")).to_contain_text("two quays.")
    # The server itself names the successor of a superseded record, where the model did not.
    expect(page.locator("a.cite")).to_have_text(["1", "1", "2", "1"])
    page.locator("a.cite").nth(2).focus()
    card = page.get_by_role("dialog", name="Source 2")
    expect(card).to_contain_text("Superseded by ADR-0012")
    expect(card.locator("mark")).to_have_text("rare enough to ignore")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.get_by_role("complementary", name="Sources").get_by_role("listitem")).to_have_count(2)

    page.get_by_role("textbox").fill("And the gates?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="And the gates?")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(2)


def test_stop_stops_and_keeps_what_was_written(open_page: OpenPage, providers: TestProviders) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/endless")
    expect(page.locator(".answer")).to_contain_text("word word word")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    expect(page.locator(".answer")).to_contain_text("word word word")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    call = next(call for call in reversed(providers.calls) if call.model == "endless")
    assert call.over.wait(20)


def test_a_reload_finds_the_answer_that_is_being_written(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/harbour-waits")
    expect(page.locator(".answer")).to_contain_text("rare enough to ignore")
    page.reload()
    expect(page.locator(".answer")).to_contain_text("rare enough to ignore")
    expect(page.locator("a.cite").first).to_be_visible()
    page.get_by_role("link", name="Decisions").first.click()
    expect(page.get_by_role("row").first).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()


def test_a_stream_that_is_cut_is_named_and_can_be_asked_again(open_page: OpenPage) -> None:
    page = open_page("/ask")
    _ask(page, "harbour/cut")
    expect(page.get_by_role("alert")).to_contain_text("What was written before is above.")
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()


def test_a_question_is_asked_even_by_who_leaves_at_once(open_page: OpenPage, site: Site) -> None:
    page = open_page("/ask")
    page.get_by_role("textbox").fill("Is this question kept?")
    # In one task of the browser: no answer can come between the two.
    page.get_by_role("textbox").evaluate("(box) => { box.form.requestSubmit(); location.assign('/settings/models'); }")
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_attached()
    conversations = site.call_until(
        "chat.v1.ChatService",
        "ListConversations",
        lambda found: any(one["title"] == "Is this question kept?" for one in found.get("conversations", [])),
    )["conversations"]
    assert [one["title"] for one in conversations].count("Is this question kept?") == 1


def test_who_goes_elsewhere_while_it_is_asked_stays_there(open_page: OpenPage) -> None:
    page = open_page("/ask")
    page.get_by_role("textbox").fill("May I read on meanwhile?")
    # On the way already, and not there yet.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/log-page*.js", hold)
    page.get_by_role("textbox").evaluate("(box) => box.form.requestSubmit()")
    # The stream ends with the answer, long after the page would have gone to the conversation.
    with (
        page.expect_event("requestfinished", lambda request: request.url.endswith("ChatService/Ask")),
        page.expect_request("**/log-page*.js"),
    ):
        page.get_by_role("link", name="Decisions").first.click()
    expect(page.get_by_role("link", name="Decisions").first).to_have_attribute("data-going", "")
    assert held != []
    for route in held:
        route.continue_()
    expect(page.get_by_role("row").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"/decisions$"))
    page.get_by_role("link", name="Ask").first.click()
    expect(page.get_by_role("link", name="May I read on meanwhile?")).to_be_visible()


def test_a_provider_is_added_tested_and_removed_and_its_key_is_never_shown(
    open_page: OpenPage, providers: TestProviders
) -> None:
    page = open_page("/settings/models")
    page.get_by_role("button", name="Add a provider").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Kind").select_option("compatible")
    form.get_by_label("Name").fill("harbour-test")
    form.get_by_role("button", name="Save provider").click()
    expect(form.get_by_text("A server of your own has an address")).to_be_visible()
    form.get_by_label("Address").fill(providers.openai_url)
    form.get_by_label("Models").fill("words")
    form.get_by_label("Key").fill("not-the-key")
    form.get_by_role("button", name="Save provider").click()

    row = page.get_by_role("listitem").filter(has_text="harbour-test").filter(has_text="Key stored")
    row.get_by_role("button", name="Test").click()
    expect(row.get_by_role("alert")).to_contain_text("key", ignore_case=True)
    row.get_by_role("button", name="Change").click()
    expect(form.get_by_label("Key")).to_have_value("")
    form.get_by_label("Key").fill(KEY)
    form.get_by_role("button", name="Save provider").click()
    row.get_by_role("button", name="Test").click()
    expect(row.get_by_role("status")).to_be_visible()
    assert KEY not in page.content()
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Remove provider and key").click()
    expect(row).to_have_count(0)
