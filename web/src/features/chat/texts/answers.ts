import { catalogue, plural } from "@/text/language";
import { longDate } from "@/ui/time";

/** The words of an answer: while it is asked for and written, what it rests on, and how it ended. */
const english = {
  page: "Ask",
  newQuestion: "New question",
  notAsked: "The question was not asked.",
  unread: "The conversation could not be read.",
  endedEarly: "The server ended the answer before it began.",
  first: "Ask what was decided, and why",
  followUp: "Ask a follow-up",
  model: "Model",
  extractsOnly: (model: string) => `${model} (extracts, no language model)`,
  writing: (words: number, sources: number) =>
    `${plural(words, { one: "# word", other: "# words" })} from ${plural(sources, { one: "# source", other: "# sources" })}`,
  stop: "Stop",
  notStopped: (reason: string) => `The answer was not stopped. ${reason}`,
  steps: "Steps taken",
  found: (passages: number, records: number, day: string) =>
    `${plural(passages, { one: "# passage", other: "# passages" })} in ${plural(records, { one: "# record", other: "# records" })}${day === "" ? "" : `, as of ${longDate(day)}`}`,
  // The server says these in English itself.
  looks: {} as Record<string, string>,
  looked: (detail: string, failed: boolean) => (failed ? `${detail} (not possible)` : detail),
  now: { asking: "Asking", reading: "Reading", writing: "Writing" },
  extracts: "<b>Extracts.</b> Passages from the records, as written; no language model wrote this.",
  again: "Ask again",
  above: "What was written before is above.",
  // These too, by their code.
  failures: {} as Record<string, string>,
  serverSays: "The server says:",
  lost: "The connection was lost.",
  lostKept: (reason: string) => `${reason} The answer may still be being written, and it is kept.`,
  readOn: "Read on",
  stopped: "You stopped this answer.",
  stoppedKept: "What was written is kept.",
  length: "The model reached its length limit.",
  lengthNext: "Ask for the rest in a follow-up.",
  nothing: "Nothing in the logs answers this.",
  nothingNext: "Other words may find more.",
  sources: "Sources",
  cited: (sources: number) => plural(sources, { other: "# cited" }),
  noSources: "The passages an answer rests on stand here.",
  supersededBy: (ref: string) => `superseded by ${ref}`,
  source: (number: number) => `Source ${number}`,
  sourceIs: (number: number, ref: string, status: string) => `Source ${number}, ${ref}, ${status}`,
  successor: (ref: string, title: string) => `Superseded by ${ref}, ${title}`,
  exact: "Exact match",
  beginning: "Beginning",
  version: (version: number) => `version ${version}`,
  openPassage: "Open passage",
  close: "Close",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./answers.de") });
