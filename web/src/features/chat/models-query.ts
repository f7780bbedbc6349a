import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";

// By itself, so that home, which lists conversations, need not load the contract of the gateway.
export const modelsQuery = (clients: Clients) =>
  queryOptions({ queryKey: ["models"], queryFn: ({ signal }) => clients(GatewayService).listModels({}, { signal }) });
