import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";

const AHEAD_DAYS = 90;

export const inboxQuery = (clients: Clients) =>
  queryOptions({
    // Under "decisions", so that acting on one takes it off the list.
    queryKey: ["decisions", "inbox"],
    queryFn: ({ signal }) => clients(ReviewService).listInbox({}, { signal }),
  });

export const dueQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["decisions", "due"],
    queryFn: ({ signal }) => {
      const until = new Date(Date.now() + AHEAD_DAYS * 86_400_000).toISOString().slice(0, 10);
      return clients(ReviewService).listDue({ until }, { signal });
    },
  });
