import { FileOutcome } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { catalogue, number, plural } from "@/text/language";

const files = (count: number) => plural(count, { one: "# file", other: "# files" });

const english = {
  import: "Import",
  imports: "Imports",
  importOf: (folder: string) => `Import of ${folder}`,
  choose: "Choose a folder of decisions",
  orDrop: "Or drop it here. Records of every common form are read; their files stay as they are.",
  folderNotRead: "The folder could not be read.",
  past: "Past imports",
  pastNotRead: "The past imports could not be read.",
  result: (log: string, created: number, updated: number, unchanged: number) =>
    `into ${log}: ${number(created)} created, ${number(updated)} updated, ${number(unchanged)} unchanged`,
  resultFailed: (count: number) => `, ${number(count)} not read`,
  notFinished: ", not finished",
  newLog: (folder: string) => `The log of “${folder}”`,
  filesIn: (count: number, folder: string) =>
    plural(count, { one: `<a>#</a>file in ${folder}`, other: `<a>#</a>files in ${folder}` }),
  notSent: (count: number) => `<a>${number(count)}</a>not sent`,
  willNotBeSent: (count: number) => `${files(count)} will not be sent.`,
  tooLarge: "Larger than 4 MiB.",
  tooMany: (most: number) => `More than ${number(most)} files.`,
  droppedFiles: "dropped files",
  into: "Into",
  intoHint: "Records that are there already are updated, never doubled.",
  importFiles: (count: number) => `Import ${files(count)}`,
  otherFolder: "Another folder",
  progress: (sent: number, total: number) => `<a>${number(sent)}</a>of ${number(total)} files read`,
  stopped: (sent: number, total: number) =>
    `The import stopped after ${number(sent)} of ${files(total)}. What was read is kept.`,

  reportNotRead: "The report could not be read.",
  openLog: "Open the log",
  fields: {
    title: "Title",
    number: "Number",
    status: "Status",
    date: "Date",
    deciders: "Deciders",
    tags: "Tags",
    links: "Links",
    body: "Text",
  },
  outcomes: {
    [FileOutcome.UNSPECIFIED]: "",
    [FileOutcome.CREATED]: "Created",
    [FileOutcome.UPDATED]: "Updated",
    [FileOutcome.UNCHANGED]: "Unchanged",
    [FileOutcome.LEFT_OUT]: "Left out",
    [FileOutcome.FAILED]: "Not read",
  },
  andLook: (outcome: string) => `${outcome}, look`,
  nothing: "Nothing",
  line: (line: number) => `Line ${line}`,
  lines: (count: number) => plural(count, { one: "# line", other: "# lines" }),
  reasonAndLine: (reason: string, line: number) => `${reason}, line ${line}`,
  fieldsOf: (path: string) => `Fields of ${path}`,
  placeOf: (at: number, of: number) => `${number(at)} of ${number(of)}`,
  open: (ref: string) => `Open <a>${ref}</a>`,
  correct: "Correct it",
  files: (count: number) => plural(count, { one: "<a>#</a>file", other: "<a>#</a>files" }),
  records: (count: number) => plural(count, { one: "<a>#</a>record", other: "<a>#</a>records" }),
  toLookAt: (count: number) => `<a>${number(count)}</a>to look at`,
  leftOut: (count: number) => `<a>${number(count)}</a>left out`,
  notRead: (count: number) => `<a>${number(count)}</a>not read`,
  evidence: { read: "Read from the file", guess: "Guessed", miss: "Missing" },
  links: (resolved: number, unresolved: number) =>
    `${plural(resolved, { one: "# link between records leads", other: "# links between records lead" })} somewhere, ${plural(unresolved, { one: "# does", other: "# do" })} not.`,
  list: "Files",
  file: "File",
  readAs: "Read as",
  outcome: "Result",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./imports.de") });
