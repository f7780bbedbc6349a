import { plural } from "@/text/language";

import type { Texts } from "./home";

export const texts: Texts = {
  home: "Start",
  ask: "Fragen",
  askHint: "Fragen Sie, was entschieden wurde und warum",
  searches: (decisions, logs) =>
    `Durchsucht ${plural(decisions, { one: "# Entscheidung", other: "# Entscheidungen" })} in ${plural(logs, { one: "# Protokoll", other: "# Protokollen" })}. Jede Aussage nennt ihre Stelle.`,
  askedBefore: "Schon gefragt",
  needsYou: "Wartet auf Sie",
  openInbox: "Eingang öffnen",
  allInInbox: (items) => plural(items, { other: "Alle # im Eingang" }),
  recent: "Letzte Änderungen",
  openAsView: "Als Ansicht öffnen",
  supersededBy: (ref) => `abgelöst durch ${ref}`,
  writtenNow: "gerade geschrieben",
  editedNow: "gerade geändert",
  written: (age) => `vor ${age} geschrieben`,
  edited: (age) => `vor ${age} geändert`,
  byStatus: "Nach Status",
  waiting: (open) =>
    plural(open, {
      one: "# Entscheidung wartet auf eine Antwort. <a>Ansehen</a>",
      other: "# Entscheidungen warten auf eine Antwort. <a>Ansehen</a>",
    }),
  unread: "Die letzten Änderungen konnten nicht gelesen werden.",
};
