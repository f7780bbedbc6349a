import type { Texts } from "./hover";

export const texts: Texts = {
  ago: (age) => `vor ${age}`,
  changed: (age) => `Geändert vor ${age}`,
  changedNow: "Gerade geändert",
  deleted: "Gelöscht",
  nobody: "Niemand ist zuständig",
  owner: "zuständig",
  decided: "hat entschieden",
  review: (date) => `Überprüfung am ${date}`,
  supersededBy: "Abgelöst durch <a>ihn</a>",
};
