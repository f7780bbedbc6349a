"""What a record shows of itself and of others: hover cards, footnotes, diagrams."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
TEXT = """## Context

The boats sail[^1] as [one manifest](0012-one-manifest-takes-every-seat.md) says. Before, [lists were
merged](0004-merge-passenger-lists-at-night.md).

```mermaid
flowchart LR
  A[Ticket gate] --> B(Manifest)
  click A "javascript:steal()"
```

```mermaid
flowchart LR
  A[[ never closed
```

[^1]: With passengers.
"""


@pytest.fixture
def drawn(site: Site) -> Iterator[str]:
    decision = site.create("Draw the boats as they sail", TEXT)
    yield decision["summary"]["id"]
    site.delete(decision)


def test_a_name_tells_its_standing_to_a_pointer_that_rests_on_it(open_page: OpenPage, drawn: str) -> None:
    page = open_page(f"/decisions/{drawn}")
    link = page.locator(".prose").get_by_role("link", name="lists were merged")
    link.hover()
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text("Superseded")
    expect(card).to_contain_text("Merge passenger lists at night")
    expect(card).to_contain_text("no longer in force")
    expect(link).to_have_accessible_description(re.compile("Superseded by ADR-0012"))
    card.get_by_role("link", name="ADR-0012").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One manifest takes every seat")
    expect(card).to_have_count(0)


def test_a_name_tells_its_standing_to_the_keyboard(open_page: OpenPage, drawn: str) -> None:
    page = open_page(f"/decisions/{drawn}")
    # Not the text that stands there before the code does.
    expect(page.get_by_role("main").get_by_role("link", name="one manifest")).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if "one manifest" in (page.evaluate("document.activeElement.textContent") or ""):
            break
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text("One manifest takes every seat")
    expect(card).to_contain_text("in force")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_a_touch_opens_the_record_and_no_card(open_page: OpenPage, drawn: str) -> None:
    page = open_page(f"/decisions/{drawn}", size=(390, 844), touch=True)
    page.locator(".prose").get_by_role("link", name="one manifest").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("One manifest takes every seat")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_the_name_and_the_page_of_a_deleted_record_say_so(open_page: OpenPage, site: Site) -> None:
    gone = site.create("Sail without boats")
    site.call(
        "decisions.v1.VersionsService", "AddComment", decisionId=gone["summary"]["id"], body="Boats are the point."
    )
    page = open_page("/decisions?text=Sail+without")
    link = page.get_by_role("link", name="Sail without boats")
    expect(link).to_be_visible()
    site.delete(gone)
    link.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Deleted")
    link.click()
    notice = page.get_by_role("status").filter(has_text="This record was deleted just now.")
    expect(notice).to_be_visible()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
    margin = page.get_by_role("complementary", name="Margin")
    expect(margin.get_by_role("heading", name="Actions")).to_be_visible()
    offered = margin.get_by_role("button", name=re.compile("Publish this record|Add a relation"))
    expect(offered).to_have_count(0)
    # What was said is read on; nobody joins in or looks after it.
    talk = page.get_by_role("region", name="Discussion")
    expect(talk).to_contain_text("Boats are the point.")
    joining = talk.get_by_role("button", name=re.compile("comment|Answer|Settle"))
    expect(joining).to_have_count(0)
    expect(margin.get_by_role("combobox", name="Owner")).to_have_count(0)
    notice.get_by_role("button", name="Restore").click()
    expect(notice).to_have_count(0)
    expect(offered).to_have_count(2)
    expect(joining).to_have_count(3)
    expect(margin.get_by_role("combobox", name="Owner")).to_be_visible()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_be_visible()
    site.delete(gone)


def test_a_card_that_cannot_be_read_stays_shut(open_page: OpenPage, drawn: str) -> None:
    page = open_page(f"/decisions/{drawn}")
    lost = page.locator(".prose").get_by_role("link", name="one manifest")
    expect(lost).to_be_visible()
    page.evaluate(
        """window.cards = [];
        new MutationObserver(() => document.querySelectorAll("[role=tooltip]").forEach((card) => {
          if (!window.cards.includes(card.textContent)) window.cards.push(card.textContent);
        })).observe(document.body, { childList: true, subtree: true, characterData: true });"""
    )
    page.route("**/GetDecision*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        lost.hover()
    page.unroute("**/GetDecision*")
    page.locator(".prose").get_by_role("link", name="lists were merged").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Merge passenger lists at night")
    told = page.evaluate("window.cards")
    assert len(told) == 1
    assert "Merge passenger lists" in told[0]


def test_diagrams_are_drawn_and_cannot_do_anything(open_page: OpenPage, drawn: str) -> None:
    page = open_page(f"/decisions/{drawn}")
    figure = page.locator("figure.diagram")
    expect(figure).to_have_count(1)
    expect(figure.locator("svg")).to_contain_text("Ticket gate")
    expect(figure.locator("svg a, svg script, svg foreignObject")).to_have_count(0)
    expect(page.get_by_text("This diagram could not be drawn")).to_be_visible()
    expect(page.locator("pre").filter(has_text="never closed")).to_be_visible()
    figure.get_by_text("The diagram as text").click()
    expect(figure.locator("pre")).to_contain_text("javascript:steal()")


def test_a_footnote_is_reached_and_left(open_page: OpenPage, drawn: str) -> None:
    page = open_page(f"/decisions/{drawn}")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("#footnote-1")).to_be_in_viewport()
    page.get_by_role("link", name="Back to the text").click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}#footnote-ref-1")
