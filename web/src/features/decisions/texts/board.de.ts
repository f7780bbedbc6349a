import type { Texts } from "./board";

export const texts: Texts = {
  board: "Tafel nach Status",
  move: (ref) => `${ref} einen anderen Status geben`,
  to: (ref, status) => `${ref} wird: ${status}`,
  change: "Status ändern",
  none: "Keine",
  more: "Mehr Entscheidungen",
  notRead: "Diese konnten nicht gelesen werden.",
  notInOneStep: "Von hier aus nicht in einem Schritt.",
  moved: (ref, status, others) => `${ref}: ${status}.${others === "" ? "" : ` ${others} hat sich mit geändert.`}`,
  undo: "Rückgängig",
  undone: "Rückgängig gemacht",
  asBefore: (ref) => `${ref} hat wieder den früheren Status.`,
  notUndone: (why) => `Nichts wurde rückgängig gemacht. ${why}`,
  stays: (ref, why) => `${ref} bleibt, wie es ist. ${why}`,
};
