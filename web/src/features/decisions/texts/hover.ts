import { catalogue } from "@/text/language";

/** The card beside a decision's name. */
const english = {
  ago: (age: string) => `${age} ago`,
  changed: (age: string) => `Changed ${age} ago`,
  changedNow: "Changed just now",
  deleted: "Deleted",
  nobody: "Nobody owns it",
  owner: "owner",
  decided: "decided",
  review: (date: string) => `Review ${date}`,
  supersededBy: "Superseded by <a>it</a>",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./hover.de") });
