import { catalogue, number, plural } from "@/text/language";

/** Versions, and what changed from one to the other. */
const english = {
  decisions: "Decisions",
  history: "History",
  historyOf: (ref: string) => `History of ${ref}`,
  notRead: "The history could not be read.",
  versions: "Versions",
  firstWords: "First words",
  version: (version: number) => `Version ${version}`,
  voided: (approvals: number, names: string) =>
    plural(approvals, {
      one: `The approval by ${names} no longer counts`,
      other: `The approvals by ${names} no longer count`,
    }),
  compareFromHere: "Compare from here",
  earlier: "Earlier versions",
  bringBack: (version: number) => `Bring back version ${version}`,
  broughtBack: (version: number, as: number) => `Version ${version} was brought back as version ${as}.`,
  notBroughtBack: (why: string) => `Nothing was brought back. ${why}`,
  undo: "Undo",
  undone: "Undone",
  textAgain: (version: number) => `The text is that of version ${version} again.`,
  notUndone: (why: string) => `Nothing was undone. ${why}`,

  view: "View",
  views: { words: "Words", sides: "Side by side", lines: "Lines", blame: "Blame", text: "Text" },
  next: "Next",
  to: "to",
  versionsNotRead: "The versions could not be read.",
  status: "Status",
  fields: {
    title: "Title",
    date: "Date",
    deciders: "Deciders",
    tags: "Tags",
    governs: "Governs",
    components: "Components",
    categories: "Categories",
  },
  unchanged: "unchanged",
  changed: "changed",
  added: "added",
  removed: "removed",
  words: (added: number, removed: number, fields: number) =>
    `${plural(added, { one: "# word", other: "# words" })} added, ${number(removed)} removed, ${plural(fields, { one: "# field", other: "# fields" })} changed`,
  paragraphsUnchanged: (paragraphs: number) =>
    plural(paragraphs, { one: "# paragraph unchanged", other: "# paragraphs unchanged" }),
  linesUnchanged: (lines: number) => plural(lines, { one: "# line unchanged", other: "# lines unchanged" }),
  sameText: "The text is the same.",
  notCompared: "The versions could not be compared.",
  beforeAndAfter: "Before on the left, after on the right",
  lineByLine: "What went and what came, line by line",
  lineAdded: "Added",
  lineRemoved: "Removed",
  notTraced: "The lines could not be traced.",
  linesWithVersion: "Each line with the version that brought it",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./history.de") });
