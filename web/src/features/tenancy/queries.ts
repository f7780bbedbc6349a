import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";

export const sessionQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["session"],
    queryFn: ({ signal }) => clients.tenancy.getSession({}, { signal }),
    staleTime: Infinity,
  });
