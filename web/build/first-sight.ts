import type { Plugin } from "vite";

import { runAtBuild } from "./run.ts";

/** Draws the frame of every page into index.html, so that it stands there before its code does. */
export function firstSight(): Plugin {
  return {
    name: "cairn-first-sight",
    apply: "build",
    transformIndexHtml: async (html) => {
      const { FIRST_SIGHT } = await runAtBuild<{ FIRST_SIGHT: string }>("/src/app/first-sight.tsx");
      return html.replace('<div id="root"></div>', `<div id="root">${FIRST_SIGHT}</div>`);
    },
  };
}
