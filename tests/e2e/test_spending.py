"""The page of what models cost and what may be spent: limits, the stop of all calls, and letting them through again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
SPENDING = "gateway.v1.SpendingService"


@pytest.fixture(autouse=True)
def _as_before(site: Site) -> None:
    site.call(SPENDING, "SetSpendingRule", rule={"subject": "organisation"})
    site.call(SPENDING, "ResumeCalls", hours=1, reason="A test begins.")


def test_limits_are_set_and_shown(open_page: OpenPage, site: Site) -> None:
    page = open_page("/settings/spending")
    page.get_by_role("button", name="Change: The organisation").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Budget a month").fill("12,50 $")
    expect(form.get_by_text("A number, or nothing")).to_be_visible()
    expect(form.get_by_role("button", name="Save limits")).to_be_disabled()
    form.get_by_label("Budget a month").fill("12.50")
    form.get_by_label("When the budget is spent").select_option("soft")
    form.get_by_label("Requests a minute").fill("60")
    form.get_by_role("button", name="Save limits").click()
    expect(form).to_have_count(0)
    expect(page.get_by_text("$12.50 a month (soft), 60 requests a minute")).to_be_visible()
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", "0")
    expect(page.get_by_text("soft budget $12.50 a month, 60 requests a minute").first).to_be_visible()
    rules = site.call(SPENDING, "GetSpending")["rules"]
    assert [(rule["budgetMicros"], rule["requestsPerMinute"]) for rule in rules] == [("12500000", "60")]


def test_all_calls_are_stopped_and_let_through_with_a_reason(open_page: OpenPage, site: Site) -> None:
    page = open_page("/settings/spending")
    page.get_by_role("button", name="Stop all calls").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Stop all calls").click()
    expect(form.get_by_text("Say why")).to_be_visible()
    form.get_by_label("Reason").fill("The invoice is odd.")
    form.get_by_role("button", name="Stop all calls").click()
    expect(page.get_by_text("All calls of your organisation are stopped.")).to_be_visible()
    assert site.call(SPENDING, "GetSpending")["stopped"]
    page.get_by_role("button", name="Let calls through").click()
    form.get_by_label("Hours").fill("2")
    form.get_by_label("Reason").fill("It was ours.")
    form.get_by_role("button", name="Let calls through").click()
    expect(page.get_by_text("The budget is lifted until")).to_be_visible()
    expect(page.get_by_text("for 2 hours: It was ours.")).to_be_visible()
    assert "stopped" not in site.call(SPENDING, "GetSpending")


def test_what_was_used_is_shown_by_model_and_day(open_page: OpenPage) -> None:
    page = open_page("/ask")
    page.get_by_label("Model").select_option("harbour/harbour")
    page.get_by_role("textbox").fill("Why does one manifest take every seat?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("two quays.")
    page = open_page("/settings/spending")
    model = page.get_by_role("table").get_by_text("harbour/harbour", exact=True)
    expect(model.first).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Day", exact=True).click()
    expect(page.get_by_role("columnheader", name="Day")).to_be_visible()
    expect(page.get_by_role("img", name="30 days")).to_be_visible()
    page.get_by_role("link", name="Models").last.click()
    expect(page.get_by_text("harbour/harbour: first word after")).to_be_visible()
