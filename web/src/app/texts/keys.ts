import { catalogue } from "@/text/language";

const english = {
  keys: "Keys",
  everywhere: "Everywhere",
  palette: "Find a decision, a page or an action",
  thisList: "This list",
  write: "Write a decision",
  escape: "Close, stop, or clear",
  inLog: "In the log",
  move: "Next and previous row",
  open: "Open",
  choose: "Choose the row",
  filter: "Filter",
  onBoard: "On the board",
  moveCards: "From card to card",
  moveCard: "Give the card another status",
  inGraph: "In the graph",
  moveNodes: "To the nearest decision",
  focus: "Look at this one alone",
  zoom: "Closer, farther, all of it",
  inEditor: "In the editor",
  link: "Link a decision",
  bold: "Bold",
  italic: "Italic",
  save: "Save",
  leaveText: "Leave the text by keyboard",
  inComparison: "In a comparison",
  nextChange: "Next change",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./keys.de") });
