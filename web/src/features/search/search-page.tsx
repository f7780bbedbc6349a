import "./search.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type JSX, memo, useDeferredValue, useEffect, useState } from "react";

import { useClients } from "@/api/clients";
import type { Passage, Result } from "@/api/gen/cairn/search/v1/search_pb";
import { logsQuery } from "@/features/decisions/queries";
import { rich } from "@/text/rich";
import { Button, buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Segmented } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { standing, statusFromKey } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { PassageQuote } from "./passage-quote";
import { MODES, searchQuery, suggestQuery } from "./queries";
import { SearchFacets } from "./search-facets";
import { t } from "./texts/search";

const route = getRouteApi("/search");
const SETTLES_MS = 400;
const PASSAGES_SHOWN = 2;
const AT_ONCE = 5;
const NO_RESULTS: Result[] = [];

function PassageLink({ passage, decisionId }: { passage: Passage; decisionId: string }): JSX.Element {
  const path = passage.source === "comment" ? t.discussion(passage.sourceTitle) : passage.headingPath.join(" / ");
  return (
    <Link
      to="/decisions/$ref"
      params={{ ref: decisionId }}
      {...(passage.anchor !== "" && { hash: passage.anchor })}
      className="passage"
    >
      <PassageQuote passage={passage} />
      {path !== "" && <span className="place">{path}</span>}
    </Link>
  );
}

function why(result: Result): string {
  if (result.matchedWords && result.matchedMeaning) return t.foundBy.both;
  return result.matchedMeaning ? t.foundBy.meaning : t.foundBy.words;
}

