import type { AnyRouter } from "@tanstack/react-router";

const FRAMES_MOST_MS = 100;

/** Pressed in this very moment, and shown as pressed until its page stands there. */
let now: HTMLElement | undefined;
let shown: HTMLElement | undefined;

function release(): void {
  delete shown?.dataset["going"];
  shown = undefined;
}

/** Notes which link is pressed, before the router hears of it; shows none any longer once its page stands there. */
export function watchPresses(router: AnyRouter): void {
  document.addEventListener(
    "click",
    ({ target }) => {
      now = (target instanceof Element && target.closest<HTMLElement>("a[href]")) || undefined;
      setTimeout(() => (now = undefined));
    },
    true,
  );
  router.subscribe("onResolved", release);
}

/**
 * Shows the link that leads to where the router is about to go as pressed, and resolves when that is on the screen. To
 * draw the page takes longer than a press may stay without an answer, and would keep it back.
 */
export function pressShown(): Promise<void> | undefined {
  if (now === undefined || document.hidden) return undefined;
  release();
  shown = now;
  shown.dataset["going"] = "";
  return new Promise((done) => {
    // The second begins when the frame of the first is out.
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
    // A browser that draws no frames, as of a window behind others, keeps nobody from going on.
    setTimeout(done, FRAMES_MOST_MS);
  });
}
