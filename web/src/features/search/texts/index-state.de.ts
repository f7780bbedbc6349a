import { number, plural } from "@/text/language";

import type { Texts } from "./index-state";

export const texts: Texts = {
  heading: "Auffindbar",
  ways: { words: "Nach Wörtern", meaning: "Nach dem Sinn" },
  soon: (way) => `${way}: bald`,
  earlier: (way, version) => `${way}: Fassung ${version}, diese bald`,
  progress: (words, meaning, all) =>
    `${number(words)} von ${plural(all, { one: "# Entscheidung", other: "# Entscheidungen" })} nach Wörtern auffindbar, ${number(meaning)} nach dem Sinn`,
  byMeaning: "Nach dem Sinn auffindbar",
  related: "Ähnliche",
  nearDuplicate: "sagt fast dasselbe",
};
