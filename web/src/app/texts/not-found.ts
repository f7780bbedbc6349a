import { catalogue } from "@/text/language";

const english = {
  notFound: "Not found",
  nothingHere: "Nothing stands here",
  nothingHereWhy: "The address names no page. The record may have another number now.",
  allDecisions: "All decisions",
};

export type Texts = typeof english;

export const t = catalogue(english, { de: () => import("./not-found.de") });
