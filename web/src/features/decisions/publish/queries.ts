import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { PublishingService } from "@/api/gen/cairn/decisions/v1/publishing_pb";

/** Who may publish: the server says no to the others, and the pages do not offer it. */
export function mayPublish(role: string | undefined): boolean {
  return role === "maintainer" || role === "admin";
}

export const publicationQuery = (clients: Clients, of: { logId: string } | { decisionId: string }) =>
  queryOptions({
    queryKey: ["publication", of],
    queryFn: ({ signal }) => clients(PublishingService).getPublication(of, { signal }),
  });
