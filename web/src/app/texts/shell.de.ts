import type { Texts } from "./shell";

export const texts: Texts = {
  skip: "Zum Inhalt",
  workspace: "Arbeitsbereich",
  main: "Hauptnavigation",
  home: "Start",
  ask: "Fragen",
  decisions: "Entscheidungen",
  search: "Suche",
  graph: "Graph",
  timeline: "Zeitleiste",
  more: "Mehr",
  inbox: "Eingang",
  governs: "Regelt",
  doctor: "Prüfung",
  imports: "Importe",
  settings: "Einstellungen",
  logs: "Protokolle",
  theme: { system: "Farben: wie das System", light: "Farben: hell", dark: "Farben: dunkel" },
  broke: "Etwas ist schiefgegangen",
  brokeWhy: "Diese Seite konnte nicht gezeigt werden. Entwürfe bleiben erhalten.",
  loadAgain: "Seite neu laden",
};
