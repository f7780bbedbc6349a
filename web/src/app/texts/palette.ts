import { catalogue } from "@/text/language";

const english = {
  goTo: "Go to",
  find: "Find a decision, a page or an action",
  results: "Results",
  home: "Home",
  decisions: "Decisions",
  newDecision: "New decision",
  ask: "Ask",
  search: "Search",
  inbox: "Inbox",
  governs: "Governs: paths to decisions",
  doctor: "Doctor: what is out of order",
  importFolder: "Import a folder",
  models: "Models",
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
