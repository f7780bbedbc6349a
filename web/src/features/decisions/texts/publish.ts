import { catalogue, plural } from "@/text/language";

const english = {
  title: "Public pages",
  unread: "It could not be read who sees this log.",
  what: "Readers without an account see decided records under an address of their own. Drafts and proposals are never shown.",
  address: "Address",
  addressHint: "Small letters, digits and hyphens",
  show: "What readers see",
  whole: "Every decided record",
  chosen: "Only records that are published one by one",
  indexed: "Let search engines find the pages",
  publish: "Publish this log",
  save: "Save",
  withdraw: "Take it back",
  published: "The log is public.",
  saved: "The public pages were changed.",
  withdrawn: "The log is no longer public.",
  notPublished: "The log was not published.",
  notWithdrawn: "It is still public.",
  undo: "Undo",
  seen: (records: number) =>
    plural(records, { one: "Readers see # record at <a>its address</a>.", other: "Readers see # records at <a>their address</a>." }),
  record: "Public page",
  recordSeen: (version: number) => `Readers see <a>version ${version}</a>.`,
  newer: (version: number) => `Publish version ${version}`,
  publishRecord: "Publish this record",
  recordHidden: "Readers do not see it.",
  recordPublished: (ref: string) => `${ref} is public.`,
  recordWithdrawn: (ref: string) => `${ref} is no longer public.`,
  recordNot: (ref: string) => `Who sees ${ref} was not changed.`,
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./publish.de") });
