import { catalogue, plural } from "@/text/language";

const english = {
  timeline: "Timeline",
  log: "Log",
  allLogs: "All logs",
  order: "Order",
  latestFirst: "Latest first",
  oldestFirst: "Oldest first",
  status: "Status",
  years: "Years",
  yearCount: (year: string, decisions: number) =>
    `${year} ${plural(decisions, { one: "# decision", other: "# decisions" })}`,
  replaces: "took the place of",
  replacedBy: "superseded by",
  undated: "Without a date",
  undatedWhy: "Their files do not say when they were decided.",
  truncated: "Only the latest 5,000 decisions are shown. Choose a log to see its older ones.",
  noneMatch: "No decisions match",
  noneMatchWhy: "None of them has the chosen status.",
  clear: "Show every status",
  notRead: "The decisions could not be read.",
  empty: "No decisions yet",
  emptyWhy: "Once there are decisions, this page tells what was decided when.",
  importFolder: "Import a folder",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./timeline.de") });
