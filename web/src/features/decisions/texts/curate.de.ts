import { plural } from "@/text/language";

import type { Texts } from "./curate";

const decisions = (number: number) => plural(number, { one: "# Entscheidung", other: "# Entscheidungen" });

/** What the templates are for that Cairn brings. */
const BROUGHT: Readonly<Record<string, string>> = {
  madr: "MADR 4 mit allen Abschnitten",
  "madr-minimal": "MADR 4 mit den Abschnitten, die es verlangt",
  nygard: "Kontext, Entscheidung und Folgen, wie Michael Nygard sie schrieb",
  "y-statement": "Ein Satz: Kontext, Bedarf, Wahl, Alternativen, Nutzen und Preis",
};

export const texts: Texts = {
  settings: "Einstellungen",
  settingsOf: (log) => `Einstellungen von ${log}`,
  decisions: "Entscheidungen",
  logNotRead: "Das Protokoll konnte nicht gelesen werden.",
  noLog: "Dieses Protokoll gibt es nicht",
  noLogWhy: (slug) => `Kein Protokoll heißt ${slug}. Vielleicht wurde es umbenannt.`,
  allDecisions: "Alle Entscheidungen",
  about: (log, records, ref) =>
    `${log} hat ${decisions(records)}. Neue heißen <a>${ref}</a>, mit der nächsten freien Nummer.`,
  count: decisions,
  undo: "Rückgängig",
  cancel: "Abbrechen",
  close: "Schließen",
  edit: "Bearbeiten",
  editTemplate: (name) => `${name} bearbeiten`,
  remove: (name) => `${name} entfernen`,
  notBack: (why) => `Das ließ sich nicht zurückholen. ${why}`,

  rules: "Regeln",
  rulesNotRead: "Die Regeln konnten nicht gelesen werden.",
  rulesSaved: "Die Regeln dieses Protokolls sind gespeichert.",
  rulesNotSaved: "Die Regeln wurden nicht gespeichert.",
  approvals: "Zustimmungen, bevor eine Entscheidung angenommen wird",
  approvalsMost: (most) => `Eine Zahl von 0 bis ${most}`,
  statusNames: "Wie dieses Protokoll die Status nennt",
  saveRules: "Regeln speichern",

  components: "Komponenten",
  componentsNotRead: "Die Komponenten konnten nicht gelesen werden.",
  componentNotSaved: "Die Komponente wurde nicht gespeichert.",
  newComponent: "Neue Komponente",
  itsName: "Ihr Name",
  itsPaths: "Ihre Pfade",
  pathsOf: (component) => `Pfade von ${component}`,
  pathsHint: "Muster wie in einer .gitignore, eines je Zeile",
  addComponent: "Komponente hinzufügen",
  savePaths: "Pfade speichern",
  componentGone: (name) => `${name} ist entfernt; Entscheidungen behalten den Namen.`,
  stays: (why) => `Sie bleibt. ${why}`,

  templates: "Vorlagen",
  templatesNotRead: "Die Vorlagen konnten nicht gelesen werden.",
  newTemplate: "Neue Vorlage",
  templateOf: (name) => `Vorlage ${name}`,
  templateNotSaved: "Die Vorlage wurde nicht gespeichert.",
  templateNotChosen: (why) => `Die Vorlage wurde nicht gewählt. ${why}`,
  templateGone: (name) => `Die Vorlage ${name} ist entfernt.`,
  templateStays: (why) => `Die Vorlage bleibt. ${why}`,
  saveTemplate: "Vorlage speichern",
  beginWith: (template) => `Mit ${template} beginnen`,
  name: "Name",
  purpose: "Wozu sie dient",
  text: "Text, in Markdown",
  textBegin: "## Kontext\n\n\n\n## Entscheidung\n\n",
  template: "Vorlage",
  templatesOfLog: "Vorlagen dieses Protokolls",
  ownText: "eigener Text",
  beginsAnew: (template) => `Der Text beginnt neu mit ${template}.`,

  saveView: "Ansicht speichern",
  viewKept: (name) => `Die Ansicht „${name}“ steht über der Liste.`,
  viewNotSaved: "Die Ansicht wurde nicht gespeichert.",
  everybody: "Alle sehen sie",
  save: "Ansicht speichern",

  asItIs: "wie bisher",
  asBefore: (records) =>
    plural(records, { one: "# Entscheidung ist wie zuvor.", other: "# Entscheidungen sind wie zuvor." }),
  changedSince: (records, refs) =>
    plural(records, {
      one: `# Entscheidung wurde seither geändert und bleibt: ${refs}.`,
      other: `# Entscheidungen wurden seither geändert und bleiben: ${refs}.`,
    }),
  notUndone: (why) => `Nichts wurde rückgängig gemacht. ${why}`,
  unchanged: "Nichts wurde geändert.",
  changed: (records) => `${decisions(records)} geändert.`,
  editMany: (records) => `${decisions(records)} bearbeiten`,
  changeMany: (records) => `${decisions(records)} ändern`,
  stayed: (records) =>
    plural(records, { one: "# Entscheidung blieb, wie sie war.", other: "# Entscheidungen blieben, wie sie waren." }),
  addTags: "Schlagwörter hinzufügen",
  removeTags: "Schlagwörter entfernen",
  withCommas: "Wörter, mit Kommas",
  addCategories: "Kategorien hinzufügen",
  addComponents: "Komponenten hinzufügen",
  status: "Status",
  owner: "Zuständig",
  nobody: "niemand",
  review: "Überprüfung",
  reviews: { "": "wie bisher", none: "keine mehr", planned: "an einem Tag …" },
  lookAgain: "Wieder ansehen am",
  afterThat: "Und danach",
  rhythm: (months) =>
    months === 0 ? "nicht noch einmal" : plural(months, { one: "jeden Monat", other: "alle # Monate" }),
  why: "Warum",
  purposeOf: ({ name, description, builtin }) => (builtin ? (BROUGHT[name] ?? description) : description),
  whyHint: "Steht in jedem Verlauf",
};
