"""Searching: narrowed by counts, mended where misspelt, straight to a record by its name, and why it matched."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
MANIFEST = "One manifest takes every seat"


def test_counts_narrow_a_search_and_widen_it_again(open_page: OpenPage) -> None:
    page = open_page("/search?q=seat")
    facets = page.get_by_role("complementary", name="Facets")
    results = page.locator("li.result")
    expect(results.filter(has_text=MANIFEST)).to_be_visible()
    before = results.count()
    accepted = facets.get_by_role("button", name="Accepted")
    told = int(re.findall(r"\d+", accepted.inner_text())[0])
    accepted.click()
    expect(page).to_have_url(re.compile("status=accepted"))
    expect(page.get_by_role("status").filter(has_text=re.compile(f"^{told} decision"))).to_be_visible()
    assert told < before
    facets.get_by_role("button", name="booking").click()
    expect(page).to_have_url(re.compile("tag=booking"))
    expect(results.filter(has_text=MANIFEST)).to_be_visible()
    accepted.click()
    expect(page).not_to_have_url(re.compile("status="))


def test_a_result_says_why_it_stands_there(open_page: OpenPage) -> None:
    page = open_page("/search?q=seat+certificate")
    result = page.locator("li.result").filter(has_text=MANIFEST).first
    result.get_by_text("Why here").click()
    legs = result.locator(".legs li")
    expect(legs.first).to_contain_text("%")
    shares = [int(share) for share in re.findall(r"(\d+) %", result.locator(".legs").inner_text())]
    assert shares == sorted(shares, reverse=True)
    assert 95 <= sum(shares) <= 105
    # A passage is quoted in words, without the signs of its Markdown.
    expect(result.locator(".quote").first).not_to_contain_text("**")


def test_a_misspelt_word_is_mended_on_request(open_page: OpenPage) -> None:
    page = open_page("/search?q=manifst+seat")
    expect(page.get_by_text("Did you mean")).to_be_visible()
    page.get_by_role("button", name="manifest seat").click()
    expect(page.get_by_label("Search in all decisions")).to_have_value("manifest seat")
    expect(page.get_by_text("Did you mean")).to_have_count(0)


def test_typing_leads_straight_to_a_record_and_ends_the_question_before(open_page: OpenPage) -> None:
    page = open_page("/search")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/Suggest") else None)
    page.get_by_label("Search in all decisions").press_sequentially("two quays")
    straight = page.get_by_role("list", name="Straight to")
    expect(straight.get_by_role("link").filter(has_text="Run on two quays")).to_be_visible()
    assert asked
    straight.get_by_role("link").filter(has_text="Run on two quays").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Run on two quays")


def test_a_record_shows_others_like_it(open_page: OpenPage) -> None:
    page = open_page("/decisions/ADR-0016")
    margin = page.get_by_role("complementary", name="Margin")
    like = margin.locator("section").filter(has=page.get_by_role("heading", name="Like this one"))
    expect(like.get_by_role("link").first).to_be_visible()
    like.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("A fare is fixed when the hold begins")
