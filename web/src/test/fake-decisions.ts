import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";

import type { DecisionsService, FileReport, Import, SourceFile } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import {
  ContentSchema,
  FieldOutcome,
  FileOutcome,
  FileReportSchema,
  ImportSchema,
  ListDecisionsRequestSchema,
  ListDecisionsResponseSchema,
  Order,
  Status,
  VersionSchema,
} from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { statusFromKey } from "@/ui/status";

import { current, type FakeStore, type Stored } from "./fake-store";

const DEFAULT_PAGE = 50;

function contentOf(content: Parameters<FakeStore["append"]>[1] | undefined) {
  if (content === undefined || content.title.trim() === "") {
    throw new ConnectError("A decision needs a title. Write one and save again.", Code.InvalidArgument);
  }
  return content;
}

function list(store: FakeStore, request: ReturnType<typeof create<typeof ListDecisionsRequestSchema>>) {
  const words = request.text.toLowerCase();
  const all = [...store.decisions.values()].filter((stored) => {
    const { title } = current(stored);
    const inLog = request.logIds.length === 0 || request.logIds.includes(stored.logId);
    return stored.deleted === request.deleted && inLog && `${stored.ref} ${title}`.toLowerCase().includes(words);
  });
  const statusCounts = new Map<Status, number>();
  const tagCounts = new Map<string, number>();
  for (const stored of all) {
    const { status, tags } = current(stored);
    statusCounts.set(status, (statusCounts.get(status) ?? 0) + 1);
    for (const tag of tags) tagCounts.set(tag, (tagCounts.get(tag) ?? 0) + 1);
  }
  const matching = all.filter((stored) => {
    const { status, tags } = current(stored);
    const byStatus = request.statuses.length === 0 || request.statuses.includes(status);
    return byStatus && (request.tags.length === 0 || request.tags.some((tag) => tags.includes(tag)));
  });
  matching.sort(compare(request.order));
  const start = Number(request.cursor === "" ? 0 : request.cursor);
  const end = start + (request.pageSize === 0 ? DEFAULT_PAGE : request.pageSize);
  return create(ListDecisionsResponseSchema, {
    decisions: matching.slice(start, end).map((stored) => store.summary(stored)),
    nextCursor: end < matching.length ? String(end) : "",
    total: matching.length,
    statusCounts: [...statusCounts].map(([status, count]) => ({ status, count })),
    tagCounts: [...tagCounts].map(([tag, count]) => ({ tag, count })),
  });
}

function compare(order: Order): (a: Stored, b: Stored) => number {
  const number = (stored: Stored) => stored.number ?? Number.MAX_SAFE_INTEGER;
  const seconds = (stored: Stored) => Number(current(stored).createdAt?.seconds ?? 0n);
  switch (order) {
    case Order.NUMBER_DESC:
      return (a, b) => number(b) - number(a);
    case Order.UPDATED_DESC:
      return (a, b) => seconds(b) - seconds(a);
    case Order.TITLE:
      return (a, b) => current(a).title.localeCompare(current(b).title);
    case Order.UNSPECIFIED:
    case Order.NUMBER:
      return (a, b) => number(a) - number(b);
  }
}

