import "../filters.css";
import "./graph.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useCallback, useDeferredValue, useMemo, useState } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { number } from "@/text/language";
import { Button, buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Pick, Segmented } from "@/ui/field";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { STATUSES, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";


import { monthOf } from "../dates";
import { joinList, splitList } from "../filters";
import { logsQuery } from "../queries";
import { t } from "../texts/graph";
import { graphQuery } from "./graph-query";
import { type Arrow, type Graph, graphOf, isKind, type Kind, KIND_KEYS, KINDS, neighboursOf, partOf } from "./model";
import { Plane } from "./plane";

const route = getRouteApi("/graph");
const ROWS = 100;

function Name({ decision }: { decision: DecisionSummary | undefined }): JSX.Element | null {
  if (decision === undefined) return null;
  return (
    <span className="name">
      <Stone status={decision.status} />
      <span className="id">{decision.number === undefined ? "" : decision.ref}</span>
      <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
        {decision.title}
      </Link>
    </span>
  );
}

function Line({ kind, part }: { kind: Kind; part?: boolean }): JSX.Element {
  return <i className="kind-line" data-kind={KIND_KEYS[kind]} data-part={part === true ? "" : undefined} aria-hidden="true" />;
}

function wordsOf({ kind, section }: Arrow): string {
  return isKind(kind) ? t.kinds(KIND_KEYS[kind], section) : "";
}

/** The same relations as a table, which is what those read who see no picture. */
function Relations({ graph, arrows }: { graph: Graph; arrows: readonly Arrow[] }): JSX.Element {
  const [shown, setShown] = useState(ROWS);
  return (
    <>
      <table className="relations">
        <caption className="sr">{t.relations}</caption>
        <thead>
          <tr>
            <th scope="col">{t.from}</th>
            <th scope="col">{t.relation}</th>
            <th scope="col">{t.to}</th>
            <th scope="col">{t.since}</th>
          </tr>
        </thead>
        <tbody>
          {arrows.slice(0, shown).map((arrow) => (
            <tr key={`${arrow.from} ${arrow.to} ${arrow.kind} ${arrow.section}`}>
              <td>
                <Name decision={graph.decisions[arrow.from]} />
              </td>
              <td>
                <span className="kind">
                  {isKind(arrow.kind) && <Line kind={arrow.kind} part={arrow.section !== ""} />}
                  {wordsOf(arrow)}
                </span>
              </td>
              <td>
                <Name decision={graph.decisions[arrow.to]} />
              </td>
              <td className="since">{monthOf(graph.decisions[Math.max(arrow.from, arrow.to)]?.decidedOn ?? "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {arrows.length > shown && (
        <Button look="ghost" className="mx-4 my-2" onClick={() => setShown(shown + 10 * ROWS)}>
          {t.more(arrows.length - shown)}
        </Button>
      )}
    </>
  );
}

function Legend({ graph }: { graph: Graph }): JSX.Element {
  const kinds = KINDS.filter((kind) => graph.arrows.some((arrow) => arrow.kind === kind));
  const statuses = STATUSES.filter((status) => graph.decisions.some((one) => one.status === status));
  return (
    <ul className="legend" aria-label={t.legend}>
      {kinds.map((kind) => (
        <li key={kind}>
          <Line kind={kind} />
          {t.kinds(KIND_KEYS[kind], "")}
        </li>
      ))}
      {statuses.map((status) => (
        <li key={status}>
          <Stone status={status} beside />
          {statusName(status)}
        </li>
      ))}
    </ul>
  );
}

function Alone({ graph }: { graph: Graph }): JSX.Element | null {
  const linked = new Set(graph.arrows.flatMap(({ from, to }) => [from, to]));
  const alone = graph.decisions.filter((_, place) => !linked.has(place));
  if (alone.length === 0) return null;
  return (
    <section className="alone">
      <h2>{t.withoutRelations}</h2>
      <ul>
        {alone.map((decision) => (
          <li key={decision.id}>
            <Name decision={decision} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function kindsOf(list: string | undefined): Kind[] {
  const chosen = splitList(list);
  return KINDS.filter((kind) => chosen.length === 0 || chosen.includes(KIND_KEYS[kind]));
}

function Drawn({ whole }: { whole: Graph }): JSX.Element {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const kinds = kindsOf(search.kinds);
  const wanted = useDeferredValue(search.kinds);
  const alone = useDeferredValue(search.alone);
  const graph = useMemo(() => partOf(whole, kindsOf(wanted), alone === "yes"), [whole, wanted, alone]);
  const change = useCallback(
    (changes: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...changes }), replace: true }),
    [navigate],
  );
  const onFocus = useCallback((id: string | undefined) => change({ focus: id }), [change]);
  const focused = graph.decisions.findIndex((one) => one.id === search.focus);
  const near = focused < 0 ? undefined : neighboursOf(graph, focused);
  const arrows = near === undefined ? graph.arrows : graph.arrows.filter((one) => one.from === focused || one.to === focused);
  const lonely = whole.decisions.length - partOf(whole, kinds, false).decisions.length;
  const toggle = (kind: Kind) => {
    const next = kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind];
    change({ kinds: next.length === KINDS.length ? undefined : joinList(next.map((one) => KIND_KEYS[one])) });
  };
  const list = search.view === "list";
  return (
    <>
      <div className="filters">
        <Segmented
          label={t.view}
          value={list ? "list" : "graph"}
          options={[
            { value: "graph", label: t.graphAndList },
            { value: "list", label: t.listOnly },
          ]}
          onChange={(view) => change({ view: view === "list" ? "list" : undefined })}
        />
        <span className="kinds" role="group" aria-label={t.relations}>
          {KINDS.filter((kind) => whole.arrows.some((arrow) => arrow.kind === kind)).map((kind) => (
            <button key={kind} type="button" aria-pressed={kinds.includes(kind)} onClick={() => toggle(kind)}>
              <Line kind={kind} />
              {t.kinds(KIND_KEYS[kind], "")}
            </button>
          ))}
          {lonely > 0 && (
            <button
              type="button"
              aria-pressed={search.alone === "yes"}
              onClick={() => change({ alone: search.alone === "yes" ? undefined : "yes" })}
            >
              {t.alone(lonely)}
            </button>
          )}
        </span>
        <span className="cnt num" role="status">
          {t.count(graph.decisions.length, graph.arrows.length)}
        </span>
      </div>
      {whole.truncated && <Note tone="caution" title={t.truncated(number(whole.decisions.length))} />}
      {graph.decisions.length === 0 ? (
        <Empty
          title={t.nothingLinked}
          actions={
            kinds.length < KINDS.length && <Button onClick={() => change({ kinds: undefined })}>{t.allKinds}</Button>
          }
        >
          {t.nothingLinkedWhy}
        </Empty>
      ) : (
        <>
          {!list && <Plane graph={graph} focus={search.focus} onFocus={onFocus} />}
          {!list && <Legend graph={graph} />}
          {arrows.length > 0 && <Relations graph={graph} arrows={arrows} />}
          {search.alone === "yes" && focused < 0 && <Alone graph={graph} />}
        </>
      )}
    </>
  );
}

/** What leads to what: supersession, dependency, conflict, along the years; the same as a list. */
export function GraphPage(): JSX.Element {
  const clients = useClients();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const { data, error, isPending, refetch } = useQuery(graphQuery(clients, search.log));
  const whole = useMemo(() => (data ? graphOf(data) : undefined), [data]);
  const log = logs.find((one) => one.slug === search.log);
  return (
    <Page
      title={t.graph}
      heading={t.graph}
      crumbs={[{ label: t.graph }]}
      actions={
        logs.length > 1 && (
          <Pick
            label={t.log}
            shown={log?.name ?? t.allLogs}
            value={search.log ?? ""}
            options={[{ value: "", label: t.allLogs }, ...logs.map((one) => ({ value: one.slug, label: one.name }))]}
            onChange={(slug) => void navigate({ search: { log: slug === "" ? undefined : slug } })}
          />
        )
      }
    >
      <div className="graph">
        {isPending && <SkeletonRows />}
        {error && (
          <div className="p-4">
            <Failure title={t.notRead} error={error} onRetry={() => void refetch()} />
          </div>
        )}
        {whole?.decisions.length === 0 && (
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
        {whole && whole.decisions.length > 0 && <Drawn whole={whole} />}
      </div>
    </Page>
  );
}
