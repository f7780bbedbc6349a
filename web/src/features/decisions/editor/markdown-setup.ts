import { autocompletion, type CompletionSource, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { markdown, markdownKeymap, markdownLanguage } from "@codemirror/lang-markdown";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { search, searchKeymap } from "@codemirror/search";
import { EditorSelection, type Extension } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap, MatchDecorator, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { t } from "../texts/editor";

const COLOURS = HighlightStyle.define([
  { tag: tags.heading, color: "var(--ink)", fontWeight: "640" },
  { tag: tags.strong, fontWeight: "640" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
  { tag: [tags.link, tags.url], color: "var(--accent)" },
  { tag: tags.monospace, color: "var(--caution)" },
  { tag: tags.quote, color: "var(--ink-2)" },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.comment], color: "var(--ink-3)" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "var(--t-13)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.65", minHeight: "24rem" },
  ".cm-content": { padding: "0.5rem 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 0.5625rem" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "var(--r-2)",
    background: "var(--raised)",
    boxShadow: "var(--shadow-2)",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-ui)", maxHeight: "16rem" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "0.3125rem 0.625rem", lineHeight: "1.4" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--selected)", color: "var(--ink)" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--ink-3)", marginLeft: "0.75rem" },
  ".cm-panels": { background: "var(--sunken)", color: "var(--ink)", fontFamily: "var(--font-ui)" },
  ".cm-searchMatch": { background: "var(--mark)" },
});

/** Wraps what is chosen in marks, or takes them away where they are. */
export function wrap(view: EditorView, mark: string): boolean {
  view.dispatch(
    view.state.changeByRange((range) => {
      const inside = view.state.sliceDoc(range.from - mark.length, range.from) === mark;
      const around = view.state.sliceDoc(range.to, range.to + mark.length) === mark;
      if (inside && around) {
        return {
          changes: [
            { from: range.from - mark.length, to: range.from },
            { from: range.to, to: range.to + mark.length },
          ],
          range: EditorSelection.range(range.from - mark.length, range.to - mark.length),
        };
      }
      return {
        changes: [
          { from: range.from, insert: mark },
          { from: range.to, insert: mark },
        ],
        range: EditorSelection.range(range.from + mark.length, range.to + mark.length),
      };
    }),
  );
  view.focus();
  return true;
}

/** Puts a sign before each line that is chosen, or takes it away where all have it. */
export function prefix(view: EditorView, sign: string): void {
  const { doc, selection } = view.state;
  const first = doc.lineAt(selection.main.from).number;
  const last = doc.lineAt(selection.main.to).number;
  const lines = Array.from({ length: last - first + 1 }, (_, index) => doc.line(first + index));
  const away = lines.every((line) => line.text.startsWith(sign));
  view.dispatch({
    changes: lines.map((line) =>
      away ? { from: line.from, to: line.from + sign.length } : { from: line.from, insert: sign },
    ),
  });
  view.focus();
}

class PictureBytes extends WidgetType {
  constructor(private readonly bytes: number) {
    super();
  }

  override eq(other: PictureBytes): boolean {
    return other.bytes === this.bytes;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "tag";
    element.textContent = t.pictureBytes(Math.ceil(this.bytes / 1024));
    return element;
  }
}

// The bytes of a picture are a hundred thousand letters that nobody reads.
const BYTES = new MatchDecorator({
  regexp: /data:image\/[a-z]+;base64,[A-Za-z0-9+/=]{40,}/gu,
  maxLength: 0,
  decoration: (match) => Decoration.replace({ widget: new PictureBytes(match[0].length * 0.75) }),
});

const foldedPictures = ViewPlugin.fromClass(
  class {
    folded: DecorationSet;
    constructor(view: EditorView) {
      this.folded = BYTES.createDeco(view);
    }
    update(update: ViewUpdate): void {
      this.folded = BYTES.updateDeco(update, this.folded);
    }
  },
  {
    decorations: (plugin) => plugin.folded,
    provide: (plugin) => EditorView.atomicRanges.of((view) => view.plugin(plugin)?.folded ?? Decoration.none),
  },
);

/** Markdown as one writes it here. `links` answers `[[`. */
export function markdownSetup(links: CompletionSource): Extension[] {
  return [
    history(),
    search({ top: true }),
    markdown({ base: markdownLanguage }),
    syntaxHighlighting(COLOURS),
    LOOK,
    EditorView.lineWrapping,
    foldedPictures,
    autocompletion({ override: [links], icons: false }),
    keymap.of([
      { key: "Mod-b", run: (view) => wrap(view, "**") },
      { key: "Mod-i", run: (view) => wrap(view, "*") },
      ...markdownKeymap,
      ...completionKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
  ];
}
