import createDOMPurify from "dompurify";
import MarkdownIt, { type Token } from "markdown-it";
import footnotes from "markdown-it-footnote";

import { finishHtml, type MarkdownOptions, type RenderedMarkdown } from "./finish";

const markdown = new MarkdownIt({ html: true, linkify: true }).use(footnotes);

// Whole blocks and the items of lists can be spoken about; what stands inside of them is too small.
markdown.core.ruler.push("lines", ({ tokens, env }) => {
  if (!("lines" in env) || env.lines !== true) return;
  for (const token of tokens) {
    const block = token.level === 0 && !/^(?:bullet|ordered)_list/u.test(token.type);
    const item = token.level === 1 && token.type === "list_item_open";
    if (token.map && token.nesting >= 0 && (block || item)) {
      token.attrSet("data-lines", `${token.map[0] + 1}-${token.map[1]}`);
    }
  }
});
const purify = createDOMPurify(window);

/**
 * Renders Markdown to HTML that can be trusted: scripts, styles, forms and frames are taken out. Records come from the
 * server as such HTML (`formats/rendering.py` makes the same of them), so that to read one needs none of this.
 */
export function renderMarkdown(source: string, options: MarkdownOptions = {}): RenderedMarkdown {
  return finishHtml(safeHtml(source, options.lines === true), options);
}

/** The same before links lead anywhere: HTML without scripts, styles, forms and frames. */
export function safeHtml(source: string, lines: boolean): string {
  return purify.sanitize(markdown.render(source, { lines }), {
    FORBID_TAGS: [
      "style",
      "form",
      "input",
      "button",
      "textarea",
      "select",
      "option",
      "svg",
      "math",
      "video",
      "audio",
      "source",
    ],
    FORBID_ATTR: ["style", "class", "id", "name", "srcset", "background"],
    ADD_ATTR: ["data-language"],
    // The hook below judges addresses of pictures, which are taken out or turned into links.
    ALLOW_UNKNOWN_PROTOCOLS: false,
  });
}

// Classes are forbidden, so the language of a code block travels in an attribute of its own.
markdown.renderer.rules.fence = (tokens, index) => {
  const token = tokens[index];
  const language = token?.info.trim().split(/\s+/u)[0] ?? "";
  const attribute = language === "" ? "" : ` data-language="${markdown.utils.escapeHtml(language)}"`;
  const lines = token?.attrGet("data-lines");
  return `<pre${lines == null ? "" : ` data-lines="${lines}"`}><code${attribute}>${markdown.utils.escapeHtml(token?.content ?? "")}</code></pre>\n`;
};

// Ids and classes are forbidden too: a footnote's place travels in an attribute until the text is clean.
function footnoteOf(token: Token | undefined): { number: number; place: string } {
  const number = Number(token?.meta?.["id"]) + 1;
  const again = Number(token?.meta?.["subId"] ?? 0);
  return { number, place: again > 0 ? `${number}-${again}` : String(number) };
}

Object.assign(markdown.renderer.rules, {
  footnote_ref: (tokens, index) => {
    const { number, place } = footnoteOf(tokens[index]);
    return `<sup><a href="#footnote-${number}" data-footnote="ref-${place}">${number}</a></sup>`;
  },
  footnote_block_open: () => "<section data-footnotes><ol>\n",
  footnote_open: (tokens, index) => `<li data-footnote="${footnoteOf(tokens[index]).number}">`,
  footnote_anchor: (tokens, index) =>
    ` <a href="#footnote-ref-${footnoteOf(tokens[index]).place}" data-back>\u21a9\ufe0e</a>`,
} satisfies typeof markdown.renderer.rules);

// Only headings written as Markdown are numbered as the server numbers them; those of raw HTML come after.
markdown.renderer.rules["heading_open"] = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet("data-heading", "");
  return self.renderToken(tokens, index, options);
};
