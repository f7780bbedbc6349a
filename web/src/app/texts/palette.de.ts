import type { Texts } from "./palette";

export const texts: Texts = {
  goTo: "Gehe zu",
  find: "Entscheidung, Seite oder Handlung finden",
  results: "Ergebnisse",
  home: "Start",
  decisions: "Entscheidungen",
  newDecision: "Neue Entscheidung",
  ask: "Fragen",
  search: "Suche",
  inbox: "Eingang",
  governs: "Regelt: von Pfaden zu Entscheidungen",
  doctor: "Prüfung: was nicht in Ordnung ist",
  importFolder: "Ordner importieren",
  models: "Modelle",
  deleted: "Gelöschte Entscheidungen",
  light: "Farben: hell",
  dark: "Farben: dunkel",
  system: "Farben: wie das System",
  language: (name) => `Sprache: ${name}`,
  searchFor: (words) => `Nach „${words}“ suchen`,
  askFor: (words) => `„${words}“ fragen`,
};
