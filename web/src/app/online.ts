import { useSyncExternalStore } from "react";

/** Whether the browser has a network. */
export function useOnline(): boolean {
  return useSyncExternalStore((told) => {
    addEventListener("online", told);
    addEventListener("offline", told);
    return () => {
      removeEventListener("online", told);
      removeEventListener("offline", told);
    };
  }, () => navigator.onLine);
}
