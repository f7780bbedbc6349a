import { catalogue, number, plural } from "@/text/language";

const english = {
  discussion: "Discussion",
  open: (threads: number) => `${number(threads)} open`,
  showSettled: (threads: number) => `show ${number(threads)} settled`,
  hideSettled: (threads: number) => `hide ${number(threads)} settled`,
  notRead: "The discussion could not be read.",
  writeComment: "Write a comment",
  newComment: "New comment",
  comment: "Comment",
  about: "About",
  wholeText: "the whole text",
  onPassage: "Comment on this passage",
  onSelection: "Comment on the selection",
  notSent: "The comment was not sent. Your words are kept here.",
  cancel: "Cancel",
  showInText: "Show it in the text",
  outdated: (version: number) => `About version ${version}; that text changed since.`,
  outdatedGone: (version: number) => `About version ${version}; that text is gone since.`,
  seeChanges: "See what changed",
  answer: "Answer",
  answerTo: (person: string) => `Answer to ${person}`,
  settle: "Settle",
  reopen: "Reopen",
  settledBy: (person: string) => `Settled by ${person}`,
  settled: "The discussion is settled.",
  undo: "Undo",
  unchanged: (why: string) => `Nothing was changed. ${why}`,
  openHere: (comments: number) => plural(comments, { one: "# open comment here", other: "# open comments here" }),
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./talk.de") });
