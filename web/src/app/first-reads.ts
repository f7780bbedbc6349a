import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";

import { createClients } from "@/api/clients";
import { conversationsQuery } from "@/features/chat/queries";
import { decisionQuery, logsQuery, RECENT_AT_HOME, recentQuery } from "@/features/decisions/queries";
import { inboxQuery } from "@/features/decisions/review-queries";
import { sessionQuery } from "@/features/tenancy/queries";

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
      ["^/decisions/(?!new$)[^/]+$", read((clients) => decisionQuery(clients, REF))],
    ],
  };
}

export const FIRST_READS = firstReads();
