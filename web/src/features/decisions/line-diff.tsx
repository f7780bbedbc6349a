import { useQuery } from "@tanstack/react-query";
import { Fragment, type JSX } from "react";

import { useClients } from "@/api/clients";
import type { DiffHunk, DiffRow, DiffSide } from "@/api/gen/cairn/decisions/v1/versions_pb";
import { classes } from "@/ui/classes";
import { Failure } from "@/ui/note";
import { SkeletonText } from "@/ui/skeleton";

import { t } from "./texts/history";
import { diffQuery } from "./versions-queries";

/** The line with the words that changed; they are struck or underlined, and only then tinted. */
function Line({ side, removed }: { side: DiffSide | undefined; removed: boolean }): JSX.Element {
  return (
    <>
      {side?.spans.map((span, index) => {
        const key = `${index}${span.text.length}`;
        if (!span.changed) return <Fragment key={key}>{span.text}</Fragment>;
        return removed ? <del key={key}>{span.text}</del> : <ins key={key}>{span.text}</ins>;
      })}
    </>
  );
}

function look(row: DiffRow, removed: boolean): string | undefined {
  if (!row.changed) return undefined;
  return removed ? "r" : "a";
}

function Fold({ hunk, after }: { hunk: DiffHunk; after: number }): JSX.Element | null {
  const skipped = hunk.newStart - after;
  if (skipped <= 0 && hunk.heading === "") return null;
  const what = skipped > 0 ? t.linesUnchanged(skipped) : "";
  return <div className="fold">{[hunk.heading, what].filter((part) => part !== "").join(", ")}</div>;
}

function SideBySide({ hunk }: { hunk: DiffHunk }): JSX.Element {
  return (
    <table className="lines two" aria-label={t.beforeAndAfter}>
      <colgroup>
        <col className="no" />
        <col />
        <col className="no" />
        <col />
      </colgroup>
      <tbody>
        {hunk.rows.map((row, index) => (
          // The rows are derived as a whole and have no identity of their own.
          <tr key={`${index}${row.old?.line ?? "-"}`}>
            <td className="no">{row.old?.line}</td>
            <td className={classes("old", row.old && look(row, true))}>
              <Line side={row.old} removed />
            </td>
            <td className="no">{row.new?.line}</td>
            <td className={row.new && look(row, false)}>
              <Line side={row.new} removed={false} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Runs of changed rows say first what went, then what came. */
function unifiedRows(rows: readonly DiffRow[]): { row: DiffRow; removed: boolean }[] {
  const found: { row: DiffRow; removed: boolean }[] = [];
  let added: DiffRow[] = [];
  const flush = () => {
    found.push(...added.map((row) => ({ row, removed: false })));
    added = [];
  };
  for (const row of rows) {
    if (!row.changed) {
      flush();
      found.push({ row, removed: false });
      continue;
    }
    if (row.old) found.push({ row, removed: true });
    if (row.new) added.push(row);
  }
  flush();
  return found;
}

function Unified({ hunk }: { hunk: DiffHunk }): JSX.Element {
  return (
    <table className="lines" aria-label={t.lineByLine}>
      <colgroup>
        <col className="no" />
        <col className="no" />
        <col />
      </colgroup>
      <tbody>
        {unifiedRows(hunk.rows).map(({ row, removed }, index) => (
          <tr key={`${index}${String(removed)}`}>
            <td className="no">{row.changed && !removed ? "" : row.old?.line}</td>
            <td className="no">{row.changed && removed ? "" : row.new?.line}</td>
            <td className={look(row, removed)}>
              {row.changed && (
                <span className="sign" role="img" aria-label={removed ? t.lineRemoved : t.lineAdded}>
                  {removed ? "−" : "+"}
                </span>
              )}
              <Line side={removed ? row.old : row.new} removed={removed} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface LineDiffProps {
  decisionId: string;
  a: number;
  b: number;
  sideBySide: boolean;
}

/** Two versions line by line as their sources differ, with the words that changed. */
export function LineDiff({ decisionId, a, b, sideBySide }: LineDiffProps): JSX.Element {
  const clients = useClients();
  const { data, error, refetch } = useQuery(diffQuery(clients, decisionId, a, b));
  if (error) {
    return <Failure title={t.notCompared} error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <SkeletonText />;
  if (data.hunks.length === 0) return <p className="sub py-4">{t.sameText}</p>;
  return (
    <>
      {data.hunks.map((hunk, index) => {
        const before = data.hunks[index - 1];
        return (
          <Fragment key={hunk.newStart}>
            <Fold hunk={hunk} after={before ? before.newStart + before.newLines : 1} />
            {sideBySide ? <SideBySide hunk={hunk} /> : <Unified hunk={hunk} />}
          </Fragment>
        );
      })}
    </>
  );
}
