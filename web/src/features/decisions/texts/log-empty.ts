import { catalogue } from "@/text/language";

const english = {
  restore: "Restore",
  restored: (ref: string) => `${ref} is back in the log.`,
  notRestored: (ref: string, why: string) => `${ref} was not restored. ${why}`,
  nothingDeleted: "Nothing is deleted",
  nothingDeletedWhy: "A deleted record waits here until it is restored.",
  noMatch: "No decisions match",
  clearFilters: "Clear the filters",
  textMust: (text: string) => `The title or number must contain “${text}”.`,
  statusMust: (statuses: string[]) => `The status must be ${statuses.join(" or ")}.`,
  tagMust: (tags: string[]) => `One of the tags must be ${tags.join(", ")}.`,
  ownerMust: "The owner must be one of those chosen.",
  governsMust: "It must govern paths or components.",
  none: "No decisions yet",
  noneWhy: "Bring the records you have, in any of the usual formats, or write the first one here.",
  importFolder: "Import a folder",
  writeOne: "Write one",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./log-empty.de") });
