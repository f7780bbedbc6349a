import "../filters.css";
import "./timeline.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useMemo } from "react";

import { useClients } from "@/api/clients";
import { type DecisionSummary, LinkKind, type Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button, buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Pick, Segmented } from "@/ui/field";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { STATUSES, statusKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { dayOf, monthName } from "../dates";
import { statusesOf, toggled } from "../filters";
import { graphQuery } from "../graph/graph-query";
import { type Graph, graphOf } from "../graph/model";
import { logsQuery } from "../queries";
import { t } from "../texts/timeline";

const route = getRouteApi("/timeline");

interface Told {
  decision: DecisionSummary;
  /** What it took the place of, in whole or in part. */
  replaced: DecisionSummary[];
}

interface Month {
  key: string;
  told: Told[];
}

interface Year {
  year: string;
  months: Month[];
  counts: Map<Status, number>;
}

/** Decisions by year and month, the latest first or last; those without a date come apart. */
function tell(graph: Graph, statuses: readonly Status[], oldestFirst: boolean): { years: Year[]; undated: Told[] } {
  const replaced = new Map<number, DecisionSummary[]>();
  for (const { kind, from, to } of graph.arrows) {
    const old = graph.decisions[from];
    if (kind === LinkKind.SUPERSEDES && old) replaced.set(to, [...(replaced.get(to) ?? []), old]);
  }
  const told = graph.decisions
    .map((decision, place) => ({ decision, replaced: replaced.get(place) ?? [] }))
    .filter(({ decision }) => statuses.length === 0 || statuses.includes(decision.status));
  const dated = told.filter(({ decision }) => decision.decidedOn !== "");
  dated.sort((a, b) => a.decision.decidedOn.localeCompare(b.decision.decidedOn));
  if (!oldestFirst) dated.reverse();
  const years: Year[] = [];
  for (const one of dated) {
    const { decidedOn, status } = one.decision;
    const name = decidedOn.slice(0, 4);
    let year = years.at(-1);
    if (year?.year !== name) years.push((year = { year: name, months: [], counts: new Map() }));
    let month = year.months.at(-1);
    if (month?.key !== decidedOn.slice(0, 7)) year.months.push((month = { key: decidedOn.slice(0, 7), told: [] }));
    month.told.push(one);
    year.counts.set(status, (year.counts.get(status) ?? 0) + 1);
  }
  return { years, undated: told.filter(({ decision }) => decision.decidedOn === "") };
}

function Entry({ told: { decision, replaced } }: { told: Told }): JSX.Element {
  return (
    <li className="told">
      <time dateTime={decision.decidedOn}>{decision.decidedOn === "" ? "" : dayOf(decision.decidedOn)}</time>
      <Stone status={decision.status} />
      <div>
        <Link to="/decisions/$ref" params={{ ref: decision.id }} className="t hover:text-accent">
          {decision.title}
        </Link>
        <span className="why">
          <span className="id">{decision.ref}</span>
          {decision.deciders.length > 0 && <span>{decision.deciders.join(", ")}</span>}
          {replaced.map((old) => (
            <span key={old.id}>
              {t.replaces}{" "}
              <Link to="/decisions/$ref" params={{ ref: old.id }} className="link mono">
                {old.ref}
              </Link>
            </span>
          ))}
          {decision.successor && (
            <span>
              {t.replacedBy}{" "}
              <Link to="/decisions/$ref" params={{ ref: decision.successor.id }} className="link mono">
                {decision.successor.ref}
              </Link>
            </span>
          )}
        </span>
      </div>
    </li>
  );
}

/** How many were decided each year, and how they stand now; each leads to its year. */
function Years({ years }: { years: readonly Year[] }): JSX.Element {
  const most = Math.max(1, ...years.map(({ counts }) => [...counts.values()].reduce((sum, one) => sum + one, 0)));
  return (
    <nav className="years" aria-label={t.years}>
      {years.map(({ year, counts }) => {
        const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
        return (
          <a key={year} href={`#year-${year}`}>
            <span className="sr">{t.yearCount(year, total)}</span>
            <span className="num" aria-hidden="true">
              {year}
            </span>
            <span className="bar-of" aria-hidden="true" style={{ inlineSize: `${(100 * total) / most}%` }}>
              {STATUSES.filter((status) => counts.has(status)).map((status) => (
                <i key={status} data-s={statusKey(status)} style={{ flexGrow: counts.get(status) }} />
              ))}
            </span>
            <span className="n num" aria-hidden="true">
              {total}
            </span>
          </a>
        );
      })}
    </nav>
  );
}

function Story({ graph }: { graph: Graph }): JSX.Element {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const statuses = statusesOf(search);
  const oldestFirst = search.order === "oldest";
  const { status } = search;
  const { years, undated } = useMemo(
    () => tell(graph, statusesOf({ status }), oldestFirst),
    [graph, status, oldestFirst],
  );
  const change = (changes: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
  return (
    <>
      <div className="filters">
        <Segmented
          label={t.order}
          value={oldestFirst ? "oldest" : "latest"}
          options={[
            { value: "latest", label: t.latestFirst },
            { value: "oldest", label: t.oldestFirst },
          ]}
          onChange={(order) => change({ order: order === "oldest" ? order : undefined })}
        />
        <span className="stones" role="group" aria-label={t.status}>
          {STATUSES.filter((status) => graph.decisions.some((one) => one.status === status)).map((status) => (
            <button
              key={status}
              type="button"
              aria-pressed={statuses.includes(status)}
              onClick={() => change({ status: toggled(search.status, statusKey(status)) })}
            >
              <Stone status={status} beside />
              {statusName(status)}
            </button>
          ))}
        </span>
      </div>
      {graph.truncated && <Note tone="caution" title={t.truncated} />}
      {years.length === 0 && undated.length === 0 && (
        <Empty title={t.noneMatch} actions={<Button onClick={() => change({ status: undefined })}>{t.clear}</Button>}>
          {t.noneMatchWhy}
        </Empty>
      )}
      <div className="story">
        <div>
          {years.map(({ year, months }) => (
            <section key={year} className="year" id={`year-${year}`} aria-labelledby={`head-${year}`}>
              <h2 id={`head-${year}`}>{year}</h2>
              {months.map(({ key, told }) => (
                <section key={key} className="month" aria-label={`${monthName(`${key}-01`)} ${year}`}>
                  <h3>{monthName(`${key}-01`)}</h3>
                  <ol>
                    {told.map((one) => (
                      <Entry key={one.decision.id} told={one} />
                    ))}
                  </ol>
                </section>
              ))}
            </section>
          ))}
          {undated.length > 0 && (
            <section className="year">
              <h2>{t.undated}</h2>
              <p className="sub pb-2 text-13">{t.undatedWhy}</p>
              <ol className="month">
                {undated.map((one) => (
                  <Entry key={one.decision.id} told={one} />
                ))}
              </ol>
            </section>
          )}
        </div>
        {years.length > 0 && <Years years={years} />}
      </div>
    </>
  );
}

/** What was decided when, and what it took the place of. */
export function TimelinePage(): JSX.Element {
  const clients = useClients();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const { data, error, isPending, refetch } = useQuery(graphQuery(clients, search.log));
  const graph = useMemo(() => (data ? graphOf(data) : undefined), [data]);
  return (
    <Page
      title={t.timeline}
      heading={t.timeline}
      crumbs={[{ label: t.timeline }]}
      actions={
        logs.length > 1 && (
          <Pick
            label={t.log}
            shown={logs.find((one) => one.slug === search.log)?.name ?? t.allLogs}
            value={search.log ?? ""}
            options={[{ value: "", label: t.allLogs }, ...logs.map((one) => ({ value: one.slug, label: one.name }))]}
            onChange={(slug) => void navigate({ search: (old) => ({ ...old, log: slug === "" ? undefined : slug }) })}
          />
        )
      }
    >
      {isPending && <SkeletonRows />}
      {error && (
        <div className="p-4">
          <Failure title={t.notRead} error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {graph?.decisions.length === 0 && (
        <Empty
          title={t.empty}
          actions={
            <Link to="/import" className={buttonClass("primary")}>
              {t.importFolder}
            </Link>
          }
        >
          {t.emptyWhy}
        </Empty>
      )}
      {graph && graph.decisions.length > 0 && <Story graph={graph} />}
    </Page>
  );
}
