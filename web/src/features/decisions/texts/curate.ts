import type { Template } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { catalogue, plural } from "@/text/language";

const decisions = (number: number) => plural(number, { one: "# decision", other: "# decisions" });

/** The settings of a log, and what is done to many records at once. */
const english = {
  settings: "Settings",
  settingsOf: (log: string) => `Settings of ${log}`,
  decisions: "Decisions",
  logNotRead: "The log could not be read.",
  noLog: "There is no such log",
  noLogWhy: (slug: string) => `No log is called ${slug}. It may have been renamed.`,
  allDecisions: "All decisions",
  about: (log: string, records: number, ref: string) =>
    `${log} has ${decisions(records)}. New ones are called <a>${ref}</a>, with the next free number.`,
  count: decisions,
  undo: "Undo",
  cancel: "Cancel",
  close: "Close",
  edit: "Edit",
  editTemplate: (name: string) => `Edit ${name}`,
  remove: (name: string) => `Remove ${name}`,
  notBack: (why: string) => `It was not brought back. ${why}`,

  rules: "Rules",
  rulesNotRead: "The rules could not be read.",
  rulesSaved: "The rules of this log were saved.",
  rulesNotSaved: "The rules were not saved.",
  approvals: "Approvals before a decision is accepted",
  approvalsMost: (most: number) => `A number from 0 to ${most}`,
  statusNames: "What this log calls the statuses",
  saveRules: "Save rules",

  components: "Components",
  componentsNotRead: "The components could not be read.",
  componentNotSaved: "The component was not saved.",
  newComponent: "New component",
  itsName: "Its name",
  itsPaths: "Its paths",
  pathsOf: (component: string) => `Paths of ${component}`,
  pathsHint: "Patterns as in a .gitignore, one a line",
  addComponent: "Add component",
  savePaths: "Save paths",
  componentGone: (name: string) => `${name} is gone; decisions keep its name.`,
  stays: (why: string) => `It stays. ${why}`,

  templates: "Templates",
  templatesNotRead: "The templates could not be read.",
  newTemplate: "New template",
  templateOf: (name: string) => `Template ${name}`,
  templateNotSaved: "The template was not saved.",
  templateNotChosen: (why: string) => `The template was not chosen. ${why}`,
  templateGone: (name: string) => `The template ${name} is gone.`,
  templateStays: (why: string) => `The template stays. ${why}`,
  saveTemplate: "Save template",
  beginWith: (template: string) => `Begin with ${template}`,
  name: "Name",
  purpose: "What it is for",
  text: "Text, in Markdown",
  textBegin: "## Context\n\n\n\n## Decision\n\n",
  template: "Template",
  templatesOfLog: "Templates of this log",
  ownText: "your own text",
  beginsAnew: (template: string) => `The text begins anew with ${template}.`,

  saveView: "Save this view",
  viewKept: (name: string) => `The view “${name}” stands above the list.`,
  viewNotSaved: "The view was not saved.",
  everybody: "Everybody sees it",
  save: "Save view",

  asItIs: "as it is",
  asBefore: (records: number) =>
    plural(records, { one: "# decision is as before.", other: "# decisions are as before." }),
  changedSince: (records: number, refs: string) =>
    plural(records, { one: `# decision changed since and stays: ${refs}.`, other: `# decisions changed since and stay: ${refs}.` }),
  notUndone: (why: string) => `Nothing was undone. ${why}`,
  unchanged: "Nothing was changed.",
  changed: (records: number) => `${decisions(records)} changed.`,
  editMany: (records: number) => `Edit ${decisions(records)}`,
  changeMany: (records: number) => `Change ${decisions(records)}`,
  stayed: (records: number) =>
    plural(records, { one: "# decision stayed as it was.", other: "# decisions stayed as they were." }),
  addTags: "Add tags",
  removeTags: "Remove tags",
  withCommas: "Words, with commas",
  addCategories: "Add categories",
  addComponents: "Add components",
  status: "Status",
  owner: "Owner",
  nobody: "nobody",
  review: "Review",
  reviews: { "": "as it is", none: "none any more", planned: "on a day …" },
  lookAgain: "Look at them again on",
  afterThat: "And after that",
  rhythm: (months: number) =>
    months === 0 ? "not again" : plural(months, { one: "every month", other: "every # months" }),
  why: "Why",
  purposeOf: ({ description }: Pick<Template, "name" | "description" | "builtin">) => description,
  whyHint: "Stands in each history",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./curate.de") });