/** What put the record where it stands, the strongest first. */
function Legs({ result }: { result: Result }): JSX.Element | null {
  const legs = result.legs.filter((leg) => leg.share > 0).toSorted((a, b) => b.share - a.share);
  const sum = legs.reduce((total, leg) => total + leg.share, 0);
  if (sum === 0) return null;
  return (
    <details className="legs">
      <summary>{t.whyHere}</summary>
      <ul>
        {legs.map((leg) => (
          <li key={leg.leg}>
            <span className="share" style={{ inlineSize: `${(100 * leg.share) / sum}%` }} aria-hidden="true" />
            <span>{t.legs[leg.leg] ?? leg.leg}</span>
            <span className="num">{Math.round((100 * leg.share) / sum)} %</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Records that are called what is being typed, one press away. */
const Straight = memo(function Straight({ text }: { text: string }): JSX.Element | null {
  const clients = useClients();
  const { data } = useQuery(suggestQuery(clients, text));
  const decisions = text.length > 1 ? (data?.decisions ?? []) : [];
  if (decisions.length === 0) return null;
  return (
    <ul className="straight" aria-label={t.straight}>
      {decisions.map((decision) => (
        <li key={decision.id}>
          <Link to="/decisions/$ref" params={{ ref: decision.id }}>
            <Stone status={decision.status} />
            <span className="id">{decision.ref}</span>
            <span className="trunc">{decision.title}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
});

const ResultRow = memo(function ResultRow({ result }: { result: Result }): JSX.Element | null {
  const { decision } = result;
  if (!decision) return null;
  const { successor } = decision;
  return (
    <li className="result">
      <Stone status={decision.status} />
      <div className="min-w-0">
        <h2>
          <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
            {decision.title}
          </Link>
        </h2>
        <p className="sub sm">
          <span className="id">{decision.ref}</span> · {standing(decision.status)}
          {successor && (
            <>
              ,{" "}
              {rich(t.supersededBy(successor.ref), {
                a: (ref) => (
                  <Link to="/decisions/$ref" params={{ ref: successor.id }} className="link">
                    {ref}
                  </Link>
                ),
              })}
            </>
          )}{" "}
          · {why(result)}
          {result.successorOf !== "" && `, ${t.inPlace}`}
        </p>
        {result.passages.slice(0, PASSAGES_SHOWN).map((passage) => (
          <PassageLink key={passage.id} passage={passage} decisionId={decision.id} />
        ))}
        <Legs result={result} />
      </div>
    </li>
  );
});

function Nothing({ query, narrowed, onWiden }: { query: string; narrowed: boolean; onWiden: () => void }): JSX.Element {
  return (
    <Empty
      title={t.nothing}
      actions={
        narrowed ? (
          <Button onClick={onWiden}>{t.widen}</Button>
        ) : (
          <Link to="/ask" search={{ q: query }} className={buttonClass()}>
            {t.askInstead}
          </Link>
        )
      }
    >
      {narrowed ? t.nothingNarrowed(query) : t.nothingWhy(query)}
    </Empty>
  );
}

/** What is typed is searched at once; a moment after the typing stops it goes to the address. */
function useTyped(query: string, onQuery: (query: string) => void): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(query);
  const [known, setKnown] = useState(query);
  if (known !== query) {
    setKnown(query);
    if (typed.trim() !== query) setTyped(query);
  }
  useEffect(() => {
    if (typed.trim() === query) return undefined;
    const timer = setTimeout(() => onQuery(typed.trim()), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [typed, query, onQuery]);
  return [typed, setTyped];
}

export function SearchPage(): JSX.Element {
  const clients = useClients();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = MODES.find((one) => one.value === search.mode) ?? MODES[0];
  const status = statusFromKey(search.status ?? "");
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const logIds = logs.filter((log) => log.slug === search.log).map((log) => log.id);
  const router = useRouter();
  const change = (changes: typeof search) => {
    // What was typed last settles after a moment; whoever has gone on by then must not be called back.
    if (router.latestLocation.pathname === "/search")
      void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
  };
  const [typed, setTyped] = useTyped(search.q ?? "", (q) => change({ q }));
  // Whoever follows a result finds on the way back what it was found by. The router writes the address a moment later, and only once.
  const settle = () => {
    if (typed.trim() === (search.q ?? "")) return;
    change({ q: typed.trim() });
    router.history.flush();
  };
  const query = typed.trim();
  const filter = {
    query,
    mode: chosen.mode,
    statuses: status === undefined ? [] : [status],
    logIds,
    tags: search.tag === undefined ? [] : [search.tag],
    year: search.year ?? "",
  };
  const found = useQuery(searchQuery(clients, filter));
  const meant = found.data?.didYouMean ?? "";
  const results = query === "" ? NO_RESULTS : (found.data?.results ?? NO_RESULTS);
  // What lies below the first sight is drawn when that stands, and what is called so is asked for after what is searched.
  const later = useDeferredValue(results);
  const name = useDeferredValue(query);
  return (
    <Page title={query === "" ? t.heading : t.title(query)} heading={t.heading} crumbs={[{ label: t.heading }]}>
      <div className="searching" onClickCapture={settle}>
        <form role="search" className="ask" onSubmit={(event) => event.preventDefault()}>
          <div className="flex items-center gap-3 px-4">
            <span className="text-ink-3">
              <Icon name="find" />
            </span>
            <input
              type="search"
              className="big"
              // The page is opened to type in it.
              // eslint-disable-next-line jsx-a11y/no-autofocus
              autoFocus
              aria-label={t.box}
              placeholder={t.hint}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
          <div className="ft">
            <Segmented
              label={t.by}
              value={chosen.value}
              options={MODES.map(({ value }) => ({ value, label: t.modes[value] }))}
              onChange={(mode) => change({ mode })}
            />
            <span className="ml-auto num" role="status">
              {query !== "" && found.data && t.found(found.data.total)}
            </span>
          </div>
          <Straight text={name} />
        </form>
        {query !== "" && found.data && found.data.notices.length > 0 && (
          <Note
            tone="caution"
            title={found.data.notices.map(({ code, text, values }) => t.notices[code]?.(...values) ?? text).join(" ")}
          />
        )}
        {query !== "" && meant !== "" && (
          <p className="text-13">
            {rich(t.didYouMean(meant), {
              a: (words) => (
                <button type="button" className="link" onClick={() => change({ q: meant })}>
                  {words}
                </button>
              ),
            })}
          </p>
        )}
        {found.isError && (
          <Failure title={t.failed} error={found.error} onRetry={() => void found.refetch()} />
        )}
        {query !== "" && found.isPending && <SkeletonRows />}
        {query === "" && (
          <Empty title={t.beginTitle}>
            {t.begin}
          </Empty>
        )}
        {query !== "" && found.isSuccess && results.length === 0 && (
          <Nothing
            query={query}
            narrowed={[status, search.log, search.tag, search.year].some((value) => value !== undefined)}
            onWiden={() => change({ status: "", log: "", tag: "", year: "" })}
          />
        )}
        {query !== "" && found.data && (
          <SearchFacets
            facets={found.data.facets}
            chosen={search}
            logs={logs}
            onChoose={(field, value) => change({ [field]: value })}
          />
        )}
        <ol className="results" aria-busy={found.isPlaceholderData}>
          {results.slice(0, later === results ? results.length : AT_ONCE).map((result) => (
            <ResultRow key={result.decision?.id} result={result} />
          ))}
        </ol>
      </div>
    </Page>
  );
}
