import type { Transport } from "@connectrpc/connect";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ClientsContext, createClients, type Reading } from "@/api/clients";
import { shouldRetry } from "@/api/errors";

import { logsQuery } from "@/features/decisions/queries";
import { sessionQuery } from "@/features/tenancy/queries";
import { language, textsReady } from "@/text/language";

import { createAppRouter } from "./router";
import { noteAnswer } from "./session-end";
import { applyTheme } from "./theme";

/** As long as one waits without a sign of it. */
const PATIENCE_MS = 150;

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

/** Pages that say what they show first, so that it is asked for while they are prepared. */
const WARM: [path: RegExp, () => Promise<{ warm: (read: Reading) => Promise<unknown> }>][] = [
  [/^\/$/u, () => import("./home")],
  [/^\/decisions$/u, () => import("@/features/decisions/log-page")],
  [/^\/decisions\/(?!new$)[^/]+$/u, () => import("@/features/decisions/record-page")],
];

async function warm(read: Reading): Promise<void> {
  const frame = [read.queryClient.query(sessionQuery(read.clients)), read.queryClient.query(logsQuery(read.clients))];
  const [, load] = WARM.find(([path]) => path.test(location.pathname)) ?? [];
  const page = load?.().then((loaded) => loaded.warm(read));
  await Promise.all([...frame, page]);
}

/** Starts the application on a transport: the real server's, or that of a test. */
export async function mount(transport: Transport): Promise<void> {
  applyTheme();
  document.documentElement.lang = language;
  const read = { clients: createClients(transport), queryClient: createQueryClient() };
  const router = createAppRouter();
  // The frame stands already, in index.html: the first drawing is one of the whole page, unless that takes too long.
  const patience = new Promise((done) => setTimeout(done, PATIENCE_MS));
  // What cannot be read is asked for again by what shows it, which says so.
  const warmed = warm(read).catch(() => undefined);
  await Promise.all([router.load(), Promise.race([warmed, patience])]);
  await textsReady();
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no element #root.");
  createRoot(root).render(
    <StrictMode>
      <ClientsContext value={read.clients}>
        <QueryClientProvider client={read.queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ClientsContext>
    </StrictMode>,
  );
}
