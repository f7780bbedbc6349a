import { useSyncExternalStore } from "react";

import { isUnauthenticated } from "@/api/errors";

let ended = false;
const listeners = new Set<() => void>();

function say(now: boolean): void {
  if (ended === now) return;
  ended = now;
  for (const listener of listeners) listener();
}

/** To be called with what a request failed with, or with nothing when one was answered: then the session lives. */
export function noteAnswer(error?: unknown): void {
  if (error === undefined) say(false);
  else if (isUnauthenticated(error)) say(true);
}

/** True from the first request that was refused for want of a session until one is answered again. */
export function useSessionEnded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ended,
  );
}
