import "./filters.css";
import "./log.css";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, Suspense, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";

import { type Reading, useClients } from "@/api/clients";
import type { DecisionSummary, ListDecisionsResponse, Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { number } from "@/text/language";
import { lazyPart } from "@/text/lazy";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icons";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { statusName } from "@/ui/status";

import { type Selection, useSelection } from "./curate/selection";
import { DecisionTable } from "./decision-table";
import { Facets } from "./facets";
import { FilterChip, SortMenu, TextFilter } from "./filter-bar";
import { type LogSearch, SORTS, sortOf, splitList, statusesOf, statusList } from "./filters";
import { type ListFilter, listQuery, logsQuery } from "./queries";
import { t } from "./texts/log";

// A view is the current one with all of its filters and none besides.
const ONE_VIEW = { exact: true, includeSearch: true };
const SavedViews = lazyPart(async () => (await import("./curate/saved-views")).SavedViews);
const BulkDialog = lazyPart(async () => (await import("./curate/bulk-dialog")).BulkDialog);
const NothingHere = lazyPart(async () => (await import("./nothing-here")).NothingHere);
const RestoreButton = lazyPart(async () => (await import("./curate/restore-button")).RestoreButton);
const MoreChips = lazyPart(async () => (await import("./more-facets")).MoreChips);
const Board = lazyPart(async () => (await import("./board/board")).Board);

const route = getRouteApi("/decisions");

interface View {
  key: keyof typeof t.view;
  search: LogSearch;
  statuses: Status[];
}

const STATUSES_OF_VIEWS: readonly [View["key"], Status[]][] = [
  ["all", []],
  ["inForce", [Status.ACCEPTED]],
  ["open", [Status.DRAFT, Status.PROPOSED]],
  ["ended", [Status.REJECTED, Status.DEPRECATED, Status.SUPERSEDED]],
];
const VIEWS: View[] = STATUSES_OF_VIEWS.map(([key, statuses]) => ({
  key,
  statuses,
  search: { status: statusList(statuses) },
}));

function filterOf(search: LogSearch, logs: Log[]): ListFilter {
  return {
    logIds: logs.filter((log) => splitList(search.log).includes(log.slug)).map((log) => log.id),
    statuses: statusesOf(search),
    tags: splitList(search.tag),
    text: search.text ?? "",
    ownerIds: splitList(search.owner),
    governs: search.governs === "yes",
    deleted: search.deleted === "yes",
    order: sortOf(search).order,
  };
}

/** Reads what the page shows first. */
export async function warm({ clients, queryClient }: Reading): Promise<void> {
  const { logs } = await queryClient.query(logsQuery(clients));
  const search: LogSearch = Object.fromEntries(new URLSearchParams(location.search));
  await queryClient.infiniteQuery(listQuery(clients, filterOf(search, logs)));
}

/** Asks for the next page when the end of the list comes near. */
function useNearEnd(reach: () => void): React.RefObject<HTMLDivElement | null> {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (end.current === null) return undefined;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && reach(), {
      rootMargin: "3000px",
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [reach]);
  return end;
}

const restoreButton = (decision: DecisionSummary) => (
  <Suspense>
    <RestoreButton decision={decision} />
  </Suspense>
);

function Views({ search, first }: { search: LogSearch; first: ListDecisionsResponse | undefined }): JSX.Element {
  const totals = new Map(first?.statusCounts.map((entry) => [entry.status, entry.count]));
  const everything = [...totals.values()].reduce((sum, found) => sum + found, 0);
  const deleted = search.deleted === "yes";
  const countOf = ({ statuses }: View) =>
    statuses.length === 0 ? everything : statuses.reduce((sum, status) => sum + (totals.get(status) ?? 0), 0);
  return (
    <nav className="views" aria-label={t.views}>
      {VIEWS.map((view) => (
        <Link
          key={view.key}
          to="/decisions"
          search={(old) => ({ ...old, ...view.search, deleted: undefined })}
          activeOptions={ONE_VIEW}
          aria-current={!deleted && search.status === view.search.status ? "page" : undefined}
        >
          {t.view[view.key]}
          <span className="n">{!deleted && first && number(countOf(view))}</span>
        </Link>
      ))}
      <Suspense>
        <SavedViews search={search} />
      </Suspense>
      <Link
        to="/decisions"
        search={{ ...(search.log !== undefined && { log: search.log }), deleted: "yes" }}
        aria-current={deleted ? "page" : undefined}
      >
        {t.deleted}
      </Link>
    </nav>
  );
}

interface FiltersProps {
  search: LogSearch;
  filter: ListFilter;
  logs: Log[];
  shown: number;
  total: number | undefined;
  open: boolean;
  onToggle: () => void;
  onChange: (change: LogSearch) => void;
}

function Filters({ search, filter, logs, shown, total, open, onToggle, onChange }: FiltersProps): JSX.Element {
  const inLogs = logs.filter((log) => splitList(search.log).includes(log.slug));
  const statuses = statusesOf(search);
  const tags = splitList(search.tag);
  return (
    <div className="filters">
      <TextFilter
        value={search.text ?? ""}
        onChange={(value) => onChange({ text: value === "" ? undefined : value })}
      />
      {search.status !== undefined && (
        <FilterChip
          field={t.status}
          value={statuses.map(statusName).join(", ")}
          count={statuses.length}
          onRemove={() => onChange({ status: undefined })}
        />
      )}
      {search.tag !== undefined && (
        <FilterChip
          field={t.tag}
          value={tags.join(", ")}
          count={tags.length}
          onRemove={() => onChange({ tag: undefined })}
        />
      )}
      {(search.owner !== undefined || search.governs !== undefined) && (
        <Suspense>
          <MoreChips search={search} filter={filter} onChange={onChange} />
        </Suspense>
      )}
      {search.log !== undefined && (
        <FilterChip
          field={t.log}
          value={inLogs.map((log) => log.name).join(", ") || search.log}
          count={splitList(search.log).length}
          onRemove={() => onChange({ log: undefined })}
        />
      )}
      <Button look="ghost" className="full:hidden" aria-expanded={open} onClick={onToggle}>
        {open ? t.hideFilters : t.addFilter}
      </Button>
      <span className="cnt num" role="status">
        {total !== undefined && (shown < total ? t.shownOf(number(shown), number(total)) : number(total))}
      </span>
      {search.deleted === undefined && (
        <IconButton
          label={search.view === "board" ? t.asTable : t.asBoard}
          onClick={() => onChange({ view: search.view === "board" ? undefined : "board" })}
        >
          <Icon name={search.view === "board" ? "log" : "board"} />
        </IconButton>
      )}
      <span className={classes(!open && "wide-only")}>
        <SortMenu sorts={SORTS} current={sortOf(search)} onChange={(sort) => onChange({ sort })} />
      </span>
    </div>
  );
}

function Actions({ log }: { log: Log | undefined }): JSX.Element {
  return (
    <>
      {log && (
        <Link
          to="/logs/$slug"
          params={{ slug: log.slug }}
          className={buttonClass("ghost", "icon")}
          aria-label={t.settings}
          title={t.settings}
        >
          <Icon name="settings" />
        </Link>
      )}
      <Link to="/decisions/new" search={log ? { log: log.slug } : {}} className={buttonClass("primary")}>
        {t.newDecision}
      </Link>
    </>
  );
}

/** At the foot: the keys, and what can be done to the rows that are chosen. */
function Keys({ selection, onEdit }: { selection: Selection; onEdit: () => void }): JSX.Element {
  const chosen = selection.ids.length;
  return (
    <div className={classes("keys", chosen > 0 && "has")}>
      {chosen > 0 && (
        <div className="selbar" role="toolbar" aria-label={t.selection}>
          <span className="med num" role="status">
            {t.selected(number(chosen))}
          </span>
          <i className="sep" />
          <Button look="ghost" onClick={onEdit}>
            {t.edit}
          </Button>
          <Button look="ghost" onClick={selection.clear}>
            {t.clear} <kbd className="wide-only">Esc</kbd>
          </Button>
        </div>
      )}
      <span className="ml-auto">
        <kbd>X</kbd> {t.keys.select}
      </span>
      <span>
        <kbd>J</kbd>
        <kbd>K</kbd> {t.keys.move}
      </span>
      <span>
        <kbd>⏎</kbd> {t.keys.open}
      </span>
      <span>
        <kbd>/</kbd> {t.keys.filter}
      </span>
    </div>
  );
}

export function LogPage(): JSX.Element {
  const clients = useClients();
  const search: LogSearch = route.useSearch();
  const navigate = route.useNavigate();
  const logs = useQuery(logsQuery(clients));
  const allLogs = useMemo(() => logs.data?.logs ?? [], [logs.data]);
  const filter = useMemo(() => filterOf(search, allLogs), [search, allLogs]);
  // A filter by log waits for the logs' ids: without them it would list every log for a moment.
  const list = useInfiniteQuery({ ...listQuery(clients, filter), enabled: search.log === undefined || logs.isSuccess });
  const error = list.error ?? (search.log === undefined ? null : logs.error);
  const [showFilters, setShowFilters] = useState(false);

  const pages = list.data?.pages;
  const found = useMemo(() => pages?.flatMap((page) => page.decisions) ?? [], [pages]);
  // What was pressed answers at once; what it leads to is drawn after.
  const decisions = useDeferredValue(found);
  const selection = useSelection(useMemo(() => decisions.map((decision) => decision.id), [decisions]));
  const [bulk, setBulk] = useState(false);
  const first = list.data?.pages[0];
  const board = useDeferredValue(search.view === "board" && !filter.deleted && found.length > 0);
  const total = useDeferredValue(first?.total);
  const deleted = useDeferredValue(filter.deleted);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const end = useNearEnd(() => {
    // As long as what came last is not drawn, the end seems nearer than it is.
    if (hasNextPage && !isFetchingNextPage && !board && decisions === found) void fetchNextPage();
  });

  const change = (changes: LogSearch) => void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
  const clear = () => 
    change({ text: undefined, status: undefined, tag: undefined, owner: undefined, governs: undefined });
  const inLogs = allLogs.filter((log) => splitList(search.log).includes(log.slug));
  const logName = inLogs.length === 1 ? inLogs[0]?.name : undefined;
  return (
    <Page
      title={logName ?? t.decisions}
      heading={logName ?? t.decisions}
      crumbs={[
        { label: t.decisions, link: { to: "/decisions" } },
        ...(logName === undefined ? [] : [{ label: logName }]),
      ]}
      actions={<Actions log={inLogs.length === 1 ? inLogs[0] : undefined} />}
    >
      <div className="log">
        <Facets search={search} filter={filter} first={first} onChange={change} />
        <div className="body">
          <Views search={search} first={first} />
          <Filters
            search={search}
            filter={filter}
            logs={allLogs}
            shown={found.length}
            total={first?.total}
            open={showFilters}
            onToggle={() => setShowFilters(!showFilters)}
            onChange={change}
          />
          {showFilters && (
            <div className="facets-inline full:hidden">
              <Facets search={search} filter={filter} first={first} onChange={change} />
            </div>
          )}
          {list.isPending && error === null && <SkeletonRows count={8} />}
          {error !== null && (
            <div className="p-4">
              <Failure
                title={t.notRead}
                error={error}
                onRetry={() => void (logs.isError ? logs.refetch() : list.refetch())}
              />
            </div>
          )}
          {board && (
            <Suspense>
              <Board filter={filter} counts={first?.statusCounts ?? []} />
            </Suspense>
          )}
          {list.isSuccess && found.length === 0 && (
            <Suspense>
              <NothingHere search={search} onClear={clear} />
            </Suspense>
          )}
          {!board && decisions.length > 0 && (
            <DecisionTable
              decisions={decisions}
              total={total}
              selection={deleted ? undefined : selection}
              rowAction={deleted ? restoreButton : undefined}
            />
          )}
          <div ref={end} className="min-h-px text-center">
            {hasNextPage && !board && (
              <Button look="ghost" className="my-2" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {t.more}
              </Button>
            )}
          </div>
          {!board && decisions.length > 0 && (
            <Keys selection={selection} onEdit={() => setBulk(true)} />
          )}
        </div>
      </div>
      {bulk && (
        <Suspense>
          <BulkDialog
            ids={selection.ids}
            onClose={() => setBulk(false)}
            onDone={() => {
              setBulk(false);
              selection.clear();
            }}
          />
        </Suspense>
      )}
    </Page>
  );
}
