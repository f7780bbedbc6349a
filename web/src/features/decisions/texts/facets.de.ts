import type { Texts } from "./facets";

export const texts: Texts = {
  owner: "Zuständig",
  someone: "Jemand anderes",
  governsCode: "Gilt für Code",
  hasPaths: "Nennt Pfade",
  notCounted: "Zuständige ließen sich nicht zählen. Noch einmal",
};
