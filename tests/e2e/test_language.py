"""The pages in another language: as the browser asks, as the reader chooses."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


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
