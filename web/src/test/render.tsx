import type { Transport } from "@connectrpc/connect";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render, type RenderResult } from "@testing-library/react";

import { ClientsContext, createClients } from "@/api/clients";
import { createQueryClient } from "@/app/mount";
import { createAppRouter } from "@/app/router";

/** The whole application at an address, on a transport. */
export function renderAt(address: string, transport: Transport): RenderResult & { address: () => string } {
  const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
  const view = render(
    <ClientsContext value={createClients(transport)}>
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ClientsContext>,
  );
  return { ...view, address: () => router.state.location.href };
}
