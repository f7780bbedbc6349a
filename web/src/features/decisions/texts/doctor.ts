import { type Fix, FixKind, Problem, Severity } from "@/api/gen/cairn/decisions/v1/governance_pb";
import { catalogue, plural } from "@/text/language";

const findings = (number: number) => plural(number, { one: "# finding", other: "# findings" });
const inRecords = (number: number) => plural(number, { one: "in # record", other: "in # records" });
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const english = {
  doctor: "Doctor",
  log: "Log",
  everyLog: "Every log",
  notExamined: "The logs were not examined.",
  inOrder: "All is in order",
  inOrderWhy: "Numbers, links, statuses, approvals and reviews were looked at, and nothing contradicts anything.",
  found: (number: number, records: number) => `<a>${findings(number)}</a> <b>${inRecords(records)}</b>`,
  problems: {
    [Problem.UNSPECIFIED]: "Other findings",
    [Problem.DUPLICATE_NUMBER]: "Two records with one number",
    [Problem.CONTRADICTORY_STATUS]: "Status and words that disagree",
    [Problem.NO_SUCCESSOR]: "Superseded by nothing",
    [Problem.NO_APPROVAL]: "Accepted without the approvals asked for",
    [Problem.STALE_REVIEW]: "Reviews long past",
    [Problem.DANGLING_LINK]: "Links that lead nowhere",
    [Problem.ONE_SIDED_LINK]: "Supersessions that only one side knows",
    [Problem.NO_NUMBER]: "Records without a number",
    [Problem.MISSING_NUMBER]: "Numbers that are missing",
    [Problem.UNLINKED]: "Records that nothing links to",
  },
  severities: {
    [Severity.UNSPECIFIED]: "Note",
    [Severity.ERROR]: "Error",
    [Severity.WARNING]: "Warning",
    [Severity.NOTE]: "Note",
  },
  fix: ({ kind, description }: Fix) => (kind === FixKind.ACKNOWLEDGE ? "Leave it as it is" : capital(description)),
  fixInMenu: ({ description }: Fix) => capital(description),
  moreFor: (ref: string) => `More for ${ref || "this finding"}`,
  showMore: (total: number) => `Show more of ${findings(total)}`,
  mended: (ref: string, done: string, renumbered: boolean) =>
    `${ref || "It"}: ${done}.${renumbered ? " The old number goes on leading to it." : ""}`,
  notMended: (why: string) => `Nothing was mended. ${why}`,
  asItWas: (ref: string) => `${ref || "It"} is as it was.`,
  undo: "Undo",
  undone: "Undone",
  notUndone: (why: string) => `Nothing was undone. ${why}`,
  unchanged: (why: string) => `Nothing was changed. ${why}`,
  left: (number: number) =>
    plural(number, { one: "# finding was left as it is.", other: "# findings were left as they are." }),
  reportAgain: (number: number) => plural(number, { one: "Report it again", other: "Report them again" }),
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./doctor.de") });
