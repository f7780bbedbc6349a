"""What the browser's bench puts into a page to see it as a person would: frames, effects of clicks, results."""

from playwright.sync_api import BrowserContext, Page

SLOWED = 4

# Runs before the page's own scripts: when what the page is about stood there, and the end of the last long task.
WATCH = """
window.__seen = { long: 0, shown: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__seen.long = entry.startTime + entry.duration;
}).observe({ type: "longtask", buffered: true });
window.__await = (wanted) => new Promise((done) => {
  const look = () => { if (!document.querySelector(wanted)) return; seen.disconnect();
    window.__seen.shown = performance.now(); done(true); };
  const seen = new MutationObserver(look);
  seen.observe(document, { childList: true, subtree: true });
  look();
});
"""
# The lengths of the frames until it is told to stop.
FRAMES = """
() => { const frames = window.__frames = []; let last; window.__stop = false;
  const step = (now) => { if (last !== undefined) frames.push(now - last); last = now;
    if (!window.__stop) requestAnimationFrame(step); };
  requestAnimationFrame(step); }
"""
# From a click, as the browser stamps it, to the frame that shows the first change of the page after it.
EFFECTS = """
() => { window.__effects = []; let from = 0;
  addEventListener("click", (event) => { from = event.timeStamp; }, true);
  const seen = () => { if (!from) return; const began = from; from = 0;
    requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.__effects.push(performance.now() - began); port2.postMessage(0); }); };
  const every = { childList: true, subtree: true, characterData: true, attributes: true };
  new MutationObserver(seen).observe(document, every); }
"""
# From a letter, as the browser stamps it, to the frame that shows the results of what stands in the field then.
ANSWERS = """
() => { window.__answers = []; let typed = 0, asked = false;
  addEventListener("keydown", (event) => { typed = event.timeStamp; asked = false; }, true);
  const list = document.querySelector("main ol.results");
  new MutationObserver(() => {
    if (!typed) return;
    if (list.ariaBusy === "true") { asked = true; return; }
    if (!asked) return;
    const began = typed; typed = 0;
    requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.__answers.push(performance.now() - began); port2.postMessage(0); });
  }).observe(list, { attributes: true, attributeFilter: ["aria-busy"] }); }
"""

# The page without its scripts, as a document: a table of so many rows, which are those that stand in it now.
STILL = """
rows => { const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll("script, link, style").forEach((one) => one.remove());
  const style = document.createElement("style");
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  style.textContent = rules.map((rule) => rule.cssText).join("");
  copy.querySelector("head").append(style);
  const table = copy.querySelector("main table");
  const blocks = [...table.querySelectorAll("tbody")];
  const full = blocks.filter((block) => block.childElementCount === blocks[0].childElementCount);
  blocks.forEach((block) => block.remove());
  for (let drawn = 0; drawn < rows; drawn += full[0].childElementCount)
    table.append(full[(drawn / full[0].childElementCount) % full.length].cloneNode(true));
  return `<!doctype html>${copy.outerHTML}`; }
"""


def slow_page(context: BrowserContext) -> Page:
    """Open a page whose processor is slowed."""
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return page


def frames_of(page: Page) -> list[float]:
    """Stop counting and return the lengths of the frames, in milliseconds."""
    frames: list[float] = page.evaluate("() => { window.__stop = true; return window.__frames; }")
    if not frames:
        raise RuntimeError("The page drew no frame.")
    return frames
