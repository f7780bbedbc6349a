"""The pages of decisions in German: no word of English is left, and the longer words fit."""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from e2e.site import Site
from e2e.test_language import CUT

OpenPage = Callable[..., Page]

# Written alike in English and German; numbers of records have no language.
ALIKE = re.compile(
    r"\b(?:Cairn|Code|Diagrams?|Export|Filter|Graph|Import|in|Links|MADR|Markdown|Name|Nygard|Person|Status|Text|Tokens?"
    r"|Version|Min|[A-Z]+-\d+|(?:April|August|September|November)(?: \d{4})?)\b"
)
STATUS_WORDS = {"Draft", "Proposed", "Accepted", "Rejected", "Deprecated", "Superseded"}
# A page that cannot reach its server asks again twice, after a second and after two.
_TRIES = 4
_PATIENCE_MS = 3_000
WORD = re.compile(r"[^\W\d_]{3}")

# What people can read or hear, but for the records themselves and what is typed.
COLLECT = """() => {
  const OTHERS = ".prose, .cm-editor, script, style, code, kbd, textarea, svg style";
  const found = new Set([document.title.replace(/ · Cairn$/u, "")]);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode.parentElement.closest(OTHERS) === null) found.add(walker.currentNode.data);
  }
  for (const name of ["aria-label", "aria-description", "aria-valuetext", "title", "placeholder", "alt"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (element.closest(".prose, .cm-content") === null) found.add(element.getAttribute(name));
    }
  }
  return [...found].map((text) => text.replace(/\\s+/gu, " ").trim()).filter((text) => text !== "");
}"""


def _open_relations(page: Page) -> None:
    page.locator(".side section > button.link").first.click()
    expect(page.locator("[role=listbox] [role=option]").first).to_be_visible()


def _choose_all(page: Page) -> None:
    page.locator("thead input[type=checkbox]").check()
    page.locator(".selbar button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _open_report(page: Page) -> None:
    page.locator(".imp a.row").filter(has_text="tidewater").first.click()
    expect(page.locator(".imp .files tr").nth(1)).to_be_visible()


def _open_status_menu(page: Page) -> None:
    page.locator("button[aria-haspopup=menu]").first.click()
    expect(page.get_by_role("menu")).to_be_visible()


def _show_nothing_more(_: Page) -> None:
    """Some pages say all they have to say at once."""


# Address, and what is opened on the page. The words must be those of the language whatever the page says.
PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "home": ("/", _show_nothing_more),
    "log": ("/decisions?log=tidewater&status=accepted,superseded&tag=booking", _show_nothing_more),
    "log-bulk": ("/decisions?log=tidewater", _choose_all),
    "log-empty": ("/decisions?text=zzzz&status=draft&tag=nowhere", _show_nothing_more),
    "deleted": ("/decisions?deleted=yes", _show_nothing_more),
    "board": ("/decisions?log=tidewater&view=board", _show_nothing_more),
    "record": ("/decisions/ADR-0012", _open_status_menu),
    "relate": ("/decisions/ADR-0012", _open_relations),
    "superseded": ("/decisions/ADR-0004", _show_nothing_more),
    "not-here": ("/decisions/ADR-9999", _show_nothing_more),
    "history": ("/decisions/ADR-0012/history", _show_nothing_more),
    "edit": ("/decisions/ADR-0012/edit", _show_nothing_more),
    "new": ("/decisions/new", _show_nothing_more),
    "import": ("/import", _show_nothing_more),
    "report": ("/import", _open_report),
    "governs": ("/governs?paths=services/manifest/seats.py%0Aweb/boarding.ts", _show_nothing_more),
    "governs-empty": ("/governs", _show_nothing_more),
    "doctor": ("/doctor", _show_nothing_more),
    "inbox": ("/inbox", _show_nothing_more),
    "log-settings": ("/logs/tidewater", _show_nothing_more),
    "no-log": ("/logs/nowhere", _show_nothing_more),
    "graph": ("/graph?alone=yes", _show_nothing_more),
    "timeline": ("/timeline", _show_nothing_more),
}


def _said(requests: list[Request]) -> bytes:
    """Everything that the server answered but errors: words of records and people are shown as they are."""
    found = [b""]
    for request in requests:
        answer = request.response()
        kind = "" if answer is None else answer.headers.get("content-type", "")
        if answer is not None and kind.startswith("application/proto"):
            found.append(answer.body())
    return b"\n".join(found)


def _shown(page: Page, path: str, prepare: Callable[[Page], None]) -> set[str]:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    expect(page.locator("main h1, main h2, main [role=status], main [role=alert]").first).to_be_attached()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    prepare(page)
    return set(page.evaluate(COLLECT))


def _left_in_english(english: set[str], german: set[str], said: bytes) -> list[str]:
    """Words that stand in both languages alike, and that neither the server nor the address said, one or several."""

    def heard(text: str) -> bool:
        parts = [part for part in text.split(", ") if part != ""]
        return all(part.encode() in said or (part[0].lower() + part[1:]).encode() in said for part in parts)

    alike = {text for text in english & german if WORD.search(ALIKE.sub("", text))}
    return sorted({text for text in alike if not heard(text.rstrip(","))} | (german & STATUS_WORDS))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_german_holds_no_english(open_page: OpenPage, name: str) -> None:
    path, prepare = PAGES[name]
    english, german = open_page("about:blank"), open_page("about:blank", locale="de-DE")
    finished: list[Request] = []
    # Playwright keeps its own note on a listener, for which a built-in has no room.
    german.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108
    shown = _shown(english, path, prepare), _shown(german, path, prepare)
    assert _left_in_english(*shown, _said(finished) + path.encode()) == []
    for width in (1440, 390, 360):
        german.set_viewport_size({"width": width, "height": 844})
        assert german.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (
            width
        )
        assert german.evaluate(CUT) == [], width


