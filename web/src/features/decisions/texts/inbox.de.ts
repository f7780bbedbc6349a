import { plural } from "@/text/language";

import type { Texts } from "./inbox";

export const texts: Texts = {
  inbox: "Eingang",
  needsYou: "Wartet auf Sie",
  notRead: "Der Eingang konnte nicht gelesen werden.",
  nothing: "Nichts wartet auf Sie",
  nothingWhy:
    "Hierher kommen fällige Überprüfungen, Zustimmungen, die Sie geben können, offene Diskussionen von Ihnen und Änderungen an dem, was Sie beobachten.",
  reviews: "Überprüfungen der nächsten drei Monate",
  reviewsNotRead: "Die Überprüfungen konnten nicht gelesen werden.",
  noReviews: "Keine ist geplant. Am Rand eines Eintrags steht ein Datum dafür.",
  late: (days) => plural(days, { one: "# Tag überfällig", other: "# Tage überfällig" }),
  calendar: "In Ihrem Kalender",
  calendarWhy:
    "Ein Kalender, der Ihre eigene Adresse abonniert, zeigt jeden Termin einer Überprüfung. Eine neue Adresse beendet die vorige.",
  makeAddress: "Kalenderadresse erzeugen",
  notMade: (why) => `Es wurde keine Adresse erzeugt. ${why}`,
  subscribe: "Abonnieren Sie diese Adresse in Ihrem Kalender; sie wird nur einmal gezeigt",
  copy: "Kopieren",
  copied: "Die Adresse ist in der Zwischenablage.",
  notCopied: "Der Browser hat die Zwischenablage verweigert; markieren und kopieren Sie die Adresse.",
};
