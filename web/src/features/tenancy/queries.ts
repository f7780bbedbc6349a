import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { TenancyService } from "@/api/gen/cairn/tenancy/v1/tenancy_pb";

export const sessionQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["session"],
    queryFn: ({ signal }) => clients(TenancyService).getSession({}, { signal }),
    staleTime: Infinity,
  });
