import type { Transport } from "@connectrpc/connect";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ClientsContext, createClients } from "@/api/clients";
import { shouldRetry } from "@/api/errors";

import { language, textsReady } from "@/text/language";

import { createAppRouter } from "./router";
import { noteAnswer } from "./session-end";
import { applyTheme } from "./theme";

export function createQueryClient(): QueryClient {
  // A Cairn on this machine answers without a network; one elsewhere is told as one that does not answer.
  const networkMode = "always";
  const heard = { onError: noteAnswer, onSuccess: () => noteAnswer() };
  return new QueryClient({
    queryCache: new QueryCache(heard),
    mutationCache: new MutationCache(heard),
    defaultOptions: { queries: { retry: shouldRetry, staleTime: 5_000, networkMode }, mutations: { networkMode } },
  });
}

/** Starts the application on a transport: the real server's, or that of a test. */
export async function mount(transport: Transport): Promise<void> {
  applyTheme();
  document.documentElement.lang = language;
  await textsReady();
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no element #root.");
  createRoot(root).render(
    <StrictMode>
      <ClientsContext value={createClients(transport)}>
        <QueryClientProvider client={createQueryClient()}>
          <RouterProvider router={createAppRouter()} />
        </QueryClientProvider>
      </ClientsContext>
    </StrictMode>,
  );
}
