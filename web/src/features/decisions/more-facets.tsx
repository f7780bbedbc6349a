import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { JSX } from "react";

import { type Clients, useClients } from "@/api/clients";
import { CurationService } from "@/api/gen/cairn/decisions/v1/curation_pb";

import { Box } from "./facets";
import { FilterChip } from "./filter-bar";
import { type LogSearch, splitList, toggled } from "./filters";
import type { ListFilter } from "./queries";
import { t } from "./texts/facets";

const OWNERS_SHOWN = 8;

interface MoreProps {
  search: LogSearch;
  filter: ListFilter;
  onChange: (change: LogSearch) => void;
}

/** Counted beside the list, so that the list does not wait. */
const facetsQuery = (clients: Clients, { logIds, text, deleted }: ListFilter) =>
  queryOptions({
    queryKey: ["decisions", "facets", { logIds, text, deleted }],
    queryFn: ({ signal }) => clients(CurationService).countFacets({ logIds, text, deleted }, { signal }),
    placeholderData: keepPreviousData,
  });

/** Who looks after decisions, and which of them govern code. */
export function MoreFacets({ search, filter, onChange }: MoreProps): JSX.Element | null {
  const clients = useClients();
  const { data, isError, refetch } = useQuery(facetsQuery(clients, filter));
  if (isError) {
    return (
      <button type="button" className="link py-3 text-left" onClick={() => void refetch()}>
        {t.notCounted}
      </button>
    );
  }
  if (data === undefined) return null;
  const chosen = splitList(search.owner);
  const owners = data.owners.filter((owner, index) => index < OWNERS_SHOWN || chosen.includes(owner.id));
  return (
    <>
      {owners.length > 0 && <h2>{t.owner}</h2>}
      {owners.map(({ id, name, count }) => (
        <Box
          key={id}
          checked={chosen.includes(id)}
          count={count}
          onChange={() => onChange({ owner: toggled(search.owner, id) })}
        >
          <span className="trunc">{name}</span>
        </Box>
      ))}
      {(data.governing > 0 || search.governs !== undefined) && (
        <>
          <h2>{t.governsCode}</h2>
          <Box
            checked={search.governs === "yes"}
            count={data.governing}
            onChange={() => onChange({ governs: search.governs === "yes" ? undefined : "yes" })}
          >
            {t.hasPaths}
          </Box>
        </>
      )}
    </>
  );
}

/** The same two as filters that are set. */
export function MoreChips({ search, filter, onChange }: MoreProps): JSX.Element {
  const clients = useClients();
  const { data } = useQuery(facetsQuery(clients, filter));
  const chosen = splitList(search.owner);
  const names = chosen.map((id) => data?.owners.find((owner) => owner.id === id)?.name ?? t.someone);
  return (
    <>
      {search.owner !== undefined && (
        <FilterChip
          field={t.owner}
          value={names.join(", ")}
          count={chosen.length}
          onRemove={() => onChange({ owner: undefined })}
        />
      )}
      {search.governs !== undefined && (
        <FilterChip
          field={t.governsCode}
          value={t.hasPaths}
          count={1}
          onRemove={() => onChange({ governs: undefined })}
        />
      )}
    </>
  );
}
