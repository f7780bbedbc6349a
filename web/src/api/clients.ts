import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createContext, useContext } from "react";

import { ChatService } from "./gen/cairn/chat/v1/chat_pb";
import { DecisionsService } from "./gen/cairn/decisions/v1/decisions_pb";
import { GatewayService } from "./gen/cairn/gateway/v1/gateway_pb";
import { SearchService } from "./gen/cairn/search/v1/search_pb";
import { TenancyService } from "./gen/cairn/tenancy/v1/tenancy_pb";

/** The generated clients, one for each slice of the server. */
export interface Clients {
  decisions: Client<typeof DecisionsService>;
  search: Client<typeof SearchService>;
  chat: Client<typeof ChatService>;
  gateway: Client<typeof GatewayService>;
  tenancy: Client<typeof TenancyService>;
}

export function createClients(transport: Transport): Clients {
  return {
    decisions: createClient(DecisionsService, transport),
    search: createClient(SearchService, transport),
    chat: createClient(ChatService, transport),
    gateway: createClient(GatewayService, transport),
    tenancy: createClient(TenancyService, transport),
  };
}

export const ClientsContext = createContext<Clients | null>(null);

export function useClients(): Clients {
  const clients = useContext(ClientsContext);
  if (clients === null) throw new Error("useClients outside of ClientsContext");
  return clients;
}
