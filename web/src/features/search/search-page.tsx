import "./search.css";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import {
  type JSX,
  memo,
  type RefObject,
  useCallback,
  useDeferredValue,
  useEffect,
  useRef,
  useState,
} from "react";

import { useClients } from "@/api/clients";
import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { Facet, Passage, Result } from "@/api/gen/cairn/search/v1/search_pb";
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
import { MODES, type SearchFilter, searchQuery, suggestQuery } from "./queries";
import { type FacetField, SearchFacets } from "./search-facets";
import { t } from "./texts/search";

const route = getRouteApi("/search");
const SETTLES_MS = 400;
const PASSAGES_SHOWN = 2;
const AT_ONCE = 5;
const NO_RESULTS: Result[] = [];
const NO_FACETS: Facet[] = [];
const NO_LOGS: Log[] = [];

function PassageLink({ passage, decisionId }: { passage: Passage; decisionId: string }): JSX.Element {
  const path = passage.source === "comment" ? t.discussion(passage.sourceTitle) : passage.headingPath.join(" / ");
  return (
    <a href={`/decisions/${decisionId}${passage.anchor === "" ? "" : `#${passage.anchor}`}`} className="passage">
      <PassageQuote passage={passage} />
      {path !== "" && <span className="place">{path}</span>}
    </a>
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
          <a href={`/decisions/${decision.id}`} className="hover:text-accent">
            {decision.title}
          </a>
        </h2>
        <p className="sub sm">
          <span className="id">{decision.ref}</span> · {standing(decision.status)}
          {successor && (
            <>
              ,{" "}
              {rich(t.supersededBy(successor.ref), {
                a: (ref) => (
                  <a href={`/decisions/${successor.id}`} className="link">
                    {ref}
                  </a>
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

/**
 * Follows the links of results without leaving the page, and fetches their page's code when a pointer comes near. The
 * router's own links do that one by one, which costs more than all else in a result, and results come with every letter.
 */
function useResultLinks(list: RefObject<HTMLOListElement | null>): void {
  const router = useRouter();
  useEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const linkOf = ({ target }: Event) => (target instanceof Element ? target.closest("a") : null);
    const refOf = (link: HTMLAnchorElement) => link.pathname.split("/").at(-1) ?? "";
    const open = (event: MouseEvent) => {
      const link = linkOf(event);
      const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
      if (link === null || elsewhere) return;
      event.preventDefault();
      void router.navigate({ to: "/decisions/$ref", params: { ref: refOf(link) }, hash: decodeURIComponent(link.hash.slice(1)) });
    };
    const near = (event: Event) => {
      const link = linkOf(event);
      if (link !== null) void router.preloadRoute({ to: "/decisions/$ref", params: { ref: refOf(link) } });
    };
    element.addEventListener("click", open);
    element.addEventListener("pointerover", near);
    return () => {
      element.removeEventListener("click", open);
      element.removeEventListener("pointerover", near);
    };
  }, [list, router]);
}

/** What is searched for: the words, and what the address narrows them to. */
function useFilter(logs: readonly Log[]): (query: string) => SearchFilter {
  const { mode, status: key, log, tag, year } = route.useSearch();
  const status = statusFromKey(key ?? "");
  return (query) => ({
    query,
    mode: (MODES.find((one) => one.value === mode) ?? MODES[0]).mode,
    statuses: status === undefined ? [] : [status],
    logIds: logs.filter((one) => one.slug === log).map((one) => one.id),
    tags: tag === undefined ? [] : [tag],
    year: year ?? "",
  });
}

/** All of the page that a letter changes. */
function Searching(): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const logs = useQuery(logsQuery(clients)).data?.logs ?? NO_LOGS;
  const router = useRouter();
  const change = useCallback(
    (changes: typeof search) => {
      // What was typed last settles after a moment; whoever has gone on by then must not be called back.
      if (router.latestLocation.pathname === "/search")
        void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
    },
    [navigate, router],
  );
  const choose = useCallback((field: FacetField, value: string | undefined) => change({ [field]: value }), [change]);
  const settled = useCallback((q: string) => change({ q }), [change]);
  const [typed, setTyped] = useTyped(search.q ?? "", settled);
  // Whoever follows a result finds on the way back what it was found by. The router writes the address a moment later, and only once.
  const settle = () => {
    if (typed.trim() === (search.q ?? "")) return;
    change({ q: typed.trim() });
    router.history.flush();
  };
  const query = typed.trim();
  const filterOf = useFilter(logs);
  const type = (text: string) => {
    // The question goes out before the letter is drawn: the server works meanwhile.
    // Why it failed, should it fail, is said by the page, which waits for the same answer.
    if (text.trim() !== "") queryClient.query(searchQuery(clients, filterOf(text.trim()))).catch(() => undefined);
    setTyped(text);
  };
  const list = useRef<HTMLOListElement>(null);
  useResultLinks(list);
  const found = useQuery(searchQuery(clients, filterOf(query)));
  const meant = found.data?.didYouMean ?? "";
  const results = query === "" ? NO_RESULTS : (found.data?.results ?? NO_RESULTS);
  // What lies below the first sight is drawn when that stands, and what is called so is asked for after what is searched.
  const later = useDeferredValue(results);
  const facets = useDeferredValue(query === "" ? NO_FACETS : (found.data?.facets ?? NO_FACETS));
  const name = useDeferredValue(query);
  return (
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
            onChange={(event) => type(event.target.value)}
          />
        </div>
        <div className="ft">
          <Segmented
            label={t.by}
            value={(MODES.find((one) => one.value === search.mode) ?? MODES[0]).value}
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
          narrowed={[statusFromKey(search.status ?? ""), search.log, search.tag, search.year].some((value) => value !== undefined)}
          onWiden={() => change({ status: "", log: "", tag: "", year: "" })}
        />
      )}
      {facets.length > 0 && <SearchFacets facets={facets} chosen={search} logs={logs} onChoose={choose} />}
      <ol className="results" aria-busy={found.isPlaceholderData} ref={list}>
        {results.slice(0, later === results ? results.length : AT_ONCE).map((result) => (
          <ResultRow key={result.decision?.id} result={result} />
        ))}
      </ol>
    </div>
  );
}

export function SearchPage(): JSX.Element {
  const { q = "" } = route.useSearch();
  return (
    <Page title={q === "" ? t.heading : t.title(q)} heading={t.heading} crumbs={[{ label: t.heading }]}>
      <Searching />
    </Page>
  );
}
