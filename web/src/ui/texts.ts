import { catalogue } from "@/text/language";

/** The words of the parts that every page is made of. */
const english = {
  status: {
    none: "No status",
    draft: "Draft",
    proposed: "Proposed",
    accepted: "Accepted",
    rejected: "Rejected",
    deprecated: "Deprecated",
    superseded: "Superseded",
  },
  standing: {
    inForce: "in force",
    rejected: "rejected",
    ended: "no longer in force",
    proposed: "proposed, not in force",
    open: "not decided yet",
  },
  now: "now",
  minutes: (amount: number) => `${amount} min`,
  hours: (amount: number) => `${amount} h`,
  days: (amount: number) => `${amount} d`,
  weeks: (amount: number) => `${amount} w`,
  months: (amount: number) => `${amount} mo`,
  years: (amount: number) => `${amount} y`,
  today: (clock: string) => `today ${clock}`,
  yesterday: (clock: string) => `yesterday ${clock}`,
  home: "Home",
  whereYouAre: "Where you are",
  find: "Find a decision",
  close: "Close",
  loading: "Loading",
  tryAgain: "Try again",
  unreachable: "Cairn does not answer. Check that `cairn up` is running, then try again.",
  noReason: "The server gave no reason. Its log says more.",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./texts.de") });
