import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { startCompletion } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type JSX, useEffect, useRef, useState } from "react";

import { useClients } from "@/api/clients";
import { DecisionsService, type DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { IconButton } from "@/ui/button";
import { statusName } from "@/ui/status";
import { useToast } from "@/ui/toast";

import { t } from "../texts/editor";
import { markdownSetup, prefix, wrap } from "./markdown-setup";
import { insertPicture, picturesIn } from "./pictures";

const FOUND = 12;

interface MarkdownEditorProps {
  value: string;
  label: string;
  /** The log of the record: links into other logs name theirs. */
  logSlug: string;
  onChange: (value: string) => void;
  /** A decision was linked by these words. */
  onLink: (target: string, decision: DecisionSummary) => void;
  onSave: () => void;
}

/** The handlers of today, for an editor that is made once. */
function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  }, [value]);
  return latest;
}

function insertLink(view: EditorView): void {
  const { from, to } = view.state.selection.main;
  view.dispatch({ changes: { from, to, insert: "[[" }, selection: { anchor: from + 2 } });
  view.focus();
  startCompletion(view);
}

function Toolbar({ view, onPicture }: { view: EditorView | null; onPicture: (file: File) => void }): JSX.Element {
  const picture = useRef<HTMLInputElement>(null);
  const act = (run: (view: EditorView) => unknown) => () => {
    if (view) run(view);
  };
  return (
    <div className="md-bar" role="toolbar" aria-label={t.format}>
      <IconButton label={t.bold} onClick={act((at) => wrap(at, "**"))}>
        <b aria-hidden="true">B</b>
      </IconButton>
      <IconButton label={t.italic} onClick={act((at) => wrap(at, "*"))}>
        <i aria-hidden="true">I</i>
      </IconButton>
      <IconButton label={t.heading} onClick={act((at) => prefix(at, "## "))}>
        <b aria-hidden="true">#</b>
      </IconButton>
      <IconButton label={t.list} onClick={act((at) => prefix(at, "- "))}>
        <span aria-hidden="true">•</span>
      </IconButton>
      <IconButton label={t.quote} onClick={act((at) => prefix(at, "> "))}>
        <span aria-hidden="true">“</span>
      </IconButton>
      <IconButton label={t.code} onClick={act((at) => wrap(at, "`"))}>
        <span className="mono" aria-hidden="true">
          {"<>"}
        </span>
      </IconButton>
      <IconButton label={t.link} onClick={act(insertLink)}>
        <span className="mono" aria-hidden="true">
          [[
        </span>
      </IconButton>
      <button type="button" className="btn ghost" onClick={() => picture.current?.click()}>
        {t.picture}
      </button>
      <input
        ref={picture}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onPicture(file);
          event.target.value = "";
        }}
      />
    </div>
  );
}

/** Markdown with its marks coloured, links to decisions by `[[`, and pictures that are pasted, dropped or chosen. */
export function MarkdownEditor({ value, label, logSlug, onChange, onLink, onSave }: MarkdownEditorProps): JSX.Element {
  const clients = useClients();
  const toast = useToast();
  const host = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<EditorView | null>(null);
  const addPicture = (at: EditorView, file: File) => {
    insertPicture(at, file, t.picture).catch(() => toast.show({ message: t.pictureRefused(file.name) }));
  };
  const findLinks = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const open = context.matchBefore(/\[\[[^[\]\n]{0,80}/u);
    if (open === null) return null;
    const text = open.text.slice(2).trim();
    const gone = new AbortController();
    context.addEventListener("abort", () => gone.abort(), { onDocChange: true });
    const { decisions } = await clients(DecisionsService).listDecisions({ text, pageSize: FOUND }, { signal: gone.signal });
    return {
      from: open.from,
      filter: false,
      options: decisions.map((decision) => ({
        label: `${decision.ref} ${decision.title}`,
        detail: statusName(decision.status),
        apply: (at: EditorView, _: unknown, from: number, to: number) => {
          const target = decision.logSlug === logSlug ? decision.ref : `${decision.logSlug}/${decision.ref}`;
          const insert = `[${decision.title.replaceAll(/[[\]]/gu, "")}](${target})`;
          const closed = at.state.sliceDoc(to, to + 2) === "]]" ? 2 : 0;
          at.dispatch({ changes: { from, to: to + closed, insert }, selection: { anchor: from + insert.length } });
          onLink(target, decision);
        },
      })),
    };
  };
  const handlers = useLatest({ onChange, onSave, addPicture, findLinks });
  const start = useRef({ value, label });
  useEffect(() => {
    if (host.current === null) return undefined;
    const take = (items: DataTransfer | null, event: Event, at: EditorView) => {
      const files = picturesIn(items);
      if (files.length === 0) return false;
      event.preventDefault();
      for (const file of files) handlers.current.addPicture(at, file);
      return true;
    };
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: start.current.value,
        extensions: [
          markdownSetup(async (context) => {
            try {
              return await handlers.current.findLinks(context);
            } catch {
              // Without a server there is nothing to offer; the words stay as they were typed.
              return null;
            }
          }),
          EditorView.contentAttributes.of({
            "aria-label": start.current.label,
            spellcheck: "true",
            autocapitalize: "sentences",
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) handlers.current.onChange(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({
            paste: (event, at) => take(event.clipboardData, event, at),
            drop: (event, at) => take(event.dataTransfer, event, at),
            keydown: (event) => {
              if (event.key !== "s" || !(event.metaKey || event.ctrlKey)) return false;
              event.preventDefault();
              handlers.current.onSave();
              return true;
            },
          }),
        ],
      }),
    });
    setView(made);
    return () => made.destroy();
  }, [handlers]);
  useEffect(() => {
    // The text changed from elsewhere: a template, a merge, an undo of either.
    if (view !== null && view.state.doc.toString() !== value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    }
  }, [view, value]);
  return (
    <div className="md inp">
      <Toolbar view={view} onPicture={(file) => view && addPicture(view, file)} />
      <div ref={host} />
    </div>
  );
}
