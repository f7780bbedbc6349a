import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { VersionsService } from "@/api/gen/cairn/decisions/v1/versions_pb";

/** What changed between two versions, line by line. A version is never updated, so this stands. */
export const diffQuery = (clients: Clients, decisionId: string, oldVersion: number, newVersion: number) =>
  queryOptions({
    queryKey: ["decisions", "diff", decisionId, oldVersion, newVersion],
    queryFn: ({ signal }) =>
      clients(VersionsService).diffVersions({ decisionId, oldVersion, newVersion }, { signal }),
    staleTime: Infinity,
  });

export const blameQuery = (clients: Clients, decisionId: string, version: number) =>
  queryOptions({
    queryKey: ["decisions", "blame", decisionId, version],
    queryFn: ({ signal }) => clients(VersionsService).blameVersion({ decisionId, version }, { signal }),
    staleTime: Infinity,
  });
