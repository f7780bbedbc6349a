import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";

/** In months; 0 for once. */
export const RHYTHMS = [0, 3, 6, 12, 24];

// Under "decisions", so that a write that changes a record changes what may happen to it.
export const lifecycleQuery = (clients: Clients, decisionId: string) =>
  queryOptions({
    queryKey: ["decisions", "lifecycle", decisionId],
    queryFn: ({ signal }) => clients(LifecycleService).getLifecycle({ decisionId }, { signal }),
  });

export const careQuery = (clients: Clients, decisionId: string) =>
  queryOptions({
    queryKey: ["decisions", "care", decisionId],
    queryFn: async ({ signal }) => {
      const { care } = await clients(ReviewService).getCare({ decisionId }, { signal });
      if (care === undefined) throw new Error("The server sent no owner and no review.");
      return care;
    },
  });

export const peopleQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["people"],
    queryFn: ({ signal }) => clients(ReviewService).listPeople({}, { signal }),
    staleTime: 60_000,
  });
