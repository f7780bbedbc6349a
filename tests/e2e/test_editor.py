"""Writing: links to decisions by `[[`, marks by keyboard, pictures, saving, and what is kept when a session ends."""

import base64
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
# A red dot of one pixel.
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_decision_is_linked_and_marked_by_keyboard_and_saved(open_page: OpenPage, site: Site) -> None:
    page = open_page("/decisions/new?log=tidewater")
    page.get_by_label("Title").fill("Hang a lamp on every gate")
    text = page.get_by_label("Text, in Markdown")
    text.fill("As agreed in ")
    text.press("Control+End")
    text.press_sequentially("[[one mani")
    option = page.get_by_role("option", name=re.compile("One manifest takes every seat"))
    expect(option).to_be_visible()
    option.click()
    expect(text).to_contain_text("[One manifest takes every seat](ADR-0012)")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("link", name="One manifest takes every seat")).to_be_visible()
    text.press_sequentially(" now")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Control+b")
    expect(preview.locator("strong")).to_have_text("now")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hang a lamp on every gate")
    expect(page.get_by_role("article").get_by_role("link", name="One manifest takes every seat").first).to_be_visible()
    site.delete(site.decision(page.url.rsplit("/", 1)[1]))


def test_a_picture_becomes_part_of_the_text_and_what_is_none_is_refused(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Draw the lamp", "## Decision\n\nSo:\n")
    page = open_page(f"/decisions/{decision['summary']['id']}/edit")
    text = page.get_by_label("Text, in Markdown")
    expect(text).to_contain_text("So:")
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(page.get_by_text("notes.png was not taken.")).to_be_visible()
    text.press("Control+End")
    chooser.set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    expect(text).to_contain_text("![Picture][picture-1]")
    expect(text).to_contain_text("picture, 1 KB")
    expect(page.get_by_role("region", name="Preview").get_by_role("img", name="Picture")).to_be_visible()
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("article").get_by_role("img", name="Picture")).to_be_visible()
    assert "data:image/webp;base64," in site.decision(decision["summary"]["id"])["body"]
    site.delete(site.decision(decision["summary"]["id"]))


def test_without_a_network_what_is_written_is_kept(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Dim the lamp", "## Decision\n\nAt dawn.\n")
    page = open_page(f"/decisions/{decision['summary']['id']}/edit")
    text = page.get_by_label("Text, in Markdown")
    text.click()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    note = page.get_by_role("status").filter(has_text="There is no network.")
    expect(note).to_be_visible()
    text.fill("## Decision\n\nAt dusk.\n")
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("alert")).to_contain_text("Your text is kept here.")
    page.context.set_offline(False)
    expect(note).to_have_count(0)
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("article").get_by_text("At dusk.")).to_be_visible()
    site.delete(site.decision(decision["summary"]["id"]))
