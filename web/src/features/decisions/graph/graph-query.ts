import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";

/** Every decision of a log, or of all, with the relations between them. Under "decisions", so that a write renews it. */
export const graphQuery = (clients: Clients, logSlug: string | undefined) =>
  queryOptions({
    queryKey: ["decisions", "graph", logSlug ?? ""],
    queryFn: ({ signal }) =>
      clients(LifecycleService).getGraph({ logSlugs: logSlug === undefined ? [] : [logSlug] }, { signal }),
  });
