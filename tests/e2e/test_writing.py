"""Help with writing in the browser: a draft by parts, what was forgotten, a rewritten selection, the sweep."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
SENTENCE = "We should let the manifest take a seat twice at the gate, or ask the harbour first."
LABEL = "Text, in Markdown"


def test_a_draft_is_taken_part_by_part_and_whole(open_page: OpenPage) -> None:
    page = open_page("/decisions/new")
    assist = page.get_by_role("region", name="Help with writing")
    assist.get_by_label("Model").select_option("quotes")
    assist.get_by_text("Draft from a sentence").click()
    assist.get_by_label("Sentence, discussion or diff").fill(SENTENCE)
    assist.get_by_role("button", name="Draft", exact=True).click()
    suggestion = assist.get_by_role("region", name="Suggestion")
    expect(suggestion).to_contain_text("No language model wrote this")
    expect(suggestion).to_contain_text("TODO:")
    text = page.get_by_label(LABEL)
    before = text.inner_text()
    suggestion.get_by_role("button", name="Accept the title").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value(re.compile("^We should let the manifest"))
    assert text.inner_text() == before
    suggestion.get_by_role("button", name=re.compile("^Accept “Context")).click()
    expect(text).to_contain_text("TODO: what makes a decision necessary now")
    suggestion.get_by_role("button", name="Accept all").click()
    expect(suggestion).to_have_count(0)
    expect(text).to_contain_text("TODO: what gets better by this")


def test_what_was_decided_before_is_recalled_while_typing(open_page: OpenPage) -> None:
    page = open_page("/decisions/new")
    assist = page.get_by_role("region", name="Help with writing")
    expect(assist).to_be_visible()
    text = page.get_by_label(LABEL)
    text.click()
    text.press_sequentially("The manifest is the only place where a seat is taken, and every sale asks it first. ")
    expect(assist.get_by_role("heading", name="Decisions you may have forgotten")).to_be_visible()
    expect(assist.get_by_role("link", name=re.compile("manifest", re.IGNORECASE)).first).to_be_visible()


def test_a_selection_is_summarised_as_a_difference(open_page: OpenPage) -> None:
    page = open_page("/decisions/new")
    assist = page.get_by_role("region", name="Help with writing")
    assist.get_by_label("Model").select_option("quotes")
    text = page.get_by_label(LABEL)
    text.fill("The manifest keeps every seat. It rained. The manifest lets a gate read every seat again.")
    text.press("Control+a")
    assist.get_by_text("Rewrite what is selected").click()
    assist.get_by_role("button", name="Summarise").click()
    suggestion = assist.get_by_role("region", name="Suggestion")
    expect(suggestion.locator("del").first).to_be_visible()
    suggestion.get_by_role("button", name="Accept").click()
    expect(text).not_to_contain_text("It rained")


def test_a_proposal_is_swept_and_stays_free(open_page: OpenPage) -> None:
    page = open_page("/decisions/new")
    page.get_by_role("textbox", name="Title").fill("Let the manifest take a seat twice")
    page.get_by_label("Status").select_option("proposed")
    page.get_by_label(LABEL).fill("## Decision\n\nThe manifest takes a seat twice at the gate. It saves 40 %.\n")
    page.get_by_role("button", name="Save decision").click()
    # The page for writing has a check of its own, of what is not saved.
    expect(page.get_by_role("heading", name="Let the manifest take a seat twice", level=1)).to_be_visible()
    sweep = page.get_by_role("region", name="Before acceptance")
    sweep.get_by_role("button", name="Check", exact=True).click()
    expect(sweep.get_by_text("Options are missing")).to_be_visible()
    expect(sweep.get_by_text("A figure without a source")).to_be_visible()
    expect(sweep.get_by_text("It saves 40 %.")).to_be_visible()
    expect(sweep.get_by_role("link", name=re.compile("manifest", re.IGNORECASE)).first).to_be_visible()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_be_enabled()
