import createDOMPurify from "dompurify";
import type { Mermaid } from "mermaid";

import { t } from "./texts";

const purify = createDOMPurify(window);
const LONGEST_DIAGRAM = 20_000;
const DRAWN_MOST = 40;
const SETTLES_MS = 250;

/** Drawn before, by theme and source: the preview of the editor asks again after every key. */
const drawn = new Map<string, string>();
let count = 0;

/** A colour of the theme as the six digits that Mermaid can reckon with; it knows no OKLCH. */
function colourOf(role: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return "#888888";
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(role);
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function themeVariables(): Record<string, string> {
  const roles: Record<string, string> = {
    background: "--surface",
    primaryColor: "--sunken",
    primaryTextColor: "--ink",
    primaryBorderColor: "--line-strong",
    secondaryColor: "--wash-accepted",
    secondaryTextColor: "--ink",
    tertiaryColor: "--canvas",
    tertiaryTextColor: "--ink",
    lineColor: "--ink-3",
    textColor: "--ink",
    noteBkgColor: "--mark",
    noteTextColor: "--ink",
    noteBorderColor: "--line-strong",
    edgeLabelBackground: "--surface",
    clusterBkg: "--canvas",
    clusterBorder: "--line",
    titleColor: "--ink",
    errorBkgColor: "--wash-danger",
    errorTextColor: "--ink",
  };
  return Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, colourOf(role)]));
}

function isDark(): boolean {
  return getComputedStyle(document.documentElement).colorScheme === "dark";
}

/** Nothing in a diagram may run, ask for anything, or change how it is made safe. */
function configure(mermaid: Mermaid): void {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "htmlLabels", "themeCSS", "fontFamily"],
    suppressErrorRendering: true,
    htmlLabels: false,
    maxTextSize: LONGEST_DIAGRAM,
    maxEdges: 400,
    theme: "base",
    darkMode: isDark(),
    fontFamily: '"Hanken Grotesk Variable", system-ui, sans-serif',
    themeVariables: { ...themeVariables(), darkMode: isDark(), fontSize: "14px" },
  });
}

async function svgOf(source: string): Promise<string> {
  const key = `${isDark()} ${source}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const { default: mermaid } = await import("mermaid");
  configure(mermaid);
  count += 1;
  const { svg } = await mermaid.render(`diagram-${count}`, source);
  const clean = purify.sanitize(svg, { USE_PROFILES: { svg: true, svgFilters: true }, FORBID_TAGS: ["a", "image", "use"] });
  if (drawn.size >= DRAWN_MOST) drawn.delete(drawn.keys().next().value ?? "");
  drawn.set(key, clean);
  return clean;
}

/** In a tree of its own, so that the styles of a diagram reach nothing else on the page. */
async function drawInto(host: HTMLElement, source: string, signal: AbortSignal): Promise<void> {
  const svg = await svgOf(source);
  if (signal.aborted) return;
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  shadow.innerHTML = `<style>svg{max-width:100%;height:auto;display:block;margin-inline:auto}</style>${svg}`;
  shadow.querySelector("svg")?.setAttribute("aria-hidden", "true");
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "";
}

function sourceBelow(block: Element): HTMLDetailsElement {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = t.diagramAsText;
  details.append(summary, block.cloneNode(true));
  return details;
}

async function drawOne(block: HTMLElement, source: string, signal: AbortSignal): Promise<void> {
  const figure = document.createElement("figure");
  figure.className = "diagram";
  const host = document.createElement("div");
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", t.diagram(/^\s*(\S+)/u.exec(source)?.[1] ?? ""));
  try {
    await drawInto(host, source, signal);
  } catch (error) {
    if (signal.aborted || block.nextElementSibling?.classList.contains("diagram-failed") === true) return;
    const note = document.createElement("p");
    note.className = "diagram-failed";
    note.textContent = t.diagramFailed(reasonOf(error));
    block.after(note);
    return;
  }
  if (signal.aborted || !block.isConnected) return;
  const lines = block.getAttribute("data-lines");
  if (lines !== null) figure.setAttribute("data-lines", lines);
  figure.append(host, sourceBelow(block));
  block.replaceWith(figure);
  watchTheme(host, source, signal);
}

function watchTheme(host: HTMLElement, source: string, signal: AbortSignal): void {
  // What cannot be drawn in the other theme stays as it was drawn in this one.
  const again = () => void drawInto(host, source, signal).catch((error: unknown) => console.warn(reasonOf(error)));
  const themes = new MutationObserver(again);
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  signal.addEventListener("abort", () => themes.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again, { signal });
}

/** Draws the Mermaid diagrams of an element in the colours of the theme; one that cannot be drawn stays as text. */
export async function drawDiagrams(root: HTMLElement, signal: AbortSignal): Promise<void> {
  const blocks = [...root.querySelectorAll<HTMLElement>('pre:has(> code[data-language="mermaid"])')];
  const known = blocks.every((block) => drawn.has(`${isDark()} ${block.textContent}`));
  // While somebody types, half a diagram is not worth a look.
  if (!known && count > 0) await new Promise((settled) => setTimeout(settled, SETTLES_MS));
  for (const block of blocks) {
    if (signal.aborted) return;
    await drawOne(block, block.textContent, signal);
  }
}
