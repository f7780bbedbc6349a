import { useQueryClient } from "@tanstack/react-query";
import { type JSX, useEffect, useState } from "react";

import { type Clients, useClients } from "@/api/clients";
import { isAborted } from "@/api/errors";
import type { IndexState } from "@/api/gen/cairn/search/v1/search_pb";
import { classes } from "@/ui/classes";
import { SearchService } from "@/api/gen/cairn/search/v1/search_pb";

import { t } from "./texts/index-state";

const RETRY_MS = 3_000;

async function watch(
  clients: Clients,
  decisionId: string,
  signal: AbortSignal,
  onState: (state: IndexState) => void,
): Promise<void> {
  // `break` would not end the request: the signal does.
  for await (const { event } of clients(SearchService).watchIndexState({ decisionId }, { signal })) {
    if (event.case === "state") onState(event.value);
  }
}

/** Follows what can be found of one decision until the current version is findable in both ways. */
export function useIndexState(decisionId: string, version: number): IndexState | undefined {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [state, setState] = useState<IndexState>();
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = () => {
      watch(clients, decisionId, abort.signal, (next) => {
        setState(next);
        void queryClient.invalidateQueries({ queryKey: ["search"] });
      }).catch((error: unknown) => {
        // The stream is a convenience: when it is cut, it is begun again while the page is open.
        if (!abort.signal.aborted && !isAborted(error)) timer = setTimeout(follow, RETRY_MS);
      });
    };
    follow();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [clients, queryClient, decisionId, version]);
  return state?.decisionId === decisionId || state === undefined ? state : undefined;
}

function Line({ label, found, version }: { label: string; found: number; version: number }): JSX.Element {
  const current = found >= version;
  return (
    <li className="flex items-center gap-2">
      <span className={classes("dot", current && "on")} aria-hidden="true" />
      {current ? label : found > 0 ? t.earlier(label, found) : t.soon(label)}
    </li>
  );
}

/** Whether this version can be found, by words and by meaning; it changes while one looks. */
export function Findable({ decisionId, version }: { decisionId: string; version: number }): JSX.Element | null {
  const state = useIndexState(decisionId, version);
  if (state === undefined) return null;
  return (
    <section aria-live="polite">
      <h2>{t.heading}</h2>
      <ul className="sub">
        <Line label={t.ways.words} found={state.wordsVersion} version={version} />
        <Line label={t.ways.meaning} found={state.meaningVersion} version={version} />
      </ul>
    </section>
  );
}
