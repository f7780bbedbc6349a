import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";

import { createClients } from "@/api/clients";
import {
  DecisionSchema,
  DecisionSummarySchema,
  GetDecisionResponseSchema,
  LinkKind,
  LinkSchema,
  Status,
} from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { conversationsQuery } from "@/features/chat/queries";
import { decisionQuery, logsQuery, RECENT_AT_HOME, recentQuery } from "@/features/decisions/queries";
import { inboxQuery } from "@/features/decisions/review-queries";
import { t } from "@/features/decisions/texts/record";
import { texts as german } from "@/features/decisions/texts/record.de";
import { sessionQuery } from "@/features/tenancy/queries";
import { statusKey } from "@/ui/status";
import { t as parts } from "@/ui/texts";
import { texts as germanParts } from "@/ui/texts.de";

/** A read that a page begins with: the address of its method, and its message in letters of one byte each. */
export type FirstRead = [address: string, message: string];

/** Stands in messages where the address of a page names a record. */
const REF = "$";

function recorded(asked: FirstRead[]): Transport {
  const unary: Transport["unary"] = (method, _signal, _timeout, _header, input) => {
    const message = toBinary<DescMessage>(method.input, create<DescMessage>(method.input, input));
    asked.push([`/${method.parent.typeName}/${method.name}`, String.fromCodePoint(...message)]);
    return new Promise(() => undefined);
  };
  return { unary, stream: () => Promise.reject(new Error("A page begins with no stream.")) };
}

/** Written into the words for how long one reads, where the number of a record comes. */
const MINUTES = 77;

const RECORD_PATH = "^/decisions/(?!new$)[^/]+$";

/** What pages read first whatever day it is, by the pattern of their paths: for index.html, which asks at once. */
function firstReads(): { always: FirstRead[]; pages: [string, FirstRead[]][] } {
  const read = (...queries: ((clients: ReturnType<typeof createClients>) => { queryFn?: unknown })[]) => {
    const asked: FirstRead[] = [];
    const clients = createClients(recorded(asked));
    const { signal } = new AbortController();
    for (const query of queries) {
      const { queryFn } = query(clients);
      if (typeof queryFn === "function") void (queryFn as (context: { signal: AbortSignal }) => unknown)({ signal });
    }
    return asked;
  };
  return {
    always: read(sessionQuery, logsQuery),
    pages: [
      ["^/$", read((clients) => recentQuery(clients, RECENT_AT_HOME), inboxQuery, conversationsQuery)],
      [RECORD_PATH, read((clients) => decisionQuery(clients, REF))],
    ],
  };
}

export const FIRST_READS = firstReads();

/** The words that stand above a text: statuses by their numbers, and one number of minutes for all. */
function wordsOf(page: typeof t, usual: typeof parts) {
  const statuses = Object.values(Status).filter((value) => typeof value === "number");
  const names = statuses.map((status) => [status, usual.status[statusKey(status)]]);
  const byNumber = Object.fromEntries(names) as Record<number, string>;
  return { statuses: byNumber, version: page.version, reading: page.readingTime(MINUTES) };
}

/** What index.html finds in the record that it has read, by the numbers of the contract: build/record-text.js. */
export const RECORD = {
  path: RECORD_PATH,
  numbers: {
    decision: GetDecisionResponseSchema.field.decision.number,
    summary: DecisionSchema.field.summary.number,
    html: DecisionSchema.field.html.number,
    links: DecisionSchema.field.links.number,
    backlinks: DecisionSchema.field.backlinks.number,
    deletedAt: DecisionSchema.field.deletedAt.number,
    ref: DecisionSummarySchema.field.ref.number,
    title: DecisionSummarySchema.field.title.number,
    tags: DecisionSummarySchema.field.tags.number,
    successor: DecisionSummarySchema.field.successor.number,
    status: DecisionSummarySchema.field.status.number,
    decidedOn: DecisionSummarySchema.field.decidedOn.number,
    deciders: DecisionSummarySchema.field.deciders.number,
    body: DecisionSchema.field.body.number,
    contentHash: DecisionSchema.field.contentHash.number,
    target: LinkSchema.field.target.number,
    linked: LinkSchema.field.decision.number,
    kind: LinkSchema.field.kind.number,
    lineage: [LinkKind.SUPERSEDES, LinkKind.SUPERSEDED_BY],
  },
  minutes: MINUTES,
  words: { en: wordsOf(t, parts), de: wordsOf(german, germanParts) },
};
