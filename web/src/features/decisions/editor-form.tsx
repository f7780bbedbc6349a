import "./editor.css";

import { type ComponentProps, type JSX, type ReactNode, Suspense, useDeferredValue, useMemo, useState } from "react";

import type { KnownLink } from "@/text/finish";
import { lazyPart } from "@/text/lazy";
import { renderMarkdown } from "@/text/markdown";
import { classes } from "@/ui/classes";
import { Field, Segmented, SelectField, TextField } from "@/ui/field";
import { Note } from "@/ui/note";
import { Prose } from "@/ui/prose";
import { STATUSES, statusFromKey, statusKey, statusName } from "@/ui/status";

import type { DraftState } from "./drafts";
import { knownLinks } from "./links";
import { t } from "./texts/writing";

const MarkdownEditor = lazyPart(async () => (await import("./editor/markdown-editor")).MarkdownEditor);

const WritingHelp = lazyPart(async () => (await import("@/features/chat/writing/writing-help")).default);

const SIDES = ["write", "preview"] as const;
type Side = (typeof SIDES)[number];

interface EditorFormProps {
  state: DraftState;
  links: ReadonlyMap<string, KnownLink>;
  notes?: ReactNode;
  /** Fields before the title: the log of a new record. */
  first?: ReactNode;
  /** Takes the place of the preview: a conflict. */
  aside?: ReactNode;
  asksWhy?: boolean;
  titleError?: string | undefined;
  /** The record that is edited. */
  decisionId?: string;
  /** What a new record is to be about. */
  about?: string;
  /** The log that it stands in. */
  logSlug: string;
  onSave: () => void;
}

function Preview({
  title,
  body,
  links,
}: {
  title: string;
  body: string;
  links: ReadonlyMap<string, KnownLink>;
}): JSX.Element {
  // Typing stays quick: the preview follows when there is time.
  const shown = useDeferredValue(body);
  const { html } = useMemo(() => renderMarkdown(shown, { links, idPrefix: "preview-" }), [shown, links]);
  return (
    <section className="paper" aria-label={t.sides.preview}>
      <p className="title">{title.trim() === "" ? t.untitled : title}</p>
      <Prose html={html} />
    </section>
  );
}

function Governs({ draft, change }: Pick<DraftState, "draft" | "change">): JSX.Element {
  return (
    <details className="governs" open={draft.paths !== "" || draft.components !== ""}>
      <summary>{t.governs}</summary>
      <div className="form pt-3">
        <Field label={t.paths} hint={t.pathsHint}>
          {(control) => (
            <textarea
              {...control}
              className="inp mono text-12!"
              rows={3}
              value={draft.paths}
              onChange={(event) => change({ paths: event.target.value })}
            />
          )}
        </Field>
        <div className="pair">
          <TextField
            label={t.components}
            placeholder={t.namesWithCommas}
            value={draft.components}
            onChange={(components) => change({ components })}
          />
          <TextField
            label={t.categories}
            placeholder={t.wordsWithCommas}
            value={draft.categories}
            onChange={(categories) => change({ categories })}
          />
        </div>
      </div>
    </details>
  );
}

function BodyField(props: Omit<ComponentProps<typeof MarkdownEditor>, "label">): JSX.Element {
  const plain = (
    <div className="inp body" aria-busy="true">
      {props.value}
    </div>
  );
  return (
    <div className="field">
      <span className="label" aria-hidden="true">
        {t.text}
      </span>
      <Suspense fallback={plain}>
        <MarkdownEditor {...props} label={t.text} />
      </Suspense>
    </div>
  );
}

/** Fields and Markdown on one side, the page as it will read on the other. */
export function EditorForm({
  state,
  links,
  notes,
  first,
  aside,
  asksWhy = false,
  titleError,
  decisionId = "",
  about = "",
  logSlug,
  onSave,
}: EditorFormProps): JSX.Element {
  const { draft, change } = state;
  const [linked, setLinked] = useState<ReadonlyMap<string, KnownLink>>(new Map());
  const allLinks = useMemo(() => new Map([...links, ...linked]), [links, linked]);
  const [side, setSide] = useState<Side>("write");
  const conflict = aside !== undefined && aside !== null;
  return (
    <div className="edit">
      <div className={classes("write", side === "preview" && !conflict && "wide-only")}>
        {notes}
        {!state.kept && (
          <Note tone="caution" title={t.noDrafts}>
            {t.noDraftsWhy}
          </Note>
        )}
        {first}
        <TextField
          label={t.title}
          value={draft.title}
          error={titleError}
          onChange={(title) => change({ title })}
          required
        />
        <div className="pair">
          <SelectField
            label={t.status}
            value={statusKey(draft.status)}
            options={STATUSES.map((status) => ({ value: statusKey(status), label: statusName(status) }))}
            onChange={(key) => change({ status: statusFromKey(key) ?? draft.status })}
          />
          <TextField
            label={t.decidedOn}
            type="date"
            value={draft.decidedOn}
            onChange={(decidedOn) => change({ decidedOn })}
          />
        </div>
        <div className="pair">
          <TextField
            label={t.deciders}
            placeholder={t.namesWithCommas}
            value={draft.deciders}
            onChange={(deciders) => change({ deciders })}
          />
          <TextField
            label={t.tags}
            placeholder={t.wordsWithCommas}
            value={draft.tags}
            onChange={(tags) => change({ tags })}
          />
        </div>
        <Governs draft={draft} change={change} />
        <BodyField
          value={draft.body}
          logSlug={logSlug}
          onChange={(body) => change({ body })}
          onLink={(target, decision) => setLinked((old) => new Map([...old, ...knownLinks([{ target, decision }])]))}
          onSave={onSave}
        />
        <Suspense>
          <WritingHelp
            title={draft.title}
            body={draft.body}
            decisionId={decisionId}
            about={about}
            onTitle={(title) => change({ title })}
            onBody={(body) => change({ body })}
          />
        </Suspense>
        {asksWhy && (
          <TextField
            label={t.message}
            placeholder={t.messageHint}
            value={draft.message}
            onChange={(message) => change({ message })}
          />
        )}
        <p className="sub sm" role="status">
          {state.dirty && state.kept && t.kept}
        </p>
      </div>
      <div className={classes("aside", side === "write" && !conflict && "wide-only")}>
        {conflict ? aside : <Preview title={draft.title} body={draft.body} links={allLinks} />}
      </div>
      {!conflict && (
        <Segmented
          label={t.side}
          className="narrow-only sides"
          value={side}
          options={SIDES.map((value) => ({ value, label: t.sides[value] }))}
          onChange={setSide}
        />
      )}
    </div>
  );
}
