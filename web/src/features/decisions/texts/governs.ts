import { catalogue, plural } from "@/text/language";

const english = {
  title: "Governs",
  heading: "Which decisions govern this code",
  paths: "Paths that change",
  pathsHint: "One a line, from the root of the repository: git diff --name-only main",
  everyStatus: "Also decisions that are not in force",
  look: "Look",
  commandLine: "On the command line <a>cairn governs PATH</a> says the same, and <b>cairn check --diff main</b> says it for a change.",
  found: "Governing decisions",
  notRead: "The decisions could not be looked up.",
  noPaths: "No paths yet",
  noPathsWhy: "A decision governs the paths that its record names, or those of a component it names. Paste what a change touches.",
  none: "No decision governs these paths",
  noneAtAll: "No record names them. The editor has a place for paths under “What it governs”.",
  noneInForce: "None that is in force does. Others may: look at those too.",
  decisions: (decisions: number) => plural(decisions, { one: "# decision", other: "# decisions" }),
  supersededBy: (standing: string, ref: string) => `${standing}, superseded by ${ref}`,
  by: (pattern: string) => `by <a>${pattern}</a>`,
  component: (component: string) => `, component ${component}`,
  otherPaths: (paths: number) => plural(paths, { one: "and # other path", other: "and # other paths" }),
  free: "Not governed",
  freePaths: (paths: number) => plural(paths, { one: "# path", other: "# paths" }),
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./governs.de") });
