import "./governs.css";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { type GoverningDecision, GovernanceService } from "@/api/gen/cairn/decisions/v1/governance_pb";
import { rich } from "@/text/rich";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Field } from "@/ui/field";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { standing } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { t } from "./texts/governs";

const route = getRouteApi("/governs");
const PATHS_MOST = 2_000;
const MATCHES_SHOWN = 5;

/** One path a line, as `git diff --name-only` prints them; its other forms are understood. */
export function pathsIn(text: string): string[] {
  const lines = text
    .split(/\r?\n/u)
    .map((line) => line.replace(/^(?:[+-]{3} [ab]\/|[AMDRCTU?!]{1,2}\d*\s+)/u, "").trim())
    .map((line) => line.replace(/^\.\//u, ""))
    .filter((line) => line !== "" && line !== "/dev/null");
  return [...new Set(lines)].slice(0, PATHS_MOST);
}

function Governing({ found }: { found: GoverningDecision }): JSX.Element | null {
  const { decision, gist, matches } = found;
  if (!decision) return null;
  return (
    <li className="governing">
      <Stone status={decision.status} />
      <div className="min-w-0">
        <h3>
          <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
            {decision.title}
          </Link>
        </h3>
        <p className="sub sm">
          <span className="id">{decision.ref}</span> · {
            decision.successor
              ? t.supersededBy(standing(decision.status), decision.successor.ref)
              : standing(decision.status)
          }
        </p>
        {gist !== "" && <p className="quote">{gist}</p>}
        <ul className="matches">
          {matches.slice(0, MATCHES_SHOWN).map((match) => (
            <li key={`${match.path}${match.pattern}${match.component}`}>
              <span className="mono">{match.path === "" ? match.component : match.path}</span>
              <span className="dim">
                {" "}
                {rich(t.by(match.pattern), { a: (pattern) => <span className="mono">{pattern}</span> })}
                {match.component !== "" && match.path !== "" && t.component(match.component)}
              </span>
            </li>
          ))}
          {matches.length > MATCHES_SHOWN && (
            <li className="dim">{t.otherPaths(matches.length - MATCHES_SHOWN)}</li>
          )}
        </ul>
      </div>
    </li>
  );
}

/** Which decisions bind the code that is about to change. */
export function GovernsPage(): JSX.Element {
  const clients = useClients();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const asked = pathsIn(search.paths ?? "");
  const all = search.all === "yes";
  const [typed, setTyped] = useState(search.paths ?? "");
  const found = useQuery({
    queryKey: ["decisions", "governs", asked, all],
    queryFn: ({ signal }) =>
      clients(GovernanceService).governsPaths({ paths: asked, allStatuses: all }, { signal }),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  });
  const look = (changes: typeof search) => void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
  const decisions = asked.length > 0 ? (found.data?.decisions ?? []) : [];
  const free = asked.length > 0 ? (found.data?.freePaths ?? []) : [];
  return (
    <Page title={t.title} heading={t.heading} crumbs={[{ label: t.title }]}>
      <div className="governs-page">
        <form
          className="form content-start"
          onSubmit={(event) => {
            event.preventDefault();
            look({ paths: pathsIn(typed).join("\n") });
          }}
        >
          <Field label={t.paths} hint={t.pathsHint}>
            {(control) => (
              <textarea
                {...control}
                className="inp mono text-13!"
                rows={8}
                spellCheck={false}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && (event.metaKey || event.ctrlKey))
                    event.currentTarget.form?.requestSubmit();
                }}
              />
            )}
          </Field>
          <label className="flex items-center gap-2 text-13">
            <input
              type="checkbox"
              className="check"
              checked={all}
              onChange={() => look({ all: all ? undefined : "yes" })}
            />
            {t.everyStatus}
          </label>
          <div>
            <Button type="submit" look="primary" busy={found.isFetching} disabled={pathsIn(typed).length === 0}>
              {t.look}
            </Button>
          </div>
          <p className="sub sm">
            {rich(t.commandLine, { a: (words) => <code>{words}</code>, b: (words) => <code>{words}</code> })}
          </p>
        </form>
        <section aria-label={t.found} aria-live="polite">
          {found.isError && (
            <Failure title={t.notRead} error={found.error} onRetry={() => void found.refetch()} />
          )}
          {asked.length > 0 && found.isPending && <SkeletonRows count={4} />}
          {asked.length === 0 && (
            <Empty title={t.noPaths}>
              {t.noPathsWhy}
            </Empty>
          )}
          {asked.length > 0 && found.isSuccess && decisions.length === 0 && (
            <Empty title={t.none}>
              {all ? t.noneAtAll : t.noneInForce}
            </Empty>
          )}
          {decisions.length > 0 && (
            <>
              <SectionHead title={t.decisions(decisions.length)} />
              <ul>
                {decisions.map((one) => (
                  <Governing key={one.decision?.id} found={one} />
                ))}
              </ul>
            </>
          )}
          {free.length > 0 && decisions.length > 0 && (
            <div className="pt-8">
              <SectionHead title={t.free}>{t.freePaths(free.length)}</SectionHead>
              <ul className="matches pt-2">
                {free.map((path) => (
                  <li key={path} className="mono">
                    {path}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </section>
      </div>
    </Page>
  );
}