@pytest.mark.parametrize(
    "name", ["log-empty", "record", "history", "edit", "new", "import", "governs", "doctor", "inbox"]
)
def test_what_a_page_says_of_a_failure_is_german(open_page: OpenPage, name: str) -> None:
    path, _ = PAGES[name]
    shown: list[set[str]] = []
    finished: list[Request] = []
    pages = [open_page("about:blank", locale=locale) for locale in ("en-GB", "de-DE")]
    for page in pages:
        page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108 - as above.
        page.route("**/cairn.decisions.*/*", lambda route: route.abort())
        page.clock.install()
        page.goto(path)
    for page in pages:
        alert = page.get_by_role("alert").first
        # It asks again for some seconds before it gives up, which is not waited for.
        for _ in range(_TRIES):
            page.wait_for_load_state("networkidle")
            page.clock.run_for(_PATIENCE_MS)
            if alert.is_visible():
                break
        expect(alert).to_be_visible()
        shown.append(set(page.evaluate(COLLECT)))
    assert _left_in_english(shown[0], shown[1], _said(finished) + path.encode()) == []


def test_what_the_server_finds_and_refuses_is_said_in_german(open_page: OpenPage, site: Site) -> None:
    made = [site.create(f"Feed the {bird}", log="gulls") for bird in ("terns", "auks")]
    refs = sorted(decision["summary"]["ref"] for decision in made)
    page = open_page("/doctor?log=gulls", locale="de-DE")
    for ref in refs:
        expect(page.locator("li.finding").filter(has_text=ref)).to_contain_text(
            f"Kein Eintrag verweist auf {ref}, und von dort führt kein Verweis weiter."
        )
    page.locator("li.finding").filter(has_text=refs[0]).get_by_role("button", name="So lassen").click()
    expect(page.get_by_text(f"{refs[0]}: so gelassen.")).to_be_visible()
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.locator("li.finding")).to_have_count(2)
    page.goto("/decisions/ADR-9999")
    expect(page.get_by_text("Hier gibt es keine Entscheidung „ADR-9999“.")).to_be_visible()
    for decision in made:
        site.delete(decision)


def test_an_import_says_in_german_how_it_read_each_file(open_page: OpenPage, site: Site) -> None:
    service = "decisions.v1.DecisionsService"
    files = {
        "0003-feed-the-terns.md": "# 3. Feed the terns\r\n\r\nDate: 04/05/2024\r\n\r\n## Decision\r\n\r\nYes.\r\n",
        "0004-feed-the-auks.md": "# 4. Feed the auks\n\n## Status\n\nSuperseded by [3](0003-feed-the-terns.md)\n",
        "README.md": "# Decisions\n",
        "0005-broken.md": "\0\1",
    }
    sent = [{"path": path, "content": base64.b64encode(text.encode()).decode()} for path, text in files.items()]
    opened = site.call(service, "StartImport", logSlug="feeding", source="feeding")["import"]["id"]
    site.call(service, "ImportFiles", importId=opened, files=sent)
    site.call(service, "FinishImport", importId=opened)
    reports = site.call(service, "GetImport", id=opened)["reports"]
    page = open_page(f"/import/{opened}", locale="de-DE")
    for report in reports:
        page.get_by_role("button", name=report["path"]).click()
        said = page.get_by_role("region", name=f"Felder von {report['path']}").inner_text()
        english = [report.get("message", ""), *(field.get("reason", "") for field in report.get("fields", []))]
        assert [one for one in english if WORD.search(one) and one.lower() in said.lower()] == [], said
    page.get_by_role("button", name="0003-feed-the-terns.md").click()
    details = page.get_by_role("region", name="Felder von 0003-feed-the-terns.md")
    expect(details).to_contain_text("Tag und Monat könnten vertauscht sein; gelesen mit dem Tag zuerst, Zeile 3")
    expect(details).to_contain_text("die Zeilenenden waren die von Windows oder alten Macs")
    page.get_by_role("button", name="0004-feed-the-auks.md").click()
    details = page.get_by_role("region", name="Felder von 0004-feed-the-auks.md")
    expect(details).to_contain_text("Ist durch ihn abgelöst, Zeile 5")
    expect(details).to_contain_text("Abgelöst")
    expect(page.get_by_role("row", name="README.md")).to_contain_text("eine Seite über das Protokoll")
    for report in reports:
        if "decisionId" in report:
            site.delete(site.decision(report["decisionId"]))


def test_dates_numbers_and_plurals_follow_the_locale(open_page: OpenPage, site: Site) -> None:
    decision = site.create("Count the gulls", log="gulls", status="ACCEPTED")
    identity = decision["summary"]["id"]
    later = site.update(decision, decidedOn="2025-03-04", body=f"## Context\n\n{'gull ' * 1_240}\n")
    page = open_page(f"/decisions/{identity}", locale="de-DE")
    expect(page.get_by_text("4. März 2025").first).to_be_visible()
    expect(page.get_by_role("link", name="Verlauf, 2 Versionen")).to_be_visible()
    page.goto(f"/decisions/{identity}/history?a=1&b=2")
    expect(page.get_by_text("1.240 Wörter hinzugefügt, 1 entfernt, 1 Feld geändert")).to_be_visible()
    page.goto("/logs/gulls")
    expect(page.get_by_text("hat 1 Entscheidung. Neue heißen")).to_be_visible()
    site.delete(later)
