import { catalogue, plural } from "@/text/language";

const KINDS: Record<string, string> = {
  supersedes: "superseded by",
  amends: "amended by",
  depends: "needed by",
  implements: "implemented by",
  conflicts: "conflicts with",
  relates: "relates to",
};
const PARTS: Record<string, string> = { supersedes: "superseded in part by", amends: "amended in part by" };

const english = {
  graph: "Graph",
  log: "Log",
  allLogs: "All logs",
  view: "View",
  graphAndList: "Graph and list",
  listOnly: "List only",
  relations: "Relations",
  from: "From",
  relation: "Relation",
  to: "To",
  since: "Since",
  legend: "Legend",
  kinds: (kind: string, section: string): string => (section === "" ? undefined : PARTS[kind]) ?? KINDS[kind] ?? kind,
  alone: (decisions: number) => plural(decisions, { one: "# without relations", other: "# without relations" }),
  withoutRelations: "Without relations",
  count: (decisions: number, relations: number) =>
    `${plural(decisions, { one: "# decision", other: "# decisions" })}, ${plural(relations, { one: "# relation", other: "# relations" })}`,
  more: (left: number) => plural(left, { one: "# more", other: "# more" }),
  truncated: (shown: string) => `The latest ${shown} decisions are shown. Choose a log to see its older ones.`,
  nothingLinked: "Nothing leads to anything here",
  nothingLinkedWhy: "A relation comes from a link in a record's text, or is stated beside the record.",
  allKinds: "Show every relation",
  empty: "No decisions yet",
  emptyWhy: "Once there are decisions that name each other, this page shows what led to what.",
  importFolder: "Import a folder",
  notRead: "The relations could not be read.",
  graphKeys: "Graph. The arrow keys go from decision to decision, Enter opens, F looks at one alone.",
  node: (ref: string, title: string, status: string) => `${ref}, ${title}, ${status.toLowerCase()}`,
  open: "Open",
  showAll: "Show all",
  closer: "Closer",
  farther: "Farther",
  all: "All of it",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./graph.de") });
