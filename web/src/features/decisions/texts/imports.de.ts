import { FileOutcome } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { number, plural } from "@/text/language";

import type { Texts } from "./imports";

const files = (count: number) => plural(count, { one: "# Datei", other: "# Dateien" });

export const texts: Texts = {
  import: "Importieren",
  imports: "Importe",
  importOf: (folder) => `Import von ${folder}`,
  choose: "Ordner mit Entscheidungen wählen",
  orDrop: "Oder hier ablegen. Gelesen werden Einträge jeder üblichen Form; ihre Dateien bleiben, wie sie sind.",
  folderNotRead: "Der Ordner konnte nicht gelesen werden.",
  past: "Frühere Importe",
  pastNotRead: "Die früheren Importe konnten nicht gelesen werden.",
  result: (log, created, updated, unchanged) =>
    `in ${log}: ${number(created)} angelegt, ${number(updated)} geändert, ${number(unchanged)} unverändert`,
  resultFailed: (count) => `, ${number(count)} nicht gelesen`,
  notFinished: ", nicht beendet",
  newLog: (folder) => `Das Protokoll von „${folder}“`,
  filesIn: (count, folder) =>
    plural(count, { one: `<a>#</a>Datei in ${folder}`, other: `<a>#</a>Dateien in ${folder}` }),
  notSent: (count) => `<a>${number(count)}</a>nicht gesendet`,
  willNotBeSent: (count) =>
    plural(count, { one: "# Datei wird nicht gesendet.", other: "# Dateien werden nicht gesendet." }),
  tooLarge: "Größer als 4 MiB.",
  tooMany: (most) => `Mehr als ${number(most)} Dateien.`,
  droppedFiles: "abgelegte Dateien",
  into: "Wohin",
  intoHint: "Einträge, die es dort schon gibt, werden geändert, nie verdoppelt.",
  importFiles: (count) => `${files(count)} importieren`,
  otherFolder: "Anderer Ordner",
  progress: (sent, total) => `<a>${number(sent)}</a>von ${number(total)} Dateien gelesen`,
  stopped: (sent, total) =>
    `Der Import endete nach ${number(sent)} von ${files(total)}. Was gelesen wurde, bleibt.`,

  reportNotRead: "Der Bericht konnte nicht gelesen werden.",
  openLog: "Protokoll öffnen",
  fields: {
    title: "Titel",
    number: "Nummer",
    status: "Status",
    date: "Datum",
    deciders: "Entscheidende",
    tags: "Schlagwörter",
    links: "Links",
    body: "Text",
  },
  outcomes: {
    [FileOutcome.UNSPECIFIED]: "",
    [FileOutcome.CREATED]: "Angelegt",
    [FileOutcome.UPDATED]: "Geändert",
    [FileOutcome.UNCHANGED]: "Unverändert",
    [FileOutcome.LEFT_OUT]: "Ausgelassen",
    [FileOutcome.FAILED]: "Nicht gelesen",
  },
  andLook: (outcome) => `${outcome}, ansehen`,
  nothing: "Nichts",
  line: (line) => `Zeile ${line}`,
  lines: (count) => plural(count, { one: "# Zeile", other: "# Zeilen" }),
  reasonAndLine: (reason, line) => `${reason}, Zeile ${line}`,
  fieldsOf: (path) => `Felder von ${path}`,
  placeOf: (at, of) => `${number(at)} von ${number(of)}`,
  open: (ref) => `<a>${ref}</a> öffnen`,
  correct: "Berichtigen",
  files: (count) => plural(count, { one: "<a>#</a>Datei", other: "<a>#</a>Dateien" }),
  records: (count) => plural(count, { one: "<a>#</a>Eintrag", other: "<a>#</a>Einträge" }),
  toLookAt: (count) => `<a>${number(count)}</a>anzusehen`,
  leftOut: (count) => `<a>${number(count)}</a>ausgelassen`,
  notRead: (count) => `<a>${number(count)}</a>nicht gelesen`,
  evidence: { read: "Aus der Datei gelesen", guess: "Vermutet", miss: "Fehlt" },
  links: (resolved, unresolved) =>
    `${plural(resolved, { one: "# Link zwischen Einträgen führt", other: "# Links zwischen Einträgen führen" })} zum Ziel, ${number(unresolved)} nicht.`,
  list: "Dateien",
  file: "Datei",
  readAs: "Gelesen als",
  outcome: "Ergebnis",
};
