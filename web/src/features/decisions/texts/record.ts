import { catalogue, plural } from "@/text/language";

import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";

/** How the other record stands to this one; links are given as seen from the record that is shown. */
const RELATIONS: Partial<Record<LinkKind, string>> = {
  [LinkKind.SUPERSEDES]: "superseded by this",
  [LinkKind.AMENDS]: "amended by this",
  [LinkKind.DEPENDS_ON]: "needed by this",
  [LinkKind.SUPERSEDED_BY]: "supersedes this",
  [LinkKind.AMENDED_BY]: "amends this",
  [LinkKind.REQUIRED_BY]: "depends on this",
  [LinkKind.CONFLICTS_WITH]: "conflicts with this",
  [LinkKind.IMPLEMENTS]: "implemented by this",
  [LinkKind.IMPLEMENTED_BY]: "implements this",
};

const english = {
  decisions: "Decisions",
  decision: "Decision",
  onThisPage: "On this page",
  version: "Version",
  readingTime: (minutes: number) => `${minutes} min read`,
  noText: "This record has a title and fields, and no text.",
  askAbout: "Ask about it",
  history: "History",
  edit: "Edit",
  several: (ref: string) => `Several decisions are called ${ref}`,
  severalWhy: "Each log counts for itself. The list shows all that go by this name.",
  showSeveral: "Show them",
  notHere: "This record is not here",
  allDecisions: "All decisions",
  deletedOnes: "Deleted ones",
  notRead: "The record could not be read.",

  lineage: "Lineage",
  thisDecision: "This decision",
  except: (standing: string, sections: string) => `${standing}, except ${sections}`,
  supersedes: (ref: string, part: boolean) => `Supersedes ${part ? "in part " : ""}<a>${ref}</a>`,
  supersededBy: (ref: string, part: boolean) => `Superseded ${part ? "in part " : ""}by <a>${ref}</a>`,
  ended: "No longer in force.",
  tookPlace: (ref: string, title: string) => `${ref}, ${title}, took its place.`,
  readThat: "Read that one",
  linked: (ref: string, title: string, status: string) => `${ref} ${title} (${status.toLowerCase()})`,

  margin: "Margin",
  linksTo: "Links to",
  linkedFrom: "Linked from",
  // A server newer than the page may know kinds that the page does not.
  relation: (kind: LinkKind, direction: "from" | "to") =>
    RELATIONS[kind] ?? (direction === "from" ? "mentioned here" : "mentions this"),
  section: (section: string) => `, section “${section}”`,
  removeRelation: (ref: string) => `Remove the relation to ${ref}`,
  addRelation: "Add a relation",
  deadLinks: "Links that lead nowhere",
  governs: "Governs",
  categories: "Categories",
  sourceFile: "Source file",
  seeBytes: "See the bytes",
  actions: "Actions",
  historyOf: (versions: number) => plural(versions, { one: "History, # version", other: "History, # versions" }),
  copy: "Copy as Markdown",
  copied: "The text is in the clipboard.",
  delete: "Delete",
  deleted: (ref: string) => `${ref} was deleted.`,
  isDeleted: (when: string) => `This record was deleted ${when} ago.`,
  isDeletedNow: "This record was deleted just now.",
  onlyHere: "Lists, search and answers leave it out; its history is kept.",
  notDeleted: (ref: string, why: string) => `${ref} was not deleted. ${why}`,
  notRestored: (ref: string, why: string) => `${ref} was not restored. ${why} It waits under Deleted.`,
  undo: "Undo",
  download: "Download",
  bytes: (bytes: number) => plural(bytes, { one: "# byte", other: "# bytes" }),
  fileNotRead: "The file could not be read.",
  restInDownload: "… the rest is in the download",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./record.de") });
