import { expect, test } from "vitest";

import { createClients } from "@/api/clients";
import { FileOutcome } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { createFakeTransport } from "@/test/fake-server";

import { batchesOf, type ChosenFile, runImport } from "./import-files";

function chosen(path: string, content: string | number): ChosenFile {
  const bytes = typeof content === "number" ? new Uint8Array(content) : new TextEncoder().encode(content);
  return { path, file: new File([bytes], path) };
}

test("no batch is larger than one call may carry, and every file is sent once and in order", () => {
  const files = [1, 3_000_000, 2_000_000, 4_000_000, 5].map((size, index) => chosen(`${index}.md`, size));
  const batches = batchesOf(files);
  expect(batches.map((batch) => batch.map((one) => one.path))).toEqual([["0.md", "1.md"], ["2.md"], ["3.md", "4.md"]]);
  for (const batch of batches) expect(batch.reduce((sum, one) => sum + one.file.size, 0)).toBeLessThan(4 * 1024 * 1024);
});

test("an import reports on each file and tells its progress", async () => {
  const seen: number[] = [];
  const files = [
    chosen("0101-a.md", "# A\n\nStatus: accepted\n"),
    chosen("b.md", "no heading"),
    chosen("c.png", "\u0000"),
  ];
  const done = await runImport(
    createClients(createFakeTransport()),
    { name: "adr", files, skipped: [] },
    "",
    (progress) => {
      seen.push(progress.sent);
      expect(progress.reports.map((report) => report.outcome)).toEqual([
        FileOutcome.CREATED,
        FileOutcome.FAILED,
        FileOutcome.LEFT_OUT,
      ]);
    },
  );
  expect(seen).toEqual([3]);
  expect([done?.created, done?.failed, done?.leftOut]).toEqual([1, 1, 1]);
});
