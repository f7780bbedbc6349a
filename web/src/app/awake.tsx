import { useQuery } from "@tanstack/react-query";
import { type JSX, useEffect } from "react";

import { useClients } from "@/api/clients";
import { HoverCards } from "@/features/decisions/hover/hover-cards";
import { inboxQuery } from "@/features/decisions/review-queries";
import { number } from "@/text/language";

import { Offline } from "./offline";

/** Puts how much waits beside the way to the inbox, which stands there before this code has come. */
function useInboxCount(): void {
  const waiting = useQuery(inboxQuery(useClients())).data?.items.length ?? 0;
  useEffect(() => {
    if (waiting === 0) return undefined;
    const shown = Object.assign(document.createElement("span"), { className: "n", textContent: number(waiting) });
    document.querySelector('.rail a[href="/inbox"]')?.append(shown);
    return () => shown.remove();
  }, [waiting]);
}

/** What the frame shows to those who move only: its code is no part of the first visit. */
export function Awake(): JSX.Element {
  useInboxCount();
  return (
    <>
      <HoverCards />
      <Offline />
    </>
  );
}
