import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

const PAGE_SIZE = 100;

export const versionsQuery = (clients: Clients, decisionId: string) =>
  infiniteQueryOptions({
    queryKey: ["decisions", "versions", decisionId],
    queryFn: ({ pageParam, signal }) =>
      clients(DecisionsService).listVersions({ decisionId, pageSize: PAGE_SIZE, cursor: pageParam }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => (page.nextCursor === "" ? undefined : page.nextCursor),
  });

export const versionQuery = (clients: Clients, decisionId: string, version: number) =>
  queryOptions({
    queryKey: ["decisions", "version", decisionId, version],
    queryFn: async ({ signal }) => {
      const response = await clients(DecisionsService).getVersion({ decisionId, version }, { signal });
      if (response.version === undefined) throw new Error("The server sent no version.");
      return response.version;
    },
    // A version is never updated.
    staleTime: Infinity,
  });
