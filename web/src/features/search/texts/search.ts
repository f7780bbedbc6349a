import { catalogue, plural } from "@/text/language";

/** The words of the search page: its box, what was found, and why it stands where it does. */
const english = {
  heading: "Search",
  title: (query: string) => `${query} · Search`,
  box: "Search in all decisions",
  hint: "Words, or what you mean",
  by: "Search by",
  modes: { hybrid: "Both", words: "Words", meaning: "Meaning" },
  found: (decisions: number) => plural(decisions, { one: "# decision", other: "# decisions" }),
  straight: "Straight to",
  // The server says these in English itself; each is given what its sentence names.
  notices: {} as Record<string, (...named: string[]) => string>,
  didYouMean: (query: string) => `Did you mean <a>${query}</a>?`,
  failed: "The search did not run.",
  beginTitle: "Search the text of every decision",
  begin: "By words finds what is written, by meaning finds what is meant, both together find most.",
  nothing: "Nothing found",
  nothingWhy: (query: string) => `No passage answers “${query}”. Fewer or other words may help.`,
  nothingNarrowed: (query: string) =>
    `No passage answers “${query}”. Fewer or other words may help, and so may a wider search.`,
  widen: "Search everything",
  askInstead: "Ask it instead",
  discussion: (author: string) => `Discussion, ${author}`,
  supersededBy: (ref: string) => `superseded by <a>${ref}</a>`,
  foundBy: {
    words: "found by words",
    meaning: "found by meaning",
    both: "found by words and meaning",
  },
  inPlace: "in the place of one that matched",
  whyHere: "Why here",
  legs: {
    record_words: "words of the whole record",
    passage_words: "words of a passage",
    neighbours: "words that stand together",
    title_words: "words of its title",
    meaning: "meaning",
    reranker: "a model that read the passage",
    links: "records it is linked with",
    standing: "whether it is in force",
    log: "what else its log says of it",
    successor: "it took the place of a match",
    name: "its number or name",
  } as Record<string, string>,
  facets: "Facets",
  fields: { status: "Status", log: "Log", tag: "Tag", year: "Decided in" },
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./search.de") });
