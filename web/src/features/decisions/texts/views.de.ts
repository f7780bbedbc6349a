import type { Texts } from "./views";

export const texts: Texts = {
  saveView: "Ansicht speichern",
  removeView: "Ansicht entfernen",
  viewGone: (name) => `Die Ansicht „${name}“ ist entfernt.`,
  viewStays: (why) => `Die Ansicht bleibt. ${why}`,
  viewNotBack: (why) => `Die Ansicht ließ sich nicht zurückholen. ${why}`,
  undo: "Rückgängig",
};
