"""The pages in another language: as the browser asks, as the reader chooses, without a word of the first one left."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.site import RECORDS, Site

OpenPage = Callable[..., Page]
QUESTION = "Why does one manifest take every seat?"
# No record speaks about it.
SILENT = "zzyzx qwortle?"

PAGES = {
    "home": "/",
    "search": "/search?q=seat+certificate",
    "search-empty": "/search",
    "search-nothing": "/search?q=zzyzx+qwortle&status=accepted",
    "search-odd": "/search?q=colour:blue+seat",
    "ask": "/ask",
    "models": "/settings/models",
    "settings": "/settings",
    "people": "/settings/people",
    "tokens": "/settings/tokens",
    "jobs": "/settings/jobs",
    "spending": "/settings/spending",
    "missing": "/nowhere",
}

# What the interface says: all text that is not of a record or an answer, and what is only spoken or shown on demand.
INTERFACE = """() => {
  const found = new Set();
  const add = (text) => {
    const words = (text ?? "").replace(/\\s+/g, " ").trim();
    if (/\\p{L}{2}/u.test(words)) found.add(words);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(".prose, .quote, .place, code, pre, kbd, script, style")) {
      add(walker.currentNode.data);
    }
  }
  for (const one of document.querySelectorAll("*")) {
    for (const name of ["aria-label", "aria-description", "aria-valuetext", "alt", "placeholder", "title"]) {
      add(one.getAttribute(name));
    }
  }
  add(document.title.replace(/ · Cairn$/u, ""));
  return [...found];
}"""
# Words that are cut off where nothing says that they go on.
CUT = """() => [...document.querySelectorAll("button, a, label, summary, h1, h2, h3, th, option, .note, .sub")]
  .filter((one) => one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).overflowX !== "visible" && getComputedStyle(one).textOverflow !== "ellipsis")
  .map((one) => one.textContent.trim())
  .concat([...document.querySelectorAll("input[placeholder]")].filter((one) => one.checkVisibility()).filter((one) => {
    const style = getComputedStyle(one);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return pen.measureText(one.placeholder).width > room + 1;
  }).map((one) => one.placeholder))"""
# The same in both languages.
ALIKE = {"Cairn", "Code", "Deutsch", "English", "Graph", "Name", "Organisation", "Status", "Tokens"}
# How long something took is written alike, and two pages may take as long as each other.
DURATION = re.compile(r"\d+ (?:ms|s)")
# Words that no German sentence has.
ENGLISH = re.compile(r"\b(?:the|and|of|with|this|that|not|are|have|your|from|you|which|its)\b", re.IGNORECASE)


def _interface(page: Page, records: str) -> set[str]:
    """What the page says, without what records and people call things."""
    found: list[str] = page.evaluate(INTERFACE)
    return {words for words in found if words.casefold() not in records and not DURATION.fullmatch(words)}


@pytest.fixture
def records(site: Site) -> str:
    """Everything that people wrote: records, names of logs, questions, models, addresses."""

    def words() -> Iterator[str]:
        yield from (path.read_text() for path in RECORDS.glob("*.md"))
        service = "decisions.v1.DecisionsService"
        for log in site.call(service, "ListLogs").get("logs", []):
            yield from (log["name"], log["slug"])
        for decision in site.call(service, "ListDecisions", pageSize=200).get("decisions", []):
            yield from (decision["title"], decision["ref"], *decision.get("deciders", []), *decision.get("tags", []))
        for conversation in site.call("chat.v1.ChatService", "ListConversations", pageSize=100).get(
            "conversations", []
        ):
            yield conversation["title"]
        for model in site.call("gateway.v1.GatewayService", "ListModels").get("models", []):
            yield model["name"]
        for provider in site.call("gateway.v1.GatewayService", "ListProviders").get("providers", []):
            yield f"{provider['name']}, {provider['baseUrl']}"
        yield from ("Mara Solheim", "Local", "Local, Cairn 0.1.0", "tidewater/docs/decisions", QUESTION, SILENT)

    return "\n".join(" ".join(one.split()) for one in words()).casefold()


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def _ask(page: Page, question: str, model: str = "quotes") -> None:
    page.locator(".ask select").select_option(model)
    page.locator(".ask textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/ask/[0-9a-f-]{36}$"))
    expect(page.locator(".turn .acts")).to_be_visible()


def test_the_pages_speak_the_language_of_the_browser(open_page: OpenPage) -> None:
    page = open_page("/", locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="Letzte Änderungen")).to_be_visible()
    expect(page.get_by_role("navigation", name="Hauptnavigation").get_by_role("link", name="Fragen")).to_be_visible()


def test_the_language_can_be_chosen_and_is_kept(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.get_by_role("heading", name="Recent changes")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("Deutsch")
    page.get_by_role("option", name="Language: Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto("/nowhere")
    expect(page.get_by_text("Hier steht nichts")).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_no_word_of_english_is_left(open_page: OpenPage, records: str, name: str) -> None:
    english, german = open_page(PAGES[name]), open_page(PAGES[name], locale="de-DE")
    for page in (english, german):
        _settle(page)
        for summary in page.locator(".legs summary").all():
            summary.click()
    said = _interface(german, records)
    assert said & _interface(english, records) - ALIKE == set()
    assert {words for words in said if ENGLISH.search(words)} == set()
    assert german.evaluate("document.documentElement.lang") == "de"


@pytest.mark.parametrize("question", [QUESTION, SILENT])
def test_an_answer_speaks_the_language_of_the_page(open_page: OpenPage, records: str, question: str) -> None:
    english, german = open_page("/ask"), open_page("/ask", locale="de-DE")
    for page in (english, german):
        _ask(page, question)
        if question == QUESTION:
            page.locator("a.cite").first.focus()
            expect(page.get_by_role("dialog")).to_be_visible()
    written = german.locator(".answer .prose")
    expect(written).to_contain_text("Das sag" if question == QUESTION else "Die Protokolle sagen es nicht.")
    expect(german.locator(".steps")).to_contain_text("Gesucht:")
    said = _interface(german, records)
    assert said & _interface(english, records) - ALIKE == set()
    assert {words for words in said if ENGLISH.search(words) and question not in words} == set()
    # It is kept as it was written, also for a reader of the other language.
    german.reload()
    expect(written).to_contain_text("Das sag" if question == QUESTION else "Die Protokolle sagen es nicht.")


def test_what_opens_where_one_asks_is_german_too(open_page: OpenPage, records: str) -> None:
    english, german = open_page("/ask"), open_page("/ask", locale="de-DE")
    for page in (english, german):
        page.locator(".ask .link").click()
        page.locator("dialog input[type=date]").fill("2025-03-01")
    assert _interface(german, records) & _interface(english, records) - ALIKE == set()
    german.get_by_role("button", name="Fertig").click()
    expect(german.locator(".ask")).to_contain_text("Stand 1. März 2025")


def test_a_provider_is_added_in_german(open_page: OpenPage, records: str) -> None:
    english, german = open_page("/settings/models"), open_page("/settings/models", locale="de-DE")
    english.get_by_role("button", name="Add a provider").click()
    german.get_by_role("button", name="Anbieter hinzufügen").click()
    for page, save in ((english, "Save provider"), (german, "Anbieter speichern")):
        page.get_by_role("dialog").get_by_role("button", name=save).click()
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    vendors = {"Anthropic", "OpenAI", "Gemini", "Azure OpenAI"}
    assert _interface(german, records) & _interface(english, records) - ALIKE - vendors == set()


def test_what_goes_wrong_is_said_in_german(open_page: OpenPage) -> None:
    page = open_page("/ask", locale="de-DE")
    _ask(page, QUESTION, "harbour/cut")
    expect(page.get_by_role("alert")).to_contain_text("mittendrin abgebrochen")
    page.route("**/cairn.search.v1.SearchService/Search*", lambda route: route.abort())
    page.goto("/search?q=seat")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Die Suche ist nicht gelaufen. Cairn antwortet nicht.")
    expect(alert.get_by_role("button", name="Noch einmal versuchen")).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_longer_words_break_no_page(open_page: OpenPage, name: str) -> None:
    page = open_page(PAGES[name], size=(360, 780), touch=True, locale="de-DE")
    for width in (360, 390, 1440):
        page.set_viewport_size({"width": width, "height": 780})
        _settle(page)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width
        assert page.evaluate(CUT) == [], width
