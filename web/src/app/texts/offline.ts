import { catalogue } from "@/text/language";

const english = {
  offline: "There is no network.",
  kept: "What you write is kept as a draft in this browser; what is shown may be older than it looks.",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./offline.de") });
