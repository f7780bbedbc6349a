import { type JSX, Suspense, useCallback, useEffect, useState } from "react";

import { lazyPart } from "@/text/lazy";

const HoverCard = lazyPart(() => import("./hover-card").then((module) => module.HoverCard));

const APPEARS_AFTER_MS = 380;
const LEAVES_AFTER_MS = 160;
const RECORD = /^\/decisions\/(?!new$)([^/?#]+)$/u;
/** These tell more than the card does. */
const SPEAK_FOR_THEMSELVES = ".cite, .hov, .dcard, .toc, .crumbs, [data-no-card]";

export interface Shown {
  anchor: HTMLAnchorElement;
  ref: string;
  /** Where the pointer was: a name that wraps has its card at the line that was meant. */
  y: number | undefined;
}

function recordOf(target: EventTarget | null): Omit<Shown, "y"> | null {
  const anchor = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
  if (anchor === null || anchor.origin !== location.origin || anchor.closest(SPEAK_FOR_THEMSELVES) !== null) return null;
  const ref = RECORD.exec(anchor.pathname)?.[1];
  return ref === undefined || anchor.pathname === location.pathname ? null : { anchor, ref: decodeURIComponent(ref) };
}

/** Wherever a decision's name is a link: its standing, on a pointer that rests there or with the keyboard's focus. */
export function HoverCards(): JSX.Element | null {
  const [shown, setShown] = useState<Shown | null>(null);
  const close = useCallback(() => setShown(null), []);
  useEffect(() => {
    let timer = 0;
    let keyboard = document.querySelector(":focus-visible") !== null;
    const later = (act: () => void, after: number) => {
      clearTimeout(timer);
      timer = window.setTimeout(act, after);
    };
    const onOver = (event: PointerEvent) => {
      if (event.pointerType !== "mouse") return;
      const found = recordOf(event.target);
      if (found) {
        found.anchor.removeAttribute("title");
        later(() => setShown({ ...found, y: event.clientY }), APPEARS_AFTER_MS);
      } else if (event.target instanceof Element && event.target.closest(".dcard") !== null) clearTimeout(timer);
      else later(close, LEAVES_AFTER_MS);
    };
    const onFocus = (event: FocusEvent) => {
      const found = recordOf(event.target);
      if (found?.anchor.matches(":focus-visible") === true && keyboard) {
        later(() => setShown({ ...found, y: undefined }), APPEARS_AFTER_MS);
      } else if (found === null) later(close, 0);
    };
    const onKey = (event: KeyboardEvent) => {
      keyboard = true;
      if (event.key === "Escape" || event.key === "Enter") later(close, 0);
    };
    const onDown = (event: PointerEvent) => {
      keyboard = false;
      if (!(event.target instanceof Element && event.target.closest(".dcard") !== null)) later(close, 0);
    };
    const onScroll = () => {
      close();
      // The keyboard's focus scrolls to where it is, and stays there; a pointer does not.
      if (!keyboard) clearTimeout(timer);
    };
    // It was called by a movement that it did not see: the pointer or the focus may rest on a name already.
    const focused = keyboard ? recordOf(document.activeElement) : null;
    const here = focused ?? recordOf([...document.querySelectorAll("a:hover")].at(-1) ?? null);
    if (here) later(() => setShown({ ...here, y: undefined }), APPEARS_AFTER_MS);
    document.addEventListener("pointerover", onOver);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("pointerdown", onDown, true);
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", onOver);
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("pointerdown", onDown, true);
      removeEventListener("scroll", onScroll);
    };
  }, [close]);
  if (shown === null) return null;
  return (
    <Suspense>
      <HoverCard key={shown.ref} shown={shown} onGone={close} />
    </Suspense>
  );
}
