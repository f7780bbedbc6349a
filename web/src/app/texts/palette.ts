import { catalogue } from "@/text/language";

const english = {
  goTo: "Go to",
  find: "Find a decision, a page or an action",
  results: "Results",
  /** Where the name of a page alone says too little. */
  longer: {
    governs: "Governs: paths to decisions",
    doctor: "Doctor: what is out of order",
    imports: "Import a folder",
    graph: "Graph: what leads to what",
    timeline: "Timeline: what was decided when",
  } as Partial<Record<string, string>>,
  newDecision: "New decision",
  board: "Board by status",
  keys: "Keys",
  spending: "Spend and limits",
  models: "Models",
  people: "People",
  tokens: "Tokens",
  jobs: "Jobs",
  deleted: "Deleted decisions",
  light: "Theme: light",
  dark: "Theme: dark",
  system: "Theme: as the system",
  language: (name: string) => `Language: ${name}`,
  searchFor: (words: string) => `Search for “${words}”`,
  askFor: (words: string) => `Ask “${words}”`,
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./palette.de") });
