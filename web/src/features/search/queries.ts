import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import type { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Mode } from "@/api/gen/cairn/search/v1/search_pb";
import { SearchService } from "@/api/gen/cairn/search/v1/search_pb";

export const MODES = [
  { value: "hybrid", mode: Mode.HYBRID },
  { value: "words", mode: Mode.LEXICAL },
  { value: "meaning", mode: Mode.SEMANTIC },
] as const;

export type ModeKey = (typeof MODES)[number]["value"];

const RESULTS = 20;
const SUGGESTIONS = 4;
const RELATED = 5;

export interface SearchFilter {
  query: string;
  mode: Mode;
  statuses: Status[];
  logIds: string[];
  tags: string[];
  /** A year of decision, or empty. */
  year: string;
}

export const searchQuery = (clients: Clients, filter: SearchFilter) =>
  queryOptions({
    queryKey: ["search", filter],
    queryFn: ({ signal }) => {
      const { year, ...rest } = filter;
      return clients(SearchService).search(
        { ...rest, decidedFrom: year, decidedTo: year, facets: true, pageSize: RESULTS },
        { signal },
      );
    },
    enabled: filter.query !== "",
    placeholderData: keepPreviousData,
  });

/** Records whose name begins with what is typed. A letter more ends the question before. */
export const suggestQuery = (clients: Clients, text: string) =>
  queryOptions({
    queryKey: ["search", "suggest", text],
    queryFn: ({ signal }) => clients(SearchService).suggest({ text, limit: SUGGESTIONS }, { signal }),
    enabled: text.length > 1,
    placeholderData: keepPreviousData,
  });

export const relatedQuery = (clients: Clients, decisionId: string) =>
  queryOptions({
    queryKey: ["search", "related", decisionId],
    queryFn: ({ signal }) => clients(SearchService).listRelated({ decisionId, limit: RELATED }, { signal }),
  });
