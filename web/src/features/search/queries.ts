import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import type { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Mode } from "@/api/gen/cairn/search/v1/search_pb";
import { SearchService } from "@/api/gen/cairn/search/v1/search_pb";

export const MODES = [
  { value: "hybrid", label: "Both", mode: Mode.HYBRID },
  { value: "words", label: "Words", mode: Mode.LEXICAL },
  { value: "meaning", label: "Meaning", mode: Mode.SEMANTIC },
] as const;

export type ModeKey = (typeof MODES)[number]["value"];

const RESULTS = 20;

export const searchQuery = (clients: Clients, query: string, mode: Mode, statuses: Status[], logIds: string[]) =>
  queryOptions({
    queryKey: ["search", query, mode, statuses, logIds],
    queryFn: ({ signal }) =>
      clients(SearchService).search({ query, mode, statuses, logIds, pageSize: RESULTS }, { signal }),
    enabled: query !== "",
    placeholderData: keepPreviousData,
  });
