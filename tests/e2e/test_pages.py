"""What a person does in the browser, from the list to the answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.site import Site

OpenPage = Callable[..., Page]
MANIFEST = "One manifest takes every seat"


def test_the_log_lists_filters_and_opens_a_record(open_page: OpenPage) -> None:
    page = open_page("/decisions?log=tidewater")
    rows = page.get_by_role("row")
    expect(rows.filter(has_text=MANIFEST)).to_be_visible()
    expect(page.get_by_role("heading", name="tidewater", exact=False)).to_be_attached()

    page.get_by_role("complementary", name="Facets").get_by_label("Superseded").check()
    expect(rows.filter(has_text="Merge passenger lists at night")).to_be_visible()
    expect(rows.filter(has_text=MANIFEST)).to_have_count(0)
    assert "status=superseded" in page.url

    page.go_back()
    page.goto("/decisions?log=tidewater")
    expect(rows.filter(has_text=MANIFEST)).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("manifest")
    expect(rows.filter(has_text="Record decisions")).to_have_count(0)
    expect(rows.filter(has_text=MANIFEST)).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows.filter(has_text="Record decisions")).to_be_visible()

    links = page.locator("tbody .c-t a")
    page.locator("body").press("j")
    expect(links.first).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep card numbers at the payment company")


def test_a_record_reads_well_and_its_links_lead_on(open_page: OpenPage) -> None:
    page = open_page("/decisions/tidewater%2FADR-0012")
    expect(page.get_by_role("heading", level=1)).to_have_text(MANIFEST)
    expect(page.locator("pre .hljs-keyword").first).to_be_visible()
    expect(page.get_by_role("region", name="Table").get_by_role("row")).to_have_count(4)
    page.get_by_role("navigation", name="On this page").get_by_text("Consequences").click()
    assert page.url.endswith("#consequences")
    expect(page.get_by_role("complementary", name="Margin").get_by_text("By meaning")).to_be_visible()

    page.get_by_role("article").get_by_role("link", name="the nightly merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merge passenger lists at night")
    expect(page.get_by_text("No longer in force.", exact=True)).to_be_visible()
    page.get_by_role("link", name="Read that one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(MANIFEST)


def test_the_source_of_a_record_is_there_byte_for_byte(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/decisions/ADR-0012")
    page.get_by_role("button", name="See the bytes").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    saved = tmp_path / "saved.md"
    download.value.save_as(saved)
    original = Path(__file__).parent / "records" / "0012-one-manifest-takes-every-seat.md"
    assert saved.read_bytes() == original.read_bytes()


def test_an_edit_is_a_version_with_its_reason_and_its_difference(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Paint the ramps yellow", "## Decision\n\nThe ramps are painted yellow every spring.\n")
    page = open_page(f"/decisions/{decision['summary']['id']}")
    page.get_by_role("link", name="Edit").click()
    text = page.get_by_label("Text, in Markdown")
    text.fill("## Decision\n\nThe ramps are painted white every spring.\n")
    expect(page.get_by_role("region", name="Preview").get_by_text("painted white")).to_be_visible()
    page.get_by_label("What changed, and why").fill("Yellow is for the lines")
    page.get_by_role("button", name="Save version").click()

    expect(page.get_by_role("article").get_by_text("painted white")).to_be_visible()
    page.get_by_role("complementary", name="Margin").get_by_role("link", name="History, 2 versions").click()
    expect(page.get_by_text("Yellow is for the lines")).to_be_visible()
    expect(page.locator("del")).to_have_text("yellow")
    expect(page.locator("ins")).to_have_text("white")
    page.get_by_role("button", name="First words").click()
    page.get_by_role("button", name="Bring back version 1").click()
    expect(page.get_by_role("article").get_by_text("painted yellow")).to_be_visible()
    assert site.decision(decision["summary"]["id"])["summary"]["version"] == 3
    site.delete(decision)


def test_when_somebody_saved_first_no_text_is_lost(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Ring the bell twice", "## Decision\n\nThe bell rings twice.\n")
    page = open_page(f"/decisions/{decision['summary']['id']}/edit")
    text = page.get_by_label("Text, in Markdown")
    text.fill("## Decision\n\nThe bell rings twice, and once in fog.\n")
    site.update(decision, body="## Decision\n\nThe bell rings three times.\n")
    page.get_by_role("button", name="Save version").click()

    conflict = page.get_by_role("region", name="Conflict")
    expect(conflict.get_by_role("alert")).to_contain_text("your text is kept")
    expect(conflict.locator("del").first).to_contain_text("three")
    expect(text).to_have_text("## Decision\n\nThe bell rings twice, and once in fog.\n", use_inner_text=True)
    page.reload()
    expect(page.get_by_label("Text, in Markdown")).to_have_text(
        "## Decision\n\nThe bell rings twice, and once in fog.\n", use_inner_text=True
    )
    expect(page.get_by_text("Version 2 was saved since.")).to_be_visible()
    page.get_by_role("button", name="Save version").click()
    page.get_by_role("button", name="Save mine as version 3").click()
    expect(page.get_by_role("article").get_by_text("once in fog")).to_be_visible()
    site.delete(decision)


def test_a_new_decision_is_written_deleted_and_brought_back(open_page: OpenPage, site: Site) -> None:
    page = open_page("/decisions/new?log=tidewater")
    page.get_by_role("button", name="Save decision").click()
    expect(page.get_by_text("Say in one line what is decided")).to_be_visible()
    page.get_by_label("Title").fill("Sell coffee on the upper deck")
    page.get_by_label("Status").select_option("Accepted")
    page.get_by_label("Tags").fill("operations, coffee")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Sell coffee on the upper deck")
    page.get_by_role("button", name="Save decision").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sell coffee on the upper deck")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row").first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sell coffee on the upper deck")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Deleted").click()
    row = page.get_by_role("row").filter(has_text="Sell coffee")
    row.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("is back in the log")).to_be_visible()
    expect(row).to_have_count(0)
    site.delete(
        site.decision(
            site.call("decisions.v1.DecisionsService", "ListDecisions", text="Sell coffee")["decisions"][0]["id"]
        )
    )


@pytest.mark.parametrize(
    ("mode", "query"),
    [("Words", "certificate allows"), ("Meaning", "too many passengers on board"), ("Both", "overbooked ship")],
)
def test_search_finds_the_passage_and_leads_to_it(open_page: OpenPage, mode: str, query: str) -> None:
    page = open_page("/search")
    page.get_by_role("button", name=mode, exact=True).click()
    page.get_by_label("Search in all decisions").fill(query)
    result = page.get_by_role("listitem").filter(has_text=MANIFEST).first
    expect(result).to_be_visible()
    result.locator("a.passage").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(MANIFEST)
    page.go_back()
    expect(page.get_by_label("Search in all decisions")).to_have_value(query)


def test_search_says_when_nothing_is_found(open_page: OpenPage) -> None:
    page = open_page("/search?q=zzyzx&mode=words")
    expect(page.get_by_text("Nothing found")).to_be_visible()


def test_the_palette_goes_to_a_decision_by_typing(open_page: OpenPage) -> None:
    page = open_page("/")
    # A key pressed before the page is drawn is nobody's.
    expect(page.get_by_text("Recent changes")).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to")
    palette.get_by_role("combobox").fill("two quays")
    expect(palette.get_by_role("option", selected=True)).to_contain_text("Run on two quays")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Run on two quays")


def test_a_folder_is_imported_with_a_report_of_every_file(open_page: OpenPage, tmp_path: Path) -> None:
    folder = tmp_path / "lighthouse"
    folder.mkdir()
    (folder / "0001-keep-a-keeper.md").write_text(
        "# 1. Keep a keeper\n\nDate: 2026-01-05\n\n## Status\n\nAccepted\n\n## Decision\n\nYes.\n"
    )
    (folder / "notes.md").write_text("# Shopping\n\nOil, wicks, tea.\n")
    (folder / "lamp.bin").write_bytes(bytes(range(256)))
    page = open_page("/import")
    page.get_by_label("Choose a folder of decisions").set_input_files(folder)
    page.get_by_role("button", name="Import 3 files").click()
    expect(page.get_by_role("row").filter(has_text="0001-keep-a-keeper.md")).to_contain_text("Keep a keeper")
    expect(page.get_by_role("row").filter(has_text="lamp.bin")).to_be_visible()
    page.get_by_role("button", name="0001-keep-a-keeper.md").click()
    expect(page.get_by_role("region", name="Fields of 0001-keep-a-keeper.md")).to_contain_text("2026-01-05")
    page.get_by_role("link", name="Open the log").click()
    expect(page.get_by_role("row").filter(has_text="Keep a keeper")).to_be_visible()
    page.goto("/import")
    expect(page.get_by_role("main").get_by_role("link", name="lighthouse")).to_be_visible()


def test_what_is_not_there_says_so(open_page: OpenPage) -> None:
    page = open_page("/nowhere")
    expect(page.get_by_text("Nothing stands here")).to_be_visible()
