"""A log in order: many records edited at once, views that are kept, rules, templates and components."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
REVIEW = "decisions.v1.ReviewService"
CURATION = "decisions.v1.CurationService"


def test_many_records_are_edited_at_once_and_it_can_be_undone(open_page: OpenPage, site: Site) -> None:
    made = [site.create(f"Paint the {part} red", log="paint", status="DRAFT") for part in ("hull", "deck", "mast")]
    page = open_page("/decisions?log=paint")
    links = page.locator("tbody .c-t a")
    expect(links).to_have_count(3)
    page.locator("body").press("j")
    expect(links.first).to_be_focused()
    page.keyboard.press("x")
    bar = page.get_by_role("toolbar", name="Selection")
    expect(bar).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    page.get_by_label("Select every decision shown").check()
    page.get_by_label(f"Select {made[0]['summary']['ref']}").uncheck()
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Add tags").fill("paint, red")
    dialog.get_by_label("Status").select_option("Proposed")
    dialog.get_by_label("Why").fill("The yard asked")
    dialog.get_by_role("button", name="Change 2 decisions").click()
    expect(page.get_by_text("2 decisions changed.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Proposed")).to_have_count(2)
    expect(page.get_by_role("row").filter(has_text="Proposed").first).to_contain_text("red")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 decisions are as before.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Draft")).to_have_count(3)
    for decision in made:
        site.delete(decision)


def test_many_get_an_owner_and_a_review_at_once(open_page: OpenPage, site: Site) -> None:
    made = [site.create(f"Tar the {part}", log="paint", status="ACCEPTED") for part in ("keel", "stern")]
    page = open_page("/decisions?log=paint")
    page.get_by_label("Select every decision shown").check()
    page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    change = dialog.get_by_role("button", name="Change 2 decisions")
    expect(change).to_be_disabled()
    people = dialog.get_by_label("Owner")
    expect(people.get_by_role("option")).not_to_have_count(2)
    owner = people.get_by_role("option").nth(2).inner_text()
    people.select_option(owner)
    expect(change).to_be_enabled()
    dialog.get_by_label("Review").select_option("on a day …")
    expect(change).to_be_disabled()
    dialog.get_by_label("Look at them again on").fill("2001-02-03")
    dialog.get_by_label("And after that").select_option("every 12 months")
    change.click()
    expect(page.get_by_text("2 decisions changed.")).to_be_visible()
    rows = page.locator("tbody tr")
    expect(rows.filter(has_text=owner)).to_have_count(2)
    expect(rows.filter(has=page.locator(".due"))).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 decisions are as before.")).to_be_visible()
    expect(rows.filter(has=page.locator(".due"))).to_have_count(0)
    for decision in made:
        site.delete(decision)


def test_what_cannot_be_changed_with_the_others_is_told(open_page: OpenPage, site: Site) -> None:
    draft = site.create("Varnish the oars", log="paint", status="DRAFT")
    decided = site.create("Varnish the rudder", log="paint", status="REJECTED")
    page = open_page("/decisions?log=paint")
    page.get_by_label("Select every decision shown").check()
    page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Status").select_option("Deprecated")
    dialog.get_by_role("button", name="Change 2 decisions").click()
    note = dialog.get_by_role("status").filter(has_text="2 decisions stayed as they were.")
    expect(note).to_contain_text("cannot become deprecated in one step")
    site.delete(draft)
    site.delete(decided)


def test_the_log_is_narrowed_to_owners_and_to_what_governs_code(open_page: OpenPage, site: Site) -> None:
    made = [site.create(f"Splice the {part}", log="ropes") for part in ("halyard", "painter", "hawser")]
    late, soon, plain = (decision["summary"]["id"] for decision in made)
    me = site.call("tenancy.v1.TenancyService", "GetSession")
    today = datetime.now(UTC).date()
    for decision, days in ((late, -6), (soon, 9)):
        site.call(REVIEW, "SetOwner", decisionId=decision, personId=me["personId"])
        site.call(REVIEW, "SetReview", decisionId=decision, reviewOn=(today + timedelta(days)).isoformat())
    made[2] = site.update(made[2], scope={"paths": ["ropes/**"]})
    page = open_page("/decisions?log=ropes")
    rows = page.locator("tbody tr[data-id]")
    expect(rows).to_have_count(3)
    expect(page.locator(f"tr[data-id='{late}'] .c-rev")).to_have_text("6 d late")
    expect(page.locator(f"tr[data-id='{plain}'] .c-rev")).to_have_text("")
    facets = page.get_by_role("complementary", name="Facets")
    facets.get_by_role("checkbox", name=me["personName"]).check()
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile(rf"owner={me['personId']}"))
    page.get_by_role("button", name="Save this view").click()
    page.get_by_label("Name").fill("My ropes")
    page.get_by_role("button", name="Save view").click()
    kept = page.get_by_role("navigation", name="Views").get_by_role("link", name="My ropes")
    expect(kept).to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="Remove the filter by owner").click()
    facets.get_by_role("checkbox", name="Has paths").check()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Splice the hawser")
    page.get_by_label("Filter by title or number").fill("halyard")
    expect(page.get_by_text("It must govern paths or components.")).to_be_visible()
    kept.click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Remove this view").click()
    expect(kept).to_have_count(0)
    for decision in made:
        site.delete(decision)


def test_a_view_is_kept_found_again_and_let_go(open_page: OpenPage) -> None:
    page = open_page("/decisions?log=tidewater&status=accepted&tag=fares")
    views = page.get_by_role("navigation", name="Views")
    views.get_by_role("button", name="Save this view").click()
    page.get_by_label("Name").fill("Fares in force")
    page.get_by_role("button", name="Save view").click()
    expect(views.get_by_role("link", name="Fares in force")).to_have_attribute("aria-current", "page")
    page.goto("/decisions")
    views.get_by_role("link", name="Fares in force").click()
    expect(page).to_have_url(re.compile(r"status=accepted"))
    expect(page.get_by_role("row").filter(has_text="A fare is fixed when the hold begins")).to_be_visible()
    views.get_by_role("button", name="Remove this view").click()
    expect(views.get_by_role("link", name="Fares in force")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(views.get_by_role("link", name="Fares in force")).to_be_visible()
    views.get_by_role("button", name="Remove this view").click()
    expect(views.get_by_role("link", name="Fares in force")).to_have_count(0)


def test_a_log_has_rules_and_its_own_words(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Sand the hull", log="yard", status="DRAFT")
    page = open_page("/logs/yard")
    approvals = page.get_by_label("Approvals before a decision is accepted")
    approvals.fill("many")
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("A number from 0 to 20")).to_be_visible()
    approvals.fill("1")
    page.get_by_label("Proposed").fill("On the slip")
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("The rules of this log were saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Proposed")).to_have_value("On the slip")
    expect(approvals).to_have_value("1")
    page.goto(f"/decisions/{decision['summary']['id']}")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("status").get_by_text("is on the slip")).to_be_visible()
    expect(page.locator(".meta .st")).to_have_text("On the slip")
    page.goto("/decisions")
    expect(page.get_by_role("row").filter(has_text="Sand the hull")).to_contain_text("On the slip")
    site.delete(site.decision(decision["summary"]["id"]))


def test_a_new_record_begins_with_the_template_of_its_log(open_page: OpenPage, site: Site) -> None:
    site.log("boats")
    page = open_page("/logs/boats")
    page.get_by_role("button", name="New template").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("boat")
    dialog.get_by_label("What it is for").fill("A boat and its berth")
    dialog.get_by_label("Text, in Markdown").fill("## Boat\n\n## Berth\n")
    dialog.get_by_role("button", name="Save template").click()
    # The choice shows before the server has it, and the next page reads it from there.
    with page.expect_response("**/SaveTemplate"):
        page.get_by_label("Begin with boat").click()
    expect(page.get_by_label("Begin with boat")).to_be_checked()

    page.goto("/decisions/new?log=boats")
    text = page.get_by_label("Text, in Markdown")
    expect(text).to_have_text("## Boat\n\n## Berth\n", use_inner_text=True)
    text.fill("## Boat\n\nThe Heron.\n")
    page.get_by_label("Template").select_option("nygard")
    expect(text).to_contain_text("## Consequences")
    page.get_by_role("button", name="Undo").click()
    expect(text).to_have_text("## Boat\n\nThe Heron.\n", use_inner_text=True)
    page.goto("/logs/boats")
    page.get_by_role("button", name="Remove boat").click()
    expect(page.get_by_label("Begin with boat")).to_have_count(0)


def test_components_give_names_to_paths(open_page: OpenPage, site: Site) -> None:
    site.log("boats")
    page = open_page("/logs/boats")
    page.get_by_label("New component").fill("berths")
    page.get_by_label("Its paths").fill("harbour/berths/**\nharbour/moorings/**")
    page.get_by_role("button", name="Add component").click()
    row = page.get_by_role("listitem").filter(has_text="berths")
    expect(row).to_contain_text("harbour/moorings/**")
    row.get_by_role("button", name="berths", exact=True).click()
    row.get_by_label("Paths of berths").fill("harbour/berths/**")
    row.get_by_role("button", name="Save paths").click()
    expect(row.locator(".path")).to_have_text("harbour/berths/**")
    page.get_by_role("button", name="Remove berths").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row.locator(".path")).to_have_text("harbour/berths/**")
    site.call("decisions.v1.GovernanceService", "DeleteComponent", logId=site.log("boats")["id"], name="berths")


def test_a_name_that_several_decisions_have_leads_to_all_of_them(open_page: OpenPage, site: Site) -> None:
    made = [site.create("Coil it", log=log) for log in ("coils", "bights")]
    ref = made[0]["summary"]["ref"]
    assert ref == made[1]["summary"]["ref"]
    page = open_page(f"/decisions/{ref}")
    expect(page.get_by_text(f"Several decisions are called {ref}")).to_be_visible()
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("tbody .c-t a", has_text="Coil it")).to_have_count(2)
    for decision in made:
        site.delete(decision)
