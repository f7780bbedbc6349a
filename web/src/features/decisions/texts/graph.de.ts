import { plural } from "@/text/language";

import type { Texts } from "./graph";

const KINDS: Record<string, string> = {
  supersedes: "abgelöst durch",
  amends: "geändert durch",
  depends: "benötigt von",
  implements: "umgesetzt durch",
  conflicts: "widerspricht",
  relates: "bezieht sich auf",
};
const PARTS: Record<string, string> = { supersedes: "teilweise abgelöst durch", amends: "teilweise geändert durch" };

export const texts: Texts = {
  graph: "Graph",
  log: "Protokoll",
  allLogs: "Alle Protokolle",
  view: "Ansicht",
  graphAndList: "Graph und Liste",
  listOnly: "Nur Liste",
  relations: "Beziehungen",
  from: "Von",
  relation: "Beziehung",
  to: "Zu",
  since: "Seit",
  legend: "Legende",
  kinds: (kind, section) => (section === "" ? undefined : PARTS[kind]) ?? KINDS[kind] ?? kind,
  alone: (decisions) => plural(decisions, { one: "# ohne Beziehungen", other: "# ohne Beziehungen" }),
  withoutRelations: "Ohne Beziehungen",
  count: (decisions, relations) =>
    `${plural(decisions, { one: "# Entscheidung", other: "# Entscheidungen" })}, ${plural(relations, { one: "# Beziehung", other: "# Beziehungen" })}`,
  more: (left) => plural(left, { one: "# weitere", other: "# weitere" }),
  truncated: (shown) =>
    `Gezeigt werden die neuesten ${shown} Entscheidungen. Wählen Sie ein Protokoll, um dessen ältere zu sehen.`,
  nothingLinked: "Hier führt nichts zu etwas",
  nothingLinkedWhy: "Eine Beziehung entsteht aus einem Link im Text eines Eintrags, oder sie wird neben ihm festgehalten.",
  allKinds: "Alle Beziehungen zeigen",
  empty: "Noch keine Entscheidungen",
  emptyWhy: "Sobald Entscheidungen einander nennen, zeigt diese Seite, was wozu geführt hat.",
  importFolder: "Ordner importieren",
  notRead: "Die Beziehungen konnten nicht gelesen werden.",
  graphKeys: "Graph. Die Pfeiltasten gehen von Entscheidung zu Entscheidung, Enter öffnet, F zeigt eine allein.",
  node: (ref, title, status) => `${ref}, ${title}, ${status}`,
  open: "Öffnen",
  showAll: "Alle zeigen",
  closer: "Näher",
  farther: "Weiter weg",
  all: "Alles",
};
