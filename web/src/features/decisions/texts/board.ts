import { catalogue } from "@/text/language";

const english = {
  board: "Board by status",
  move: (ref: string) => `Give ${ref} another status`,
  to: (ref: string, status: string) => `${ref} becomes ${status.toLowerCase()}`,
  change: "Change the status",
  none: "None",
  more: "More decisions",
  notRead: "These could not be read.",
  notInOneStep: "Not in one step from where it stands.",
  moved: (ref: string, status: string, others: string) =>
    `${ref} is ${status.toLowerCase()}.${others === "" ? "" : ` ${others} changed with it.`}`,
  undo: "Undo",
  undone: "Undone",
  asBefore: (ref: string) => `${ref} has the status it had before.`,
  notUndone: (why: string) => `Nothing was undone. ${why}`,
  stays: (ref: string, why: string) => `${ref} stays as it is. ${why}`,
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./board.de") });
