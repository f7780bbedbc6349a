import { plural } from "@/text/language";

import type { Texts } from "./timeline";

export const texts: Texts = {
  timeline: "Zeitleiste",
  log: "Protokoll",
  allLogs: "Alle Protokolle",
  order: "Reihenfolge",
  latestFirst: "Neueste zuerst",
  oldestFirst: "Älteste zuerst",
  status: "Status",
  years: "Jahre",
  yearCount: (year, decisions) =>
    `${year} ${plural(decisions, { one: "# Entscheidung", other: "# Entscheidungen" })}`,
  replaces: "trat an die Stelle von",
  replacedBy: "abgelöst durch",
  undated: "Ohne Datum",
  undatedWhy: "Ihre Dateien sagen nicht, wann sie entschieden wurden.",
  truncated: "Gezeigt werden nur die neuesten 5.000 Entscheidungen. Wählen Sie ein Protokoll, um dessen ältere zu sehen.",
  noneMatch: "Keine Entscheidung passt",
  noneMatchWhy: "Keine von ihnen hat den gewählten Status.",
  clear: "Jeden Status zeigen",
  notRead: "Die Entscheidungen konnten nicht gelesen werden.",
  empty: "Noch keine Entscheidungen",
  emptyWhy: "Sobald es Entscheidungen gibt, erzählt diese Seite, was wann entschieden wurde.",
  importFolder: "Ordner importieren",
};
