"""The pages as people meet them: a real Chromium slowed four times, on a log of 5,000 records."""

import asyncio
import gzip
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from browser_probes import ANSWERS, EFFECTS, FRAMES, SLOWED, STILL, frames_of, slow_page
from importing import until_indexed
from instance import Instance
from load import percentile
from playwright.sync_api import Browser, Page, Response, sync_playwright
from report import Report

RECORDS = 5_000
LINKED = 1_000
RICH = 7
_LOADS = 5
_ROUNDS = 5
_TYPED = "manifest certificate seats"
_BETWEEN_LETTERS_MS = 250
_STREAM_MS = 7_500
_QUESTION = "Why keep the manifest?"
# As high as what is scrolled, and a window more.
_STILL_ROWS = 720
_SIZE = {"width": 1440, "height": 900}
_HOW = f"Chromium, processor slowed {SLOWED} times, a log of {RECORDS:,} records, warm server"
# What each page is about: it is interactive when this stands there and no long task is left.
_PAGES = {
    "log": ("/decisions?log=harbour", "main table tbody tr"),
    "home": ("/", "main .needs li.row"),
    "record": ("/decisions/{record}", "main article.rec .prose table"),
    "search": ("/search?q=manifest+seats", "main ol.results li"),
    "ask": ("/ask", "main textarea"),
}
_RICH_TEXT = """# {number}. Keep the {words}

## Status

Accepted

## Context

A sailing is sold on the web, at the quay and by three agents. Until now each channel wrote its own passenger list, and
the purser merged them by hand with `merge_lists.py` before departure[^1]. See [the record before](0006-keep-6.md).

| channel | asks | waits |
|---|---|---|
| web | the manifest | 20 ms |
| quay | the manifest | 35 ms |

## Decision

The {words} decide.

```python
def take(seat: Seat, sailing: Sailing) -> Hold:
    return manifest.hold(seat, sailing, minutes=8)
```

## Consequences

- Every channel asks the manifest, and waits for the answer.
- A seat is held for eight minutes and then falls back.

[^1]: Twenty minutes before departure.
"""


def measure(report: Report, instance: Instance) -> None:
    """Look from a browser at what `load` brought."""
    report.title("In the browser")
    chromium = find_chromium(report)
    if chromium is None:
        return
    url = f"http://127.0.0.1:{instance.port}"
    with prose_provider(instance), open_browser(chromium) as browser:
        measure_loads(report, browser, url)
        measure_acts(report, browser, url)
    measure_public(report, url)


def find_chromium(report: Report) -> str | None:
    """Return Chromium's path; say how it comes where it is missing."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        report.say("Chromium is missing: the figures of the pages are left out. On Debian: apt-get install chromium")
    return found


@contextmanager
def open_browser(chromium: str) -> Iterator[Browser]:
    """Open a browser without a graphics processor: what is drawn is drawn by the same two cores."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def load(instance: Instance) -> None:
    """Import the log of 5,000 records, which is published, and one of 1,000 that are linked."""
    with tempfile.TemporaryDirectory(prefix="cairn-bench-log-") as made:
        for slug, files in (("harbour", _harbour()), ("soundings", _soundings())):
            folder = Path(made) / slug
            folder.mkdir()
            for name, text in files:
                (folder / name).write_text(text, encoding="utf-8")
            instance.cairn("import", str(folder), "--json")
    asyncio.run(until_indexed(instance.port, time.perf_counter()))
    instance.cairn("publish", "--log", "harbour")


def _harbour() -> Iterator[tuple[str, str]]:
    for number in range(1, RECORDS + 1):
        words = f"manifest {number % 97} certificate {number % 31} seats {number % 13}"
        short = f"# {number}. Keep the {words}\n\n## Status\n\nAccepted\n\n## Decision\n\nThe {words} decide.\n"
        text = _RICH_TEXT.format(number=number, words=words) if number == RICH else short
        yield f"{number:04d}-keep-{number}.md", text


