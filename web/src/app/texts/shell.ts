import { catalogue } from "@/text/language";

/** The frame of every page, and the page that stands where one is broken. */
const english = {
  skip: "Skip to content",
  workspace: "Workspace",
  main: "Main",
  home: "Home",
  ask: "Ask",
  decisions: "Decisions",
  search: "Search",
  graph: "Graph",
  timeline: "Timeline",
  more: "More",
  inbox: "Inbox",
  governs: "Governs",
  doctor: "Doctor",
  imports: "Imports",
  settings: "Settings",
  logs: "Logs",
  theme: { system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" },
  broke: "Something broke",
  brokeWhy: "This page could not be shown. Drafts are kept.",
  loadAgain: "Load the page again",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./shell.de") });
