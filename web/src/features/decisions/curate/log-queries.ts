import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { CurationService } from "@/api/gen/cairn/decisions/v1/curation_pb";

export const templatesQuery = (clients: Clients, logId: string) =>
  queryOptions({
    queryKey: ["templates", logId],
    queryFn: ({ signal }) => clients(CurationService).listTemplates({ logId }, { signal }),
    enabled: logId !== "",
  });
