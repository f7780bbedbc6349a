"""The log as a board, and as a table of very many rows."""

import base64
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
SERVICE = "decisions.v1.DecisionsService"
MANY = 240


@pytest.fixture
def ropes(site: Site) -> Iterator[list[dict[str, Any]]]:
    made = [
        site.create(f"Splice the {name} rope", log="ropes", status=status)
        for name, status in (("long", "DRAFT"), ("short", "PROPOSED"), ("old", "REJECTED"))
    ]
    yield made
    for decision in made:
        site.delete(site.decision(decision["summary"]["id"]))


@pytest.mark.usefixtures("ropes")
def test_a_card_is_dragged_to_another_status_and_back_by_undo(open_page: OpenPage) -> None:
    page = open_page("/decisions?log=ropes")
    page.get_by_role("button", name="Show as a board").click()
    expect(page).to_have_url(re.compile("view=board"))
    draft, proposed = (page.get_by_role("region", name=name, exact=True) for name in ("Draft", "Proposed"))
    card = draft.get_by_role("listitem").filter(has_text="the long rope")
    with page.expect_response("**/TransitionDecision"):
        card.drag_to(proposed)
    expect(proposed.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_text("is proposed.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(draft.get_by_role("listitem").filter(has_text="the long rope")).to_be_visible()


@pytest.mark.usefixtures("ropes")
def test_a_card_moves_by_keyboard_and_says_why(open_page: OpenPage) -> None:
    page = open_page("/decisions?log=ropes&view=board")
    page.get_by_role("link", name="Splice the long rope").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Splice the short rope")).to_be_focused()
    page.keyboard.press("m")
    page.get_by_role("menuitem", name="Rejected").click()
    page.get_by_label("Why").fill("Too short")
    page.get_by_role("button", name="Change the status").click()
    rejected = page.get_by_role("region", name="Rejected", exact=True)
    expect(rejected.get_by_role("listitem")).to_have_count(2)


@pytest.mark.usefixtures("ropes")
def test_a_card_that_may_not_move_goes_back_and_tells_why(open_page: OpenPage) -> None:
    page = open_page("/decisions?log=ropes&view=board")
    rejected, accepted = (page.get_by_role("region", name=name, exact=True) for name in ("Rejected", "Accepted"))
    rejected.get_by_role("button", name="another status").click()
    page.get_by_role("menuitem", name="Accepted").click()
    expect(page.get_by_text("stays as it is.")).to_be_visible()
    expect(rejected.get_by_role("listitem")).to_have_count(1)
    expect(accepted.get_by_role("listitem")).to_have_count(0)


def test_of_very_many_rows_only_those_in_sight_are_drawn(open_page: OpenPage, site: Site) -> None:
    slug = f"many-{secrets.token_hex(3)}"
    import_id = site.call(SERVICE, "StartImport", logSlug=slug, source=slug)["import"]["id"]
    text = "# {0}. Knot {0}\n\n## Status\n\nAccepted\n\n## Context\n\nNone.\n\n## Decision\n\nTie it.\n"
    files = [
        {"path": f"{n:04}-knot-{n}.md", "content": base64.b64encode(text.format(n).encode()).decode()}
        for n in range(1, MANY + 1)
    ]
    site.call(SERVICE, "ImportFiles", importId=import_id, files=files)
    site.call(SERVICE, "FinishImport", importId=import_id)
    page = open_page(f"/decisions?log={slug}&sort=oldest")
    table = page.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", str(MANY + 1))
    expect(page.get_by_role("link", name="Knot 1", exact=True)).to_be_visible()
    last = page.get_by_role("link", name=f"Knot {MANY}", exact=True)
    for _ in range(3):
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.evaluate("new Promise(requestAnimationFrame)")
        page.wait_for_load_state("networkidle")
    expect(last).to_be_in_viewport()
    assert page.locator("tbody tr[data-row]").count() < MANY / 2
    expect(page.locator(f"tr[aria-rowindex='{MANY + 1}']")).to_contain_text(f"Knot {MANY}")
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("link", name="Knot 1", exact=True)).to_be_in_viewport()
    for decision in site.call(SERVICE, "ListDecisions", logIds=[site.log(slug)["id"]], pageSize=500)["decisions"]:
        site.call(SERVICE, "DeleteDecision", id=decision["id"])
