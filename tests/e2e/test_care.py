"""What awaits a person, what is out of order, and which decisions govern code."""

import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
REVIEW = "decisions.v1.ReviewService"
LIFECYCLE = "decisions.v1.LifecycleService"


def test_the_inbox_holds_what_waits_until_it_is_done(open_page: OpenPage, site: Site, reviewer: Site) -> None:
    log = site.log("approved-lamps")
    site.call(LIFECYCLE, "SetLogPolicy", policy={"logId": log["id"], "requiredApprovals": 1})
    asked = reviewer.create("Light the north lamp", log="approved-lamps")
    due = site.create("Light the south lamp", log="lamps", status="ACCEPTED")
    site.call(REVIEW, "SetReview", decisionId=due["summary"]["id"], reviewOn="2026-01-10")
    watched = reviewer.create("Light the middle lamp", log="lamps")
    site.call(REVIEW, "WatchDecision", decisionId=watched["summary"]["id"])
    reviewer.update(watched, body="## Decision\n\nTwo lamps.\n")

    page = open_page("/")
    needs = page.locator(".needs").filter(has=page.get_by_role("heading", name="Needs you"))
    expect(needs.get_by_role("listitem").filter(has_text="Light the north lamp")).to_be_visible()
    inbox = page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox").first
    waiting = len(site.call(REVIEW, "ListInbox")["items"])
    # Its number comes with the first move of who reads.
    inbox.hover()
    expect(inbox).to_have_text(f"Inbox{waiting}")
    inbox.click()
    rows = needs.get_by_role("listitem")
    expect(page.get_by_text("days late")).to_be_visible()

    rows.filter(has_text="Light the middle lamp").get_by_role("link", name="See change").click()
    expect(page.locator("ins").filter(has_text="Two lamps")).to_be_visible()
    # To have seen the record is to have seen the change.
    with page.expect_response("**/MarkSeen"):
        page.get_by_role("navigation", name="Where you are").get_by_role("link", name=watched["summary"]["ref"]).click()
    page.goto("/inbox")
    expect(rows.filter(has_text="Light the north lamp")).to_be_visible()
    expect(rows.filter(has_text="Light the middle lamp")).to_have_count(0)

    rows.filter(has_text="Light the north lamp").get_by_role("link", name="Read and approve").click()
    page.get_by_role("region", name="Approvals").get_by_role("button", name="Approve this text").click()
    expect(page.get_by_role("region", name="Approvals")).to_contain_text("1 of 1 count")
    page.goto("/inbox")
    rows.filter(has_text="Light the south lamp").get_by_role("link", name="Review").click()
    with page.expect_response("**/ConfirmReview"):
        page.get_by_role("button", name="It still holds").click()
    page.goto("/inbox")
    expect(page.get_by_role("heading", name="Reviews in the next three months")).to_be_visible()
    expect(rows.filter(has_text="Light the")).to_have_count(0)
    page.mouse.move(200, 200)
    left = len(site.call(REVIEW, "ListInbox").get("items", []))
    expect(inbox).to_have_text("Inbox" if left == 0 else f"Inbox{left}")
    for one in (asked, due, watched):
        site.delete(site.decision(one["summary"]["id"]))


def test_a_calendar_can_subscribe_to_an_address_that_is_shown_once(open_page: OpenPage) -> None:
    page = open_page("/inbox")
    page.get_by_role("button", name="Make a calendar address").click()
    address = page.get_by_label("Subscribe your calendar to this address").input_value()
    with urllib.request.urlopen(address, timeout=20) as calendar:  # noqa: S310 - our own server on loopback.
        assert calendar.read().startswith(b"BEGIN:VCALENDAR")
    page.reload()
    expect(page.get_by_role("button", name="Make a calendar address")).to_be_visible()
    assert address not in page.content()


def test_the_doctor_mends_and_what_it_did_can_be_undone(open_page: OpenPage, site: Site) -> None:
    site.log("ward")
    decision = site.create("Paint the buoy", log="ward", status="ACCEPTED")
    other = site.create("Moor the buoy", log="ward")
    policy = {"logId": site.log("ward")["id"], "requiredApprovals": 1}
    site.call(LIFECYCLE, "SetLogPolicy", policy=policy)
    page = open_page("/doctor?log=ward")
    row = page.get_by_role("listitem").filter(has_text="is accepted with 0 of 1 approvals")
    row.get_by_role("button", name="It becomes proposed again").click()
    expect(page.get_by_role("status").get_by_text("it is proposed now")).to_be_visible()
    expect(row).to_have_count(0)
    assert site.decision(decision["summary"]["id"])["summary"]["status"] == "STATUS_PROPOSED"

    unlinked = page.get_by_role("listitem").filter(has_text=f"No record links to {decision['summary']['ref']}")
    unlinked.get_by_role("button", name="Leave it as it is").click()
    expect(unlinked).to_have_count(0)
    expect(page.get_by_text("1 finding was left as it is.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(unlinked).to_be_visible()
    unlinked.get_by_role("button", name="Leave it as it is").click()
    expect(unlinked).to_have_count(0)
    page.get_by_role("button", name="Report it again").click()
    expect(unlinked).to_be_visible()
    site.delete(other)
    site.delete(decision)


def test_pasted_paths_lead_to_the_decisions_that_govern_them(open_page: OpenPage, site: Site) -> None:
    decision = site.create(
        "Lamps are lit by one service", "## Decision\n\nOne service lights every lamp.\n", log="lamps"
    )
    page = open_page(f"/decisions/{decision['summary']['id']}/edit")
    page.get_by_text("What it governs").click()
    page.get_by_label("Paths").fill("services/lamp/**\n!services/lamp/docs/**")
    page.get_by_label("Components").fill("lamps")
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("complementary", name="Margin").get_by_text("services/lamp/**", exact=True)).to_be_visible()

    page.goto("/governs")
    expect(page.get_by_text("No paths yet")).to_be_visible()
    box = page.get_by_label("Paths that change")
    box.fill("M\tservices/lamp/wick.py\n./services/lamp/docs/read.md\nweb/app.ts\n")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_text("None that is in force does.")).to_be_visible()
    page.get_by_label("Also decisions that are not in force").check()
    found = page.get_by_role("region", name="Governing decisions")
    row = found.get_by_role("listitem").filter(has_text="Lamps are lit by one service")
    expect(row).to_contain_text("One service lights every lamp.")
    expect(row).to_contain_text("services/lamp/wick.py by services/lamp/**")
    expect(found).to_contain_text("web/app.ts")
    page.reload()
    expect(box).to_have_value("services/lamp/wick.py\nservices/lamp/docs/read.md\nweb/app.ts")
    expect(row).to_be_visible()
    site.delete(site.decision(decision["summary"]["id"]))
