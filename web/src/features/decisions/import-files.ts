import type { Clients } from "@/api/clients";
import type { FileReport, Import } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { t } from "./texts/imports";

export interface ChosenFile {
  /** Inside the chosen folder, with forward slashes. */
  path: string;
  file: File;
}

export interface Chosen {
  name: string;
  files: ChosenFile[];
  /** Files that are not sent, with the reason. */
  skipped: { path: string; reason: string }[];
}

export interface ImportProgress {
  sent: number;
  total: number;
  reports: FileReport[];
}

// The server takes 4 MiB of files in one call; paths and framing need some of it.
const BATCH_BYTES = 4 * 1024 * 1024 - 128 * 1024;
const BATCH_FILES = 100;
const MOST_FILES = 10_000;
const DEEPEST = 32;
const NEVER_RECORDS = /(?:^|\/)(?:\.[^/]+|node_modules|vendor|target|dist|build|__pycache__)\//u;

function sortOut(name: string, all: ChosenFile[]): Chosen {
  const files: ChosenFile[] = [];
  const skipped: Chosen["skipped"] = [];
  for (const one of all.sort((a, b) => a.path.localeCompare(b.path))) {
    if (NEVER_RECORDS.test(`/${one.path}`)) continue;
    if (one.file.size > BATCH_BYTES) skipped.push({ path: one.path, reason: t.tooLarge });
    else if (files.length >= MOST_FILES) skipped.push({ path: one.path, reason: t.tooMany(MOST_FILES) });
    else files.push(one);
  }
  return { name, files, skipped };
}

/** From `<input webkitdirectory>`. The folder's own name is the source; paths are inside of it. */
export function fromInput(list: FileList): Chosen {
  const files = [...list].map((file) => {
    const [folder = "", ...rest] = (file.webkitRelativePath || file.name).split("/");
    return { folder, path: rest.length > 0 ? rest.join("/") : file.name, file };
  });
  return sortOut(files[0]?.folder ?? "folder", files);
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  // A browser gives at most a hundred at a time, and an empty list at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || all.length > MOST_FILES) return all;
    all.push(...some);
  }
}

async function walk(entry: FileSystemEntry, path: string, depth: number, found: ChosenFile[]): Promise<void> {
  if (found.length > MOST_FILES || depth > DEEPEST) return;
  if (entry.isFile) found.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
  else if (!NEVER_RECORDS.test(`/${path}/`)) {
    for (const child of await entriesOf(entry as FileSystemDirectoryEntry)) {
      await walk(child, path === "" ? child.name : `${path}/${child.name}`, depth + 1, found);
    }
  }
}

/** From a drop of folders or files. */
export async function fromDrop(transfer: DataTransfer): Promise<Chosen> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: ChosenFile[] = [];
  const only = entries.length === 1 ? entries[0] : undefined;
  for (const entry of entries) await walk(entry, only?.isDirectory === true ? "" : entry.name, 0, found);
  return sortOut(only?.name ?? t.droppedFiles, found);
}

/** Cuts the files into batches that one call may carry. */
export function batchesOf(files: readonly ChosenFile[]): ChosenFile[][] {
  const batches: ChosenFile[][] = [];
  let batch: ChosenFile[] = [];
  let bytes = 0;
  for (const one of files) {
    if (batch.length > 0 && (bytes + one.file.size > BATCH_BYTES || batch.length >= BATCH_FILES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += one.file.size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Sends the files, one batch after the other, and closes the import. */
export async function runImport(
  clients: Clients,
  chosen: Chosen,
  logSlug: string,
  onProgress: (progress: ImportProgress) => void,
): Promise<Import | undefined> {
  const started = await clients(DecisionsService).startImport({ logSlug, source: chosen.name });
  const importId = started.import?.id ?? "";
  const progress: ImportProgress = { sent: 0, total: chosen.files.length, reports: [] };
  for (const batch of batchesOf(chosen.files)) {
    const files = await Promise.all(
      batch.map(async ({ path, file }) => ({ path, content: new Uint8Array(await file.arrayBuffer()) })),
    );
    const { reports } = await clients(DecisionsService).importFiles({ importId, files });
    progress.sent += batch.length;
    progress.reports = [...progress.reports, ...reports];
    onProgress({ ...progress });
  }
  return (await clients(DecisionsService).finishImport({ importId })).import;
}
