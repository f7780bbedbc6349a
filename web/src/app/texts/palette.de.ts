import type { Texts } from "./palette";

export const texts: Texts = {
  goTo: "Gehe zu",
  find: "Entscheidung, Seite oder Handlung finden",
  results: "Ergebnisse",
  longer: {
    governs: "Regelt: von Pfaden zu Entscheidungen",
    doctor: "Prüfung: was nicht in Ordnung ist",
    imports: "Ordner importieren",
    graph: "Graph: was wozu führt",
    timeline: "Zeitleiste: was wann entschieden wurde",
  },
  newDecision: "Neue Entscheidung",
  board: "Tafel nach Status",
  keys: "Tasten",
  models: "Modelle",
  people: "Personen",
  tokens: "Zugangsschlüssel",
  jobs: "Aufgaben",
  spending: "Kosten und Grenzen",
  deleted: "Gelöschte Entscheidungen",
  light: "Farben: hell",
  dark: "Farben: dunkel",
  system: "Farben: wie das System",
  language: (name) => `Sprache: ${name}`,
  searchFor: (words) => `Nach „${words}“ suchen`,
  askFor: (words) => `„${words}“ fragen`,
};
