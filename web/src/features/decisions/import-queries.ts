import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

export const importsQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["imports"],
    queryFn: ({ signal }) => clients(DecisionsService).listImports({}, { signal }),
  });
