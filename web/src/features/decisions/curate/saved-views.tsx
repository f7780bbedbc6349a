import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, Suspense } from "react";

import { useClients } from "@/api/clients";
import { CurationService, type SavedFilter } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { lazyPart } from "@/text/lazy";

import { isNarrowed, joinList, type LogSearch, statusList } from "../filters";

const ViewTools = lazyPart(async () => (await import("./view-tools")).ViewTools);

const KEY = ["filters"];

function searchOf(filter: SavedFilter): LogSearch {
  return {
    text: filter.text === "" ? undefined : filter.text,
    status: statusList(filter.statuses),
    tag: joinList(filter.tags),
    owner: joinList(filter.ownerIds),
    governs: filter.governs ? "yes" : undefined,
    log: joinList(filter.logSlugs),
  };
}

const KEPT = ["deleted", "text", "status", "tag", "owner", "governs", "log"] as const;
const sameSearch = (a: LogSearch, b: LogSearch) => KEPT.every((part) => a[part] === b[part]);

/** Views that people keep, and a way to keep the one that is shown or to let it go. */
export function SavedViews({ search }: { search: LogSearch }): JSX.Element {
  const clients = useClients();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => clients(CurationService).listFilters({}, { signal }),
  });
  const filters = data?.filters ?? [];
  const current = filters.find((filter) => sameSearch(searchOf(filter), search));
  const tools = current === undefined ? isNarrowed(search) && search.deleted === undefined : current.own;
  return (
    <>
      {filters.map((filter) => (
        <Link
          key={filter.id}
          to="/decisions"
          search={searchOf(filter)}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {filter.name}
        </Link>
      ))}
      {tools && (
        <Suspense>
          <ViewTools search={search} kept={current} />
        </Suspense>
      )}
    </>
  );
}
