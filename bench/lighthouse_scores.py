"""Lighthouse's four scores of the pages, public and signed in, as it weighs them: a phone on a slow line.

What is behind a session is no search engine's business, and robots.txt says so: whether those pages may be found is
left out of their score, and nothing else is.

`npm ci` in bench/lighthouse once brings Lighthouse; without it those figures are left out, and the bench says so.
"""

import json
import os
import subprocess
from pathlib import Path

import browser
from instance import Instance
from report import Report

_LIGHTHOUSE = Path(__file__).parent / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
_GROUPS = ("performance", "accessibility", "best-practices", "seo")
PUBLIC = {"public_record": f"/public/harbour/adr-{browser.RICH:04d}", "public_log": "/public/harbour"}
SIGNED_IN = {
    "home": "/",
    "log": "/decisions?log=harbour",
    "record": f"/decisions/harbour%2FADR-{browser.RICH:04d}",
    "search": "/search?q=manifest+seats",
    "ask": "/ask",
    "graph": "/graph?log=soundings",
    "settings": "/settings/people",
}


def measure(report: Report, instance: Instance) -> None:
    """Weigh every page once."""
    report.title("Lighthouse")
    chromium = browser.find_chromium(report)
    if chromium is None:
        return
    if not _LIGHTHOUSE.exists():
        report.say("Lighthouse is not installed: `npm ci` in bench/lighthouse brings it. Its figures are left out.")
        return
    url = f"http://127.0.0.1:{instance.port}"
    for name in PUBLIC | SIGNED_IN:
        weigh(report, chromium, url, name)


def weigh(report: Report, chromium: str, url: str, name: str) -> None:
    """Run Lighthouse on one page. Performance is held to 98 in public and to 90 behind it, the rest to 98."""
    path, speed = (PUBLIC[name], 98) if name in PUBLIC else (SIGNED_IN[name], 90)
    flags = ["--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    if name in SIGNED_IN:
        flags.append("--skip-audits=is-crawlable")
    command = [str(_LIGHTHOUSE), url + path, *flags]
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=240)  # noqa: S603 - ours.
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {path}: {done.stderr[-2000:]}")
    result = json.loads(done.stdout)
    for group in _GROUPS:
        category = result["categories"][group]
        weighed = {one["id"] for one in category["auditRefs"] if one["weight"]}
        lost = [
            f"{key} {audit['score']:.2f}"
            for key, audit in result["audits"].items()
            if key in weighed and audit["score"] is not None and audit["score"] < 0.9
        ]
        report.add(
            f"lighthouse_{name}_{group.replace('-', '_')}",
            category["score"] * 100,
            f"{path}; below 0.9: {', '.join(lost) or 'nothing'}",
            at_least=speed if group == "performance" else 98,
        )
