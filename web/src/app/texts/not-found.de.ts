import type { Texts } from "./not-found";

export const texts: Texts = {
  notFound: "Nicht gefunden",
  nothingHere: "Hier steht nichts",
  nothingHereWhy: "Die Adresse führt zu keiner Seite. Der Eintrag hat vielleicht inzwischen eine andere Nummer.",
  allDecisions: "Alle Entscheidungen",
};
