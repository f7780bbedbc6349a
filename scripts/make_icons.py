"""Draw the icons of the installed application from web/public/icon.svg, with Chromium. Run it when the mark changes."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PUBLIC = Path(__file__).resolve().parent.parent / "web" / "public"
# Name -> edge in pixels, and how much of it the mark takes. A maskable one is cut to any shape by the system.
ICONS = {
    "icon-192.png": (192, 0.74),
    "icon-512.png": (512, 0.74),
    "icon-maskable-512.png": (512, 0.52),
    "apple-touch-icon.png": (180, 0.66),
}
PAGE = """<body style="margin:0;display:grid;place-items:center;width:{size}px;height:{size}px;background:#fcfbf8">
<div style="width:{mark}px;height:{mark}px;color:#025e70">{svg}</div>
<style>svg{{width:100%;height:100%}}</style></body>"""


def main() -> int:
    """Draw all of them; return the exit code."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("Chromium is missing. On Debian: apt-get install chromium")
        return 1
    svg = (PUBLIC / "icon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (size, share) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size}, color_scheme="light")
            page.set_content(PAGE.format(size=size, mark=round(size * share), svg=svg))
            page.screenshot(path=PUBLIC / name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
