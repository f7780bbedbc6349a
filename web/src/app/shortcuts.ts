import { useNavigate } from "@tanstack/react-router";
import { useLayoutEffect } from "react";

import { PLACES } from "./places";

/** How long after G a letter still means a place. */
const SEQUENCE_MS = 1_200;

/** True where a key is a letter of somebody's text, or belongs to what is open above the page. */
function isTaken({ target }: KeyboardEvent): boolean {
  return (
    (target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable)) ||
    document.querySelector("dialog[open], [role=menu]") !== null
  );
}

/** The keys that work on every page: the palette, the list of keys, G and a letter, C to write. */
export function useShortcuts(openPalette: () => void, openKeys: () => void): void {
  const navigate = useNavigate();
  // Whoever sees the page may press at once: keys are heard from the first sight on, here and on the pages.
  useLayoutEffect(() => {
    let begun = -Infinity;
    const onKey = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if ((event.metaKey || event.ctrlKey) && key === "k") {
        event.preventDefault();
        openPalette();
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTaken(event)) return;
      const place = event.timeStamp - begun < SEQUENCE_MS ? PLACES.find((one) => one.key === key) : undefined;
      begun = -Infinity;
      if (place) void navigate({ to: place.to });
      else if (key === "g") begun = event.timeStamp;
      else if (key === "c") void navigate({ to: "/decisions/new" });
      else if (key === "?") openKeys();
      else return;
      event.preventDefault();
      // The letter has done its work: the page's own keys do not hear it.
      event.stopImmediatePropagation();
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [navigate, openPalette, openKeys]);
}
