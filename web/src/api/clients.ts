import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import type { QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";

/**
 * Gives the generated client of a service. A page names the services it uses, so that their descriptors travel with the
 * page and not with the first byte of every page.
 */
export type Clients = <Service extends DescService>(service: Service) => Client<Service>;

export function createClients(transport: Transport): Clients {
  const made = new Map<DescService, unknown>();
  return <Service extends DescService>(service: Service) => {
    const client = made.get(service) ?? createClient(service, transport);
    made.set(service, client);
    // Only this function writes to the map, and under the service that the client is made for.
    return client as Client<Service>;
  };
}

/** What reads from the server, and keeps what was read. */
export interface Reading {
  clients: Clients;
  queryClient: QueryClient;
}

export const ClientsContext = createContext<Clients | null>(null);

export function useClients(): Clients {
  const clients = useContext(ClientsContext);
  if (clients === null) throw new Error("useClients outside of ClientsContext");
  return clients;
}
