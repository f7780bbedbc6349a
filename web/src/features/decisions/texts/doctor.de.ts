import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type Fix, FixKind, Problem, Severity } from "@/api/gen/cairn/decisions/v1/governance_pb";
import { plural } from "@/text/language";
import { statusName } from "@/ui/status";

import type { Texts } from "./doctor";

const findings = (number: number) => plural(number, { one: "# Befund", other: "# Befunde" });

const inRecords = (number: number) => plural(number, { one: "in # Eintrag", other: "in # Einträgen" });

function fix({ kind, description, status, targetRef }: Fix): string {
  switch (kind) {
    case FixKind.RENUMBER:
      return "Nächste freie Nummer geben";
    case FixKind.RESOLVE_LINK:
      return `Auf ${targetRef} lenken`;
    case FixKind.SET_STATUS:
      return status === Status.SUPERSEDED && targetRef !== "" ? `Abgelöst durch ${targetRef}` : `Status: ${statusName(status)}`;
    case FixKind.CLEAR_STATUS_TEXT:
      return "Status behalten, Worte entfernen";
    case FixKind.STATE_RELATION:
      return `Festhalten: löst ${targetRef} ab`;
    case FixKind.POSTPONE_REVIEW:
      return "Überprüfung um 30 Tage verschieben";
    case FixKind.ACKNOWLEDGE:
      return "So lassen";
    case FixKind.UNSPECIFIED:
      // A server newer than the page: what it says is better than nothing.
      return description;
  }
}

export const texts: Texts = {
  doctor: "Prüfung",
  log: "Protokoll",
  everyLog: "Alle Protokolle",
  notExamined: "Die Protokolle wurden nicht geprüft.",
  inOrder: "Alles ist in Ordnung",
  inOrderWhy: "Nummern, Links, Status, Zustimmungen und Überprüfungen sind angesehen, und nichts widerspricht sich.",
  found: (number, records) => `<a>${findings(number)}</a> <b>${inRecords(records)}</b>`,
  problems: {
    [Problem.UNSPECIFIED]: "Weitere Befunde",
    [Problem.DUPLICATE_NUMBER]: "Zwei Einträge mit derselben Nummer",
    [Problem.CONTRADICTORY_STATUS]: "Status und Worte, die sich widersprechen",
    [Problem.NO_SUCCESSOR]: "Abgelöst durch nichts",
    [Problem.NO_APPROVAL]: "Angenommen ohne die verlangten Zustimmungen",
    [Problem.STALE_REVIEW]: "Längst fällige Überprüfungen",
    [Problem.DANGLING_LINK]: "Links, die ins Leere führen",
    [Problem.ONE_SIDED_LINK]: "Ablösungen, von denen nur eine Seite weiß",
    [Problem.NO_NUMBER]: "Einträge ohne Nummer",
    [Problem.MISSING_NUMBER]: "Fehlende Nummern",
    [Problem.UNLINKED]: "Einträge, auf die nichts verweist",
  },
  severities: {
    [Severity.UNSPECIFIED]: "Hinweis",
    [Severity.ERROR]: "Fehler",
    [Severity.WARNING]: "Warnung",
    [Severity.NOTE]: "Hinweis",
  },
  fix,
  fixInMenu: (one) => (one.kind === FixKind.ACKNOWLEDGE ? "So lassen und nicht wieder melden" : fix(one)),
  moreFor: (ref) => `Mehr zu ${ref || "diesem Befund"}`,
  showMore: (total) => `Mehr von ${plural(total, { one: "# Befund", other: "# Befunden" })} zeigen`,
  mended: (ref, done, renumbered) =>
    `${ref === "" ? "" : `${ref}: `}${done}.${renumbered ? " Die alte Nummer führt weiterhin dorthin." : ""}`,
  notMended: (why) => `Nichts wurde behoben. ${why}`,
  asItWas: (ref) => `${ref || "Alles"} ist wie zuvor.`,
  undo: "Rückgängig",
  undone: "Rückgängig gemacht",
  notUndone: (why) => `Nichts wurde rückgängig gemacht. ${why}`,
  unchanged: (why) => `Nichts wurde geändert. ${why}`,
  left: (number) =>
    plural(number, { one: "# Befund wurde so gelassen.", other: "# Befunde wurden so gelassen." }),
  reportAgain: () => "Wieder melden",
};
