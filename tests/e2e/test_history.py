"""The versions of a decision: compared, traced, rolled back, and two edits brought together."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
BODY = "## Context\n\nThe lamp is dim.\n\n## Decision\n\nThe lamp burns oil.\n\n## Consequences\n\nSomebody fills it.\n"


def test_any_two_versions_are_compared_side_by_side_by_lines_and_traced(open_page: OpenPage, site: Site) -> None:
    first = site.create("Light the lamp", BODY, log="drills")
    second = site.update(first, body=BODY.replace("burns oil", "burns gas"))
    site.update(second, body=BODY.replace("burns oil", "burns gas").replace("fills it", "fills it at dusk"))
    page = open_page(f"/decisions/{first['summary']['id']}/history")
    rows = page.get_by_role("complementary", name="Versions").get_by_role("listitem")
    expect(rows).to_have_count(3)
    # From the first to the third, which are no neighbours.
    rows.nth(2).get_by_role("button", name="Compare from here").click()
    expect(page).to_have_url(re.compile(r"a=1&b=3"))
    page.get_by_role("button", name="Side by side").click()
    table = page.get_by_role("table", name="Before on the left, after on the right")
    expect(table.locator("del")).to_have_text("oil")
    expect(table.locator("ins").first).to_have_text("gas")
    row = table.get_by_role("row").filter(has=page.locator("del"))
    expect(row).to_contain_text("The lamp burns oil.")
    expect(row).to_contain_text("The lamp burns gas.")

    page.get_by_role("button", name="Lines", exact=True).click()
    lines = page.get_by_role("table", name="What went and what came, line by line")
    expect(lines.get_by_role("img", name="Removed").first).to_be_visible()
    expect(lines.locator("ins").last).to_contain_text("at dusk")

    page.get_by_role("button", name="Blame").click()
    blame = page.get_by_role("table", name="Each line with the version that brought it")
    expect(blame.get_by_role("row").filter(has_text="burns gas")).to_contain_text("2 Mara Solheim")
    expect(blame.get_by_role("row").filter(has_text="at dusk")).to_contain_text("3 Mara Solheim")
    blame.get_by_role("link", name="2 Mara Solheim").click()
    expect(page).to_have_url(re.compile(r"a=1&b=2"))
    site.delete(first)


def test_a_roll_back_is_a_version_that_can_be_undone(open_page: OpenPage, site: Site) -> None:
    first = site.create("Trim the wick", BODY, log="drills")
    site.update(first, body=BODY.replace("burns oil", "burns gas"))
    page = open_page(f"/decisions/{first['summary']['id']}/history?a=0&b=1")
    page.get_by_role("button", name="Bring back version 1").click()
    article = page.get_by_role("article")
    expect(article.get_by_text("The lamp burns oil.")).to_be_visible()
    expect(page.get_by_text("Version 1 was brought back as version 3.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(article.get_by_text("The lamp burns gas.")).to_be_visible()
    assert site.decision(first["summary"]["id"])["summary"]["version"] == 4
    site.delete(first)


def test_two_edits_of_different_places_are_merged(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Clean the lens", BODY, log="drills")
    page = open_page(f"/decisions/{decision['summary']['id']}/edit")
    text = page.get_by_label("Text, in Markdown")
    text.fill(BODY.replace("is dim", "is very dim"))
    site.update(decision, body=BODY.replace("fills it", "fills it at dusk"))
    page.get_by_role("button", name="Save version").click()
    page.get_by_role("button", name="Merge both").click()
    merged = BODY.replace("is dim", "is very dim").replace("fills it", "fills it at dusk")
    expect(text).to_have_text(merged, use_inner_text=True)
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("article").get_by_text("The lamp is very dim.")).to_be_visible()
    assert site.decision(decision["summary"]["id"])["body"].strip() == merged.strip()
    site.delete(decision)


def test_a_place_that_both_changed_is_chosen_before_it_is_saved(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Polish the mirror", BODY, log="drills")
    page = open_page(f"/decisions/{decision['summary']['id']}/edit")
    text = page.get_by_label("Text, in Markdown")
    mine = BODY.replace("burns oil", "burns gas")
    text.fill(mine)
    site.update(decision, body=BODY.replace("burns oil", "burns wax"))
    page.get_by_role("button", name="Save version").click()
    page.get_by_role("button", name="Merge both").click()
    expect(page.get_by_text("The text still holds both versions of a place.")).to_be_visible()
    expect(page.get_by_role("button", name="Save version")).to_be_disabled()
    expect(text).to_contain_text("burns gas.\n=======\nThe lamp burns wax", use_inner_text=True)
    page.get_by_role("button", name="Undo").click()
    expect(text).to_have_text(mine, use_inner_text=True)
    site.delete(decision)
