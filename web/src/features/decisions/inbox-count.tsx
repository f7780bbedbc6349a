import { useQuery } from "@tanstack/react-query";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { number } from "@/text/language";

import { inboxQuery } from "./review-queries";

/** How much waits for its reader, beside the way to it. */
export function InboxCount(): JSX.Element | null {
  const waiting = useQuery(inboxQuery(useClients())).data?.items.length ?? 0;
  return waiting === 0 ? null : <span className="n">{number(waiting)}</span>;
}
