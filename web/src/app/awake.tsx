import type { JSX } from "react";

import { HoverCards } from "@/features/decisions/hover/hover-cards";

import { Offline } from "./offline";

export { InboxCount } from "@/features/decisions/inbox-count";

/** What the frame shows to those who move only: its code is no part of the first visit. */
export function Awake(): JSX.Element {
  return (
    <>
      <HoverCards />
      <Offline />
    </>
  );
}
