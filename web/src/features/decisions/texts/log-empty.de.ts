import type { Texts } from "./log-empty";

export const texts: Texts = {
  restore: "Wiederherstellen",
  restored: (ref) => `${ref} steht wieder im Protokoll.`,
  notRestored: (ref, why) => `${ref} wurde nicht wiederhergestellt. ${why}`,
  nothingDeleted: "Nichts ist gelöscht",
  nothingDeletedWhy: "Ein gelöschter Eintrag wartet hier, bis er wiederhergestellt wird.",
  noMatch: "Keine Entscheidung passt",
  clearFilters: "Filter aufheben",
  textMust: (text) => `Titel oder Nummer müssen „${text}“ enthalten.`,
  statusMust: (statuses) => `Der Status muss ${statuses.join(" oder ")} sein.`,
  tagMust: (tags) => `Eines der Schlagwörter muss ${tags.join(", ")} sein.`,
  ownerMust: "Zuständig muss jemand von den Gewählten sein.",
  governsMust: "Sie muss für Pfade oder Bausteine gelten.",
  none: "Noch keine Entscheidungen",
  noneWhy: "Holen Sie die vorhandenen Einträge in einem der üblichen Formate, oder schreiben Sie hier den ersten.",
  importFolder: "Ordner importieren",
  writeOne: "Eintrag schreiben",
};
