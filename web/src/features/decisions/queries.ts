import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { Order, type Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

export interface ListFilter {
  logIds: string[];
  statuses: Status[];
  tags: string[];
  text: string;
  ownerIds: string[];
  governs: boolean;
  deleted: boolean;
  order: Order;
}

const PAGE_SIZE = 100;
/** Whoever scrolls wants more at once than the first sight holds. */
const NEXT_PAGE_SIZE = 500;

export const logsQuery = (clients: Clients) =>
  queryOptions({ queryKey: ["logs"], queryFn: ({ signal }) => clients(DecisionsService).listLogs({}, { signal }) });

export const listQuery = (clients: Clients, filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: ["decisions", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      clients(DecisionsService).listDecisions(
        { ...filter, pageSize: pageParam === "" ? PAGE_SIZE : NEXT_PAGE_SIZE, cursor: pageParam },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => (page.nextCursor === "" ? undefined : page.nextCursor),
    placeholderData: keepPreviousData,
  });

export const RECENT_AT_HOME = 9;

/** The latest changes over all logs, with the counts by status. */
export const recentQuery = (clients: Clients, pageSize: number) =>
  queryOptions({
    queryKey: ["decisions", "recent", pageSize],
    queryFn: ({ signal }) =>
      clients(DecisionsService).listDecisions({ order: Order.UPDATED_DESC, pageSize }, { signal }),
  });

async function rendered(body: string): Promise<string> {
  const { safeHtml } = await import("@/text/markdown");
  return safeHtml(body, true);
}

/** `ref` is an id or what people call the record. */
export const decisionQuery = (clients: Clients, ref: string) =>
  queryOptions({
    queryKey: ["decisions", "one", ref],
    queryFn: async ({ signal }) => {
      const { decision } = await clients(DecisionsService).getDecision({ ref, withHtml: true }, { signal });
      if (decision?.summary === undefined) throw new Error("The server sent no decision.");
      const { body, summary } = decision;
      // A text that is too long for the server to render comes as it is.
      const html = decision.html === "" && body !== "" ? await rendered(body) : decision.html;
      return { ...decision, summary, html };
    },
  });

export type LoadedDecision = Awaited<ReturnType<NonNullable<ReturnType<typeof decisionQuery>["queryFn"]>>>;

/** Everything that shows decisions is read again: after a write, an import, a removal. */
export async function decisionsChanged(queryClient: QueryClient): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["decisions"] }),
    queryClient.invalidateQueries({ queryKey: ["logs"] }),
    queryClient.invalidateQueries({ queryKey: ["search"] }),
  ]);
}