def _soundings() -> Iterator[tuple[str, str]]:
    """Yield records of ten years: each mentions two others, every fifth is superseded by one of some months later."""
    for number in range(1, LINKED + 1):
        name = "{0:04d}-sound-{0}.md".format
        others = [1 + (number * 7) % LINKED, 1 + (number // 2)]
        links = " and ".join(f"[{other}]({name(other)})" for other in others if other != number)
        later = number + 40
        after = f"Superseded by [{later}]({name(later)})" if number % 5 == 0 and later <= LINKED else "Accepted"
        date = f"{2016 + number // 100}-{1 + number // 9 % 12:02d}-01"
        head = f"# {number}. Sound the depth at buoy {number}\n\nDate: {date}\n\n## Status\n\n{after}\n"
        yield name(number), f"{head}\n## Context\n\nSee {links}.\n"


@contextmanager
def prose_provider(instance: Instance) -> Iterator[None]:
    """Connect a provider whose one model writes an answer at 60 tokens a second."""
    command = [sys.executable, str(Path(__file__).parent / "paced.py"), "provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours.
        try:
            assert process.stdout is not None
            where = ("--name", "paced", "--url", f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
            instance.cairn("gateway", "add", "compatible", *where, "--model", "prose", stdin="sk-bench")
            yield
        finally:
            process.terminate()


def measure_loads(report: Report, browser: Browser, url: str) -> None:
    """First visits, with an empty cache."""
    record = rich_record(url)
    for name, (pattern, wanted) in _PAGES.items():
        path = pattern.format(record=record)
        painted: list[float] = []
        ready: list[float] = []
        weights: dict[str, int] = {}
        begun: list[str] = []
        for _ in range(_LOADS + 1):
            context = browser.new_context(viewport=_SIZE)
            page = slow_page(context)
            weights.clear()
            page.on("response", lambda answer, weights=weights: weights.update(_weight(answer)))
            page.goto(url + path, wait_until="commit")
            page.evaluate("wanted => window.__await(wanted)", wanted)
            page.wait_for_load_state("networkidle")
            entry = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            painted.append(page.evaluate(entry) / 1000)
            ready.append(page.evaluate("Math.max(window.__seen.shown, window.__seen.long)") / 1000)
            begun = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map((one) => one.href)")
            context.close()
        how = f"median of {_LOADS} first visits to {path}; {_HOW}"
        report.add(f"page_{name}_first_content_s", statistics.median(painted[1:]), how, below=1.0)
        report.add(
            f"page_{name}_interactive_s",
            statistics.median(ready[1:]),
            "what it is about stands there and no long task is left; as above",
            below=1.5,
        )
        initial = sum(weights[address] for address in begun) / 1024
        whole = sum(weights.values()) / 1024
        how = "JavaScript, gzip; what the page begins with"
        report.add(f"page_{name}_script_kb", initial, how, below=150.01)
        report.add(f"page_{name}_whole_script_kb", whole, "the same once nothing more is asked for")


def rich_record(url: str) -> str:
    """Return the identity of the record with tables, code and links: several logs have its number."""
    asked = Request(  # noqa: S310 - loopback.
        f"{url}/cairn.decisions.v1.DecisionsService/ListDecisions",
        data=json.dumps({"text": f"Keep the manifest {RICH} certificate {RICH} seats {RICH}", "pageSize": 1}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(asked, timeout=30) as answer:  # noqa: S310 - as above.
        (found,) = json.load(answer)["decisions"]
    return str(found["id"])


def _weight(answer: Response) -> dict[str, int]:
    return {answer.url: len(gzip.compress(answer.body(), 9))} if answer.url.endswith(".js") else {}


def measure_acts(report: Report, browser: Browser, url: str) -> None:
    """Clicks, scrolling, typing, an answer being written, the graph."""
    for act in (_measure_clicks, _measure_scroll, _measure_typing, _measure_stream, _measure_graph):
        context = browser.new_context(viewport=_SIZE)
        act(report, slow_page(context), url)
        context.close()


def _clicks(page: Page) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what is clicked in a round, by name; each leaves the page so that the next can follow."""
    rows = page.locator("main table tbody tr")
    yield "choose a row", lambda: rows.nth(2).get_by_role("checkbox").click()
    yield "let it go", lambda: rows.nth(2).get_by_role("checkbox").click()
    yield "narrow to a status", lambda: page.get_by_label("Facets").get_by_text("Accepted").click()
    yield "widen again", lambda: page.get_by_label("Facets").get_by_text("Accepted").click()
    yield "another view", page.get_by_role("link", name="Open").first.click
    yield "all of them", page.get_by_role("link", name="All").first.click
    yield "as a board", lambda: page.get_by_role("button", name="Show as a board").click()
    yield "as a table", lambda: page.get_by_role("button", name="Show as a table").click()
    yield "open the palette", page.get_by_role("button", name="Find a decision").first.click
    yield "open a record", lambda: rows.nth(1).get_by_role("link").click()
    yield "back to the log", page.get_by_role("link", name="harbour").first.click


def _measure_clicks(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/decisions?log=harbour")
    page.locator("main table tbody tr").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate(EFFECTS)
    taken: dict[str, list[float]] = {}
    for _ in range(_ROUNDS):
        for name, click in _clicks(page):
            before = page.evaluate("window.__effects.length")
            click()
            page.wait_for_function("before => window.__effects.length > before", arg=before)
            taken.setdefault(name, []).append(page.evaluate("window.__effects.at(-1)"))
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(100)
            if name == "open the palette":
                page.get_by_role("dialog").wait_for()
                page.keyboard.press("Escape")
                page.get_by_role("dialog").wait_for(state="detached")
    every = [one for times in taken.values() for one in times]
    slowest = max(taken, key=lambda name: statistics.median(taken[name]))
    report.add(
        "page_click_p95_ms",
        percentile(every, 0.95),
        f"from a click to the frame with its first effect, {len(every)} clicks of {len(taken)} kinds; slowest: "
        f"{slowest}, median {statistics.median(taken[slowest]):.0f} ms; {_HOW}",
        below=100,
    )


def _measure_scroll(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/decisions?log=harbour")
    page.locator("main table tbody tr").first.wait_for()
    # Every row comes, so that the whole of the table is what scrolls.
    page.evaluate(
        """async (records) => {
        const all = records.toLocaleString("en");
        while (![...document.querySelectorAll(".cnt")].some((one) => one.textContent === all)) {
          scrollTo(0, document.documentElement.scrollHeight); await new Promise((done) => setTimeout(done, 50)); }
        scrollTo(0, 0); }""",
        RECORDS,
    )
    page.wait_for_load_state("networkidle")
    still = page.evaluate(STILL, _STILL_ROWS)
    frames = _scroll(page)
    how = f"10 s through the table of {RECORDS:,} rows at 2,000 px a second; longest frame {max(frames):.0f} ms; {_HOW}"
    report.add("page_scroll_fps", 1000 / statistics.fmean(frames), how, at_least=59)
    page.goto("about:blank")
    page.set_content(still)
    page.wait_for_timeout(1_000)
    frames = _scroll(page)
    how = f"the same rows as a document of {_STILL_ROWS} without a script; longest frame {max(frames):.0f} ms"
    report.add("page_scroll_still_fps", 1000 / statistics.fmean(frames), how)


def _scroll(page: Page) -> list[float]:
    """Scroll down for ten seconds and return the lengths of the frames."""
    page.evaluate(FRAMES)
    gesture = {"x": 800, "y": 500, "yDistance": -20_000, "speed": 2_000, "gestureSourceType": "mouse"}
    page.context.new_cdp_session(page).send("Input.synthesizeScrollGesture", gesture)
    return frames_of(page)


def _measure_typing(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/search?q=ferry")
    page.locator("main ol.results").wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate(ANSWERS)
    box = page.get_by_role("searchbox")
    box.fill("")
    box.focus()
    page.wait_for_timeout(500)
    for letter in _TYPED:
        page.keyboard.type(letter)
        page.wait_for_timeout(_BETWEEN_LETTERS_MS)
    page.wait_for_timeout(500)
    found: list[float] = page.evaluate("window.__answers")
    report.add(
        "page_search_typing_p95_ms",
        percentile(found, 0.95),
        f"from a letter to the frame with its results, words and meaning, {len(found)} of {len(_TYPED)} letters, "
        f"one every {_BETWEEN_LETTERS_MS} ms; median {statistics.median(found):.0f} ms; {_HOW}",
        below=150,
    )


def _measure_stream(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/ask")
    page.get_by_label("Model").select_option("paced/prose")
    page.get_by_role("textbox").fill(_QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_function("() => (document.querySelector('.answer')?.textContent ?? '').length > 40")
    page.evaluate(FRAMES)
    page.wait_for_timeout(_STREAM_MS)
    frames = frames_of(page)
    written = page.evaluate("document.querySelector('.answer .prose').textContent.length")
    over = sum(frame > 50 for frame in frames)
    report.add(
        "page_answer_longest_frame_ms",
        max(frames),
        f"{_STREAM_MS / 1000:g} s of an answer at 60 tokens a second, {written} characters of Markdown with citations, "
        f"{len(frames)} frames, {over} of them over 50 ms; {_HOW}",
        below=50,
    )


def _measure_graph(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/graph?log=soundings")
    page.locator(".plane canvas").wait_for()
    page.wait_for_load_state("networkidle")
    box = page.locator(".plane canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.wait_for_timeout(1_000)
    page.evaluate(FRAMES)
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for step in range(40):
        page.mouse.wheel(0, -60 if step < 20 else 60)
        page.wait_for_timeout(25)
    page.keyboard.up("Control")
    page.mouse.down()
    for step in range(80):
        page.mouse.move(x + (step % 40) * 8 - 160, y + (step % 20) * 6)
        page.wait_for_timeout(25)
    page.mouse.up()
    frames = frames_of(page)
    report.add(
        "page_graph_fps",
        1000 / statistics.fmean(frames),
        f"{LINKED:,} decisions: zoomed in and out and dragged; longest frame {max(frames):.0f} ms; "
        f"Chromium, processor slowed {SLOWED} times",
        at_least=50,
    )


def measure_public(report: Report, url: str) -> None:
    """Ask for public pages without a browser."""
    for name, path, kind in (
        ("public_record", f"/public/harbour/adr-{RICH:04d}", "a record's page"),
        ("public_log", "/public/harbour", "the page of a log, 200 records"),
    ):
        taken: list[float] = []
        for number in range(220):
            started = time.perf_counter()
            with urlopen(Request(f"{url}{path}", headers={"Accept-Encoding": "gzip"}), timeout=10) as answer:  # noqa: S310 - loopback.
                answer.read()
            if number >= 20:
                taken.append((time.perf_counter() - started) * 1000)
        report.add(f"{name}_p95_ms", percentile(taken, 0.95), f"{kind}, warm, 200 requests one by one", below=30)