/** Reads just enough of a file to fill a report of each kind. */
function readFile(store: FakeStore, file: SourceFile): FileReport {
  const text = new TextDecoder().decode(file.content);
  const title = /^# (.+)$/mu.exec(text)?.[1];
  if (!file.path.endsWith(".md")) {
    return create(FileReportSchema, {
      path: file.path,
      outcome: FileOutcome.LEFT_OUT,
      message: "Not a Markdown file.",
    });
  }
  if (title === undefined) {
    return create(FileReportSchema, { path: file.path, outcome: FileOutcome.FAILED, message: "No heading was found." });
  }
  const word = /^(?:status:|## Status\s+)\s*(\w+)/imu.exec(text)?.[1]?.toLowerCase() ?? "";
  const status = statusFromKey(word);
  const stored = store.create(
    "log-tidewater",
    create(ContentSchema, { title, status: status ?? Status.DRAFT, body: text }),
    "Imported",
  );
  stored.sourcePath = file.path;
  stored.source = new Uint8Array(file.content);
  return create(FileReportSchema, {
    path: file.path,
    outcome: FileOutcome.CREATED,
    format: "nygard",
    decisionId: stored.id,
    ref: stored.ref,
    title,
    fields: [
      { field: "title", outcome: FieldOutcome.READ, value: title, reason: "Heading of the first level", line: 1 },
      status === undefined
        ? { field: "status", outcome: FieldOutcome.MISSING, reason: "No status line or section" }
        : { field: "status", outcome: FieldOutcome.READ, value: word, reason: "Status section", line: 3 },
      { field: "date", outcome: FieldOutcome.GUESSED, value: "2026-01-01", reason: "Taken from the file's name" },
    ],
  });
}

export function fakeDecisions(store: FakeStore): Partial<ServiceImpl<typeof DecisionsService>> {
  const imports = new Map<string, { one: Import; reports: FileReport[] }>();
  const opened = (id: string) => {
    const found = imports.get(id);
    if (found === undefined) throw new ConnectError("No such import.", Code.NotFound);
    return found;
  };
  const change = (stored: Stored, deleted: boolean) => {
    stored.deleted = deleted;
    return { decision: store.decision(stored) };
  };
  return {
    listLogs: () => {
      for (const log of store.logs) {
        log.decisionCount = [...store.decisions.values()].filter((one) => one.logId === log.id && !one.deleted).length;
      }
      return { logs: store.logs };
    },
    createLog: () => {
      throw new ConnectError("The double has one log.", Code.Unimplemented);
    },
    createDecision: ({ logId, content, message }) => ({
      decision: store.decision(store.create(logId, contentOf(content), message)),
    }),
    getDecision: ({ ref }) => ({ decision: store.decision(store.living(ref)) }),
    updateDecision: ({ id, expectedVersion, content, message }) => {
      const stored = store.living(id);
      if (current(stored).version !== expectedVersion) {
        throw new ConnectError(
          `${current(stored).authorName} saved version ${current(stored).version} while you wrote.`,
          Code.Aborted,
        );
      }
      store.append(stored, contentOf(content), message);
      return { decision: store.decision(stored) };
    },
    listDecisions: (request) => list(store, request),
    listVersions: ({ decisionId }) => ({
      versions: store
        .living(decisionId)
        .versions.toReversed()
        .map((version) => create(VersionSchema, { ...version, body: "" })),
    }),
    getVersion: ({ decisionId, version }) => {
      const found = store.living(decisionId).versions[version - 1];
      if (found === undefined) throw new ConnectError(`There is no version ${version}.`, Code.NotFound);
      return { version: found };
    },
    getSource: ({ decisionId }) => {
      const stored = store.living(decisionId);
      return { path: stored.sourcePath, content: stored.source };
    },
    deleteDecision: ({ id }) => {
      change(store.living(id), true);
      return {};
    },
    restoreDecision: ({ id }) => change(store.find(id), false),
    startImport: ({ source }) => {
      const one = create(ImportSchema, {
        id: `import-${imports.size + 1}`,
        logId: "log-tidewater",
        logSlug: "tidewater",
        source,
        startedAt: timestampFromDate(store.now),
      });
      imports.set(one.id, { one, reports: [] });
      return { import: one };
    },
    importFiles: ({ importId, files }) => {
      const reports = files.map((file) => readFile(store, file));
      opened(importId).reports.push(...reports);
      return { reports };
    },
    finishImport: ({ importId }) => {
      const { one, reports } = opened(importId);
      const count = (outcome: FileOutcome) => reports.filter((report) => report.outcome === outcome).length;
      one.created = count(FileOutcome.CREATED);
      one.leftOut = count(FileOutcome.LEFT_OUT);
      one.failed = count(FileOutcome.FAILED);
      one.finishedAt = timestampFromDate(store.now);
      return { import: one };
    },
    getImport: ({ id }) => ({ import: opened(id).one, reports: opened(id).reports }),
    listImports: () => ({ imports: [...imports.values()].map(({ one }) => one).toReversed() }),
    async *exportLog() {
      for (const stored of store.decisions.values()) {
        await Promise.resolve();
        yield {
          file: { path: stored.sourcePath, content: stored.source },
          decisionId: stored.id,
          total: store.decisions.size,
        };
      }
    },
  };
}
