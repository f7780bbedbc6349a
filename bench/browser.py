"""The pages as people meet them: a real Chromium slowed four times, on a log of 5,000 records; and public pages.

`npm ci` in bench/lighthouse once brings Lighthouse; without it those figures are left out, and the bench says so.
"""

import asyncio
import gzip
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

from importing import until_indexed
from instance import Instance
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from report import Report

_RECORDS = 5_000
_SLOWED = 4
_LOADS = 5
_CLICKS = 20
_TYPED = "manifest certificate seats"
_LIGHTHOUSE = Path(__file__).parent / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
_GROUPS = ("performance", "accessibility", "best-practices", "seo")
_HOW = f"Chromium, processor slowed {_SLOWED} times, a log of {_RECORDS:,} records, warm server"

# Runs before the page's own scripts: what is slow, and when rows stood there.
_WATCH = """
window.__seen = { events: [], long: 0, rows: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.interactionId) window.__seen.events.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__seen.long = entry.startTime + entry.duration;
}).observe({ type: "longtask", buffered: true });
new MutationObserver(() => {
  if (!window.__seen.rows && document.querySelector("main table tbody tr")) window.__seen.rows = performance.now();
}).observe(document, { childList: true, subtree: true });
"""
# The lengths of the frames until it is told to stop.
_FRAMES = """
() => { const frames = window.__frames = []; let last; window.__stop = false;
  const step = (now) => { if (last !== undefined) frames.push(now - last); last = now;
    if (!window.__stop) requestAnimationFrame(step); };
  requestAnimationFrame(step); }
"""


def measure(report: Report, instance: Instance) -> None:
    """Load a log, then look at it from a browser."""
    report.title("In the browser")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        report.say("Chromium is missing: the figures of the pages are left out. On Debian: apt-get install chromium")
        return
    _load(instance)
    url = f"http://127.0.0.1:{instance.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            _measure_loads(report, browser, url)
            _measure_acts(report, browser, url)
        finally:
            browser.close()
    _measure_public(report, url)
    _measure_lighthouse(report, url, chromium)


def _load(instance: Instance) -> None:
    with tempfile.TemporaryDirectory(prefix="cairn-bench-log-") as made:
        folder = Path(made) / "harbour"
        folder.mkdir()
        for number in range(1, _RECORDS + 1):
            words = f"manifest {number % 97} certificate {number % 31} seats {number % 13}"
            text = f"# {number}. Keep the {words}\n\n## Status\n\nAccepted\n\n## Decision\n\nThe {words} decide.\n"
            (folder / f"{number:04d}-keep-{number}.md").write_text(text, encoding="utf-8")
        instance.cairn("import", str(folder), "--json")
    asyncio.run(until_indexed(instance.port, time.perf_counter()))
    instance.cairn("publish", "--log", "harbour")


def _slow_page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(_WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _SLOWED})
    return page


def _measure_loads(report: Report, browser: Browser, url: str) -> None:
    painted: list[float] = []
    ready: list[float] = []
    weights: dict[str, int] = {}
    for _ in range(_LOADS + 1):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = _slow_page(context)
        page.on("response", lambda answer: weights.update(_weight(answer)))
        page.goto(f"{url}/decisions?log=harbour")
        page.locator("main table tbody tr").first.wait_for()
        page.wait_for_load_state("networkidle")
        entry = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        painted.append(page.evaluate(entry) / 1000)
        ready.append(page.evaluate("Math.max(window.__seen.rows, window.__seen.long)") / 1000)
        context.close()
    report.add(
        "page_first_content_s", statistics.median(painted[1:]), f"median of {_LOADS} first visits; {_HOW}", below=1.0
    )
    report.add(
        "page_interactive_s",
        statistics.median(ready[1:]),
        "rows stand there and no long task is left; as above",
        below=1.5,
    )
    report.add(
        "page_script_kb", sum(weights.values()) / 1024, "JavaScript of a first visit to a log, compressed", below=150.01
    )


def _weight(answer: Response) -> dict[str, int]:
    return {answer.url: len(gzip.compress(answer.body(), 9))} if answer.url.endswith(".js") else {}


