import { catalogue } from "@/text/language";

const english = {
  owner: "Owner",
  someone: "Somebody else",
  governsCode: "Governs code",
  hasPaths: "Has paths",
  notCounted: "Owners could not be counted. Try again",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./facets.de") });
