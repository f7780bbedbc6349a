"""What happens to a decision: its status, approvals, relations, care and discussion."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
LIFECYCLE = "decisions.v1.LifecycleService"
BODY = (
    "## Context\n\nFog hides the quay from the ferry.\n\n"
    "## Decision\n\nThe bell rings every minute.\n\n"
    "## Consequences\n\n- The harbour master hears it.\n- Nobody else does.\n"
)


def _open(open_page: OpenPage, decision: dict[str, dict[str, str]], **how: object) -> Page:
    return open_page(f"/decisions/{decision['summary']['id']}", **how)


def _status(site: Site, decision: dict[str, dict[str, str]]) -> str:
    return site.decision(decision["summary"]["id"])["summary"]["status"]


def test_a_decision_goes_its_way_and_every_step_can_be_undone(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Ring the bell in fog", BODY, log="drills", status="DRAFT")
    page = _open(open_page, decision)
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("status").get_by_text("is proposed")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status").get_by_text("is accepted")).to_be_visible()
    expect(page.locator(".meta .st").first).to_have_text("Accepted")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".meta .st").first).to_have_text("Proposed")

    page.get_by_role("button", name="Change the status").click()
    menu = page.get_by_role("menu")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.keyboard.press("Enter")
    menu.get_by_role("menuitem", name="Reject").click()
    page.get_by_label("Why").fill("A horn carries further")
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(page.locator(".meta .st").first).to_have_text("Rejected")
    transitions = site.call(LIFECYCLE, "ListTransitions", decisionId=decision["summary"]["id"])["transitions"]
    assert transitions[-1]["message"] == "A horn carries further"
    site.delete(decision)


def test_who_may_not_accept_reads_why(open_page: OpenPage, site: Site, author: Site) -> None:
    decision = site.create("Ring the bell at noon", BODY, log="drills")
    page = _open(open_page, decision, person=author)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ring the bell at noon")
    page.get_by_role("button", name="Change the status").click()
    item = page.get_by_role("menuitem", name="Accept")
    expect(item).to_contain_text("Those who may: reviewers")
    item.click(force=True)
    expect(page.get_by_role("menu")).to_be_visible()
    assert _status(site, decision) == "STATUS_PROPOSED"
    site.delete(decision)


def test_an_approval_counts_for_the_text_it_was_given_to(open_page: OpenPage, site: Site, reviewer: Site) -> None:
    log = site.log("approved-drills")
    site.call(LIFECYCLE, "SetLogPolicy", policy={"logId": log["id"], "requiredApprovals": 1})
    decision = site.create("Ring the bell twice in fog", BODY, log="approved-drills")
    page = _open(open_page, decision, person=reviewer)
    box = page.get_by_role("region", name="Approvals")
    expect(box).to_contain_text("0 of 1 count for this text")
    page.get_by_role("banner").get_by_role("button", name="Approve").click()
    expect(box).to_contain_text("1 of 1 count for this text")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()

    site.update(decision, body=BODY.replace("every minute", "every two minutes"))
    page.reload()
    expect(box).to_contain_text("approved an older text; does not count")
    expect(box.locator(".hash.old")).to_be_visible()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    box.get_by_role("button", name="Approve this text").click()
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator(".meta .st").first).to_have_text("Accepted")
    page.goto(f"/decisions/{decision['summary']['id']}/history")
    # Accepting made the third version, whose text is still the one that was approved.
    told = page.get_by_role("complementary", name="Versions").get_by_role("listitem")
    expect(told.filter(has_text="no longer counts")).to_have_count(1)
    expect(told.nth(1)).to_contain_text(re.compile("The approval by .+ no longer counts"))
    site.delete(decision)


def test_a_supersession_is_one_edge_and_comes_off_cleanly(open_page: OpenPage, site: Site) -> None:
    old = site.create("Ring the bell by hand", BODY, log="drills", status="ACCEPTED")
    new = site.create("Ring the bell by a motor", BODY, log="drills", status="ACCEPTED")
    page = _open(open_page, old)
    page.get_by_role("button", name="Change the status").click()
    page.get_by_role("menuitem", name="Supersede").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="The decision that takes its place").fill("by a motor")
    dialog.get_by_role("option").filter(has_text="by a motor").click()
    dialog.get_by_role("button", name="Supersede", exact=True).click()
    expect(page.get_by_text("No longer in force.", exact=True)).to_be_visible()
    lineage = page.get_by_role("navigation", name="Lineage")
    lineage.get_by_role("link").filter(has_text="by a motor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ring the bell by a motor")
    expect(lineage.get_by_text("Ring the bell by hand")).to_be_visible()

    ref = old["summary"]["ref"]
    page.get_by_role("button", name=f"Remove the relation to {ref}").click()
    expect(page.get_by_role("status").get_by_text(f"The relation to {ref} is gone")).to_be_visible()
    assert _status(site, old) == "STATUS_ACCEPTED"
    page.get_by_role("button", name="Undo").click()
    expect(lineage.get_by_text("Ring the bell by hand")).to_be_visible()
    assert _status(site, old) == "STATUS_SUPERSEDED"
    site.delete(new)
    site.delete(old)


def test_a_circle_is_refused_with_its_path_and_a_part_can_be_superseded(open_page: OpenPage, site: Site) -> None:
    first = site.create("Buy a bell", BODY, log="drills", status="ACCEPTED")
    second = site.create("Hang the bell", BODY, log="drills", status="ACCEPTED")
    ids = {"sourceId": second["summary"]["id"], "targetId": first["summary"]["id"]}
    site.call(LIFECYCLE, "RelateDecisions", **ids, kind="LINK_KIND_DEPENDS_ON")
    page = _open(open_page, first)
    page.get_by_role("button", name="Add a relation").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="The other decision").fill("Hang the bell")
    dialog.get_by_role("option").filter(has_text="Hang the bell").click()
    dialog.get_by_role("button", name="Add relation").click()
    circle = [first["summary"]["ref"], second["summary"]["ref"], first["summary"]["ref"]]
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile(".*".join(circle)))

    dialog.get_by_label("this one").select_option("is superseded by")
    dialog.get_by_label("What it takes over").select_option("Consequences")
    dialog.get_by_role("button", name="Add relation").click()
    part = page.locator(".partial")
    expect(part).to_contain_text("Superseded by")
    expect(part).to_contain_text("The harbour master hears it.")
    expect(page.get_by_role("navigation", name="Lineage")).to_contain_text("In force, except Consequences")
    assert _status(site, first) == "STATUS_ACCEPTED"
    site.delete(second)
    site.delete(first)


def test_care_has_an_owner_a_date_and_watchers(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Oil the bell", BODY, log="drills", status="ACCEPTED")
    page = _open(open_page, decision)
    margin = page.get_by_role("complementary", name="Margin")
    margin.get_by_role("combobox", name="Owner").select_option("Mara Solheim")
    margin.get_by_role("button", name="Plan a review").click()
    margin.get_by_label("Look at it again on").fill("2026-01-10")
    margin.get_by_label("And after that").select_option("every 6 months")
    margin.get_by_role("button", name="Set review").click()
    expect(margin.get_by_text("Was due 10 January 2026, every 6 months")).to_be_visible()
    margin.get_by_role("button", name="It still holds").click()
    expect(margin.get_by_text("Was due")).to_have_count(0)
    # Who owns it is told of changes, unless they stop that.
    margin.get_by_role("button", name="Stop watching").click()
    expect(margin.get_by_role("button", name="Watch", exact=True)).to_be_visible()
    page.reload()
    expect(margin.get_by_role("button", name="Watch", exact=True)).to_be_visible()
    expect(margin.get_by_role("combobox", name="Owner").locator("option:checked")).to_have_text("Mara Solheim")
    site.delete(decision)


def test_a_passage_is_discussed_and_the_comment_follows_it(open_page: OpenPage, site: Site, reviewer: Site) -> None:
    decision = site.create("Ring the bell slowly", BODY, log="drills")
    page = _open(open_page, decision, person=reviewer)
    passage = page.get_by_text("The bell rings every minute.")
    passage.hover()
    page.get_by_role("button", name="Comment on this passage").click()
    talk = page.get_by_role("region", name="Discussion")
    talk.get_by_label("Comment on this passage").fill("How loud?")
    talk.get_by_role("button", name="Comment", exact=True).click()
    thread = talk.get_by_role("listitem").filter(has_text="How loud?")
    expect(thread).to_contain_text("The bell rings every minute.")

    # Two lines more above it: the mark moves with the words.
    body = BODY.replace("## Decision", "It is thick.\n\n## Decision")
    moved = site.update(decision, body=body)
    page = _open(open_page, decision)
    mark = page.get_by_role("button", name="1 open comment here")
    expect(mark).to_be_visible()
    expect(talk_of(page).get_by_text("changed since")).to_have_count(0)
    expect(talk_of(page).get_by_role("listitem")).to_be_visible()
    # The thread may still be on its way when its mark is pressed.
    page.evaluate(
        """() => { const thread = document.querySelector(".thread-of"), list = thread.parentNode;
        thread.remove(); window.bringThread = () => list.append(thread); }"""
    )
    mark.click()
    page.evaluate("window.bringThread()")
    thread = talk_of(page).get_by_role("listitem").filter(has_text="How loud?")
    expect(thread).to_be_focused()
    thread.get_by_role("button", name="Answer").click()
    thread.get_by_label("Answer to Jonas Reyne").fill("As loud as it goes.")
    page.keyboard.press("Control+Enter")
    expect(thread).to_contain_text("As loud as it goes.")

    site.update(moved, body=body.replace("every minute", "every hour"))
    page.reload()
    expect(thread).to_contain_text("About version 1; that text changed since.")
    thread.get_by_role("button", name="Settle").click()
    expect(thread).to_have_count(0)
    talk_of(page).get_by_role("button", name="show 1 settled").click()
    expect(thread).to_contain_text("Settled by Mara Solheim")
    thread.get_by_role("button", name="Reopen").click()
    expect(thread.get_by_role("button", name="Settle")).to_be_visible()
    site.delete(decision)


def test_words_of_a_comment_stay_when_it_is_not_sent(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Ring the bell softly", BODY, log="drills")
    page = _open(open_page, decision)
    talk = talk_of(page)
    talk.get_by_role("button", name="Write a comment").click()
    talk.get_by_label("About").select_option("Decision")
    talk.get_by_label("New comment").fill("Who hears it then?")
    page.route("**/AddComment", lambda route: route.abort())
    talk.get_by_role("button", name="Comment", exact=True).click()
    expect(talk.get_by_role("alert")).to_contain_text("Your words are kept here.")
    expect(talk.get_by_label("New comment")).to_have_value("Who hears it then?")
    page.unroute("**/AddComment")
    talk.get_by_role("button", name="Comment", exact=True).click()
    expect(talk.get_by_role("listitem").filter(has_text="Who hears it then?")).to_be_visible()
    site.delete(decision)


def talk_of(page: Page) -> Locator:
    """The discussion below the text."""
    return page.get_by_role("region", name="Discussion")
