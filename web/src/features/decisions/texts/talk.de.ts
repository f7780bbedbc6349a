import { number, plural } from "@/text/language";

import type { Texts } from "./talk";

export const texts: Texts = {
  discussion: "Diskussion",
  open: (threads) => `${number(threads)} offen`,
  showSettled: (threads) => `${number(threads)} erledigte zeigen`,
  hideSettled: (threads) => `${number(threads)} erledigte verbergen`,
  notRead: "Die Diskussion konnte nicht gelesen werden.",
  writeComment: "Kommentar schreiben",
  newComment: "Neuer Kommentar",
  comment: "Kommentieren",
  about: "Zu",
  wholeText: "dem ganzen Text",
  onPassage: "Diese Stelle kommentieren",
  onSelection: "Die Auswahl kommentieren",
  notSent: "Der Kommentar wurde nicht gesendet. Ihre Worte bleiben hier stehen.",
  cancel: "Abbrechen",
  showInText: "Im Text zeigen",
  outdated: (version) => `Zu Version ${version}; dieser Text hat sich seither geändert.`,
  outdatedGone: (version) => `Zu Version ${version}; dieser Text ist nicht mehr da.`,
  seeChanges: "Änderungen ansehen",
  answer: "Antworten",
  answerTo: (person) => `Antwort an ${person}`,
  settle: "Erledigen",
  reopen: "Wieder öffnen",
  settledBy: (person) => `Erledigt von ${person}`,
  settled: "Die Diskussion ist erledigt.",
  undo: "Rückgängig",
  unchanged: (why) => `Nichts wurde geändert. ${why}`,
  openHere: (comments) => plural(comments, { one: "# offener Kommentar hier", other: "# offene Kommentare hier" }),
};
