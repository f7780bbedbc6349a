import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import type { BlameLine } from "@/api/gen/cairn/decisions/v1/versions_pb";
import { Failure } from "@/ui/note";
import { SkeletonText } from "@/ui/skeleton";
import { age, dateOf, fullMoment } from "@/ui/time";

import { t } from "./texts/history";
import { blameQuery } from "./versions-queries";

interface Run {
  version: number;
  /** 1-based. */
  first: number;
  lines: string[];
}

/** Lines that one version brought and that stand together. */
export function runsOf(lines: readonly BlameLine[]): Run[] {
  const runs: Run[] = [];
  for (const [index, line] of lines.entries()) {
    const last = runs.at(-1);
    if (last?.version === line.version) last.lines.push(line.text);
    else runs.push({ version: line.version, first: index + 1, lines: [line.text] });
  }
  return runs;
}

/** Which version brought each line, who wrote it and when. */
export function Blame({ decisionId, version }: { decisionId: string; version: number }): JSX.Element {
  const clients = useClients();
  const { data, error, refetch } = useQuery(blameQuery(clients, decisionId, version));
  if (error) return <Failure title={t.notTraced} error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonText />;
  const versions = new Map(data.versions.map((one) => [one.version, one]));
  return (
    <table className="lines blame" aria-label={t.linesWithVersion}>
      <colgroup>
        <col className="who" />
        <col />
      </colgroup>
      <tbody>
        {runsOf(data.lines).map((run) => {
          const brought = versions.get(run.version);
          const at = dateOf(brought?.createdAt);
          return (
            <tr key={run.first}>
              <th scope="row">
                <Link
                  to="/decisions/$ref/history"
                  params={{ ref: decisionId }}
                  search={{ a: String(run.version - 1), b: String(run.version) }}
                  title={brought?.message === "" ? t.version(run.version) : brought?.message}
                  className="hover:text-accent"
                >
                  <span className="num">{run.version}</span> {brought?.authorName}
                </Link>{" "}
                {at && (
                  <time className="dim" dateTime={at.toISOString()} title={fullMoment(at)}>
                    {age(at)}
                  </time>
                )}
              </th>
              <td>{run.lines.join("\n")}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
