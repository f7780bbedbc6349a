import { number, plural } from "@/text/language";

import type { Texts } from "./history";

export const texts: Texts = {
  decisions: "Entscheidungen",
  history: "Verlauf",
  historyOf: (ref) => `Verlauf von ${ref}`,
  notRead: "Der Verlauf konnte nicht gelesen werden.",
  versions: "Versionen",
  firstWords: "Erste Fassung",
  version: (version) => `Version ${version}`,
  voided: (approvals, names) =>
    plural(approvals, {
      one: `Die Zustimmung von ${names} zählt nicht mehr`,
      other: `Die Zustimmungen von ${names} zählen nicht mehr`,
    }),
  compareFromHere: "Ab hier vergleichen",
  earlier: "Frühere Versionen",
  bringBack: (version) => `Version ${version} zurückholen`,
  broughtBack: (version, as) => `Version ${version} ist als Version ${as} zurückgeholt.`,
  notBroughtBack: (why) => `Nichts wurde zurückgeholt. ${why}`,
  undo: "Rückgängig",
  undone: "Rückgängig gemacht",
  textAgain: (version) => `Der Text ist wieder der von Version ${version}.`,
  notUndone: (why) => `Nichts wurde rückgängig gemacht. ${why}`,

  view: "Ansicht",
  views: { words: "Wörter", sides: "Nebeneinander", lines: "Zeilen", blame: "Herkunft", text: "Text" },
  next: "Weiter",
  to: "zu",
  versionsNotRead: "Die Versionen konnten nicht gelesen werden.",
  status: "Status",
  fields: {
    title: "Titel",
    date: "Datum",
    deciders: "Entscheidende",
    tags: "Schlagwörter",
    governs: "Regelt",
    components: "Komponenten",
    categories: "Kategorien",
  },
  unchanged: "unverändert",
  changed: "geändert",
  added: "hinzugefügt",
  removed: "entfernt",
  words: (added, removed, fields) =>
    `${plural(added, { one: "# Wort", other: "# Wörter" })} hinzugefügt, ${number(removed)} entfernt, ${plural(fields, { one: "# Feld", other: "# Felder" })} geändert`,
  paragraphsUnchanged: (paragraphs) =>
    plural(paragraphs, { one: "# Absatz unverändert", other: "# Absätze unverändert" }),
  linesUnchanged: (lines) => plural(lines, { one: "# Zeile unverändert", other: "# Zeilen unverändert" }),
  sameText: "Der Text ist derselbe.",
  notCompared: "Die Versionen konnten nicht verglichen werden.",
  beforeAndAfter: "Links vorher, rechts nachher",
  lineByLine: "Was wegfiel und was hinzukam, Zeile für Zeile",
  lineAdded: "Hinzugefügt",
  lineRemoved: "Entfernt",
  notTraced: "Die Herkunft der Zeilen konnte nicht ermittelt werden.",
  linesWithVersion: "Jede Zeile mit der Version, die sie brachte",
};
