import { catalogue, number, plural } from "@/text/language";

/** What can be found already, and what is like a record: said beside records and imports. */
const english = {
  heading: "Findable",
  ways: { words: "By words", meaning: "By meaning" },
  soon: (way: string) => `${way}: soon`,
  earlier: (way: string, version: number) => `${way}: version ${version}, this one soon`,
  progress: (words: number, meaning: number, all: number) =>
    `${number(words)} of ${plural(all, { one: "# decision", other: "# decisions" })} findable by words, ${number(meaning)} by meaning`,
  byMeaning: "Findable by meaning",
  related: "Like this one",
  nearDuplicate: "says almost the same",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./index-state.de") });
