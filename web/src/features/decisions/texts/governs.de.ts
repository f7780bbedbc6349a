import { plural } from "@/text/language";

import type { Texts } from "./governs";

export const texts: Texts = {
  title: "Regelt",
  heading: "Welche Entscheidungen diesen Code regeln",
  paths: "Pfade, die sich ändern",
  pathsHint: "Einer je Zeile, von der Wurzel des Repositorys aus: git diff --name-only main",
  everyStatus: "Auch Entscheidungen, die nicht in Kraft sind",
  look: "Nachsehen",
  commandLine:
    "Auf der Kommandozeile sagt <a>cairn governs PATH</a> dasselbe, und <b>cairn check --diff main</b> sagt es für eine Änderung.",
  found: "Geltende Entscheidungen",
  notRead: "Die Entscheidungen konnten nicht nachgeschlagen werden.",
  noPaths: "Noch keine Pfade",
  noPathsWhy:
    "Eine Entscheidung regelt die Pfade, die ihr Eintrag nennt, oder die einer Komponente, die er nennt. Fügen Sie ein, was eine Änderung berührt.",
  none: "Keine Entscheidung regelt diese Pfade",
  noneAtAll: "Kein Eintrag nennt sie. Beim Bearbeiten ist unter „Was sie regelt“ Platz für Pfade.",
  noneInForce: "Keine, die in Kraft ist. Vielleicht andere: Sehen Sie auch diese an.",
  decisions: (decisions) => plural(decisions, { one: "# Entscheidung", other: "# Entscheidungen" }),
  supersededBy: (standing, ref) => `${standing}, abgelöst durch ${ref}`,
  by: (pattern) => `durch <a>${pattern}</a>`,
  component: (component) => `, Komponente ${component}`,
  otherPaths: (paths) => plural(paths, { one: "und # weiterer Pfad", other: "und # weitere Pfade" }),
  free: "Nicht geregelt",
  freePaths: (paths) => plural(paths, { one: "# Pfad", other: "# Pfade" }),
};
