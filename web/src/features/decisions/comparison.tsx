import { useQuery } from "@tanstack/react-query";
import { type JSX, useLayoutEffect, useMemo } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary, Version } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { renderMarkdown } from "@/text/markdown";
import { Button } from "@/ui/button";
import { Segmented } from "@/ui/field";
import { Hash } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Prose } from "@/ui/prose";
import { SkeletonText } from "@/ui/skeleton";
import { StatusLabel } from "@/ui/stone";
import { longDate } from "@/ui/time";

import { Blame } from "./blame";
import { diffTexts } from "./diff";
import { DiffBlocks } from "./diff-view";
import { LineDiff } from "./line-diff";
import { versionQuery } from "./version-queries";
import { t } from "./texts/history";

const VIEWS = ["words", "sides", "lines", "blame", "text"] as const;
type View = (typeof VIEWS)[number];

interface FieldChange {
  label: string;
  before: string;
  after: string;
}

const joined = (values: readonly string[] | undefined) => values?.join(", ") ?? "";

function fieldChanges(before: Version | undefined, after: Version): FieldChange[] {
  const pairs: FieldChange[] = [
    { label: t.fields.title, before: before?.title ?? "", after: after.title },
    { label: t.fields.date, before: longDate(before?.decidedOn ?? ""), after: longDate(after.decidedOn) },
    { label: t.fields.deciders, before: before?.deciders.join(", ") ?? "", after: after.deciders.join(", ") },
    { label: t.fields.tags, before: before?.tags.join(", ") ?? "", after: after.tags.join(", ") },
    { label: t.fields.governs, before: joined(before?.scope?.paths), after: joined(after.scope?.paths) },
    { label: t.fields.components, before: joined(before?.scope?.components), after: joined(after.scope?.components) },
    { label: t.fields.categories, before: joined(before?.scope?.categories), after: joined(after.scope?.categories) },
  ];
  return pairs.filter((pair) => pair.before !== pair.after);
}

function Fields({ before, after }: { before: Version | undefined; after: Version }): JSX.Element {
  const changes = fieldChanges(before, after);
  const sameStatus = before?.status === after.status;
  return (
    <table className="fields">
      <tbody>
        <tr>
          <th scope="row">{t.status}</th>
          <td>
            <span className="inline-flex flex-wrap items-center gap-x-3">
              {before && !sameStatus && (
                <>
                  <StatusLabel status={before.status} />
                  <span className="dim">{t.to}</span>
                </>
              )}
              <StatusLabel status={after.status} />
            </span>
          </td>
          <td className="sub">{before === undefined ? "" : sameStatus ? t.unchanged : t.changed}</td>
        </tr>
        {changes.map((change) => (
          <tr key={change.label}>
            <th scope="row">{change.label}</th>
            <td>
              {change.before !== "" && <del>{change.before}</del>} {change.after !== "" && <ins>{change.after}</ins>}
            </td>
            <td className="sub">{change.before === "" ? t.added : change.after === "" ? t.removed : t.changed}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface LoadedProps {
  before: Version | undefined;
  after: Version;
  view: View;
}

function Loaded({ before, after, view }: LoadedProps): JSX.Element {
  const words = useMemo(() => diffTexts(before?.body ?? "", after.body), [before, after]);
  const text = useMemo(() => renderMarkdown(after.body).html, [after]);
  const changed = fieldChanges(before, after).length + (before && before.status !== after.status ? 1 : 0);
  if (view === "text") return <Prose html={text} />;
  if (view === "blame") return <Blame decisionId={after.decisionId} version={after.version} />;
  return (
    <>
      <p className="sub sm pb-1">
        {t.words(words.wordsAdded, words.wordsRemoved, changed)}
      </p>
      <Fields before={before} after={after} />
      {before && (view === "sides" || view === "lines") ? (
        <LineDiff
          decisionId={after.decisionId}
          a={before.version}
          b={after.version}
          sideBySide={view === "sides"}
        />
      ) : (
        <DiffBlocks blocks={words.blocks} />
      )}
    </>
  );
}

const CHANGES = ".diff .d.a, .diff .d.r, .diff .lines td.a, .diff .lines td.r";

/** Brings the next change into view, from the first again after the last. */
function showNextChange(): void {
  const changes = [...document.querySelectorAll<HTMLElement>(CHANGES)];
  const below = changes.find((one) => one.getBoundingClientRect().top > innerHeight / 2 + 4);
  (below ?? changes[0])?.scrollIntoView({ block: "center" });
}

function NextChange(): JSX.Element {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (event.key === "n" && !typing && !event.metaKey && !event.ctrlKey && !event.altKey) showNextChange();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <Button className="wide-only" onClick={showNextChange}>
      {t.next} <kbd>N</kbd>
    </Button>
  );
}

interface ComparisonProps {
  decision: DecisionSummary;
  /** 0 compares with nothing: everything is new. */
  a: number;
  b: number;
  view: string | undefined;
  onView: (view: View) => void;
  /** Absent for the current version. */
  onRestore?: ((version: Version) => void) | undefined;
}

/** What changed from version A to version B. */
export function Comparison({ decision, a, b, view, onView, onRestore }: ComparisonProps): JSX.Element {
  const clients = useClients();
  const before = useQuery({ ...versionQuery(clients, decision.id, a), enabled: a > 0 });
  const after = useQuery({ ...versionQuery(clients, decision.id, b), enabled: b > 0 });
  // The first version is all new: its text says more than a page of insertions.
  const shown = VIEWS.find((one) => one === view) ?? (a > 0 ? "words" : "text");
  const error = before.error ?? after.error;
  return (
    <div className="diff">
      <h1>{after.data?.title ?? decision.title}</h1>
      <div className="tools">
        {before.data && (
          <>
            <Hash value={before.data.contentHash} />
            <span className="dim">{t.to}</span>
          </>
        )}
        {after.data && <Hash value={after.data.contentHash} />}
        <span className="ml-auto flex flex-wrap gap-2">
          {onRestore && after.data && <Button onClick={() => onRestore(after.data)}>{t.bringBack(b)}</Button>}
          <NextChange />
          <Segmented 
            label={t.view}
            value={shown}
            options={VIEWS.map((value) => ({ value, label: t.views[value] }))}
            onChange={onView} />
        </span>
      </div>
      {error && <Failure title={t.versionsNotRead} error={error} />}
      {!error && (!after.data || (a > 0 && !before.data)) && <SkeletonText />}
      {after.data && (a <= 0 || before.data) && (
        <Loaded before={a > 0 ? before.data : undefined} after={after.data} view={shown} />
      )}
    </div>
  );
}
