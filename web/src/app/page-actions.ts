import type { IconName } from "@/ui/icons";

export interface PageAction {
  key: string;
  label: string;
  icon: IconName;
  run: () => void;
}

const MOST = 40;
/** Buttons of the page itself, and links that are dressed as actions. What is typed into is not an action. */
const ACTIONS = "main button, main a.btn, .bar > button, .bar a.btn, .bar .menu button, main .side a.link, main .views a";
const NOT_HERE = "[disabled], [aria-disabled=true], [role=menuitem], .find, [data-no-palette], .narrow-only";

/** Everything that the page at hand offers to do, by the names it gives. */
export function pageActions(): PageAction[] {
  const found = new Map<string, PageAction>();
  for (const element of document.querySelectorAll<HTMLElement>(ACTIONS)) {
    if (element.matches(NOT_HERE) || element.closest(".find, dialog, [hidden]") !== null) continue;
    if (element.getClientRects().length === 0) continue;
    const label = (element.getAttribute("aria-label") ?? element.textContent).replaceAll(/\s+/gu, " ").trim();
    if (label.length < 2 || found.has(label)) continue;
    found.set(label, { key: `here ${label}`, label, icon: "here", run: () => element.click() });
    if (found.size >= MOST) break;
  }
  return [...found.values()];
}
