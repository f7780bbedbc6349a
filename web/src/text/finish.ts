import { Slugger } from "./slug";
import { t } from "./texts";

/** Where a link inside a record leads when it names another record. */
export interface KnownLink {
  href: string;
  /** The stone that stands before the link's words, as SVG, and the words for assistive tools. */
  stone: string;
  title: string;
}

export interface OutlineEntry {
  id: string;
  text: string;
  level: number;
}

export interface RenderedMarkdown {
  html: string;
  outline: OutlineEntry[];
}

/** What `[n]` in an answer stands for. */
export interface KnownCitation {
  href: string;
  status: string;
  stone: string;
  label: string;
}

export interface MarkdownOptions {
  /** Markers `[n]` become links to these passages. */
  citations?: ReadonlyMap<number, KnownCitation>;
  /** By the link as it is written in the text. */
  links?: ReadonlyMap<string, KnownLink>;
  /** Put before heading fragments where several texts stand on one page. */
  idPrefix?: string;
  /** Blocks say which lines of the source they are, in `data-lines`: `4-7`. */
  lines?: boolean;
  /** Written by a model: no link leads out of Cairn and no address is offered. */
  inert?: boolean;
  /** Words that no source holds, and what is said beside each. */
  unsupported?: { words: readonly string[]; label: string };
  /** Sections that another record took over, by heading. */
  partial?: ReadonlyMap<string, KnownLink & { label: string }>;
}

const PICTURE_IN_TEXT = /^data:image\/(?:png|jpeg|gif|webp);base64,/u;
const OUTSIDE = /^(?:https?|mailto):/iu;
const FOOTNOTE = /^(?:ref-)?\d+(?:-\d+)?$/u;

/** Safe HTML as the server makes it of a record, finished for the page that shows it. */
export function finishHtml(html: string, options: MarkdownOptions = {}): RenderedMarkdown {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return finish(holder.content, options);
}

/**
 * Gives a text that is safe already its fragments and what stands beside it: pictures from elsewhere become links (a page
 * must not tell strangers who reads it), and links lead to records where they can.
 */
export function finish(fragment: DocumentFragment, options: MarkdownOptions): RenderedMarkdown {
  const outline = numberHeadings(fragment, options.idPrefix ?? "");
  for (const image of fragment.querySelectorAll("img")) replacePicture(image);
  if (options.inert === true) takeLinksAway(fragment);
  for (const anchor of fragment.querySelectorAll("a")) leadLink(anchor, options);
  for (const place of fragment.querySelectorAll<HTMLElement>("[data-footnote]")) {
    const name = place.dataset["footnote"] ?? "";
    if (FOOTNOTE.test(name)) place.id = `${options.idPrefix ?? ""}footnote-${name}`;
  }
  for (const notes of fragment.querySelectorAll("[data-footnotes]")) notes.setAttribute("aria-label", t.footnotes);
  for (const back of fragment.querySelectorAll("[data-back]")) back.setAttribute("aria-label", t.backToText);
  for (const table of fragment.querySelectorAll("table")) wrapScrollable(table);
  for (const block of fragment.querySelectorAll("pre")) block.tabIndex = 0;
  if (options.citations !== undefined && options.citations.size > 0) placeCitations(fragment, options.citations);
  if (options.unsupported !== undefined && options.unsupported.words.length > 0) {
    markUnsupported(fragment, options.unsupported.words, options.unsupported.label);
  }
  if (options.partial !== undefined && options.partial.size > 0) markPartial(fragment, options.partial);
  if (options.lines === true) anchorHeadings(fragment);
  const holder = document.createElement("div");
  holder.append(fragment);
  return { html: holder.innerHTML, outline };
}

function numberHeadings(fragment: DocumentFragment, prefix: string): OutlineEntry[] {
  const slugger = new Slugger();
  const headings = [...fragment.querySelectorAll("h1,h2,h3,h4,h5,h6")];
  const written = (heading: Element) => heading.hasAttribute("data-heading");
  const ids = new Map<Element, string>();
  for (const heading of [...headings.filter(written), ...headings.filter((one) => !written(one))]) {
    ids.set(heading, prefix + slugger.slug(heading.textContent));
  }
  return headings.map((heading) => {
    const id = ids.get(heading) ?? "";
    // The page's title is the only first-level heading.
    const level = Math.max(2, Number(heading.tagName.slice(1)));
    const shown = document.createElement(`h${level}`);
    shown.id = id;
    const lines = heading.getAttribute("data-lines");
    if (lines !== null) shown.setAttribute("data-lines", lines);
    shown.append(...heading.childNodes);
    heading.replaceWith(shown);
    return { id, text: shown.textContent.trim(), level };
  });
}

/** A way to point at a section, for the pointer; the outline has the same for everybody. */
function anchorHeadings(fragment: DocumentFragment): void {
  for (const heading of fragment.querySelectorAll("h2,h3,h4,h5,h6")) {
    const anchor = document.createElement("a");
    anchor.className = "anchor";
    anchor.href = `#${heading.id}`;
    anchor.tabIndex = -1;
    anchor.setAttribute("aria-hidden", "true");
    anchor.textContent = "#";
    heading.append(anchor);
  }
}

