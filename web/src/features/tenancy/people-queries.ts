import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { PeopleService } from "@/api/gen/cairn/tenancy/v1/people_pb";

export const membersQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["members"],
    queryFn: ({ signal }) => clients(PeopleService).listMembers({}, { signal }),
  });

export const tokensQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["tokens"],
    queryFn: ({ signal }) => clients(PeopleService).listTokens({}, { signal }),
  });