def _measure_acts(report: Report, browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = _slow_page(context)
    page.goto(f"{url}/decisions?log=harbour")
    boxes = page.locator("main table tbody tr input[type=checkbox]")
    boxes.first.wait_for()
    for number in range(_CLICKS):
        boxes.nth(number % 8).click()
        page.wait_for_timeout(60)
    clicks = sorted(page.evaluate("window.__seen.events")) or [0.0]
    report.add(
        "page_click_p95_ms", _p95(clicks), f"from a click to the next frame, {_CLICKS} rows chosen; {_HOW}", below=100
    )
    page.reload()
    page.locator("main table tbody tr").first.wait_for()
    page.mouse.move(800, 500)
    page.evaluate(_FRAMES)
    for _ in range(60):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(16)
    frames = _frames(page)
    fps = 1000 / statistics.fmean(frames)
    report.add("page_scroll_fps", fps, "scrolling through the table; as above", at_least=57)
    _measure_typing(report, page, url)
    _measure_stream(report, page, url)
    context.close()


def _measure_typing(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/search?q=ferry")
    box = page.get_by_role("searchbox").or_(page.locator("main input")).first
    box.wait_for()
    page.evaluate(
        """() => { window.__typed = 0; window.__found = [];
        document.addEventListener("input", () => { window.__typed = performance.now(); }, true);
        new MutationObserver(() => { if (window.__typed) {
          window.__found.push(performance.now() - window.__typed); window.__typed = 0; } })
          .observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true }); }"""
    )
    box.fill("")
    box.focus()
    for letter in _TYPED:
        page.keyboard.type(letter)
        page.wait_for_timeout(250)
    found = sorted(page.evaluate("window.__found")) or [0.0]
    report.add(
        "page_search_typing_p95_ms",
        _p95(found),
        f"from a letter to what it found, {len(found)} times; {_HOW}",
        below=150,
    )


def _measure_stream(report: Report, page: Page, url: str) -> None:
    page.goto(f"{url}/ask?q=Why+keep+the+manifest%3F")
    page.evaluate(_FRAMES)
    page.wait_for_timeout(4_000)
    frames = _frames(page)
    report.add(
        "page_answer_longest_frame_ms",
        max(frames),
        "while an answer is written and shown; as above",
        below=50,
    )


def _frames(page: Page) -> list[float]:
    frames: list[float] = page.evaluate("() => { window.__stop = true; return window.__frames; }")
    return frames or [0.0]


def _measure_public(report: Report, url: str) -> None:
    for name, path, kind in (
        ("public_record", "/public/harbour/adr-0007", "a record's page"),
        ("public_log", "/public/harbour", "the page of a log, 200 records"),
    ):
        taken: list[float] = []
        for number in range(220):
            started = time.perf_counter()
            with urlopen(Request(f"{url}{path}", headers={"Accept-Encoding": "gzip"}), timeout=10) as answer:  # noqa: S310 - loopback.
                answer.read()
            if number >= 20:
                taken.append((time.perf_counter() - started) * 1000)
        report.add(f"{name}_p95_ms", _p95(sorted(taken)), f"{kind}, warm, 200 requests one by one", below=30)


def _measure_lighthouse(report: Report, url: str, chromium: str) -> None:
    if not _LIGHTHOUSE.exists():
        report.say("Lighthouse is not installed: `npm ci` in bench/lighthouse brings it. Its figures are left out.")
        return
    for name, path, speed in (("public", "/public/harbour/adr-0007", 98), ("signed_in", "/decisions?log=harbour", 90)):
        command = [
            str(_LIGHTHOUSE),
            url + path,
            "--quiet",
            "--output=json",
            "--chrome-flags=--headless=new --no-sandbox",
        ]
        environment = {**os.environ, "CHROME_PATH": chromium}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=240)  # noqa: S603 - ours.
        if done.returncode:
            report.say(f"Lighthouse failed on {path}: {done.stderr[-300:]}")
            continue
        categories = json.loads(done.stdout)["categories"]
        for group in _GROUPS:
            least = speed if group == "performance" else 98
            score = categories[group]["score"] * 100
            report.add(f"lighthouse_{name}_{group.replace('-', '_')}", score, f"Lighthouse on {path}", at_least=least)


def _p95(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