/** Frames each section that another record took over, and says which. */
function markPartial(fragment: DocumentFragment, partial: ReadonlyMap<string, KnownLink & { label: string }>): void {
  const plain = (text: string) => text.trim().toLowerCase();
  const taken = new Map([...partial].map(([section, link]) => [plain(section), link]));
  for (const heading of [...fragment.querySelectorAll("h2,h3,h4,h5,h6")]) {
    const link = taken.get(plain(heading.textContent));
    if (link === undefined) continue;
    const frame = document.createElement("div");
    frame.className = "partial";
    heading.before(frame);
    const flag = document.createElement("p");
    flag.className = "flag";
    flag.innerHTML = link.stone;
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.title = link.title;
    anchor.textContent = link.label;
    const words = document.createElement("span");
    words.append(`${t.supersededBy} `, anchor);
    flag.append(words);
    let next: ChildNode | null = heading;
    while (next !== null) {
      const after: ChildNode | null = next.nextSibling;
      frame.append(next);
      const level = after instanceof Element ? /^H(\d)$/u.exec(after.tagName)?.[1] : undefined;
      if (level !== undefined && level <= heading.tagName.slice(1)) break;
      next = after;
    }
    frame.prepend(flag);
  }
}

function replacePicture(image: HTMLImageElement): void {
  const source = image.getAttribute("src") ?? "";
  if (PICTURE_IN_TEXT.test(source)) {
    image.alt = image.alt === "" ? t.picture : image.alt;
    return;
  }
  const name = image.alt === "" ? t.picture : image.alt;
  const inLink = image.closest("a") !== null;
  const stand = document.createElement(!inLink && OUTSIDE.test(source) ? "a" : "span");
  stand.textContent = t.pictureNotLoaded(name);
  if (stand instanceof HTMLAnchorElement) stand.href = source;
  else stand.title = source;
  image.replaceWith(stand);
}

function leadLink(anchor: HTMLAnchorElement, options: MarkdownOptions): void {
  const written = anchor.getAttribute("href") ?? "";
  if (written.startsWith("#")) {
    anchor.setAttribute("href", `#${options.idPrefix ?? ""}${written.slice(1)}`);
    return;
  }
  const [path = "", fragment] = written.split("#", 2);
  const known = options.links?.get(written) ?? options.links?.get(decoded(written)) ?? options.links?.get(path);
  if (known) {
    anchor.setAttribute("href", known.href + (fragment === undefined ? "" : `#${fragment}`));
    anchor.title = known.title;
    anchor.dataset["record"] = "";
    anchor.insertAdjacentHTML("afterbegin", known.stone);
  } else if (OUTSIDE.test(written)) {
    anchor.target = "_blank";
    anchor.rel = "noreferrer noopener";
  } else {
    const dead = document.createElement("span");
    dead.className = "dead-link";
    dead.title = `Not in this log: ${written}`;
    dead.append(...anchor.childNodes);
    anchor.replaceWith(dead);
  }
}

function decoded(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    // A stray percent sign: the address stays as written.
    return address;
  }
}

function wrapScrollable(table: HTMLTableElement): void {
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", t.table);
  table.replaceWith(frame);
  frame.append(table);
}

/** Leaves the words of links: an answer could carry what it read to wherever a link leads. */
function takeLinksAway(fragment: DocumentFragment): void {
  for (const anchor of fragment.querySelectorAll("a")) anchor.replaceWith(...anchor.childNodes);
  for (const image of fragment.querySelectorAll("img")) image.replaceWith(image.alt);
}

function textsOf(fragment: DocumentFragment, outside: string): Text[] {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    const { currentNode } = walker;
    if (currentNode instanceof Text && currentNode.parentElement?.closest(outside) == null) texts.push(currentNode);
  }
  return texts;
}

/** Underlines words wherever they stand alone, and says beside the first of each that nothing bears them out. */
function markUnsupported(fragment: DocumentFragment, words: readonly string[], label: string): void {
  const escaped = [...words]
    .sort((one, other) => other.length - one.length)
    .map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  const told = new Set<string>();
  for (const text of textsOf(fragment, "a")) {
    const parts: (string | Node)[] = [];
    let at = 0;
    for (const match of text.data.matchAll(pattern)) {
      const [word] = match;
      const marked = document.createElement("span");
      marked.className = "un";
      marked.textContent = word;
      parts.push(text.data.slice(at, match.index), marked);
      if (!told.has(word)) {
        told.add(word);
        const note = document.createElement("span");
        note.className = "unf";
        note.textContent = label;
        parts.push(" ", note);
      }
      at = match.index + word.length;
    }
    if (parts.length > 0) text.replaceWith(...parts, text.data.slice(at));
  }
}

const MARKER = /[ \u00a0]?\[(\d{1,3})\]([.,;:!?)”’»]*)/gu;
const LAST_WORD = /\S{1,24}$/u;

/** Puts a marker for each `[n]`, tied to the word before it and the stop after it: a marker never begins a line. */
function placeCitations(fragment: DocumentFragment, citations: ReadonlyMap<number, KnownCitation>): void {
  for (const text of textsOf(fragment, "code, pre, a")) {
    const parts: (string | Node)[] = [];
    let at = 0;
    for (const match of text.data.matchAll(MARKER)) {
      const citation = citations.get(Number(match[1]));
      if (citation === undefined) continue;
      const before = text.data.slice(at, match.index);
      const word = LAST_WORD.exec(before)?.[0] ?? "";
      const tied = document.createElement("span");
      tied.className = "tied";
      tied.append(word, "\u00a0", citationLink(match[1] ?? "", citation), match[2] ?? "");
      parts.push(before.slice(0, before.length - word.length), tied);
      at = match.index + match[0].length;
    }
    if (parts.length > 0) text.replaceWith(...parts, text.data.slice(at));
  }
}

function citationLink(number: string, citation: KnownCitation): HTMLAnchorElement {
  const link = document.createElement("a");
  link.className = "cite";
  link.href = citation.href;
  link.dataset["cite"] = number;
  link.dataset["s"] = citation.status;
  link.setAttribute("aria-label", citation.label);
  link.innerHTML = citation.stone;
  link.append(number);
  return link;
}
